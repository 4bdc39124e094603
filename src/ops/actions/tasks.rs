//! Cancelling an open task (operators), and revealing what is personal in one (finance). A task that has its answer is
//! never carried out again.

use super::Acting;
use crate::domain::task::{Outcome, TaskGuid};
use crate::engine::store::journal;
use crate::ops::access::Role;
use crate::ops::problem::{Problem, conflict};
use crate::ops::queries::tasks::{self, TaskDetail};

/// The role that cancelling needs.
pub const CANCEL: Role = Role::Operator;
/// The role that revealing needs.
pub const REVEAL: Role = Role::Finance;

/// Cancels an open task: it is not carried out, and never will be. Its caller is told so as its protocol says it. Gives
/// how it is answered: `timeout` where its deadline was over. 409 when it has its answer already.
pub async fn cancel(acting: &Acting<'_>, guid: TaskGuid) -> Result<Outcome, Problem> {
    let task = tasks::summary(acting.state.store(), guid).await?;
    let act = acting.act(journal::CANCEL, "task", guid);
    let act = super::changing(act, Some(serde_json::json!({"state": task.state.as_str()})), None);
    let withdrawn = acting.state.store().withdraw(task.key, &acting.actor, act).await?;
    let Some((outcome, announcement)) = withdrawn else {
        return Err(conflict(format!(
            "the task {guid} has its answer: it stays as it is; nothing was changed"
        )));
    };
    acting.state.app.metrics.record_answer(outcome, None);
    acting.state.app.queue.announce(announcement).await;
    Ok(outcome)
}

/// A task with what is personal in it and in what its protocol keeps of it; the journal says who has seen it, before it is shown.
pub async fn reveal(acting: &Acting<'_>, guid: TaskGuid) -> Result<TaskDetail, Problem> {
    tasks::summary(acting.state.store(), guid).await?;
    super::reveal(acting, "task", guid).await?;
    tasks::task_as_it_is(acting.state, guid).await
}
