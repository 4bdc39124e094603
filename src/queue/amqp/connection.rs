//! Keeps a link to the broker: connects, declares, watches, and after any fault starts over.

use std::fmt::Display;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::StreamExt;
use lapin::{Channel, Connection, Consumer, Event};
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::AmqpSettings;
use super::announcements::{self, Announcer};
use super::broker::Broker;
use super::consuming::ConsumingChannel;
use super::declaring::TopologyError;
use super::express::Express;
use super::pauses::{MOST_LOSSES, STEADY, pause, pause_after};
use super::publisher::Publisher;
use super::reply;
use super::topology::{self, Names};
use super::topology_watch::{ALL_EVERY, Part, Standing, Watch};
use super::wire::Wire;
use crate::domain::outbox::Announcement;
use crate::runtime::supervise::End;

/// How long it may take to connect and to declare everything.
pub(super) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);
/// How long the broker may take to say goodbye.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// How often the connections are looked at, beside what they tell by themselves.
const LOOK: Duration = Duration::from_millis(250);

/// Everything that lives and dies with the connections of the moment.
///
/// There are two: a broker that runs short of memory or disk stops reading from connections that
/// publish, and on a shared one the acknowledgements that would relieve it would be stuck as well.
pub(super) struct Link {
    /// Publishes with confirms.
    pub(super) publisher: Publisher,
    /// The short way of a fresh task.
    pub(super) express: Express,
    /// Publishes announcements.
    pub(super) announcer: Announcer,
    publishing: Arc<Connection>,
    consuming: Connection,
    /// Where announcements come in.
    _announced: ConsumingChannel,
    wires: [Wire; 2],
    fault: Fault,
    /// The results queues that are known to be there.
    pub(super) results: reply::Known,
}

/// Where the parts of a link report what makes it useless. The first report counts.
#[derive(Clone, Default)]
pub(super) struct Fault {
    reason: Arc<OnceLock<String>>,
    raised: CancellationToken,
}

impl Fault {
    /// Has the link torn down and built anew.
    pub(super) fn raise(&self, reason: impl Display) {
        // An error says that there is a reason already.
        let _ = self.reason.set(reason.to_string());
        self.raised.cancel();
    }
}

impl Link {
    /// A new channel on the connection that does not publish.
    pub(super) async fn consuming_channel(&self) -> lapin::Result<Channel> {
        self.consuming.create_channel().await
    }

    /// Where to report a fault.
    pub(super) fn fault(&self) -> &Fault {
        &self.fault
    }

    /// Completes when the link is of no more use.
    pub(super) async fn lost(&self) {
        self.fault.raised.cancelled().await;
    }

    /// Whether the link is of use.
    pub(super) fn is_up(&self) -> bool {
        !self.fault.raised.is_cancelled()
            && self.consuming.status().connected()
            && self.publishing.status().connected()
    }

    async fn close(&self) {
        // Whoever still holds the link must not take it for a good one.
        self.fault.raise("closed");
        let goodbye = async |connection: &Connection| {
            // An error says that it is closed already, or that nobody answers.
            let _ = timeout(CLOSE_TIMEOUT, connection.close(200, "OK".into())).await;
        };
        tokio::join!(goodbye(&self.publishing), goodbye(&self.consuming));
        self.wires.iter().for_each(Wire::cut);
    }
}

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
enum ConnectError {
    #[error("{0}")]
    Failed(#[from] lapin::Error),
    #[error("{0}")]
    Topology(#[from] TopologyError),
    #[error("no answer within {ATTEMPT_TIMEOUT:?}")]
    NoAnswer,
}

/// The task that keeps the link.
pub(super) struct Supervisor {
    /// The broker.
    pub(super) settings: AmqpSettings,
    /// What to declare.
    pub(super) names: Arc<Names>,
    /// Where the link of the moment is found; `None` while there is none.
    pub(super) links: watch::Sender<Option<Arc<Link>>>,
    /// Whether everything is declared as it should be.
    pub(super) standing: Arc<Standing>,
    /// Where announcements go.
    pub(super) answered: broadcast::Sender<Arc<Announcement>>,
    /// Ends it all.
    pub(super) stop: CancellationToken,
}

impl Supervisor {
    /// Works until it is stopped, then closes the link.
    pub(super) async fn run(self: Arc<Self>) -> End {
        // Whoever ran before this may have left one behind.
        if let Some(link) = self.links.send_replace(None) {
            link.close().await;
        }
        match self.settings.check().and_then(|()| self.settings.broker()) {
            Ok(broker) => Keeper { shared: &self, broker }.run().await,
            Err(wrong) => return End::Failed(format!("RabbitMQ cannot be used: {wrong}")),
        }
        End::Returned
    }
}

/// Keeps the link to this broker.
struct Keeper<'a> {
    shared: &'a Supervisor,
    broker: Broker,
}

impl Keeper<'_> {
    async fn run(self) {
        let stop = self.shared.stop.clone();
        let (mut failures, mut losses) = (0, 0);
        loop {
            let attempt = tokio::select! {
                () = stop.cancelled() => return,
                attempt = timeout(ATTEMPT_TIMEOUT, self.connect()) => attempt,
            };
            match attempt.unwrap_or(Err(ConnectError::NoAnswer)) {
                Ok((link, announced)) => {
                    let lasted = self.keep(link, announced).await;
                    if stop.is_cancelled() {
                        return;
                    }
                    failures = 0;
                    losses = if lasted > STEADY { 1 } else { MOST_LOSSES.min(losses + 1) };
                    self.pause(losses).await;
                }
                Err(error) => {
                    failures += 1;
                    self.report(failures, &error);
                    self.pause(failures).await;
                }
            }
        }
    }

    async fn connect(&self) -> Result<(Arc<Link>, Consumer), ConnectError> {
        let ((publishing, publishing_wire), (consuming, consuming_wire)) = tokio::try_join!(
            Wire::connect(&self.broker, "wsa publishing"),
            Wire::connect(&self.broker, "wsa consuming"),
        )?;
        let channel = ConsumingChannel::new(consuming.create_channel().await?);
        topology::declare(&channel, &self.shared.names).await?;
        let express = Express::declare(&consuming, &self.shared.names).await?;
        let announced = announcements::subscribe(&channel, &self.shared.names).await?;
        let publishing = Arc::new(publishing);
        let fault = Fault::default();
        let link = Link {
            publisher: Publisher::open(publishing.clone(), fault.clone()).await?,
            express,
            announcer: Announcer::open(&publishing, &self.shared.names, fault.clone()).await?,
            publishing,
            consuming,
            _announced: channel,
            wires: [publishing_wire, consuming_wire],
            fault,
            results: reply::Known::default(),
        };
        Ok((Arc::new(link), announced))
    }

    /// Offers the link to everybody for as long as it is of use; returns how long that was.
    async fn keep(&self, link: Arc<Link>, announced: Consumer) -> Duration {
        let since = Instant::now();
        tracing::info!("connected to RabbitMQ at {}", self.place());
        self.shared.links.send_replace(Some(link.clone()));
        let part = Part::All { announced: announced.queue() };
        let watch = Watch::new(part, self.shared.names.clone(), self.shared.standing.clone());
        tokio::select! {
            () = self.shared.stop.cancelled() => {}
            () = watch.keep(&link, ALL_EVERY) => {}
            () = link.express.keep(&link, &self.shared.names) => {}
            () = self.watch(&link, announced) => {
                let reason = link.fault.reason.get().map_or("unknown", String::as_str);
                tracing::warn!("RabbitMQ at {} is lost: {reason}; connecting again", self.place());
            }
        }
        self.shared.links.send_replace(None);
        link.close().await;
        since.elapsed()
    }

    /// Passes announcements on until the link is lost.
    async fn watch(&self, link: &Link, mut announced: Consumer) {
        let mut events = Box::pin(link.publishing.events_listener());
        let mut look = tokio::time::interval(LOOK);
        while link.is_up() {
            tokio::select! {
                () = link.lost() => {}
                delivery = announced.next() => match delivery {
                    Some(Ok(delivery)) => announcements::pass_on(&delivery, &self.shared.answered),
                    Some(Err(error)) => link.fault.raise(error),
                    None => link.fault.raise("the broker ended the subscription to announcements"),
                },
                Some(event) = events.next() => self.tell(link, event),
                _ = look.tick() => {}
            }
        }
        link.fault.raise("the connection is closed");
    }

    fn tell(&self, link: &Link, event: Event) {
        let place = self.place();
        match event {
            Event::ConnectionBlocked(reason) => {
                link.publisher.block();
                tracing::warn!("RabbitMQ at {place} takes no messages for now: {reason}");
            }
            Event::ConnectionUnblocked => {
                tracing::info!("RabbitMQ at {place} takes messages again");
            }
            Event::Error(error) if !link.publishing.status().connected() => link.fault.raise(error),
            _ => {}
        }
    }

    fn report(&self, attempt: u32, error: &ConnectError) {
        let (place, again) = (self.place(), pause_after(attempt));
        let message = format!("(attempt {attempt}): {error}; trying again in about {again:?}");
        if let ConnectError::Topology(TopologyError::Different { .. }) = error {
            tracing::error!("RabbitMQ at {place} cannot be used {message}");
        } else {
            tracing::warn!("cannot connect to RabbitMQ at {place} {message}");
        }
    }

    async fn pause(&self, failures: u32) {
        tokio::select! {
            () = self.shared.stop.cancelled() => {}
            () = pause(failures) => {}
        }
    }

    fn place(&self) -> &Broker {
        &self.broker
    }
}
