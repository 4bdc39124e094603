//! `GetTaskResponse`: the stored answer unchanged, or why there is none yet.

use std::time::Duration;

use tokio::time::Instant;

use super::auth;
use super::error::Problem;
use crate::domain::task::TaskGuid;
use crate::engine::app::App;
use crate::engine::callers::Caller;
use crate::engine::store::Found;
use crate::engine::store::answers::Expired;
use crate::engine::store::reference::Aggregator;
use crate::protocols::whiteserver::WhiteServer;
use crate::protocols::whiteserver::reply::Code;
use crate::protocols::whiteserver::wire::answer::PAUSED;
use crate::web::presence::caller_is_gone;

/// Answers a poller, after waiting for up to `wait_s` seconds.
pub(super) async fn get_task_response(
    app: &App,
    caller: &Caller,
    guid: TaskGuid,
    wait_s: u64,
) -> Result<String, Problem> {
    let refused = |code, desc: String| Problem { guid: Some(guid), ..Problem::new(code, desc) };
    let found = find(app, caller, guid, wait_s).await?;
    let caller = &caller.aggregator;
    let Some(found) = found else {
        let (code, desc) = missing(app, caller, guid).await?;
        return Err(refused(code, desc));
    };
    // The code is all that tells this from an unknown guid: nothing of the task is given away.
    if found.aggregator != caller.id {
        return Err(refused(Code::AccessDenied, "you have no task with this guid".into()));
    }
    found.answer.ok_or_else(|| {
        let deadline = found.deadline.strftime("%Y-%m-%dT%H:%M:%S%.3fZ");
        let (paused, waits) = match app.pauses.is_paused(found.key.object) {
            true => (PAUSED, ", and its tasks wait"),
            false => ("", ""),
        };
        let desc = format!(
            "the task is not answered yet; it will be by its deadline {deadline}{paused}{waits}"
        );
        refused(Code::TaskInProgress, desc)
    })
}

/// The task, of a caller who has proven that it has its token: a poll that does not wait is one statement.
async fn find(
    app: &App,
    caller: &Caller,
    guid: TaskGuid,
    wait_s: u64,
) -> Result<Option<Found>, Problem> {
    let id = caller.aggregator.id;
    if let (Some(token), 0) = (caller.unproven, wait_s)
        && let Some(polled) = app.answers.find_as((id, token, guid)).await?
    {
        app.callers.note_rate::<WhiteServer>(token, polled.requests_per_s);
        return Ok(polled.task);
    }
    auth::prove(app, caller).await?;
    let until = Instant::now() + Duration::from_secs(wait_s);
    tokio::select! {
        biased;
        found = app.answers.wait(guid, id, until) => Ok(found?),
        // While this service ends, long polls end early; the client polls another replica.
        () = app.shutdown.no_new_requests.cancelled() => Ok(app.answers.find(guid).await?),
        // Nobody reads it.
        () = caller_is_gone() => Err(Problem::unavailable("the caller is gone")),
    }
}

/// Why there is no task. An answer that is kept no longer is another thing than a task that never was; of a name
/// that a caller chose only that caller is told which of the two it is.
async fn missing(
    app: &App,
    caller: &Aggregator,
    guid: TaskGuid,
) -> Result<(Code, String), Problem> {
    let days = app.settings.store.retention_days;
    let expired = app.store.expired(guid).await.map_err(|error| {
        tracing::debug!(%error, "a look-up failed");
        Problem::unavailable("the task could not be looked up")
    })?;
    Ok(match expired {
        Some(Expired::Named(Some(owner), outcome)) if owner == caller.id => {
            let outcome = outcome.map_or("unknown", |outcome| outcome.as_str());
            let desc = format!(
                "the task was accepted and had its answer (outcome: {outcome}), but answers are kept for \
                 {days} days"
            );
            (Code::TaskExpired, desc)
        }
        // Nobody knows any more whose it was.
        Some(Expired::Drawn | Expired::Named(None, _)) => {
            let desc =
                format!("answers are kept for {days} days, and this guid is older than that");
            (Code::TaskNotFound, desc)
        }
        _ => (Code::TaskNotFound, "you have no task with this guid".into()),
    })
}
