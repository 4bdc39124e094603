//! The newest tasks behind a place, within a bounded window.

use jiff::{SignedDuration, Timestamp};

use super::{COLUMNS, ListedTask, TaskState, earliest, latest, read};
use crate::database::{Row, Statement, StoreError, Type, Value, row};
use crate::domain::task::{AggregatorId, ObjectId, Outcome, TaskGuid};
use crate::engine::store::Store;

/// A place in the list of tasks: when the one there was accepted, and its guid. In the list of open tasks: its deadline.
pub type TaskPlace = (Timestamp, TaskGuid);

/// Tasks to read, the newest first; open tasks of all objects by their deadlines, the earliest first. `None` is all of
/// them.
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
    /// Accepted before this moment.
    pub to: Timestamp,
    /// Behind this place; `None`: from the beginning of the list.
    pub behind: Option<TaskPlace>,
    /// How many rows are looked through at most.
    pub scan: i64,
}

const FILTER: &[(&str, Type)] = &[
    ("object_id", Type::Int),
    ("aggregator_id", Type::Int),
    ("task_type", Type::Text),
    ("state", Type::Text),
    ("mentions", Type::Text),
    ("from_at", Type::Time),
    ("to_at", Type::Time),
    ("last_at", Type::Time),
    ("behind_at", Type::Time),
    ("behind_guid", Type::Uuid),
    ("scan", Type::Int),
    ("most", Type::Int),
];

/// The window: rows in the order of an index, from the place on to the last moment that is wanted.
macro_rules! window {
    ($columns:literal, $rows:literal, $order:literal, $limit:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM tasks w WHERE ",
            $rows,
            " AND w.registered_at <= (SELECT behind_at FROM batch)
              AND w.registered_at >= (SELECT last_at FROM batch)
              AND (w.registered_at < (SELECT behind_at FROM batch)
                   OR w.task_guid < (SELECT behind_guid FROM batch))
              ORDER BY ",
            $order,
            "w.registered_at DESC ",
            $limit
        )
    };
}

/// The same of open tasks, in the order of their deadlines: no index has them by their age.
macro_rules! open_window {
    ($columns:literal, $limit:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM tasks w WHERE w.outcome IS NULL
              AND w.deadline >= (SELECT behind_at FROM batch) AND w.deadline <= (SELECT last_at FROM batch)
              AND (w.deadline > (SELECT behind_at FROM batch)
                   OR w.task_guid > (SELECT behind_guid FROM batch))
              ORDER BY w.deadline ",
            $limit
        )
    };
}

/// What of a window its filter lets through.
macro_rules! passing {
    ($window:expr, $order:literal) => {
        Statement::read(
            FILTER,
            concat!(
                "SELECT ",
                COLUMNS!(),
                " FROM (SELECT * FROM (",
                $window,
                ") AS x WHERE ((SELECT aggregator_id FROM batch) IS NULL
                             OR x.aggregator_id = (SELECT aggregator_id FROM batch))
                    AND ((SELECT task_type FROM batch) IS NULL
                             OR x.task_type = (SELECT task_type FROM batch))
                    AND ((SELECT state FROM batch) IS NULL
                             OR coalesce(x.outcome, 'open') = (SELECT state FROM batch))
                    AND ((SELECT mentions FROM batch) IS NULL
                             OR x.request LIKE (SELECT mentions FROM batch) ESCAPE '!')
                    AND x.registered_at >= (SELECT from_at FROM batch)
                    AND x.registered_at < (SELECT to_at FROM batch)
                  ORDER BY ",
                $order,
                " LIMIT (SELECT most FROM batch)) AS t
                 {left one aggregators a: aggregator_id = t.aggregator_id}
                 ORDER BY ",
                $order
            ),
        )
    };
}

macro_rules! newest {
    ($rows:literal, $order:literal) => {
        passing!(
            window!("*", $rows, $order, "LIMIT (SELECT scan FROM batch)"),
            "registered_at DESC, task_guid DESC"
        )
    };
}

macro_rules! end {
    ($rows:literal, $order:literal) => {
        Statement::read(
            FILTER,
            window!(
                "w.registered_at AS at",
                $rows,
                $order,
                "LIMIT 1 OFFSET (SELECT scan - 1 FROM batch)"
            ),
        )
    };
}

// Each by an index of its own. What is of an object is asked for in its order: no other index has that one.
static NEWEST: Statement = newest!("true", "");
static NEWEST_OF_OBJECT: Statement =
    newest!("{only w.object_id: (SELECT object_id FROM batch)}", "w.object_id DESC, ");
static NEWEST_NOT_DONE: Statement = newest!("w.outcome <> 'done'", "");
static OPEN: Statement =
    passing!(open_window!("*", "LIMIT (SELECT scan FROM batch)"), "deadline, task_guid");
static END: Statement = end!("true", "");
static END_OF_OBJECT: Statement =
    end!("{only w.object_id: (SELECT object_id FROM batch)}", "w.object_id DESC, ");
static END_NOT_DONE: Statement = end!("w.outcome <> 'done'", "");
static END_OPEN: Statement = Statement::read(
    FILTER,
    open_window!("w.deadline AS at", "LIMIT 1 OFFSET (SELECT scan - 1 FROM batch)"),
);

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

/// What is read of a window beside its filter: the moments between which its list goes on.
#[derive(Clone, Copy)]
struct Bounds {
    behind: TaskPlace,
    last: Timestamp,
    scan: i64,
}

impl TaskWindow {
    fn row(&self, bounds: Bounds, most: i64) -> Vec<Value> {
        row![
            self.object,
            self.aggregator,
            self.task_type.clone(),
            self.state.map(TaskState::as_str),
            self.mentions.as_deref().map(pattern),
            self.from,
            self.to,
            bounds.last,
            bounds.behind.0,
            bounds.behind.1,
            bounds.scan,
            most
        ]
    }

    /// Whether its list is that of open tasks, which begins with the earliest deadline.
    pub fn is_by_deadline(&self) -> bool {
        self.object.is_none() && !self.not_done && self.state == Some(TaskState::Open)
    }

    /// What reads it, and what tells where it ends.
    fn statements(&self) -> (&'static Statement, &'static Statement) {
        let undone =
            |state| matches!(state, TaskState::Answered(outcome) if outcome != Outcome::Done);
        let not_done = self.not_done || self.state.is_some_and(undone);
        match (self.object, not_done) {
            (Some(_), _) => (&NEWEST_OF_OBJECT, &END_OF_OBJECT),
            (None, true) => (&NEWEST_NOT_DONE, &END_NOT_DONE),
            (None, false) if self.is_by_deadline() => (&OPEN, &END_OPEN),
            (None, false) => (&NEWEST, &END),
        }
    }

    /// From where to where the list goes.
    fn bounds(&self) -> Bounds {
        let (behind, last) = match self.is_by_deadline() {
            true => ((earliest(), FIRST), latest()),
            // No guid is below that of zeros.
            false => ((self.to, FIRST), self.from),
        };
        Bounds { behind: self.behind.unwrap_or(behind), last, scan: self.scan }
    }

    /// The part of the list up to this moment, which is that of the last task of a full window, and the place behind
    /// which the next one begins. Of its last moment, a window may have some of the tasks and not others: they are of
    /// the next one. Where all are of one moment, that is read whole.
    fn up_to(&self, bounds: Bounds, at: Timestamp) -> (Bounds, TaskPlace) {
        let (step, before, behind) = match self.is_by_deadline() {
            true => (SignedDuration::from_micros(-1), FIRST, LAST),
            false => (SignedDuration::from_micros(1), LAST, FIRST),
        };
        match at == bounds.behind.0 {
            true => (Bounds { last: at, scan: i64::MAX, ..bounds }, (at, behind)),
            false => {
                let last = at.checked_add(step).unwrap_or(at);
                (Bounds { last, ..bounds }, (at, before))
            }
        }
    }
}

/// Before every guid, and behind every guid.
const FIRST: TaskGuid = TaskGuid(uuid::Uuid::nil());
const LAST: TaskGuid = TaskGuid(uuid::Uuid::max());

impl Store {
    /// The tasks of a window that its filter lets through, at most so many, and the place behind which the next window
    /// begins; no such place: the list ends in this one.
    pub async fn tasks_in(
        &self,
        window: &TaskWindow,
        most: i64,
    ) -> Result<(Vec<ListedTask>, Option<TaskPlace>), StoreError> {
        let (read_it, end) = window.statements();
        let bounds = window.bounds();
        let rows = self.db.run(end, vec![window.row(bounds, 0)]).await?;
        let ends_at = rows.into_iter().next().map(|mut row| row.get("at")).transpose()?;
        let (bounds, next) = match ends_at {
            Some(at) => {
                let (bounds, next) = window.up_to(bounds, at);
                (bounds, Some(next))
            }
            None => (bounds, None),
        };
        let rows = self.db.run(read_it, vec![window.row(bounds, most)]).await?;
        let found = rows.into_iter().map(|row| read(self.protocols, row));
        Ok((found.collect::<Result<_, _>>()?, next))
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
