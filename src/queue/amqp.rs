//! The queue on RabbitMQ. Losing the connection is an ordinary event: a task of our own connects
//! again, with a growing pause, and rebuilds everything; meanwhile `is_connected` says so.

pub mod announcements;
mod broker;
pub mod bundle;
mod connection;
pub mod consumer;
mod dead_letter;
mod dead_queue;
mod declaring;
pub mod post;
mod publisher;
pub mod reading;
mod replay;
mod settled;
mod shard;
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

use lapin::uri::AMQPUri;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use self::broker::Broker;
use self::connection::{Link, Supervisor};
use self::consumer::AmqpLane;
pub use self::dead_queue::Fetched;
use self::post::{Post, Posted};
pub use self::replay::Replay;
use self::topology::Names;
use self::topology_watch::{Standing, Subscribed};
use self::upstream::UpstreamLane;
pub use self::upstream_reader::DatabaseClock;
use super::in_process::ANNOUNCEMENTS;
use super::{Gather, Message, QueueError};
use crate::mail::News;
use crate::metrics::Metrics;
use crate::supervise::{Task, Tasks};
use crate::tls::ClientTls;

/// Counting what waits is for dashboards and autoscaling: late is as good as never.
const DEPTH_TIMEOUT: Duration = Duration::from_secs(2);

/// Where RabbitMQ is and how to use it.
#[derive(Debug, Clone)]
pub struct AmqpSettings {
    /// `amqp://user:password@host:port/vhost`, with TLS `amqps://`; the default virtual host is written `%2f`.
    pub url: SecretString,
    /// What the names of all exchanges and queues begin with; default `wsa`.
    pub prefix: String,
    /// Over how many queues the tasks are spread; default 1. The same for every process. When it
    /// shrinks, what is left in a queue that is no longer read is published again by the sweeper.
    pub shards: u16,
    /// How long a publish may take until every message is confirmed; default 10 s.
    pub confirm_timeout: Duration,
    /// How often each side shows that it is alive, in whole seconds; default 10 s. A connection
    /// that has been silent for twice as long is given up.
    pub heartbeat: Duration,
    /// How many answers the results queue of an aggregator keeps; default 100,000.
    pub results_max_length: u32,
    /// For how long it keeps each; default 3 days.
    pub results_max_age: Duration,
    /// With `amqps://`: whom to trust, and what to show.
    pub tls: ClientTls,
}

impl AmqpSettings {
    /// The defaults, for the broker at `url`.
    pub fn new(url: impl Into<SecretString>) -> AmqpSettings {
        AmqpSettings {
            url: url.into(),
            prefix: "wsa".to_owned(),
            shards: 1,
            confirm_timeout: Duration::from_secs(10),
            heartbeat: Duration::from_secs(10),
            results_max_length: 100_000,
            results_max_age: Duration::from_secs(3 * 86_400),
            tls: ClientTls::default(),
        }
    }

    /// The RabbitMQ user of this service, which alone may act for others.
    pub fn user(&self) -> String {
        self.uri().map(|uri| uri.authority.userinfo.username).unwrap_or_default()
    }

    /// The virtual host.
    pub fn vhost(&self) -> String {
        self.uri().map(|uri| uri.vhost).unwrap_or_default()
    }

    /// Host and port.
    pub fn place(&self) -> String {
        let place = |uri: AMQPUri| format!("{}:{}", uri.authority.host, uri.authority.port);
        self.uri().map(place).unwrap_or_default()
    }

    /// Whether these settings can work at all; otherwise a sentence that names the setting and what
    /// would be right, without the password.
    pub fn check(&self) -> Result<(), String> {
        self.broker()?.check()?;
        let prefix = &self.prefix;
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if prefix.is_empty() || prefix.len() > 100 || !prefix.chars().all(allowed) {
            return Err(format!(
                "prefix {prefix:?}: it must be 1 to 100 letters, digits, dots, dashes or underscores"
            ));
        }
        if self.shards == 0 {
            return Err("shards 0: it must be at least 1".to_owned());
        }
        let seconds = self.heartbeat.as_secs();
        if self.heartbeat.subsec_nanos() != 0 || !(1..=600).contains(&seconds) {
            return Err(format!(
                "heartbeat {:?}: it must be 1 to 600 whole seconds",
                self.heartbeat
            ));
        }
        if self.confirm_timeout.is_zero() {
            return Err("confirm_timeout 0: it must be more than zero".to_owned());
        }
        Ok(())
    }

    fn uri(&self) -> Result<AMQPUri, String> {
        let mut uri: AMQPUri = self.url.expose_secret().parse().map_err(|_| {
            // The error would show it, and the password in it.
            "url: it cannot be read; it must be like amqp://user:password@host:5672/%2f".to_owned()
        })?;
        uri.query.heartbeat = u16::try_from(self.heartbeat.as_secs()).ok();
        Ok(uri)
    }

    /// A connection for something else than tasks, which lasts as long as its wire.
    pub(crate) async fn connect(
        &self,
        name: &str,
    ) -> anyhow::Result<(lapin::Connection, wire::Wire)> {
        let broker = self.broker().map_err(anyhow::Error::msg)?;
        Ok(wire::Wire::connect(&broker, name).await?)
    }

    /// How to connect.
    fn broker(&self) -> Result<Broker, String> {
        Ok(Broker { uri: self.uri()?, tls: self.tls.clone() })
    }
}

/// The most tasks of one message: those of a full bundle.
pub(super) const MOST_TASKS_A_MESSAGE: u64 = bundle::MOST as u64;

/// A queue on RabbitMQ. Dropping it ends its connections; [`AmqpQueue::close`] also says goodbye.
pub struct AmqpQueue {
    settings: AmqpSettings,
    names: Arc<Names>,
    link: watch::Receiver<Option<Arc<Link>>>,
    answered: broadcast::Sender<Arc<News>>,
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

    /// Closes the connections. What is in hand and not acknowledged is delivered again, to others.
    pub async fn close(&self) {
        self.stop.cancel();
        let supervisor = self.supervisor.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(supervisor) = supervisor {
            // An error says that it panicked, which has been reported by now.
            let _ = supervisor.await;
        }
    }

    pub(super) async fn publish(&self, messages: Vec<Message>) -> Result<(), QueueError> {
        if messages.is_empty() {
            return Ok(());
        }
        let link = self.link().ok_or(QueueError::NotConnected)?;
        let outgoing = publisher::outgoing(&messages, &self.names);
        link.publisher.send(outgoing, self.settings.confirm_timeout).await
    }

    pub(super) fn lane(&self, gather: Gather) -> AmqpLane {
        AmqpLane::new(gather, self.link.clone(), self.names.clone())
    }

    pub(super) async fn announce(&self, news: &News) {
        if let Some(link) = self.link() {
            link.announcer.announce(news).await;
        }
    }

    pub(super) fn announcements(&self) -> broadcast::Receiver<Arc<News>> {
        self.answered.subscribe()
    }

    pub(super) async fn depth(&self) -> Result<u64, QueueError> {
        let link = self.link().ok_or(QueueError::NotConnected)?;
        match timeout(DEPTH_TIMEOUT, topology::depth(&link, &self.names)).await {
            Ok(depth) => Ok(depth?),
            Err(_) => Err(QueueError::Unconfirmed(DEPTH_TIMEOUT)),
        }
    }

    /// Sends answers to those who asked over AMQP; see [`super::Queue::post`].
    pub(super) async fn post(&self, posts: &[Post]) -> Vec<Posted> {
        let Some(link) = self.link() else { return vec![Posted::Failed; posts.len()] };
        let settings = &self.settings;
        let retention = topology::Retention {
            length: settings.results_max_length,
            age: settings.results_max_age,
        };
        post::send(&link, &self.names, posts, retention, settings.confirm_timeout).await
    }

    /// Makes sure that the results queues of these aggregators are there.
    pub(super) async fn declare_results(&self, aggregators: &[String]) {
        if let Some(link) = self.link() {
            let settings = &self.settings;
            let retention = topology::Retention {
                length: settings.results_max_length,
                age: settings.results_max_age,
            };
            post::declare(&link, &self.names, aggregators.iter(), retention).await;
        }
    }

    /// A consumer of what upstream services publish, on a connection of its own. By `clock` it knows since when
    /// a message can have been on its way here.
    pub fn upstream(&self, clock: DatabaseClock) -> UpstreamLane {
        let (names, links) = (self.names.clone(), self.link.clone());
        UpstreamLane::new(&self.settings, names, links, self.upstream.clone(), clock)
    }

    /// Whether [`AmqpQueue::upstream`] is subscribed right now, and reached by what is published.
    pub fn takes_upstream(&self) -> bool {
        self.upstream_fault().is_none()
    }

    /// What keeps tasks of upstream services from being taken here, a word for readiness.
    pub fn upstream_fault(&self) -> Option<&'static str> {
        self.upstream.fault()
    }

    /// What is wrong with the declared exchanges and queues, a word for readiness.
    pub fn topology_fault(&self) -> Option<&'static str> {
        self.standing.fault()
    }

    /// Has the connections torn down and built anew, for this reason.
    pub(super) fn rebuild(&self, reason: &str) {
        if let Some(link) = self.link() {
            link.fault().raise(reason);
        }
    }

    /// What these settings say.
    pub fn settings(&self) -> &AmqpSettings {
        &self.settings
    }

    pub(super) fn is_connected(&self) -> bool {
        self.link.borrow().as_ref().is_some_and(|link| link.publisher.is_open())
    }

    fn link(&self) -> Option<Arc<Link>> {
        self.link.borrow().clone()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_checked_and_never_show_the_password() {
        let good = AmqpSettings::new("amqp://u:hunter2@localhost:5672/%2f");
        assert_eq!(good.check(), Ok(()));
        assert!(!format!("{good:?}").contains("hunter2"));
        let wrong = |change: fn(&mut AmqpSettings)| {
            let mut settings = good.clone();
            change(&mut settings);
            settings.check().unwrap_err()
        };
        assert!(wrong(|s| s.prefix = "a b".into()).contains("prefix \"a b\""));
        assert!(wrong(|s| s.shards = 0).contains("shards 0"));
        assert!(wrong(|s| s.heartbeat = Duration::from_millis(1500)).contains("heartbeat 1.5s"));
        let told = wrong(|s| {
            s.url = "amqps://u:hunter2@h/".into();
            s.tls.ca = "/nowhere".into();
        });
        assert!(told.starts_with("tls.ca is \"/nowhere\": it cannot be read"), "{told}");
        for url in ["", "localhost", "http://u:hunter2@h", "amqp://u:hunter2@h:port"] {
            let mut settings = good.clone();
            settings.url = url.into();
            let error = settings.check().unwrap_err();
            assert!(error.starts_with("url: ") && !error.contains("hunter2"), "{error}");
        }
    }
}
