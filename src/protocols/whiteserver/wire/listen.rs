//! `ListenQueue`: what to listen to, and the answer when there is nothing.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::json;
use crate::domain::money::shown;
use crate::engine::listeners::QueueType;
use crate::protocols::whiteserver::reply::{Code, Refusal};

/// The answer when nothing came in time.
pub const NO_OPERATIONS: &str = r#"{"responseCommon":{"asyncCode":"NoOperations"}}"#;

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ListenQueueRequest")]
pub(super) struct Listen {
    /// What to listen to: answers, events, or both.
    #[serde(rename = "queueType")]
    #[schemars(extend("enum" = ["TaskQueue", "EventQueue", "AllQueues"]))]
    queue_type: String,
}

/// Reads the body of `ListenQueue`.
pub fn read(body: &str) -> Result<QueueType, Refusal> {
    let bad = |desc: String| Refusal::new(Code::BadRequest, desc);
    json::check(body).map_err(|fault| bad(fault.to_string()))?;
    if body.trim_start().starts_with('[') {
        return Err(bad("the body must be a JSON object, it is an array".into()));
    }
    let Listen { queue_type } = serde_json::from_str(body).map_err(|error| {
        bad(format!("the body must be {{\"queueType\": \"TaskQueue\"}} or the like: {error}"))
    })?;
    match queue_type.as_str() {
        "TaskQueue" => Ok(QueueType::Tasks),
        "EventQueue" => Ok(QueueType::Events),
        "AllQueues" => Ok(QueueType::All),
        other => Err(bad(format!(
            "queueType {:?} is not known: it must be one of TaskQueue, EventQueue, AllQueues",
            shown(other)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_type_is_one_of_three_words() {
        let read = |body: &str| read(body).map_err(|refusal| refusal.desc);
        assert_eq!(read(r#"{"queueType":"TaskQueue"}"#), Ok(QueueType::Tasks));
        assert_eq!(read(r#"{"queueType":"EventQueue","x":1}"#), Ok(QueueType::Events));
        assert_eq!(read(r#" {"queueType":"AllQueues"}"#), Ok(QueueType::All));
        let told: Vec<String> =
            ["", "{}", "[\"TaskQueue\"]", r#"{"queueType":7}"#, r#"{"queueType":"Tasks"}"#]
                .into_iter()
                .map(|body| read(body).unwrap_err())
                .collect();
        insta::assert_snapshot!(told.join("\n"));
    }
}
