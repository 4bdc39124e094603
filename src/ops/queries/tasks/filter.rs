//! Which tasks are asked for.

use jiff::Timestamp;

use crate::domain::task::{ObjectId, TaskGuid};
use crate::engine::store::Store;
use crate::engine::store::tasks::window::TaskWindow;
use crate::engine::store::tasks::{ListedTask, TaskState};
use crate::ops::problem::Problem;
use crate::ops::queries::page::{
    CODE_WINDOW, MOST, OPEN_WINDOW, WINDOW, far, long_ago, read_cursor, read_moment,
};
use crate::ops::queries::records::{self, Record, RecordQuery};
use crate::ops::state::OpsState;
use crate::surface::shown::{Class, Find};

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
    /// Tasks about the order with this id.
    Order(String),
    /// Tasks about the order that its client calls so.
    Original(String),
}

impl TaskQuery {
    /// The filter as one text: a cursor is bound to it.
    pub fn filter_text(&self) -> String {
        format!(
            "tasks {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            self.object, self.caller, self.task_type, self.state, self.code, self.from, self.to
        )
    }

    /// Whether no more than an index is asked.
    fn passes_all(&self) -> bool {
        self.caller.is_none() && self.task_type.is_none() && self.code.is_none()
    }

    /// The window that the page is read from.
    pub(super) async fn window(&self, store: &Store, most: i64) -> Result<TaskWindow, Problem> {
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
            mentions: None,
            scan: match (self.object, self.state) {
                (None, Some(TaskState::Open)) => OPEN_WINDOW,
                _ if self.code.is_some() => CODE_WINDOW,
                // Where all pass, no more than are shown, and one that says that there are more.
                (_, None) if self.passes_all() => most + 1,
                _ => WINDOW,
            },
        })
    }
}

/// What is looked up exactly; `None`: nothing is.
pub(super) async fn look_up(
    state: &OpsState,
    query: &TaskQuery,
) -> Result<Option<Vec<ListedTask>>, Problem> {
    let store = state.store();
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
        Some(Found::Order(id)) => about_order(state, query, Find::Id, id).await?,
        Some(Found::Original(id)) => about_order(state, query, Find::Original, id).await?,
    };
    let mut found = store.listed(&guids).await?;
    if let Some(caller) = &query.caller {
        found.retain(|task| task.aggregator.as_ref() == Some(caller));
    }
    Ok(Some(found))
}

/// The tasks about an order: those that paid it, however old, and those of its object whose request names it, the newest
/// of a window. Of an order that no protocol has: the newest tasks that were not done and name it.
async fn about_order(
    state: &OpsState,
    query: &TaskQuery,
    by: Find,
    id: &str,
) -> Result<Vec<TaskGuid>, Problem> {
    let find = Some((by, id.to_owned()));
    let asked = RecordQuery { object: query.object, find, ..RecordQuery::default() };
    let orders = records::records(state.store(), state.list, Class::Order, &asked).await?.items;
    let mut guids = Vec::new();
    for order in &orders {
        guids.extend(paid(state, order).await?);
        guids.extend(order.guids());
        let mentions = [Some(order.id.clone()), order.original()];
        for text in mentions.into_iter().flatten() {
            let object = order.object_id.map(ObjectId);
            guids.extend(mentioning(state.store(), query, object, text).await?);
        }
    }
    if orders.is_empty() {
        guids.extend(mentioning(state.store(), query, query.object, id.to_owned()).await?);
    }
    Ok(guids)
}

/// The tasks of an order's payments.
async fn paid(state: &OpsState, order: &Record) -> Result<Vec<TaskGuid>, Problem> {
    let payments = records::payments_of(state.store(), state.list, order).await?;
    Ok(payments.iter().flat_map(Record::guids).collect())
}

/// The newest tasks whose request has this text, of a window: an object's, or of what was not done.
async fn mentioning(
    store: &Store,
    query: &TaskQuery,
    object: Option<ObjectId>,
    text: String,
) -> Result<Vec<TaskGuid>, Problem> {
    let plain = TaskQuery { object, find: None, cursor: None, ..query.clone() };
    let window = plain.window(store, MOST).await?;
    let not_done = object.is_none();
    let window = TaskWindow { mentions: Some(text), not_done, scan: WINDOW, ..window };
    let (found, _) = store.tasks_in(&window, MOST).await?;
    Ok(found.into_iter().map(|task| task.key.guid).collect())
}
