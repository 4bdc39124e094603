//! Posting what was heard to a URL, as a callback would be posted.

use std::time::Duration;

use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;
use wsa_client::{Event, Notification};

use crate::callback::outcome::Ended;
use crate::callback::sender::Sender;
use crate::callback::signature::Secrets;

/// How long a receiver may take for one attempt.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The pause before the next attempt.
pub(super) const PAUSE: Duration = Duration::from_secs(1);
/// How often a receiver is tried that fails by itself.
const ATTEMPTS: u32 = 3;

/// Where notifications go.
#[derive(Debug)]
pub(super) struct Forward {
    url: String,
    secrets: Secrets,
    sender: Sender,
    /// How many attempts of each delivery count as failed, whatever the receiver says.
    fail: u32,
}

/// One attempt, and what follows from it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Attempt {
    /// What the receiver did.
    pub(super) ended: Ended,
    /// What becomes of the delivery.
    pub(super) then: Then,
}

/// What becomes of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// The receiver has it.
    Delivered,
    /// It is tried again, because this attempt was to fail.
    AgainOnPurpose,
    /// It is tried again.
    Again,
    /// It was tried often enough.
    GivenUp,
}

impl Forward {
    pub(super) fn new(url: String, secrets: Secrets, fail: u32) -> Forward {
        Forward { url, secrets, sender: Sender::to_ones_own(TIMEOUT), fail }
    }

    /// Posts a body; `number` counts the attempts from 1.
    pub(super) async fn post(&self, id: Uuid, body: &str, number: u32) -> Attempt {
        let posted = self.sender.post(&self.url, &self.secrets, id, body.to_owned()).await;
        let then = then(&posted.ended, number, self.fail);
        Attempt { ended: posted.ended, then }
    }
}

fn then(ended: &Ended, number: u32, fail: u32) -> Then {
    match ended {
        _ if number <= fail => Then::AgainOnPurpose,
        Ok(200..=299) => Then::Delivered,
        _ if number < fail.saturating_add(ATTEMPTS) => Then::Again,
        _ => Then::GivenUp,
    }
}

/// The body of a callback, byte for byte as the service posts it.
pub(super) fn body(notification: &Notification) -> anyhow::Result<String> {
    match notification {
        Notification::Answer(answered) => Ok(answered.raw().to_owned()),
        Notification::Event(event) => Ok(serde_json::to_string(&Posted::of(event)?)?),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Posted<'a> {
    response_event_common: Common<'a>,
    response: &'a RawValue,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Common<'a> {
    object_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_guid: Option<Uuid>,
    event_guid: Uuid,
    date_time_server_receive_event_from_agent: &'a str,
    event_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_version: Option<i64>,
}

impl Posted<'_> {
    fn of(event: &Event) -> anyhow::Result<Posted<'_>> {
        Ok(Posted {
            response_event_common: Common {
                object_id: event.object_id,
                agent_guid: event.agent,
                event_guid: event.id,
                date_time_server_receive_event_from_agent: &event.at,
                event_type: &event.event_type,
                order_version: event.order_version,
            },
            response: serde_json::from_str(event.order())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::outbox::{Content, EventType, NotificationId, SubscriptionId};
    use crate::domain::task::{ObjectId, OrderGuid};
    use crate::protocols::whiteserver::wire::event;

    fn written(agent: Option<Uuid>, version: Option<i64>) -> crate::domain::outbox::Notification {
        crate::domain::outbox::Notification {
            id: NotificationId { subscription: SubscriptionId(1), delivery: 2 },
            object: ObjectId(199_990_246),
            subject: Uuid::from_u128(7),
            attempt: 1,
            added_at: Timestamp::UNIX_EPOCH,
            content: Content::Event {
                event_type: EventType::OrderChanged,
                order: OrderGuid(Uuid::from_u128(3)),
                occurred_at: "2026-11-22T12:00:00.5+03:00[Europe/Moscow]".parse().unwrap(),
                agent,
                version,
                order_json: r#"{"orderGuid":"3", "price":{"total":449.30}}"#.into(),
            },
        }
    }

    #[test]
    fn an_event_that_was_heard_is_posted_as_the_service_posts_it() {
        for (agent, version) in [(Some(Uuid::from_u128(2)), Some(5)), (None, None)] {
            let notification = written(agent, version);
            let heard = Notification::of_queue(&event::queue(&notification)).unwrap();
            assert_eq!(body(&heard).unwrap(), event::webhook(&notification));
        }
    }

    #[test]
    fn the_first_attempts_fail_on_purpose_and_a_receiver_has_three_of_its_own() {
        use Then::{Again, AgainOnPurpose, Delivered, GivenUp};
        let (good, bad) = (Ok(200), Ok(500));
        assert_eq!(
            [1, 2, 3].map(|n| then(&good, n, 2)),
            [AgainOnPurpose, AgainOnPurpose, Delivered]
        );
        assert_eq!([1, 2, 3].map(|n| then(&bad, n, 0)), [Again, Again, GivenUp]);
        assert_eq!([1, 2, 3, 4].map(|n| then(&bad, n, 1)), [AgainOnPurpose, Again, Again, GivenUp]);
        assert_eq!(then(&Err("no connection".into()), 1, 0), Again);
    }
}
