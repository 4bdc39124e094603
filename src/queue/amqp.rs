//! The queue on RabbitMQ. Losing the connection is an ordinary event: a task of our own connects
//! again, with a growing pause, and rebuilds everything; meanwhile `is_connected` says so.

pub mod announcements;
mod broker;
pub mod bundle;
mod connection;
pub mod consumer;
mod consuming;
mod dead_letter;
mod dead_queue;
mod declaring;
mod express;
mod gateway;
mod pauses;
mod publisher;
pub mod reading;
mod replay;
pub mod reply;
mod settings;
mod settled;
mod sources;
mod subscription;
mod topology;
mod topology_watch;
pub mod upstream;
mod upstream_reader;
mod upstream_session;
mod wire;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use self::connection::{Link, Supervisor};
use self::consumer::AmqpLane;
use self::publisher::Way;
pub use self::replay::Replay;
pub use self::settings::{AmqpSettings, check_prefix};
use self::topology::Names;
use self::topology_watch::{Standing, Subscribed};
pub use self::upstream_reader::DatabaseClock;
use super::in_process::ANNOUNCEMENTS;
use super::{Consumer, Gateway, Gather, Message, QueueError, Transport};
use crate::domain::outbox::Announcement;
use crate::runtime::metrics::Metrics;
use crate::runtime::supervise::{Task, Tasks};

/// Counting what waits is for dashboards and autoscaling: late is as good as never.
const DEPTH_TIMEOUT: Duration = Duration::from_secs(2);

/// A queue on RabbitMQ. Dropping it ends its connections; [closing](Transport::close) it also says goodbye.
pub struct AmqpQueue {
    settings: AmqpSettings,
    names: Arc<Names>,
    link: watch::Receiver<Option<Arc<Link>>>,
    answered: broadcast::Sender<Arc<Announcement>>,
    stop: CancellationToken,
    /// Whether tasks of upstream services are taken by this process.
    upstream: Arc<Subscribed>,
    /// Whether everything is declared as it should be.
    standing: Arc<Standing>,
    supervisor: Mutex<Option<JoinHandle<()>>>,
}

impl AmqpQueue {
    /// Starts connecting and returns at once. With settings that [`AmqpSettings::check`] refuses it
    /// says so in the log, and checks them again: a file that they name may come.
    pub fn start(settings: AmqpSettings) -> AmqpQueue {
        let tasks = Tasks::new(&Arc::new(Metrics::new()));
        AmqpQueue::start_as(tasks.task("rabbitmq connection"), settings)
    }

    /// The same, with its connection kept by this task.
    pub fn start_as(task: Task, settings: AmqpSettings) -> AmqpQueue {
        let names = Arc::new(Names::new(&settings.prefix, settings.shards));
        let (links, link) = watch::channel(None);
        let answered = broadcast::channel(ANNOUNCEMENTS).0;
        let stop = CancellationToken::new();
        let standing = Arc::new(Standing::default());
        let supervisor = Supervisor {
            settings: settings.clone(),
            names: names.clone(),
            links,
            standing: standing.clone(),
            answered: answered.clone(),
            stop: stop.clone(),
        };
        let supervisor = Arc::new(supervisor);
        let keeping = task.until(&stop).keep(move || Arc::clone(&supervisor).run());
        let supervisor = Mutex::new(Some(tokio::spawn(keeping)));
        let upstream = Arc::default();
        AmqpQueue { settings, names, link, answered, stop, upstream, standing, supervisor }
    }

    /// What these settings say.
    pub fn settings(&self) -> &AmqpSettings {
        &self.settings
    }

    fn link(&self) -> Option<Arc<Link>> {
        self.link.borrow().clone()
    }
}

impl Transport for AmqpQueue {
    fn kind(&self) -> &'static str {
        "RabbitMQ"
    }

    fn destination(&self) -> &str {
        self.names.work.as_str()
    }

    fn publish(&self, messages: Vec<Message>) -> BoxFuture<'_, Result<(), QueueError>> {
        async move {
            if messages.is_empty() {
                return Ok(());
            }
            let link = self.link().ok_or(QueueError::NotConnected)?;
            let (names, within) = (&self.names, self.settings.confirm_timeout);
            let rest = link.express.publish(&link.publisher, names, messages, within).await?;
            if rest.is_empty() {
                return Ok(());
            }
            link.publisher.send(publisher::outgoing(&rest, names, Way::Kept), within).await
        }
        .boxed()
    }

    fn lane(&self, gather: Gather) -> Box<dyn Consumer> {
        Box::new(AmqpLane::new(gather, self.link.clone(), self.names.clone()))
    }

    fn announce(&self, announcement: Announcement) -> BoxFuture<'_, ()> {
        async move {
            if let Some(link) = self.link() {
                link.announcer.announce(&announcement).await;
            }
        }
        .boxed()
    }

    fn announcements(&self) -> broadcast::Receiver<Arc<Announcement>> {
        self.answered.subscribe()
    }

    fn depth(&self) -> BoxFuture<'_, Result<u64, QueueError>> {
        async {
            let link = self.link().ok_or(QueueError::NotConnected)?;
            match timeout(DEPTH_TIMEOUT, topology::depth(&link, &self.names)).await {
                Ok(depth) => Ok(depth?),
                Err(_) => Err(QueueError::Unconfirmed(DEPTH_TIMEOUT)),
            }
        }
        .boxed()
    }

    /// Those of a full bundle.
    fn tasks_a_message(&self) -> u64 {
        bundle::MOST as u64
    }

    fn is_connected(&self) -> bool {
        self.link.borrow().as_ref().is_some_and(|link| link.publisher.is_open())
    }

    fn fault(&self) -> Option<&'static str> {
        self.standing.fault()
    }

    /// Has the connections torn down and built anew.
    fn rebuild(&self, reason: &str) {
        if let Some(link) = self.link() {
            link.fault().raise(reason);
        }
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        async {
            self.stop.cancel();
            let supervisor = self.supervisor.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(supervisor) = supervisor {
                // An error says that it panicked, which has been reported by now.
                let _ = supervisor.await;
            }
        }
        .boxed()
    }

    fn gateway(&self) -> Option<&dyn Gateway> {
        Some(self)
    }
}

impl fmt::Debug for AmqpQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AmqpQueue")
            .field("settings", &self.settings)
            .field("connected", &self.is_connected())
            .finish_non_exhaustive()
    }
}

impl Drop for AmqpQueue {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
