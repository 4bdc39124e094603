//! What `params` hold beside the command: for whom a task is, or which answer is asked for.

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::request::LONGEST_WAIT_S;
use crate::domain::money::{number_text, shown};
use crate::domain::task::guid::whole;
use crate::domain::task::{LONGEST_TIMEOUT_S, ObjectId, TaskGuid};
use crate::protocols::whiteserver::contract::forms;

/// For whom a task is and how its answer comes: one of the two.
#[derive(Deserialize, JsonSchema)]
#[schemars(extend("oneOf" = [
    {"required": ["async"], "properties": {"async": {"type": "object"}}},
    {"required": ["sync"], "properties": {"sync": {"type": "object"}}},
]))]
pub(super) struct Targets {
    /// The task's guid at once; the answer is asked for, listened for, or posted.
    pub(super) r#async: Option<Target>,
    /// The answer itself, for which the request is held.
    pub(super) sync: Option<Target>,
}

/// For whom a task is.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Target {
    /// The restaurant.
    #[serde(rename = "objectId")]
    pub(super) object: ObjectId,
    /// Seconds until the deadline, 1 to 3600; without it the object's own default counts.
    #[schemars(schema_with = "forms::timeout")]
    #[schemars(default)]
    pub(super) timeout: Option<Timeout>,
}

pub(super) struct Timeout(pub(super) i64);

impl<'de> Deserialize<'de> for Timeout {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Timeout, D::Error> {
        whole_in(deserializer, "a timeout", 1..=LONGEST_TIMEOUT_S).map(Timeout)
    }
}

/// Which answer is asked for.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Question {
    /// The task.
    #[serde(rename = "taskGuid")]
    pub(super) guid: TaskGuid,
    /// How long to wait for an answer, in seconds: 0 to 20. Without it: not at all.
    #[schemars(schema_with = "forms::wait")]
    #[schemars(default)]
    pub(super) wait: Option<Wait>,
}

pub(super) struct Wait(pub(super) i64);

impl<'de> Deserialize<'de> for Wait {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Wait, D::Error> {
        whole_in(deserializer, "a wait", 0..=LONGEST_WAIT_S).map(Wait)
    }
}

/// A whole number of seconds, as a JSON number or a string of digits.
fn whole_in<'de, D: Deserializer<'de>>(
    deserializer: D,
    what: &str,
    range: std::ops::RangeInclusive<i64>,
) -> Result<i64, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?;
    number_text(raw).and_then(whole).filter(|n| range.contains(n)).ok_or_else(|| {
        D::Error::custom(format!(
            "{} is not {what}: it must be whole seconds from {} to {}",
            shown(raw.get()),
            range.start(),
            range.end()
        ))
    })
}
