//! What upstream services publish: a consumer on a connection of its own.
//!
//! Anybody with the permission writes into this queue, and a message with a property that is not UTF-8 ends
//! the connection it is delivered on, because the client library cannot parse it. So this connection is
//! nobody else's, and it is replaced as often as that takes. After each loss one message at a time is
//! consumed for a while: the one that ends connections then runs into the queue's delivery limit alone, and
//! becomes a dead letter.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use lapin::types::{AMQPValue, ShortString};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use super::AmqpSettings;
use super::broker::Broker;
use super::connection::{ATTEMPT_TIMEOUT, Link};
use super::pauses::{STEADY, pause};
use super::reading;
use super::topology::Names;
use super::topology_watch::{INTAKE_EVERY, Part, Subscribed, Watch};
use super::upstream_reader::{DatabaseClock, Tagged};
use super::upstream_session::Session;
use crate::domain::trace::TRACEPARENT;
use crate::queue::UpstreamLane;

/// The header with which the service's own user names the aggregator that it acts for.
pub const AGGREGATOR_HEADER: &str = "x-wsa-aggregator";
/// How many messages are taken together.
const BATCH: u16 = 128;
/// How many messages must go well, one at a time, after a connection was lost.
const CAREFUL: usize = 20;
/// So many losses in a row may be one message's doing; after that something else is wrong.
const MOST_QUICK_LOSSES: u32 = 30;
/// The pause after more, by the number of failures it stands for: about three seconds.
const SLOW: u32 = 6;

/// A message as it came, of which nothing was checked, except `user_id` by the broker.
pub struct UpstreamMessage {
    /// The content.
    pub body: Vec<u8>,
    /// Who published it.
    pub user_id: Option<String>,
    /// The header `x-wsa-aggregator`.
    pub aggregator: Option<String>,
    /// The caller's name for it.
    pub message_id: Option<String>,
    /// Where the answer is wanted.
    pub reply_to: Option<String>,
    /// Under which name.
    pub correlation_id: Option<String>,
    /// For how many milliseconds it is of use.
    pub expiration: Option<String>,
    /// When it was made, by its publisher's clock, in seconds since 1970.
    pub timestamp: Option<u64>,
    /// When the broker handed it out at the earliest, by the database's clock.
    pub not_before: Timestamp,
    /// The header `traceparent`.
    pub traceparent: Option<String>,
    /// Whether somebody had it in hand before.
    pub redelivered: bool,
    /// The broker's number of it on its channel.
    pub(crate) tag: u64,
}

/// What is to become of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disposition {
    /// It is done with.
    Done,
    /// It is kept for people, with the reason.
    Dead(String),
    /// The same, and its publisher was told that it is refused: so it stays.
    Refused(String),
    /// It is left to the next consumer.
    Leave,
}

/// The consumer.
pub(super) struct AmqpUpstreamLane {
    broker: Option<Broker>,
    names: Arc<Names>,
    /// The link of the process: dead letters are published there.
    links: watch::Receiver<Option<Arc<Link>>>,
    session: Option<Box<Session>>,
    /// Whether there is one that works.
    live: Arc<Subscribed>,
    /// Sees to it that what is published gets to the queue.
    _watch: AbortOnDropHandle<()>,
    clock: DatabaseClock,
    care: Care,
    failures: u32,
    losses: u32,
}

impl AmqpUpstreamLane {
    pub(super) fn new(
        settings: &AmqpSettings,
        names: Arc<Names>,
        links: watch::Receiver<Option<Arc<Link>>>,
        live: Arc<Subscribed>,
        clock: DatabaseClock,
    ) -> AmqpUpstreamLane {
        let watch = Watch::new(Part::Intake, Arc::clone(&names), live.standing());
        let watch = tokio::spawn(watch.keep_on(links.clone(), INTAKE_EVERY));
        let broker = settings.broker().ok();
        let care = Care::default();
        AmqpUpstreamLane {
            broker,
            names,
            links,
            session: None,
            live,
            _watch: AbortOnDropHandle::new(watch),
            clock,
            care,
            failures: 0,
            losses: 0,
        }
    }

    /// A session that consumes as many at once as it may.
    async fn session(&mut self) -> &mut Session {
        if self.session.as_ref().is_some_and(|session| !session.is_live()) {
            self.lose().await;
        }
        let wanted = self.care.at_once();
        if self.session.as_ref().is_some_and(|session| session.at_once() != wanted)
            && let Some(session) = self.session.take()
        {
            session.close().await;
        }
        let session = match self.session.take() {
            Some(session) => session,
            None => Box::new(self.connect(wanted).await),
        };
        self.live.set(true);
        self.session.insert(session)
    }

    async fn connect(&mut self, at_once: u16) -> Session {
        let Some(broker) = self.broker.clone() else {
            // Settings that cannot be used have been reported: there will never be a message.
            return std::future::pending().await;
        };
        loop {
            // Where the process has no link, this would fail as well, and say so a second time.
            let up = |link: &Option<Arc<Link>>| link.as_ref().is_some_and(|link| link.is_up());
            if self.links.wait_for(up).await.is_err() {
                return std::future::pending().await;
            }
            let open = Session::open(&broker, &self.names, at_once, &self.clock);
            let error = match timeout(ATTEMPT_TIMEOUT, open).await {
                Ok(Ok(session)) => {
                    self.failures = 0;
                    return session;
                }
                Ok(Err(error)) => error.to_string(),
                Err(_) => format!("no answer within {ATTEMPT_TIMEOUT:?}"),
            };
            self.failures += 1;
            tracing::warn!("the intake of upstream services cannot start: {error}");
            pause(self.failures).await;
        }
    }

    async fn lose(&mut self) {
        let Some(session) = self.session.take() else { return };
        self.live.set(false);
        self.losses = if session.age() > STEADY { 1 } else { self.losses.saturating_add(1) };
        self.care.lost();
        drop(session);
        pause(if self.losses > MOST_QUICK_LOSSES { SLOW } else { 1 }).await;
    }
}

impl UpstreamLane for AmqpUpstreamLane {
    fn next(&mut self) -> BoxFuture<'_, Vec<UpstreamMessage>> {
        async {
            loop {
                let links = self.links.clone();
                let session = self.session().await;
                match session.gather(&links).await {
                    Ok(batch) => return batch,
                    Err(reason) => {
                        tracing::warn!(
                            "the intake of upstream services is lost: {reason}; connecting again"
                        );
                        self.lose().await;
                    }
                }
            }
        }
        .boxed()
    }

    fn settle(&mut self, dispositions: Vec<(u64, Disposition)>) -> BoxFuture<'_, ()> {
        async move {
            let links = self.links.clone();
            let Some(session) = &mut self.session else { return };
            let settled = session.settle(dispositions.into_iter(), &links).await;
            self.care.went_well(settled);
        }
        .boxed()
    }

    fn is_live(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.is_live())
    }

    fn close(mut self: Box<Self>) -> BoxFuture<'static, ()> {
        async move {
            self.live.set(false);
            if let Some(session) = self.session.take() {
                session.close().await;
            }
        }
        .boxed()
    }
}

/// How many messages may be in hand at once.
#[derive(Debug, Default)]
struct Care {
    /// How many have to go well before it is more than one.
    left: usize,
}

impl Care {
    fn lost(&mut self) {
        self.left = CAREFUL;
    }

    fn went_well(&mut self, messages: usize) {
        self.left = self.left.saturating_sub(messages);
    }

    fn at_once(&self) -> u16 {
        if self.left > 0 { 1 } else { BATCH }
    }
}

impl UpstreamMessage {
    pub(super) fn of(Tagged { raw, not_before }: &Tagged) -> UpstreamMessage {
        let text = |value: &Option<ShortString>| value.as_ref().map(ToString::to_string);
        let properties = &raw.properties;
        let header = properties.headers().as_ref().and_then(|h| h.inner().get(AGGREGATOR_HEADER));
        let traceparent = properties.headers().as_ref().and_then(|h| h.inner().get(TRACEPARENT));
        let traceparent = traceparent.and_then(reading::text);
        UpstreamMessage {
            body: raw.data.clone(),
            user_id: text(properties.user_id()),
            aggregator: header.map(name_in_header),
            message_id: text(properties.message_id()),
            reply_to: text(properties.reply_to()),
            correlation_id: text(properties.correlation_id()),
            expiration: text(properties.expiration()),
            timestamp: *properties.timestamp(),
            not_before: *not_before,
            traceparent: traceparent.map(str::to_owned),
            redelivered: raw.redelivered,
            tag: raw.delivery_tag,
        }
    }
}

impl fmt::Debug for UpstreamMessage {
    /// Without the body, which may hold a customer's data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpstreamMessage")
            .field("user_id", &self.user_id)
            .field("message_id", &self.message_id)
            .finish_non_exhaustive()
    }
}

/// A value of another type than text is no name, and nobody has it.
pub(super) fn name_in_header(value: &AMQPValue) -> String {
    match value {
        AMQPValue::ShortString(text) => text.to_string(),
        AMQPValue::LongString(text) => String::from_utf8_lossy(text.as_bytes()).into_owned(),
        other => format!("(of type {})", other.get_type()),
    }
}

/// How long a goodbye may take.
pub(super) const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_loss_messages_come_one_at_a_time_until_enough_went_well() {
        let mut care = Care::default();
        assert_eq!(care.at_once(), BATCH);
        care.lost();
        assert_eq!(care.at_once(), 1);
        care.went_well(CAREFUL - 1);
        assert_eq!(care.at_once(), 1);
        care.lost();
        care.went_well(1);
        assert_eq!(care.at_once(), 1, "each loss begins the count anew");
        care.went_well(CAREFUL);
        assert_eq!(care.at_once(), BATCH);
    }

    #[test]
    fn a_header_of_another_type_is_nobodys_name() {
        assert_eq!(name_in_header(&AMQPValue::LongString("kiosk".into())), "kiosk");
        assert_eq!(name_in_header(&AMQPValue::LongString(b"\xff".to_vec().into())), "\u{fffd}");
        assert!(name_in_header(&AMQPValue::Boolean(true)).starts_with("(of type"));
    }
}
