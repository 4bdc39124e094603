//! One task, with all that the store knows of its way.

use jiff::Timestamp;
use serde::Serialize;

use super::{Step, TaskSummary, steps};
use crate::domain::task::TaskGuid;
use crate::engine::store::Store;
use crate::engine::store::dead_letters::LetterFilter;
use crate::engine::store::tasks::story::Story;
use crate::ops::problem::{Problem, not_found};

/// The most dead letters of one task that are shown.
const MOST_LETTERS: i64 = 100;

/// A task and its way.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskDetail {
    /// The task.
    #[serde(flatten)]
    pub task: TaskSummary,
    /// Whether its caller chose the guid: an `Idempotency-Key`, a `message_id`.
    pub named: bool,
    /// Whether its caller waited for the answer in the request that submitted it.
    pub sync: bool,
    /// Where a task that came over RabbitMQ wanted its answer.
    pub reply_to: Option<String>,
    /// Under which correlation id.
    pub correlation_id: Option<String>,
    /// How often it was handed to the queue.
    pub published: i64,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// What happened, in its order.
    pub timeline: Vec<Step>,
}

/// A task and its way; 404 when the store has none with this guid.
pub async fn task(store: &Store, guid: TaskGuid) -> Result<TaskDetail, Problem> {
    let Some(story) = store.story(guid).await? else {
        return Err(not_found(format!(
            "there is no task {guid}: none was accepted, or its answer is kept no longer (store.retention_days)"
        )));
    };
    let filter = LetterFilter { guid: Some(guid), most: MOST_LETTERS, ..LetterFilter::default() };
    let letters = store.dead_letters(&filter).await?;
    let timeline = steps(&story, &letters);
    let Story { task, named, sync, reply_to, correlation_id, published, answered_at, .. } = story;
    Ok(TaskDetail {
        task: task.into(),
        named,
        sync,
        reply_to,
        correlation_id,
        published,
        answered_at,
        timeline,
    })
}
