//! Tasks: which, and what happened to each.

mod amounts;
mod filter;
pub mod one;
mod timeline;

use jiff::Timestamp;
use serde::Serialize;

pub use self::filter::{Found, TaskQuery, find};
pub use self::one::{TaskDetail, task, task_as_it_is};
pub use self::timeline::{Step, steps};
use super::page::{self, MOST, Page};
use crate::domain::task::{ObjectId, TaskGuid};
use crate::engine::store::Store;
use crate::engine::store::tasks::ListedTask;
use crate::ops::problem::{Problem, not_found};
use crate::surface::ProtocolList;

/// A task of a list.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaskSummary {
    /// The task.
    #[schemars(with = "String")]
    pub task_guid: TaskGuid,
    /// The kind of it, as named on the wire.
    pub task_type: String,
    /// The object.
    #[schemars(with = "i64")]
    pub object_id: ObjectId,
    /// The name of who asked; `None` should there be no such caller any more.
    pub caller: Option<String>,
    /// When it was accepted.
    pub registered_at: Timestamp,
    /// Before which it is not carried out.
    pub not_before: Option<Timestamp>,
    /// By when it is answered.
    pub deadline: Timestamp,
    /// How it stands.
    pub state: &'static str,
    /// Why it was not done: the protocol's word for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The sentence that its caller is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl From<ListedTask> for TaskSummary {
    fn from(task: ListedTask) -> TaskSummary {
        let (code, message) = task.refusal.map(|told| (told.code, told.message)).unzip();
        TaskSummary {
            code,
            message,
            task_guid: task.key.guid,
            task_type: task.task_type,
            object_id: task.key.object,
            caller: task.aggregator,
            registered_at: task.registered_at,
            not_before: task.not_before,
            deadline: task.deadline,
            state: task.state.as_str(),
        }
    }
}

/// One task, as a list has it; 404 when there is none.
pub async fn summary(store: &Store, guid: TaskGuid) -> Result<ListedTask, Problem> {
    let found = store.listed(&[guid]).await?.into_iter().next();
    found.ok_or_else(|| {
        not_found(format!(
            "there is no task {guid}: none was accepted, or its answer is kept no longer (store.retention_days)"
        ))
    })
}

/// A page of tasks, newest first; of open tasks of all objects, those with the earliest deadlines first. What is looked
/// up exactly ([`TaskQuery::find`]) comes on one page.
pub async fn tasks(
    store: &Store,
    list: &'static ProtocolList,
    query: &TaskQuery,
) -> Result<Page<TaskSummary>, Problem> {
    let most = query.limit.unwrap_or(page::USUAL).clamp(1, MOST);
    if let Some(found) = filter::look_up(store, list, query).await? {
        let found = found.into_iter().map(TaskSummary::from).collect();
        return Ok(Page::last(passing(store, list, query, found).await?));
    }
    let window = query.window(store, most).await?;
    let by_deadline = window.is_by_deadline();
    // What stands in an answer or in a protocol's books is read by the protocol: all else passes by.
    let taken = if query.is_read() { window.scan } else { most };
    let (read, behind) = store.tasks_in(&window, taken).await?;
    let all = read.len() < usize::try_from(taken).unwrap_or(usize::MAX);
    let place = |task: &TaskSummary| {
        (if by_deadline { task.deadline } else { task.registered_at }, task.task_guid)
    };
    let items: Vec<TaskSummary> = read.into_iter().map(TaskSummary::from).collect();
    let read_to = items.last().map(place);
    let mut items = passing(store, list, query, items).await?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let cut = items.len() > most;
    items.truncate(most);
    let end = match (cut, all) {
        (true, _) => items.last().map(place),
        // Fewer than were asked for: the window was looked through to its end.
        (false, true) => behind,
        (false, false) => read_to,
    };
    let next = end.map(|(at, guid)| {
        page::cursor(&query.filter_text(), &[page::moment(at), guid.to_string()])
    });
    Ok(Page { items, next })
}

/// Those with the code and the amount that are asked for.
async fn passing(
    store: &Store,
    list: &'static ProtocolList,
    query: &TaskQuery,
    mut tasks: Vec<TaskSummary>,
) -> Result<Vec<TaskSummary>, Problem> {
    if let Some(code) = &query.code {
        tasks.retain(|task| task.code.as_deref() == Some(code));
    }
    if let Some(range) = query.amount {
        let amounts = amounts::of(store, list, &tasks).await?;
        let has = |task: &TaskSummary| {
            amounts.get(&task.task_guid).is_some_and(|all| all.iter().any(|one| range.has(*one)))
        };
        tasks.retain(has);
    }
    Ok(tasks)
}
