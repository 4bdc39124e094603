//! Which tasks are asked for.

use jiff::Timestamp;

use crate::domain::task::{ObjectId, TaskGuid};
use crate::engine::store::Store;
use crate::engine::store::tasks::window::TaskWindow;
use crate::engine::store::tasks::{ListedTask, TaskState};
use crate::ops::problem::Problem;
use crate::ops::queries::page::{WINDOW, far, long_ago, read_cursor, read_moment};

/// Which tasks to list. All that is said must hold; `find` looks up exactly and goes with `caller` alone.
#[derive(Debug, Clone, Default)]
pub struct TaskQuery {
    /// Of this object.
    pub object: Option<ObjectId>,
    /// Of the caller with this name.
    pub caller: Option<String>,
    /// Of this type.
    pub task_type: Option<String>,
    /// In this state.
    pub state: Option<TaskState>,
    /// Refused with this code.
    pub code: Option<String>,
    /// Accepted at this moment or later.
    pub from: Option<Timestamp>,
    /// Accepted before this moment.
    pub to: Option<Timestamp>,
    /// One thing to look up.
    pub find: Option<Found>,
    /// How many on a page.
    pub limit: Option<i64>,
    /// Where the page begins.
    pub cursor: Option<String>,
}

/// What is looked up exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A task by its guid.
    Task(TaskGuid),
    /// The task that a caller named: its `Idempotency-Key`, or a `message_id`.
    Named(String),
    /// Tasks under this correlation id.
    Correlation(String),
}

impl TaskQuery {
    /// The filter as one text: a cursor is bound to it.
    pub fn filter_text(&self) -> String {
        format!(
            "tasks {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            self.object, self.caller, self.task_type, self.state, self.code, self.from, self.to
        )
    }

    /// The window that the page is read from.
    pub(super) async fn window(&self, store: &Store) -> Result<TaskWindow, Problem> {
        let aggregator = match &self.caller {
            Some(name) => {
                let all = store.aggregators().await?;
                let found = all.into_iter().find(|one| one.name == *name);
                let missing = || Problem::bad(format!("caller: there is no caller {name:?}"));
                Some(found.ok_or_else(missing)?.id)
            }
            None => None,
        };
        let behind = match (&self.cursor, self.to) {
            (Some(text), _) => {
                let [at, guid] = read_cursor(&self.filter_text(), text).map_err(Problem::bad)?;
                let at = read_moment(&at).map_err(Problem::bad)?;
                (at, guid.parse().map_err(Problem::bad)?)
            }
            // No guid is below that of zeros.
            (None, Some(to)) => (to, TaskGuid(uuid::Uuid::nil())),
            (None, None) => (far(), TaskGuid(uuid::Uuid::max())),
        };
        Ok(TaskWindow {
            object: self.object,
            aggregator,
            task_type: self.task_type.clone(),
            state: self.state,
            not_done: self.code.is_some(),
            from: self.from.unwrap_or_else(long_ago),
            behind,
            scan: WINDOW,
        })
    }
}

/// What is looked up exactly; `None`: nothing is.
pub(super) async fn look_up(
    store: &Store,
    query: &TaskQuery,
) -> Result<Option<Vec<ListedTask>>, Problem> {
    let guids = match &query.find {
        None => return Ok(None),
        Some(Found::Task(guid)) => vec![*guid],
        Some(Found::Named(name)) => {
            let callers = store.aggregators().await?;
            let wanted = |name: &str| query.caller.as_deref().is_none_or(|of| of == name);
            let callers = callers.iter().filter(|caller| wanted(&caller.name));
            callers.map(|caller| TaskGuid::named(caller.salt, name)).collect()
        }
        Some(Found::Correlation(id)) => store.correlated(id).await?,
    };
    let mut found = store.listed(&guids).await?;
    if let Some(caller) = &query.caller {
        found.retain(|task| task.aggregator.as_ref() == Some(caller));
    }
    Ok(Some(found))
}
