//! The newest tasks behind a place, within a bounded window.

use jiff::{SignedDuration, Timestamp};

use super::{COLUMNS, ListedTask, TaskState, read};
use crate::database::{Row, Statement, StoreError, Type, Value, row};
use crate::domain::task::{AggregatorId, ObjectId, Outcome, TaskGuid};
use crate::engine::store::Store;

/// A place in the list of tasks: when the one there was accepted, and its guid.
pub type TaskPlace = (Timestamp, TaskGuid);

/// Tasks to read, the newest first; `None` is all of them.
#[derive(Debug, Clone)]
pub struct TaskWindow {
    /// Of this object.
    pub object: Option<ObjectId>,
    /// Of this caller.
    pub aggregator: Option<AggregatorId>,
    /// Of this type.
    pub task_type: Option<String>,
    /// In this state.
    pub state: Option<TaskState>,
    /// Only those that are answered otherwise than done.
    pub not_done: bool,
    /// Whose request has this text in it.
    pub mentions: Option<String>,
    /// Accepted at this moment or later.
    pub from: Timestamp,
    /// Behind this place.
    pub behind: TaskPlace,
    /// How many rows are looked through at most; of open tasks those with the earliest deadlines, and no others.
    pub scan: i64,
}

const FILTER: &[(&str, Type)] = &[
    ("object_id", Type::Int),
    ("aggregator_id", Type::Int),
    ("task_type", Type::Text),
    ("state", Type::Text),
    ("mentions", Type::Text),
    ("from_at", Type::Time),
    ("before_at", Type::Time),
    ("before_guid", Type::Uuid),
    ("scan", Type::Int),
    ("most", Type::Int),
];

/// The window: rows in the order of an index, from the place on.
macro_rules! window {
    ($columns:literal, $tasks:literal, $rows:literal, $order:literal, $limit:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM ",
            $tasks,
            " w WHERE ",
            $rows,
            " AND w.registered_at <= (SELECT before_at FROM batch)
              AND w.registered_at >= (SELECT from_at FROM batch)
              AND (w.registered_at < (SELECT before_at FROM batch)
                   OR w.task_guid < (SELECT before_guid FROM batch))
              ORDER BY ",
            $order,
            "w.registered_at DESC ",
            $limit
        )
    };
}

macro_rules! newest {
    ($tasks:literal, $rows:literal, $order:literal) => {
        Statement::read(
            FILTER,
            concat!(
                "SELECT ",
                COLUMNS!(),
                " FROM (SELECT * FROM (",
                window!("*", $tasks, $rows, $order, "LIMIT (SELECT scan FROM batch)"),
                ") AS x WHERE ((SELECT aggregator_id FROM batch) IS NULL
                             OR x.aggregator_id = (SELECT aggregator_id FROM batch))
                    AND ((SELECT task_type FROM batch) IS NULL
                             OR x.task_type = (SELECT task_type FROM batch))
                    AND ((SELECT state FROM batch) IS NULL
                             OR coalesce(x.outcome, 'open') = (SELECT state FROM batch))
                    AND ((SELECT mentions FROM batch) IS NULL
                             OR x.request LIKE (SELECT mentions FROM batch) ESCAPE '!')
                  ORDER BY x.registered_at DESC, x.task_guid DESC LIMIT (SELECT most FROM batch)) AS t
                 {left one aggregators a: aggregator_id = t.aggregator_id}
                 ORDER BY t.registered_at DESC, t.task_guid DESC"
            ),
        )
    };
}

macro_rules! end {
    ($tasks:literal, $rows:literal, $order:literal) => {
        Statement::read(
            FILTER,
            window!(
                "w.registered_at",
                $tasks,
                $rows,
                $order,
                "LIMIT 1 OFFSET (SELECT scan - 1 FROM batch)"
            ),
        )
    };
}

// Each by an index of its own. What is of an object is asked for between it and itself, in its order: no other index has
// that one. Of open tasks, the order of their index is that of their deadlines: those of the earliest are looked through.
static NEWEST: Statement = newest!("tasks", "true", "");
static NEWEST_OF_OBJECT: Statement = newest!(
    "tasks",
    "w.object_id >= (SELECT object_id FROM batch) AND w.object_id <= (SELECT object_id FROM batch)",
    "w.object_id DESC, "
);
static NEWEST_NOT_DONE: Statement = newest!("tasks", "w.outcome <> 'done'", "");
static NEWEST_OPEN: Statement = newest!(
    "(SELECT * FROM tasks o WHERE o.outcome IS NULL
      ORDER BY o.deadline LIMIT (SELECT scan FROM batch))",
    "true",
    ""
);
static END: Statement = end!("tasks", "true", "");
static END_OF_OBJECT: Statement = end!(
    "tasks",
    "w.object_id >= (SELECT object_id FROM batch) AND w.object_id <= (SELECT object_id FROM batch)",
    "w.object_id DESC, "
);
static END_NOT_DONE: Statement = end!("tasks", "w.outcome <> 'done'", "");

static LISTED: Statement = Statement::read(
    &[("task_guid", Type::Uuid)],
    concat!(
        "SELECT ",
        COLUMNS!(),
        " FROM batch b {one tasks t: task_guid} {left one aggregators a: aggregator_id = t.aggregator_id}
         ORDER BY t.registered_at DESC, t.task_guid DESC"
    ),
);

static CORRELATED: Statement = Statement::read(
    &[("correlation_id", Type::Text)],
    "SELECT t.task_guid FROM batch b {all tasks t: correlation_id}
     ORDER BY t.registered_at DESC LIMIT 500",
);

/// A pattern of `LIKE` for texts with this in them.
fn pattern(text: &str) -> String {
    let escaped = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{escaped}%")
}

impl TaskWindow {
    fn row(&self, most: i64) -> Vec<Value> {
        row![
            self.object,
            self.aggregator,
            self.task_type.clone(),
            self.state.map(TaskState::as_str),
            self.mentions.as_deref().map(pattern),
            self.from,
            self.behind.0,
            self.behind.1,
            self.scan,
            most
        ]
    }

    /// What reads it, and what tells where it ends.
    fn statements(&self) -> (&'static Statement, Option<&'static Statement>) {
        let undone =
            |state| matches!(state, TaskState::Answered(outcome) if outcome != Outcome::Done);
        let not_done = self.not_done || self.state.is_some_and(undone);
        match (self.object, not_done, self.state) {
            (Some(_), _, _) => (&NEWEST_OF_OBJECT, Some(&END_OF_OBJECT)),
            (None, true, _) => (&NEWEST_NOT_DONE, Some(&END_NOT_DONE)),
            (None, false, Some(TaskState::Open)) => (&NEWEST_OPEN, None),
            (None, false, _) => (&NEWEST, Some(&END)),
        }
    }
}

impl Store {
    /// The tasks of a window that its filter lets through, at most so many, and the place behind which the next window
    /// begins; no such place: the list ends in this one.
    pub async fn tasks_in(
        &self,
        window: &TaskWindow,
        most: i64,
    ) -> Result<(Vec<ListedTask>, Option<TaskPlace>), StoreError> {
        let (read_it, end) = window.statements();
        let mut exact = window.clone();
        let ends_at = match end {
            Some(end) => self.end_of(end, window).await?,
            None => None,
        };
        // Of the last moment in it, a window may have some of the tasks and not others: they are of the next one. Where
        // all are of one moment, that is read whole.
        let next = match ends_at {
            Some(at) if at < window.behind.0 => {
                exact.from = at.checked_add(SignedDuration::from_micros(1)).unwrap_or(at);
                Some((at, TaskGuid(uuid::Uuid::max())))
            }
            Some(at) => {
                (exact.from, exact.scan) = (at, i64::MAX);
                Some((at, TaskGuid(uuid::Uuid::nil())))
            }
            None => None,
        };
        let rows = self.db.run(read_it, vec![exact.row(most)]).await?;
        let found = rows.into_iter().map(|row| read(self.protocols, row));
        Ok((found.collect::<Result<_, _>>()?, next))
    }

    /// The moment of the last task of a window that is full.
    async fn end_of(
        &self,
        end: &'static Statement,
        window: &TaskWindow,
    ) -> Result<Option<Timestamp>, StoreError> {
        let rows = self.db.run(end, vec![window.row(0)]).await?;
        rows.into_iter().next().map(|mut row| row.get("registered_at")).transpose()
    }

    /// These tasks, as far as they are kept, the newest first.
    pub async fn listed(&self, guids: &[TaskGuid]) -> Result<Vec<ListedTask>, StoreError> {
        let rows = guids.iter().map(|guid| row![*guid]).collect();
        let rows = self.db.run(&LISTED, rows).await?;
        let mut found: Vec<ListedTask> =
            rows.into_iter().map(|row| read(self.protocols, row)).collect::<Result<_, _>>()?;
        found.sort_by_key(|task| std::cmp::Reverse((task.registered_at, task.key)));
        found.dedup();
        Ok(found)
    }

    /// The tasks under a correlation id, the newest first, at most 500.
    pub async fn correlated(&self, id: &str) -> Result<Vec<TaskGuid>, StoreError> {
        let read = |mut row: Row| row.get("task_guid");
        self.db.run(&CORRELATED, vec![row![id]]).await?.into_iter().map(read).collect()
    }
}
