//! Dead letters: one by one, and grouped by reason.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::engine::store::Store;
use crate::engine::store::dead_letters::{LetterFilter, StoredLetter};
use crate::ops::problem::{Problem, conflict, not_found};

/// More than this is replayed, or grouped, in several goes.
pub const MOST: i64 = 10_000;

/// A dead letter. What its message said is not shown: it may be personal.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Letter {
    /// Its number.
    pub id: i64,
    /// Why it is dead.
    pub reason: String,
    /// The door that it came to.
    pub door: &'static str,
    /// The object, when it names one.
    pub object_id: Option<i64>,
    /// The task, when it names one.
    pub task_guid: Option<String>,
    /// The kind of task.
    pub task_type: Option<String>,
    /// How its task stands: `open` or an outcome; `None`: no such task is kept.
    pub task: Option<String>,
    /// The name of whose it is, where it says so.
    pub caller: Option<String>,
    /// How often it came.
    pub times: i64,
    /// When it came first.
    pub first_at: Timestamp,
    /// When it came last.
    pub last_at: Timestamp,
    /// When it was replayed.
    pub replayed_at: Option<Timestamp>,
}

impl From<StoredLetter> for Letter {
    fn from(of: StoredLetter) -> Letter {
        Letter {
            id: of.id,
            reason: of.letter.reason,
            door: of.letter.door.as_str(),
            object_id: of.letter.object.map(|object| object.0),
            task_guid: of.letter.guid.map(|guid| guid.to_string()),
            task_type: of.letter.task_type,
            task: of.task,
            caller: of.letter.aggregator,
            times: of.times,
            first_at: of.first_at,
            last_at: of.last_at,
            replayed_at: of.replayed_at,
        }
    }
}

/// Letters with one reason.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reason {
    /// The reason, with guids and numbers in it replaced by `…`.
    pub reason: String,
    /// How many letters have it.
    pub letters: u64,
    /// When the last of them came.
    pub last_at: Timestamp,
}

/// The newest letters that pass the filter.
pub async fn letters(store: &Store, filter: &LetterFilter) -> Result<Vec<Letter>, Problem> {
    Ok(store.dead_letters(filter).await?.into_iter().map(Letter::from).collect())
}

/// One; 404 when there is none.
pub async fn letter(store: &Store, id: i64) -> Result<StoredLetter, Problem> {
    let filter = LetterFilter { id: Some(id), most: 1, ..LetterFilter::default() };
    let found = store.dead_letters(&filter).await?.pop();
    found.ok_or_else(|| not_found(format!("there is no dead letter {id}")))
}

/// All that pass the filter; 409 when they are too many for one go.
pub async fn matching(store: &Store, filter: &LetterFilter) -> Result<Vec<StoredLetter>, Problem> {
    let found = store.dead_letters(&LetterFilter { most: MOST + 1, ..filter.clone() }).await?;
    if found.len() > MOST as usize {
        return Err(conflict(format!("more than {MOST} letters match: narrow them")));
    }
    Ok(found)
}

/// The newest letters by their reasons, the most frequent first.
pub async fn reasons(store: &Store, filter: &LetterFilter) -> Result<Vec<Reason>, Problem> {
    let found = store.dead_letters(&LetterFilter { most: MOST, ..filter.clone() }).await?;
    let mut groups: BTreeMap<String, Reason> = BTreeMap::new();
    for letter in found {
        let reason = general(&letter.letter.reason);
        let last_at = letter.last_at;
        let group = groups.entry(reason.clone());
        let group = group.or_insert(Reason { reason, letters: 0, last_at });
        group.letters += 1;
        group.last_at = group.last_at.max(last_at);
    }
    let mut all: Vec<Reason> = groups.into_values().collect();
    all.sort_by_key(|group| std::cmp::Reverse((group.letters, group.last_at)));
    Ok(all)
}

/// A reason without what differs from letter to letter: words with a digit in them.
fn general(reason: &str) -> String {
    let word = |word: &str| match word.chars().any(|c| c.is_ascii_digit()) {
        true => "…".to_owned(),
        false => word.to_owned(),
    };
    reason.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_one_kind_have_one_reason() {
        assert_eq!(
            general("no task 7f9c-1 of object 12 is registered"),
            "no task … of object … is registered"
        );
        assert_eq!(general("its body is no JSON"), "its body is no JSON");
    }
}
