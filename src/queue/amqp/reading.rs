//! Reads which task a message is, or says what is wrong with it.

use lapin::BasicProperties;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, ShortString};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::bundle;
use super::publisher::{OBJECT_HEADER, TRACES_HEADER};
use crate::domain::money::shown;
use crate::domain::task::{Foretold, ObjectId, TaskGuid, TaskKey};
use crate::domain::trace::{TRACEPARENT, TraceContext, TraceParent, read_list};

/// The tasks that a message asks for: one, or those of a [bundle]. What it asks exactly is read from the store, later; here the body
/// only has to be JSON. An error is a sentence for people; it never quotes the body.
pub fn read(properties: &BasicProperties, body: &[u8]) -> Result<Vec<TaskKey>, String> {
    let text = std::str::from_utf8(body).map_err(|error| {
        format!("the body is not text after byte {}: it must be UTF-8", error.valid_up_to())
    });
    if properties.kind().as_ref().is_some_and(|kind| kind.as_str() == bundle::TYPE) {
        return bundle::read(text?);
    }
    let guid = match properties.message_id() {
        Some(id) => {
            id.as_str().parse::<TaskGuid>().map_err(|error| format!("message_id {error}"))?
        }
        None => return Err("message_id is missing: it must be the taskGuid".to_owned()),
    };
    let body = text?;
    serde_json::from_str::<IgnoredAny>(body)
        .map_err(|error| format!("the body is not JSON: {error}"))?;
    let header = properties.headers().as_ref().and_then(|h| h.inner().get(OBJECT_HEADER));
    let object = match header.map(object_in_header) {
        Some(Ok(object)) => object,
        Some(Err(value)) => object_in_body(body).ok_or_else(|| {
            format!("header {OBJECT_HEADER} {value:?}: it must be a positive whole number")
        })?,
        None => object_in_body(body).ok_or_else(|| {
            format!(
                "header {OBJECT_HEADER} is missing: it must be a positive whole number, or the body \
                 must have it as params.async.objectId or params.sync.objectId"
            )
        })?,
    };
    Ok(vec![TaskKey { object, guid }])
}

/// What a message that was read says of this task of it; nothing, where it says only which tasks there are.
pub(super) fn foretold(key: TaskKey, message: &Delivery) -> Option<Foretold> {
    let task_type = message.properties.kind().as_ref()?.as_str();
    if task_type == bundle::TYPE {
        return None;
    }
    let request = std::str::from_utf8(&message.data).ok()?.to_owned();
    Some(Foretold { key, task_type: task_type.to_owned(), request })
}

/// The spans that the tasks of a message were sent by, by their places; whatever else stands in these headers is none.
pub(super) fn traces(properties: &BasicProperties, tasks: usize) -> Vec<(usize, TraceContext)> {
    let Some(headers) = properties.headers() else { return Vec::new() };
    if let Some(list) = headers.inner().get(TRACES_HEADER).and_then(text) {
        return read_list(list, tasks);
    }
    let parent = headers.inner().get(TRACEPARENT).and_then(text).and_then(TraceParent::read);
    let sampled = parent.filter(|parent| parent.sampled && tasks == 1);
    sampled.map(|parent| (0, parent.context)).into_iter().collect()
}

/// A header that is a text.
pub(super) fn text(value: &AMQPValue) -> Option<&str> {
    match value {
        AMQPValue::ShortString(text) => Some(text.as_str()),
        AMQPValue::LongString(text) => std::str::from_utf8(text.as_bytes()).ok(),
        _ => None,
    }
}

/// The object, or the value as it may stand in a message.
fn object_in_header(value: &AMQPValue) -> Result<ObjectId, String> {
    let text = match value {
        AMQPValue::ShortShortInt(n) => n.to_string(),
        AMQPValue::ShortShortUInt(n) => n.to_string(),
        AMQPValue::ShortInt(n) => n.to_string(),
        AMQPValue::ShortUInt(n) => n.to_string(),
        AMQPValue::LongInt(n) => n.to_string(),
        AMQPValue::LongUInt(n) => n.to_string(),
        AMQPValue::LongLongInt(n) => n.to_string(),
        AMQPValue::ShortString(text) => text.to_string(),
        AMQPValue::LongString(text) => String::from_utf8_lossy(text.as_bytes()).into_owned(),
        other => format!("of type {}", other.get_type()),
    };
    text.parse().map_err(|_| shown(&text))
}

pub(super) fn object_in_body(body: &str) -> Option<ObjectId> {
    #[derive(Deserialize)]
    struct Body {
        params: Params,
    }
    #[derive(Deserialize)]
    struct Params {
        r#async: Option<Head>,
        sync: Option<Head>,
    }
    #[derive(Deserialize)]
    struct Head {
        #[serde(rename = "objectId")]
        object: ObjectId,
    }
    let Params { r#async, sync } = serde_json::from_str::<Body>(body).ok()?.params;
    r#async.or(sync).map(|head| head.object)
}

/// The guid of a message in a log line, readable or not.
pub(super) fn shown_id(properties: &BasicProperties) -> String {
    properties.message_id().as_ref().map(ShortString::as_str).map_or_else(|| "-".to_owned(), shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lapin::types::FieldTable;

    const GUID: &str = "7f9c24e8-3b12-4a3c-9d5e-0b6a2f1c8d47";

    fn with(id: Option<&str>, object: Option<AMQPValue>) -> BasicProperties {
        let mut properties = BasicProperties::default();
        if let Some(id) = id {
            properties = properties.with_message_id(id.into());
        }
        if let Some(object) = object {
            let mut headers = FieldTable::default();
            headers.insert(OBJECT_HEADER.into(), object);
            properties = properties.with_headers(headers);
        }
        properties
    }

    #[test]
    fn the_object_is_read_from_the_header_or_the_body() {
        let object = |header: Option<AMQPValue>, body: &str| {
            read(&with(Some(GUID), header), body.as_bytes()).map(|keys| keys[0].object.0)
        };
        assert_eq!(object(Some(AMQPValue::LongLongInt(7)), "{}"), Ok(7));
        assert_eq!(object(Some(AMQPValue::ShortUInt(7)), "[]"), Ok(7));
        assert_eq!(object(Some(AMQPValue::LongString("199990246".into())), "1"), Ok(199_990_246));
        let body = r#"{"taskType":"PayOrder","params":{"async":{"objectId":5,"timeout":3},"x":1}}"#;
        assert_eq!(object(None, body), Ok(5));
        assert_eq!(object(Some(AMQPValue::LongLongInt(0)), body), Ok(5));
        assert_eq!(object(None, r#"{"params":{"sync":{"objectId":"6"}}}"#), Ok(6));
        for body in ["[]", r#"{"params":[]}"#, r#"{"params":{"sync":{"objectId":-6}}}"#] {
            assert!(object(None, body).unwrap_err().contains("x-wsa-object-id is missing"));
        }
        let long = AMQPValue::LongString("x".repeat(100).into());
        let error = object(Some(long), "{}").unwrap_err();
        assert!(error.contains(&format!("{:?}: it must be", "x".repeat(40) + "…")), "{error}");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = |id: Option<&str>, body: &[u8]| {
            read(&with(id, Some(AMQPValue::LongLongInt(7))), body).unwrap_err()
        };
        assert_eq!(error(None, b"{}"), "message_id is missing: it must be the taskGuid");
        assert!(error(Some("42"), b"{}").starts_with("message_id \"42\" is not a task guid"));
        assert!(error(Some(GUID), b"{\"a\":\"\xff\"}").contains("after byte 6: it must be UTF-8"));
        assert!(error(Some(GUID), b"{\"card\":\"4111").starts_with("the body is not JSON: EOF"));
        assert!(!error(Some(GUID), b"{\"card\":4111 4111}").contains("4111"));
        assert!(error(Some(GUID), b"").contains("not JSON"));
    }

    #[test]
    fn the_spans_of_tasks_stand_in_headers_that_say_nothing_else() {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let context = TraceParent::read(parent).unwrap().context;
        let of = |name: &str, value: AMQPValue, tasks| {
            let mut headers = FieldTable::default();
            headers.insert(name.into(), value);
            traces(&BasicProperties::default().with_headers(headers), tasks)
        };
        let text = |text: &str| AMQPValue::LongString(text.into());
        assert_eq!(of(TRACEPARENT, text(parent), 1), [(0, context)]);
        assert_eq!(of(TRACEPARENT, AMQPValue::ShortString(parent.into()), 1), [(0, context)]);
        assert_eq!(of(TRACES_HEADER, text(&format!("2={parent}")), 3), [(2, context)]);
        let unsampled = format!("{}00", &parent[..53]);
        for (name, value, tasks) in [
            (TRACEPARENT, text(&unsampled), 1),
            (TRACEPARENT, text("nonsense"), 1),
            (TRACEPARENT, AMQPValue::LongString(b"\xff".to_vec().into()), 1),
            (TRACEPARENT, AMQPValue::Boolean(true), 1),
            (TRACEPARENT, text(parent), 2),
            (TRACES_HEADER, text(&format!("3={parent}")), 3),
            (TRACES_HEADER, AMQPValue::LongLongInt(1), 3),
        ] {
            assert_eq!(of(name, value.clone(), tasks), [], "{name}: {value:?}");
        }
        assert_eq!(traces(&BasicProperties::default(), 1), []);
    }
}
