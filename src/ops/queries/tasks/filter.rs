//! Which tasks are asked for.

use jiff::Timestamp;

use crate::database::{Statement, Type, row};
use crate::domain::task::{ObjectId, TaskGuid};
use crate::engine::store::Store;
use crate::engine::store::tasks::window::TaskWindow;
use crate::engine::store::tasks::{ListedTask, TaskState};
use crate::ops::problem::Problem;
use crate::ops::queries::amount::AmountRange;
use crate::ops::queries::page::{
    self, MOST, READ_WINDOW, WINDOW, far, long_ago, read_cursor, read_moment,
};
use crate::ops::queries::records::{self, Record, RecordQuery};
use crate::surface::ProtocolList;
use crate::surface::shown::{Class, Find};

static CALLER: Statement = Statement::read(
    &[("name", Type::Text)],
    "SELECT a.aggregator_id FROM batch b {one aggregators a: name}",
);

/// Which tasks to list. All that is said must hold, of what is looked up exactly (`find`) as well; that comes on one
/// page, so it goes with neither `limit` nor `cursor`.
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
    /// About an amount of these.
    pub amount: Option<AmountRange>,
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
        let TaskQuery { object, caller, task_type, state, code, amount, from, to, .. } = self;
        format!(
            "tasks {object:?} {caller:?} {task_type:?} {state:?} {code:?} {amount:?} {from:?} {to:?}"
        )
    }

    /// Whether what is asked for is in no column: each task is read.
    pub(super) fn is_read(&self) -> bool {
        self.code.is_some() || self.amount.is_some()
    }

    /// Whether no more than an index is asked.
    fn passes_all(&self) -> bool {
        let by_state = match self.state {
            None => true,
            // The index of open tasks has no others; but it has them by their deadlines.
            Some(TaskState::Open) => {
                self.object.is_none() && self.from.is_none() && self.to.is_none()
            }
            Some(_) => false,
        };
        by_state && self.caller.is_none() && self.task_type.is_none() && !self.is_read()
    }

    /// The window that the page is read from.
    pub(super) async fn window(&self, store: &Store, most: i64) -> Result<TaskWindow, Problem> {
        let aggregator = match &self.caller {
            Some(name) => {
                let found = store.db().run(&CALLER, vec![row![&**name]]).await?.into_iter().next();
                let missing = || Problem::bad(format!("caller: there is no caller {name:?}"));
                Some(found.ok_or_else(missing)?.get("aggregator_id")?)
            }
            None => None,
        };
        let place = |text: &String| -> Result<_, String> {
            let [at, guid] = read_cursor(&self.filter_text(), text)?;
            let guid = guid.parse().map_err(|_| "it cannot be read".to_owned())?;
            Ok((read_moment(&at)?, guid))
        };
        let behind = self.cursor.as_ref().map(place).transpose();
        Ok(TaskWindow {
            object: self.object,
            aggregator,
            task_type: self.task_type.clone(),
            state: self.state,
            not_done: self.code.is_some(),
            from: self.from.unwrap_or_else(long_ago),
            to: self.to.unwrap_or_else(far),
            behind: behind.map_err(page::wrong)?,
            mentions: None,
            scan: match self.is_read() {
                true => READ_WINDOW,
                // Where all pass, no more than are shown, and one that says that there are more.
                false if self.passes_all() => most + 1,
                false => WINDOW,
            },
        })
    }

    /// Whether a task passes all that stands in its row.
    fn passes(&self, task: &ListedTask) -> bool {
        self.object.is_none_or(|object| task.key.object == object)
            && self.caller.as_ref().is_none_or(|name| task.aggregator.as_ref() == Some(name))
            && self.task_type.as_ref().is_none_or(|of| task.task_type == *of)
            && self.state.is_none_or(|state| task.state == state)
            && self.from.is_none_or(|from| task.registered_at >= from)
            && self.to.is_none_or(|to| task.registered_at < to)
    }
}

/// What is looked up exactly; `None`: nothing is.
pub(super) async fn look_up(
    store: &Store,
    list: &'static ProtocolList,
    query: &TaskQuery,
) -> Result<Option<Vec<ListedTask>>, Problem> {
    let Some(find) = &query.find else { return Ok(None) };
    for (name, said) in [("limit", query.limit.is_some()), ("cursor", query.cursor.is_some())] {
        if said {
            return Err(Problem::bad(format!(
                "{name}: what is looked up exactly comes on one page, whole"
            )));
        }
    }
    let guids = match find {
        Found::Task(guid) => vec![*guid],
        Found::Named(name) => {
            let callers = store.aggregators().await?;
            let wanted = |name: &str| query.caller.as_deref().is_none_or(|of| of == name);
            let callers = callers.iter().filter(|caller| wanted(&caller.name));
            callers.map(|caller| TaskGuid::named(caller.salt, name)).collect()
        }
        Found::Correlation(id) => store.correlated(id).await?,
        Found::Order(id) => about_order(store, list, query, Find::Id, id).await?,
        Found::Original(id) => about_order(store, list, query, Find::Original, id).await?,
    };
    let mut found = store.listed(&guids).await?;
    found.retain(|task| query.passes(task));
    Ok(Some(found))
}

/// The tasks about an order: those that paid it, however old, and those of its object whose request names it, the newest
/// of a window. Of an order that no protocol has: the newest tasks that were not done and name it.
async fn about_order(
    store: &Store,
    list: &'static ProtocolList,
    query: &TaskQuery,
    by: Find,
    id: &str,
) -> Result<Vec<TaskGuid>, Problem> {
    let find = Some((by, id.to_owned()));
    let asked = RecordQuery { object: query.object, find, ..RecordQuery::default() };
    let orders = records::records(store, list, Class::Order, &asked).await?.items;
    let mut guids = Vec::new();
    for order in &orders {
        let payments = records::payments_of(store, list, order).await?;
        guids.extend(payments.iter().flat_map(Record::guids));
        guids.extend(order.guids());
        let mentions = [Some(order.id.clone()), order.original()];
        for text in mentions.into_iter().flatten() {
            let object = order.object_id.map(ObjectId);
            guids.extend(mentioning(store, query, object, text).await?);
        }
    }
    if orders.is_empty() {
        guids.extend(mentioning(store, query, query.object, id.to_owned()).await?);
    }
    Ok(guids)
}

/// The newest tasks whose request has this text, of a window: an object's, or of what was not done. What else they must be
/// is for whoever asks.
async fn mentioning(
    store: &Store,
    query: &TaskQuery,
    object: Option<ObjectId>,
    text: String,
) -> Result<Vec<TaskGuid>, Problem> {
    let (from, to) = (query.from, query.to);
    let plain = TaskQuery { object, from, to, ..TaskQuery::default() };
    let window = plain.window(store, MOST).await?;
    let not_done = object.is_none();
    let window = TaskWindow { mentions: Some(text), not_done, scan: WINDOW, ..window };
    let (found, _) = store.tasks_in(&window, MOST).await?;
    Ok(found.into_iter().map(|task| task.key.guid).collect())
}

/// What is looked up exactly, by one of these at most: a guid, a name of its caller's, a correlation id, the id of an
/// order, what its client calls an order.
pub fn find(
    guid: Option<TaskGuid>,
    [named, correlation, order, original]: [Option<String>; 4],
) -> Result<Option<Found>, Problem> {
    let all = [
        guid.map(Found::Task),
        named.map(Found::Named),
        correlation.map(Found::Correlation),
        order.map(Found::Order),
        original.map(Found::Original),
    ];
    let mut found = all.into_iter().flatten();
    match (found.next(), found.next()) {
        (one, None) => Ok(one),
        (_, Some(_)) => Err(Problem::bad(
            "of taskGuid, idempotencyKey, correlationId, orderGuid and originalOrderId one can be looked up at once",
        )),
    }
}
