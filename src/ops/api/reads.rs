//! What operators look at.

use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use serde_json::json;

use super::params::Params;
use super::{Shared, ok, places};
use crate::domain::task::TaskGuid;
use crate::ops::access::Operator;
use crate::ops::journal::{self, JournalQuery};
use crate::ops::problem::Problem;
use crate::ops::queries::page::MOST;
use crate::ops::queries::tasks::{self, TaskQuery};

/// Who asks.
pub(super) async fn me(operator: Operator, uri: Uri) -> Result<Response, Problem> {
    Params::read(&places::NOTHING, &uri)?;
    ok(&json!({"name": operator.name, "role": operator.role}))
}

/// A page of tasks.
pub(super) async fn tasks(
    _operator: Operator,
    State(state): State<Shared>,
    uri: Uri,
) -> Result<Response, Problem> {
    let params = Params::read(&places::TASKS, &uri)?;
    let query = TaskQuery {
        object: params.get("object")?,
        caller: params.word("caller")?,
        task_type: params.word("type")?,
        state: params.get("state")?,
        code: params.word("code")?,
        amount: params.amounts()?,
        from: params.moment("from")?,
        to: params.moment("to")?,
        find: tasks::find(
            params.get("taskGuid")?,
            [
                params.word("idempotencyKey")?,
                params.word("correlationId")?,
                params.word("orderGuid")?,
                params.word("originalOrderId")?,
            ],
        )?,
        limit: params.number("limit", 1, MOST)?,
        cursor: params.word("cursor")?,
    };
    ok(&tasks::tasks(state.store(), state.list, &query).await?)
}

/// One task.
pub(super) async fn task(
    _operator: Operator,
    State(state): State<Shared>,
    Path(guid): Path<String>,
    uri: Uri,
) -> Result<Response, Problem> {
    Params::read(&places::NOTHING, &uri)?;
    let guid: TaskGuid = guid.parse().map_err(Problem::bad)?;
    ok(&tasks::task(&state, guid).await?)
}

/// A page of the journal.
pub(super) async fn journal(
    _operator: Operator,
    State(state): State<Shared>,
    uri: Uri,
) -> Result<Response, Problem> {
    let params = Params::read(&places::JOURNAL, &uri)?;
    let query = JournalQuery {
        who: params.word("who")?,
        action: params.word("action")?,
        subject: params.word("subject")?,
        from: params.moment("from")?,
        to: params.moment("to")?,
        limit: params.number("limit", 1, MOST)?,
        cursor: params.word("cursor")?,
    };
    ok(&journal::entries(state.store(), &query).await?)
}
