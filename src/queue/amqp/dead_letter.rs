//! What no worker can settle goes to the dead letters, with the reason, and is acknowledged only when
//! it is safe there.

use std::borrow::Cow;
use std::time::Duration;

use lapin::BasicProperties;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, FieldTable, ShortString};
use tokio::time::Instant;

use super::publisher::{self, Outgoing, PERSISTENT, Publisher};
use super::reading::shown_id;
use super::topology::Names;
use crate::domain::money::shown;

/// How long the broker may take to confirm; meanwhile the lane does nothing else.
const CONFIRM_TIMEOUT: Duration = Duration::from_secs(2);
/// The pause after the first failure; it doubles with each.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// A delivery with the reason that it cannot be settled.
struct Dead {
    delivery: Delivery,
    reason: String,
    /// Whether its publisher was told that it is refused.
    publisher_knows: bool,
    since: u64,
}

/// The dead letters of one channel that are on their way.
#[derive(Default)]
pub(super) struct DeadLetters {
    waiting: Vec<Dead>,
    safe: Vec<Delivery>,
    retry: Option<(Instant, Duration)>,
}

impl DeadLetters {
    /// Adds one, to be sent with the next [`DeadLetters::send`].
    pub(super) fn add(&mut self, delivery: Delivery, reason: String, publisher_knows: bool) {
        let guid = shown_id(&delivery.properties);
        tracing::error!(task.guid = %guid, reason, "dead letter: task {guid}: {reason}");
        self.waiting.push(Dead { delivery, reason, publisher_knows, since: publisher::now() });
    }

    /// When to call [`DeadLetters::send`]; `None` if there is nothing to do.
    pub(super) fn due(&self) -> Option<Instant> {
        if self.waiting.is_empty() && self.safe.is_empty() {
            return None;
        }
        Some(self.retry.map_or_else(Instant::now, |(at, _)| at))
    }

    /// Sends what waits, if it is time to. After a failure it all keeps waiting, unacknowledged.
    pub(super) async fn send(&mut self, publisher: &Publisher, names: &Names) {
        let due = self.retry.is_none_or(|(at, _)| at <= Instant::now());
        if self.waiting.is_empty() || !due {
            return;
        }
        let outgoing = self.waiting.iter().map(|dead| dead.outgoing(names)).collect();
        match publisher.send(outgoing, CONFIRM_TIMEOUT).await {
            Ok(()) => {
                self.retry = None;
                self.safe.extend(self.waiting.drain(..).map(|dead| dead.delivery));
            }
            Err(error) => {
                let pause = self.retry.map_or(SHORTEST_PAUSE, |(_, pause)| pause * 2);
                let pause = pause.min(LONGEST_PAUSE);
                self.retry = Some((Instant::now() + pause, pause));
                let count = self.waiting.len();
                tracing::warn!("could not store {count} dead letters: {error}; again in {pause:?}");
            }
        }
    }

    /// Takes what is safe and has to be acknowledged.
    pub(super) fn take_safe(&mut self) -> Vec<Delivery> {
        std::mem::take(&mut self.safe)
    }
}

impl Dead {
    fn outgoing<'a>(&'a self, names: &'a Names) -> Outgoing<'a> {
        Outgoing {
            exchange: &names.dead,
            routing_key: self.delivery.routing_key.clone(),
            body: Cow::Borrowed(&self.delivery.data),
            properties: properties(
                &self.delivery.properties,
                &self.reason,
                self.publisher_knows,
                self.since,
            ),
            mandatory: true,
        }
    }
}

/// The header that says what made the publisher take the message for not done.
pub(super) const DENIED_HEADER: &str = "x-wsa-denied";

/// Of a message that had an expiration: after that its publisher believes that there is no task.
pub(super) fn expired(expiration: &str) -> String {
    let expiration = shown(expiration);
    format!(
        "it had an expiration of {expiration} ms, after which its publisher takes it for not accepted"
    )
}

/// The properties as they were, with the reason. Except for two: the broker refuses a message with
/// another's `user_id`, so that becomes a header; and dead letters do not expire.
fn properties(
    original: &BasicProperties,
    reason: &str,
    publisher_knows: bool,
    since: u64,
) -> BasicProperties {
    let mut headers = FieldTable::default();
    for (name, value) in original.headers().iter().flatten() {
        headers.insert(name.clone(), value.clone());
    }
    headers.insert("x-wsa-reason".into(), AMQPValue::LongString(reason.into()));
    headers.insert("x-wsa-dead-at".into(), AMQPValue::Timestamp(since));
    let denied = match original.expiration() {
        _ if publisher_knows => Some("its publisher was told that it is refused".to_owned()),
        Some(expiration) => Some(expired(expiration.as_str())),
        None => None,
    };
    if let Some(denied) = denied {
        headers.insert(DENIED_HEADER.into(), AMQPValue::LongString(denied.into()));
    }
    if let Some(user) = original.user_id() {
        headers.insert("x-wsa-user-id".into(), AMQPValue::LongString(user.as_str().into()));
    }
    let properties =
        BasicProperties::default().with_headers(headers).with_delivery_mode(PERSISTENT);
    type Setter = fn(BasicProperties, ShortString) -> BasicProperties;
    let texts: [(&Option<ShortString>, Setter); 7] = [
        (original.content_type(), BasicProperties::with_content_type),
        (original.content_encoding(), BasicProperties::with_content_encoding),
        (original.correlation_id(), BasicProperties::with_correlation_id),
        (original.reply_to(), BasicProperties::with_reply_to),
        (original.message_id(), BasicProperties::with_message_id),
        (original.kind(), BasicProperties::with_type),
        (original.app_id(), BasicProperties::with_app_id),
    ];
    let mut properties =
        texts.into_iter().fold(properties, |properties, (value, set)| match value {
            Some(value) => set(properties, value.clone()),
            None => properties,
        });
    if let Some(priority) = original.priority() {
        properties = properties.with_priority(*priority);
    }
    match original.timestamp() {
        Some(timestamp) => properties.with_timestamp(*timestamp),
        None => properties,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_letter_keeps_its_properties() {
        let mut headers = FieldTable::default();
        headers.insert("traceparent".into(), AMQPValue::LongString("00-1".into()));
        let original = BasicProperties::default()
            .with_message_id("42".into())
            .with_type("PayOrder".into())
            .with_priority(3)
            .with_timestamp(1_700_000_000)
            .with_user_id("kiosk".into())
            .with_expiration("1000".into())
            .with_headers(headers);
        let dead = properties(&original, "why", false, 5);
        assert_eq!(dead.message_id(), original.message_id());
        assert_eq!(dead.kind(), original.kind());
        assert_eq!(dead.priority(), original.priority());
        assert_eq!(dead.timestamp(), original.timestamp());
        assert_eq!((dead.user_id(), dead.expiration()), (&None, &None));
        let headers = dead.headers().as_ref().unwrap().inner();
        let names: Vec<&str> = headers.keys().map(ShortString::as_str).collect();
        assert_eq!(
            names,
            ["traceparent", "x-wsa-dead-at", "x-wsa-denied", "x-wsa-reason", "x-wsa-user-id",]
        );
    }
}
