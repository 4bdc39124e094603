//! Several tasks in one message, between processes of this service only.
//!
//! A persistent message that is confirmed, delivered and acknowledged costs the broker and both
//! clients more than the payment it carries. Under load, what was accepted together travels together:
//! the message names the tasks, and the store has what they ask for. A task that comes alone is sent
//! as the JSON of its caller, in the form that upstream services use.

use serde::{Deserialize, Serialize};

use super::super::Message;
use crate::domain::money::brief;
use crate::domain::task::{ObjectId, TaskGuid, TaskKey};

/// The message type that tells a bundle from a task.
pub const TYPE: &str = "wsa.tasks.v1";
/// The most tasks of one bundle: a batch of a worker can always hold a few.
pub const MOST: usize = 64;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    object_id: ObjectId,
    task_guid: TaskGuid,
}

/// The body of a bundle.
pub fn write(messages: &[&Message]) -> Vec<u8> {
    let entry =
        |message: &&Message| Entry { object_id: message.key.object, task_guid: message.key.guid };
    let entries: Vec<Entry> = messages.iter().map(entry).collect();
    // Numbers and guids: there is nothing in it that could not be written.
    serde_json::to_vec(&entries).unwrap_or_default()
}

/// The tasks of a bundle; an error is a sentence for people.
pub fn read(body: &str) -> Result<Vec<TaskKey>, String> {
    let entries: Vec<Entry> = serde_json::from_str(body)
        .map_err(|error| brief(format!("the body is no bundle of type {TYPE}: {error}")))?;
    if entries.is_empty() || entries.len() > MOST {
        return Err(format!("the bundle names {} tasks: it must be 1 to {MOST}", entries.len()));
    }
    let key = |entry: Entry| TaskKey { object: entry.object_id, guid: entry.task_guid };
    Ok(entries.into_iter().map(key).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::Class;

    #[test]
    fn a_bundle_comes_back_in_order_and_what_is_none_is_refused() {
        let messages: Vec<Message> = (1..=MOST as i64 + 1)
            .map(|object| Message {
                key: TaskKey { object: ObjectId(object), guid: TaskGuid::new() },
                task_type: "PayOrder".into(),
                request: "{}".into(),
                class: Class::Ordinary,
                fresh: true,
                trace: None,
            })
            .collect();
        let body =
            |of: &[Message]| String::from_utf8(write(&of.iter().collect::<Vec<_>>())).unwrap();
        let keys: Vec<TaskKey> = messages[..MOST].iter().map(|message| message.key).collect();
        assert_eq!(read(&body(&messages[..MOST])).unwrap(), keys);
        assert!(read(&body(&messages)).unwrap_err().contains("65 tasks: it must be 1 to 64"));
        for bad in ["[]", "{}", "", "[{}]", r#"[{"objectId":0,"taskGuid":"x"}]"#] {
            assert!(read(bad).unwrap_err().contains("bundle"), "{bad}");
        }
    }
}
