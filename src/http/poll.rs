//! `GetTaskResponse`: the stored answer unchanged, or why there is none yet.

use std::time::Duration;

use tokio::time::Instant;

use super::error::Refused;
use crate::app::App;
use crate::presence::caller_is_gone;
use crate::store::reference::Aggregator;
use crate::task::{Code, TaskGuid};

const SECONDS_A_DAY: i64 = 86_400;

/// Answers a poller, after waiting for up to `wait_s` seconds.
pub(super) async fn get_task_response(
    app: &App,
    caller: &Aggregator,
    guid: TaskGuid,
    wait_s: u64,
) -> Result<String, Refused> {
    let refused = |code, desc: String| Refused { guid: Some(guid), ..Refused::new(code, desc) };
    let until = Instant::now() + Duration::from_secs(wait_s);
    let found = tokio::select! {
        biased;
        found = app.answers.wait(guid, caller.id, until) => found?,
        // While this service ends, long polls end early; the client polls another replica.
        () = app.shutdown.no_new_requests.cancelled() => app.answers.find(guid).await?,
        // Nobody reads it.
        () = caller_is_gone() => None,
    };
    let Some(found) = found else { return Err(refused(Code::TaskNotFound, not_found(app, guid))) };
    // The code is all that tells this from an unknown guid: nothing of the task is given away.
    if found.aggregator != caller.id {
        return Err(refused(Code::AccessDenied, "you have no task with this guid".into()));
    }
    found.answer.ok_or_else(|| {
        let deadline = found.deadline.strftime("%Y-%m-%dT%H:%M:%S%.3fZ");
        let desc = format!("the task is not answered yet; it will be by its deadline {deadline}");
        refused(Code::TaskInProgress, desc)
    })
}

/// An answer that is kept no longer is another thing than a task that never was; the guid tells.
fn not_found(app: &App, guid: TaskGuid) -> String {
    let days = app.settings.store.retention_days;
    let forgotten = guid.created_at().is_some_and(|made| {
        made.as_second() < jiff::Timestamp::now().as_second() - days * SECONDS_A_DAY
    });
    match forgotten {
        true => format!("answers are kept for {days} days, and this guid is older than that"),
        false => "you have no task with this guid".into(),
    }
}
