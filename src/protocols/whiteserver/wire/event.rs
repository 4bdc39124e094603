//! Writing what is delivered to aggregators: events, in the form of callbacks and in that of
//! `ListenQueue`. An answer of a task is delivered as it was written.

use jiff::Zoned;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::listing::State;
use super::view::FullOrder;
use crate::domain::json::repaired;
use crate::domain::outbox::{Content, EventType, Notification};
use crate::domain::task::ObjectId;
use crate::protocols::whiteserver::contract::forms;

/// What an event tells of an order.
#[derive(JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
#[expect(dead_code, reason = "only its schema is used")]
enum News {
    /// `OrderChanged`: the order as it was after that change.
    Whole(Box<FullOrder<'static>>),
    /// `OrderStatusChanged`: where the order stood after it.
    Status(State<'static>),
}

/// An event, as it is posted to a URL.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "EventCallback")]
pub(super) struct Callback {
    response_event_common: EventCommon,
    /// The order, or where it stood, after that change.
    #[schemars(with = "News")]
    response: Box<RawValue>,
}

/// What an event is about.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct EventCommon {
    /// The restaurant.
    object_id: ObjectId,
    /// The restaurant's agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "forms::guid")]
    agent_guid: Option<Uuid>,
    /// The event: the same in every delivery.
    #[schemars(schema_with = "forms::guid")]
    event_guid: Uuid,
    /// When the order changed, with the restaurant's offset.
    #[schemars(schema_with = "forms::moment")]
    date_time_server_receive_event_from_agent: String,
    /// What is told.
    #[schemars(schema_with = "event_type")]
    event_type: &'static str,
    /// The number of the change: of two changes of an order the later has the higher one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i64", extend("minimum" = 1))]
    order_version: Option<i64>,
}

/// An event, as `ListenQueue` answers it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Event")]
pub(super) struct Listened {
    response_common: ListenedCommon,
    event_response: EventResponse,
}

/// What tells an event from an answer.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline, title = "EventOrigin")]
struct ListenedCommon {
    #[schemars(extend("const" = "Event"))]
    task_type: &'static str,
    /// The restaurant.
    object_id: ObjectId,
    /// The restaurant's agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "forms::guid")]
    agent_guid: Option<Uuid>,
}

/// What happened.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline, title = "EventDetails")]
struct EventResponse {
    /// The event: the same in every delivery.
    #[schemars(schema_with = "forms::guid")]
    event_guid: Uuid,
    /// What is told.
    #[schemars(schema_with = "event_type")]
    event_type: &'static str,
    /// When the order changed, with the restaurant's offset.
    #[schemars(schema_with = "forms::moment")]
    date_time_server_receive_event_from_agent: String,
    /// The number of the change: of two changes of an order the later has the higher one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i64", extend("minimum" = 1))]
    order_version: Option<i64>,
    /// The order, or where it stood, after that change.
    #[schemars(with = "News")]
    order: Box<RawValue>,
}

/// The body of a callback.
pub fn webhook(notification: &Notification) -> String {
    match &notification.content {
        Content::Answer { answer, .. } => answer.clone(),
        Content::Event { event_type, occurred_at, agent, version, order_json, .. } => {
            write_json(&Callback {
                response_event_common: EventCommon {
                    object_id: notification.object,
                    agent_guid: *agent,
                    event_guid: notification.subject,
                    date_time_server_receive_event_from_agent: moment(occurred_at),
                    event_type: event_type.as_str(),
                    order_version: *version,
                },
                response: raw(order_json),
            })
        }
    }
}

/// The answer to a `ListenQueue`.
pub fn queue(notification: &Notification) -> String {
    match &notification.content {
        Content::Answer { answer, .. } => answer.clone(),
        Content::Event { event_type, occurred_at, agent, version, order_json, .. } => {
            write_json(&Listened {
                response_common: ListenedCommon {
                    task_type: "Event",
                    object_id: notification.object,
                    agent_guid: *agent,
                },
                event_response: EventResponse {
                    event_guid: notification.subject,
                    event_type: event_type.as_str(),
                    date_time_server_receive_event_from_agent: moment(occurred_at),
                    order_version: *version,
                    order: raw(order_json),
                },
            })
        }
    }
}

fn event_type(_: &mut SchemaGenerator) -> Schema {
    let words: Vec<_> = EventType::ALL.iter().map(|event_type| event_type.as_str()).collect();
    json_schema!({"type": "string", "enum": words})
}

fn moment(at: &Zoned) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
}

/// The order as it was written; amounts in it never pass through a float. What an order was allowed to hold before
/// is made readable: one text would have its reader refuse the whole event.
fn raw(order_json: &str) -> Box<RawValue> {
    RawValue::from_string(repaired(order_json).into_owned()).unwrap_or_else(|error| {
        tracing::error!(%error, "an event holds no JSON");
        RawValue::NULL.to_owned()
    })
}

fn write_json(event: &impl Serialize) -> String {
    // No maps, no fallible fields: writing cannot fail.
    serde_json::to_string(event).unwrap_or_else(|error| {
        tracing::error!(%error, "an event could not be written");
        "{}".into()
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::outbox::{NotificationId, SubscriptionId};
    use crate::domain::task::OrderGuid;

    fn notification(content: Content) -> Notification {
        Notification {
            id: NotificationId { subscription: SubscriptionId(1), delivery: 2 },
            object: ObjectId(199_990_246),
            subject: Uuid::from_u128(7),
            attempt: 1,
            added_at: Timestamp::UNIX_EPOCH,
            content,
        }
    }

    fn event() -> Notification {
        notification(Content::Event {
            event_type: EventType::OrderChanged,
            order: OrderGuid(Uuid::from_u128(3)),
            occurred_at: "2026-11-22T12:00:00.5+03:00[Europe/Moscow]".parse().unwrap(),
            agent: Some(Uuid::from_u128(2)),
            version: Some(5),
            order_json: r#"{"orderGuid":"3", "price":{"total":449.30}}"#.into(),
        })
    }

    #[test]
    fn events_have_the_published_form_and_the_order_is_as_it_was_written() {
        insta::assert_snapshot!(webhook(&event()), @r#"{"responseEventCommon":{"objectId":199990246,"agentGuid":"00000000-0000-0000-0000-000000000002","eventGuid":"00000000-0000-0000-0000-000000000007","dateTimeServerReceiveEventFromAgent":"2026-11-22T12:00:00.500+03:00","eventType":"OrderChanged","orderVersion":5},"response":{"orderGuid":"3", "price":{"total":449.30}}}"#);
        insta::assert_snapshot!(queue(&event()), @r#"{"responseCommon":{"taskType":"Event","objectId":199990246,"agentGuid":"00000000-0000-0000-0000-000000000002"},"eventResponse":{"eventGuid":"00000000-0000-0000-0000-000000000007","eventType":"OrderChanged","dateTimeServerReceiveEventFromAgent":"2026-11-22T12:00:00.500+03:00","orderVersion":5,"order":{"orderGuid":"3", "price":{"total":449.30}}}}"#);
    }

    #[test]
    fn an_answer_is_delivered_byte_for_byte() {
        let text = r#"{"taskResponse": {} }"#;
        let answer = notification(Content::Answer {
            task_type: "PayOrder".into(),
            answer: text.into(),
            reply_to: None,
            correlation_id: None,
        });
        assert_eq!(webhook(&answer), text);
        assert_eq!(queue(&answer), text);
    }
}
