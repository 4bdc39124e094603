//! A write of a protocol over plain HTTP: accepted as a task, and answered as the task left it.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use tokio::time::{Instant, sleep};

use super::prefer::Preferences;
use super::problem::Problem;
use crate::domain::task::{Accepted, NewTask, Outcome, TaskGuid};
use crate::engine::app::App;
use crate::engine::batcher::BatchError;
use crate::engine::intake::IntakeError;
use crate::engine::protocol::stored::Stored;
use crate::engine::store::Registration;
use crate::engine::store::reference::Aggregator;
use crate::web::presence::caller_is_gone;

/// While this service ends, a synchronous caller waits at most this much longer.
const LAST_WAIT: Duration = Duration::from_secs(2);
/// How soon a synchronous caller asks again at its deadline, while the last worker still holds the task.
const ASK_AGAIN: Duration = Duration::from_millis(20);

/// What became of a write.
pub enum Written {
    /// It has its answer.
    Answered {
        /// The status.
        status: StatusCode,
        /// The body, as it was written.
        body: String,
    },
    /// It is accepted, and its caller does not wait.
    Promised(Accepted),
}

/// Why it did not come to an answer.
pub enum NotWritten {
    /// It was not accepted.
    Refused(Problem),
    /// Its key came with another request before.
    Different,
    /// Its key was used before, by a task that is kept no longer: it was not accepted.
    Used(Option<Outcome>),
    /// Another task about the same subject is still open: it was not accepted.
    Busy,
    /// It may be accepted or not.
    Unknown,
    /// It was accepted, but cannot be waited for here.
    NotWaitedFor,
}

/// Accepts a task, and waits for its answer unless the caller prefers not to.
pub async fn write(
    app: &App,
    caller: &Aggregator,
    task: NewTask,
    preferences: Preferences,
) -> Result<Written, NotWritten> {
    let (key, task_type) = (task.key, task.task_type);
    let registration = app.intake.accept(task).await.map_err(|error| lost(app, error))?;
    let accepted = match registration {
        Registration::Accepted(accepted) | Registration::Repeated(accepted) => accepted,
        Registration::Different => return Err(NotWritten::Different),
        Registration::Used(outcome) => return Err(NotWritten::Used(outcome)),
        Registration::Busy => return Err(NotWritten::Busy),
        Registration::NoLicence
        | Registration::GuidTaken
        | Registration::TooFar
        | Registration::Denied => {
            let why = "the task could not be given a guid";
            return Err(NotWritten::Refused(Problem::unavailable(why)));
        }
    };
    let (guid, object) = (key.guid, key.object);
    tracing::debug!(task.guid = %guid, object.id = %object, task_type, "accepted task {guid}");
    if preferences.respond_async {
        return Ok(Written::Promised(accepted));
    }
    let text = wait(app, caller, guid, accepted).await.ok_or(NotWritten::NotWaitedFor)?;
    let stored = Stored::read(&text).ok_or(NotWritten::NotWaitedFor)?;
    let status = StatusCode::from_u16(stored.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Ok(Written::Answered { status, body: stored.body.to_owned() })
}

fn lost(app: &App, error: IntakeError) -> NotWritten {
    match &error {
        IntakeError::Full(exceeded) => NotWritten::Refused(Problem::limited(app, exceeded)),
        IntakeError::Batch(full @ BatchError::Full) => NotWritten::Refused(full.into()),
        IntakeError::Store(_) | IntakeError::Batch(BatchError::Failed) => NotWritten::Unknown,
    }
}

/// Waits until the task is answered: at its deadline at the latest, when looking it up answers it. Nothing comes
/// back when it cannot be waited for here any longer.
pub async fn wait(
    app: &App,
    caller: &Aggregator,
    guid: TaskGuid,
    accepted: Accepted,
) -> Option<String> {
    let remaining = Duration::from_micros(accepted.remaining_us.unsigned_abs());
    let deadline = Instant::now() + remaining;
    let answer = async {
        loop {
            match app.answers.wait(guid, caller.id, deadline).await {
                Ok(Some(found)) if found.answer.is_some() => break found.answer,
                // The worker that holds the task decides, a moment after the deadline.
                Ok(Some(_)) => sleep(ASK_AGAIN).await,
                Ok(None) => break None,
                Err(error) => {
                    // The task is kept; only its outcome cannot be read now.
                    if Instant::now() > deadline + LAST_WAIT {
                        tracing::warn!(%error, task.guid = %guid, "task {guid}: {error}");
                        break None;
                    }
                    sleep(Duration::from_millis(250)).await;
                }
            }
        }
    };
    let ending = async {
        app.shutdown.no_new_requests.cancelled().await;
        sleep(LAST_WAIT).await;
    };
    tokio::select! {
        biased;
        answer = answer => answer,
        () = ending => None,
        () = caller_is_gone() => None,
    }
}

/// After how many seconds a caller that does not wait looks for its answer; later while the object is paused.
pub fn look_again_s(paused: bool) -> u64 {
    if paused { 5 } else { 1 }
}

/// Tells which preferences were honoured.
pub fn with_preferences(response: &mut Response, preferences: Preferences) {
    if let Some(Ok(applied)) = preferences.applied().map(|text| HeaderValue::from_str(&text)) {
        response.headers_mut().insert("preference-applied", applied);
    }
}
