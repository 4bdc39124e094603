//! What `params` hold beside the command: for whom a task is, or which answer is asked for.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::request::LONGEST_WAIT_S;
use crate::domain::money::{number_text, shown};
use crate::domain::task::guid::whole;
use crate::domain::task::{LONGEST_TIMEOUT_S, ObjectId, TaskGuid};
use crate::protocols::whiteserver::command::expected_time::ExpectedTime;
use crate::protocols::whiteserver::contract::forms;

/// For whom a task is and how its answer comes: one of the two.
#[derive(Deserialize, JsonSchema)]
// Conditions, because generators make a class of each alternative, without the fields beside them.
#[schemars(
    extend("if" = {"required": ["async"], "properties": {"async": {"type": "object"}}}),
    extend("then" = {"not": {"required": ["sync"], "properties": {"sync": {"type": "object"}}}}),
    extend("else" = {"required": ["sync"], "properties": {"sync": {"type": "object"}}}),
)]
pub(super) struct Targets {
    /// The task's guid at once; the answer is asked for, listened for, or posted.
    pub(super) r#async: Option<Scheduled>,
    /// The answer itself, for which the request is held.
    pub(super) sync: Option<Target>,
}

/// For whom a task is, and when it is to begin.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Scheduled {
    /// The restaurant.
    #[serde(rename = "objectId")]
    pub(super) object: ObjectId,
    /// Seconds until the deadline, 1 to 3600, from `notBefore` on; without it the object's own default counts.
    #[schemars(schema_with = "forms::timeout")]
    #[schemars(default)]
    pub(super) timeout: Option<Timeout>,
    /// The task is not carried out before this time, RFC 3339 with an offset or `Z`. One that is past is as good as none.
    #[serde(rename = "notBefore")]
    #[schemars(schema_with = "forms::not_before")]
    #[schemars(default)]
    pub(super) not_before: Option<NotBefore>,
}

/// When a task may begin.
pub(super) struct NotBefore(pub(super) Timestamp);

impl<'de> Deserialize<'de> for NotBefore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<NotBefore, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        let text: Option<String> = serde_json::from_str(raw.get()).ok();
        match text.as_deref().and_then(ExpectedTime::read) {
            // No database is asked for times of long ago: they are past.
            Some(ExpectedTime::Moment(moment, _)) => {
                Ok(NotBefore(moment.max(Timestamp::UNIX_EPOCH)))
            }
            Some(ExpectedTime::Local(_)) | None => Err(D::Error::custom(format!(
                "{} is not a time before which nothing is done: it must be RFC 3339 with an offset or Z, like \
                 \"2026-11-22T12:30:00+03:00\"",
                shown(raw.get())
            ))),
        }
    }
}

/// What only a task can have whose caller does not wait.
struct Unscheduled;

impl<'de> Deserialize<'de> for Unscheduled {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Unscheduled, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        Err(D::Error::custom(format!(
            "{} cannot be waited for: only an async task is scheduled, leave it out",
            shown(raw.get())
        )))
    }
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
    /// Not accepted: who waits for an answer does not schedule its task.
    #[serde(rename = "notBefore")]
    #[schemars(with = "()", default)]
    #[expect(dead_code, reason = "reading it refuses it")]
    not_before: Option<Unscheduled>,
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
