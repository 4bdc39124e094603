//! Tasks as an operator looks at them: which, whose, how they stand, and why one was not done. Requests, and answers of
//! tasks that were done, may hold a customer's data: they are not read.

pub mod story;
pub mod window;

use std::collections::HashSet;

use jiff::Timestamp;

use super::{Store, StoreError};
use crate::database::{Row, Statement, Type, row};
use crate::domain::task::{AggregatorId, ObjectId, Outcome, TaskGuid, TaskKey};
use crate::engine::protocol::{Protocols, Refusal};

/// How a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskState {
    /// It has no answer yet.
    Open,
    /// It has one, of this kind.
    Answered(Outcome),
}

impl TaskState {
    /// The word for it: `open`, or the outcome's.
    pub fn as_str(self) -> &'static str {
        match self {
            TaskState::Open => "open",
            TaskState::Answered(outcome) => outcome.as_str(),
        }
    }
}

impl std::str::FromStr for TaskState {
    type Err = String;

    fn from_str(text: &str) -> Result<TaskState, String> {
        let answered = || Outcome::ALL.iter().copied().map(TaskState::Answered);
        let all = || std::iter::once(TaskState::Open).chain(answered());
        all().find(|state| state.as_str() == text).ok_or_else(|| {
            let words: Vec<_> = all().map(TaskState::as_str).collect();
            format!("{text:?} is none of: {}", words.join(", "))
        })
    }
}

/// One task of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedTask {
    /// Object and guid.
    pub key: TaskKey,
    /// The kind of task as named on the wire.
    pub task_type: String,
    /// The name of who asked; `None` should there be no such aggregator any more.
    pub aggregator: Option<String>,
    /// When it was accepted.
    pub registered_at: Timestamp,
    /// Before which it is not carried out; then it counts as accepted at that time.
    pub not_before: Option<Timestamp>,
    /// By when it is answered.
    pub deadline: Timestamp,
    /// How it stands.
    pub state: TaskState,
    /// Why it was not done, as its caller is told.
    pub refusal: Option<Refusal>,
}

/// Which tasks to list; `None` is all of them.
#[derive(Debug, Clone, Copy)]
pub struct TaskFilter {
    /// Of this object.
    pub object: Option<ObjectId>,
    /// Of this aggregator.
    pub aggregator: Option<AggregatorId>,
    /// In this state.
    pub state: Option<TaskState>,
    /// At most so many, the newest.
    pub most: i64,
}

const FILTER: &[(&str, Type)] = &[
    ("object_id", Type::Int),
    ("aggregator_id", Type::Int),
    ("state", Type::Text),
    ("most", Type::Int),
];

/// What is read of the task `t` and the aggregator `a`.
macro_rules! COLUMNS {
    () => {
        "t.object_id, t.task_guid, t.task_type, a.name, t.registered_at, t.deadline, t.not_before,
         coalesce(t.outcome, 'open') AS state, CASE WHEN t.outcome <> 'done' THEN t.answer END AS answer"
    };
}
use COLUMNS;

// The filter stands in sub-selects, not in a join, so that the newest rows are read from an index and
// the reading ends with the limit. Names are looked up for what was found.
macro_rules! newest {
    ($rows:literal) => {
        Statement::read(
            FILTER,
            concat!(
                "SELECT ",
                COLUMNS!(),
                " FROM (SELECT * FROM tasks t WHERE ",
                $rows,
                " AND ((SELECT aggregator_id FROM batch) IS NULL
                       OR t.aggregator_id = (SELECT aggregator_id FROM batch))
                   AND ((SELECT state FROM batch) IS NULL
                       OR coalesce(t.outcome, 'open') = (SELECT state FROM batch))
                 ORDER BY t.registered_at DESC, t.task_guid DESC LIMIT (SELECT most FROM batch)) AS t
                 {left one aggregators a: aggregator_id = t.aggregator_id}
                 ORDER BY t.registered_at DESC, t.task_guid DESC"
            ),
        )
    };
}

// Each of them by an index of its own: age, open tasks, objects.
static NEWEST: Statement = newest!("true");
static NEWEST_OPEN: Statement = newest!("t.outcome IS NULL");
static NEWEST_OF_OBJECT: Statement = newest!("t.object_id = (SELECT object_id FROM batch)");

static REGISTERED: Statement = Statement::read(
    &[("task_guid", Type::Uuid)],
    "SELECT t.task_guid FROM batch b {one tasks t: task_guid}",
);

impl Store {
    /// Which of these guids are tasks that are kept.
    pub async fn registered(&self, guids: &[TaskGuid]) -> Result<HashSet<TaskGuid>, StoreError> {
        let rows = guids.iter().map(|guid| row![*guid]).collect();
        let read = |mut row: Row| row.get("task_guid");
        self.db.run(&REGISTERED, rows).await?.into_iter().map(read).collect()
    }

    /// Lists tasks, the newest first.
    pub async fn tasks(&self, filter: TaskFilter) -> Result<Vec<ListedTask>, StoreError> {
        let statement = match (filter.object, filter.state) {
            (Some(_), _) => &NEWEST_OF_OBJECT,
            (None, Some(TaskState::Open)) => &NEWEST_OPEN,
            (None, _) => &NEWEST,
        };
        let state = filter.state.map(TaskState::as_str);
        let row = row![filter.object, filter.aggregator, state, filter.most];
        self.db
            .run(statement, vec![row])
            .await?
            .into_iter()
            .map(|row| read(self.protocols, row))
            .collect()
    }
}

/// The first moment that either database knows.
pub fn earliest() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

/// The last.
pub fn latest() -> Timestamp {
    Timestamp::from_second(253_000_000_000).unwrap_or(Timestamp::MAX)
}

fn read(protocols: &Protocols, mut row: Row) -> Result<ListedTask, StoreError> {
    let task_type: String = row.get("task_type")?;
    let answer: Option<String> = row.get("answer")?;
    let refusal = answer.and_then(|answer| protocols.refusal(&task_type, &answer));
    Ok(ListedTask {
        key: TaskKey { object: row.get("object_id")?, guid: row.get("task_guid")? },
        task_type,
        refusal,
        aggregator: row.get("name")?,
        registered_at: row.get("registered_at")?,
        not_before: row.get("not_before")?,
        deadline: row.get("deadline")?,
        state: row.word("state")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_word_and_no_other_word_is_one() {
        for word in ["open", "done", "refused", "timeout", "failed", "cancelled"] {
            assert_eq!(word.parse::<TaskState>().unwrap().as_str(), word);
        }
        let error = "late".parse::<TaskState>().unwrap_err();
        assert_eq!(error, "\"late\" is none of: open, done, refused, timeout, failed, cancelled");
    }
}
