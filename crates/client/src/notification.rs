//! What comes by `ListenQueue` and by callbacks: answers and events.

use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::answer::{Answered, Refusal};
use crate::wire::{self, Reading};

/// What to listen to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Queue {
    /// Answers of tasks.
    Tasks,
    /// Events of orders.
    Events,
    /// Both.
    All,
}

impl Queue {
    /// As it is sent (`queueType`).
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Queue::Tasks => "TaskQueue",
            Queue::Events => "EventQueue",
            Queue::All => "AllQueues",
        }
    }
}

/// An answer or an event.
#[derive(Debug, Clone)]
pub enum Notification {
    /// The answer of a task.
    Answer(Answered),
    /// Something happened to an order.
    Event(Event),
}

/// What happened to an order.
#[derive(Debug, Clone)]
pub struct Event {
    /// The event (`eventGuid`): the same in every delivery.
    pub id: Uuid,
    /// What happened (`eventType`), such as `OrderChanged`.
    pub event_type: String,
    /// The restaurant (`objectId`).
    pub object_id: i64,
    /// The restaurant's agent (`agentGuid`).
    pub agent: Option<Uuid>,
    /// When it happened, with the restaurant's offset, as it came.
    pub at: String,
    /// The number of the change: of two changes of an order the later has the higher one.
    pub order_version: Option<i64>,
    pub(crate) order: Box<RawValue>,
    pub(crate) raw: String,
}

impl Event {
    /// The order after that change, as it came.
    pub fn order(&self) -> &str {
        self.order.get()
    }

    /// The whole as it came.
    pub fn raw(&self) -> &str {
        &self.raw
    }
}

impl Notification {
    /// The `taskGuid` or `eventGuid`: the same in every delivery.
    pub fn id(&self) -> Option<Uuid> {
        match self {
            Notification::Answer(answered) => answered.task(),
            Notification::Event(event) => Some(event.id),
        }
    }

    /// Reads what `ListenQueue` answered. `None` when that is neither an answer nor an event.
    pub fn of_queue(body: &str) -> Option<Notification> {
        read(body).ok().flatten()
    }

    /// Reads the body of a callback whose signature was [checked](crate::callback::Verifier::check). `None` when it is
    /// neither an answer nor an event, such as the `{"ping":true}` of an operator who tries the URL.
    pub fn of_callback(body: &str) -> Option<Notification> {
        if let Some(Reading::Answered(answered)) = wire::read(body) {
            return Some(Notification::Answer(answered));
        }
        let posted: Posted = serde_json::from_str(body).ok()?;
        let EventCommon { object_id, agent_guid, event_guid, at, event_type, order_version } =
            posted.response_event_common;
        Some(Notification::Event(Event {
            id: event_guid,
            event_type,
            object_id,
            agent: agent_guid,
            at,
            order_version,
            order: posted.response,
            raw: body.to_owned(),
        }))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Posted {
    response_event_common: EventCommon,
    response: Box<RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventCommon {
    object_id: i64,
    agent_guid: Option<Uuid>,
    event_guid: Uuid,
    #[serde(rename = "dateTimeServerReceiveEventFromAgent")]
    at: String,
    event_type: String,
    order_version: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listened {
    response_common: ListenedCommon,
    event_response: EventResponse,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListenedCommon {
    object_id: i64,
    agent_guid: Option<Uuid>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventResponse {
    event_guid: Uuid,
    event_type: String,
    #[serde(rename = "dateTimeServerReceiveEventFromAgent")]
    at: String,
    order_version: Option<i64>,
    order: Box<RawValue>,
}

/// Reads what a queue answered: a notification, that there is none, or why not. `Err(None)` when it is neither.
pub(crate) fn read(raw: &str) -> Result<Option<Notification>, Option<Refusal>> {
    match wire::read(raw) {
        Some(Reading::Answered(answered)) => return Ok(Some(Notification::Answer(answered))),
        Some(Reading::Nothing) => return Ok(None),
        Some(Reading::Rejected(why) | Reading::NotFound(why) | Reading::Expired(why)) => {
            return Err(Some(why));
        }
        Some(Reading::Accepted(_) | Reading::InProgress(_)) | None => {}
    }
    let Listened { response_common: common, event_response: event } =
        serde_json::from_str(raw).map_err(|_| None)?;
    Ok(Some(Notification::Event(Event {
        id: event.event_guid,
        event_type: event.event_type,
        object_id: common.object_id,
        agent: common.agent_guid,
        at: event.at,
        order_version: event.order_version,
        order: event.order,
        raw: raw.to_owned(),
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "00000000-0000-0000-0000-000000000007";

    #[test]
    fn an_event_is_read_in_both_forms_and_its_order_is_as_it_was_written() {
        let listened = r#"{"responseCommon":{"taskType":"Event","objectId":199990246},"eventResponse":{"eventGuid":"GUID","eventType":"OrderChanged","dateTimeServerReceiveEventFromAgent":"2026-11-22T12:00:00.500+03:00","orderVersion":5,"order":{"price":{"total":449.30}}}}"#;
        let posted = r#"{"responseEventCommon":{"objectId":199990246,"eventGuid":"GUID","dateTimeServerReceiveEventFromAgent":"2026-11-22T12:00:00.500+03:00","eventType":"OrderChanged","orderVersion":5},"response":{"price":{"total":449.30}}}"#;
        let listened = read(&listened.replace("GUID", GUID)).unwrap();
        let posted = Notification::of_callback(&posted.replace("GUID", GUID));
        for event in [listened, posted] {
            let Some(Notification::Event(event)) = event else { panic!("{event:?}") };
            assert_eq!(event.order(), r#"{"price":{"total":449.30}}"#);
            assert_eq!((event.object_id, event.order_version), (199_990_246, Some(5)));
            assert_eq!(event.id.to_string(), GUID);
        }
    }

    #[test]
    fn a_queue_has_nothing_or_refuses() {
        let nothing = r#"{"responseCommon":{"asyncCode":"NoOperations"}}"#;
        assert!(matches!(read(nothing), Ok(None)));
        let refusal = r#"{"error":{"wsError":{"code":"AuthFailed","desc":""}}}"#;
        assert!(matches!(read(refusal), Err(Some(_))));
        assert!(matches!(read("{}"), Err(None)));
        assert!(Notification::of_callback(r#"{"ping":true}"#).is_none());
    }

    #[test]
    fn a_refusal_that_is_posted_is_a_refusal() {
        let body = format!(
            r#"{{"responseCommon":{{"taskGuid":"{GUID}","taskType":"PayOrder"}},"error":{{"agentError":{{"code":"WsaOrderClosed","desc":""}}}}}}"#
        );
        let Some(Notification::Answer(Answered::Refused(why))) = Notification::of_callback(&body)
        else {
            panic!()
        };
        assert_eq!(why.code, "WsaOrderClosed");
    }
}
