//! A write of a protocol over plain HTTP: accepted as a task, and answered as the task left it.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use super::error::Refused;
use super::prefer::Preferences;
use super::submit;
use crate::app::App;
use crate::batcher::BatchError;
use crate::intake::IntakeError;
use crate::protocol::stored::Stored;
use crate::store::Registration;
use crate::store::reference::Aggregator;
use crate::task::{Accepted, NewTask, Outcome, TaskGuid};

/// The header with the task's guid.
pub(crate) const TASK_GUID: &str = "x-task-guid";

/// What became of a write.
pub(crate) enum Written {
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
pub(crate) enum NotWritten {
    /// It was not accepted.
    Refused(Refused),
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
pub(crate) async fn write(
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
        Registration::NoLicence | Registration::GuidTaken | Registration::Denied => {
            let why = "the task could not be given a guid";
            return Err(NotWritten::Refused(Refused::unavailable(why)));
        }
    };
    let (guid, object) = (key.guid, key.object);
    tracing::debug!(task.guid = %guid, object.id = %object, task_type, "accepted task {guid}");
    if preferences.respond_async {
        return Ok(Written::Promised(accepted));
    }
    let not_waited_for = |_| NotWritten::NotWaitedFor;
    let text = submit::wait(app, caller, guid, accepted).await.map_err(not_waited_for)?;
    let stored: Stored<'_> = serde_json::from_str(&text).map_err(|_| NotWritten::NotWaitedFor)?;
    let status = StatusCode::from_u16(stored.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Ok(Written::Answered { status, body: stored.body.get().to_owned() })
}

fn lost(app: &App, error: IntakeError) -> NotWritten {
    match &error {
        IntakeError::Full(exceeded) => NotWritten::Refused(Refused::limited(app, exceeded)),
        IntakeError::Batch(BatchError::Full) => NotWritten::Refused(error.into()),
        IntakeError::Store(_) | IntakeError::Batch(BatchError::GivenUp) => NotWritten::Unknown,
    }
}

/// Names the task that a response is the answer of.
pub(crate) fn with_guid(response: &mut Response, guid: TaskGuid) {
    // A guid is plain text.
    if let Ok(value) = guid.to_string().parse() {
        response.headers_mut().insert(TASK_GUID, value);
    }
}

/// Tells which preferences were honoured.
pub(crate) fn with_preferences(response: &mut Response, preferences: Preferences) {
    if let Some(Ok(applied)) = preferences.applied().map(|text| HeaderValue::from_str(&text)) {
        response.headers_mut().insert("preference-applied", applied);
    }
}

/// Says after how many seconds to come again.
pub(crate) fn with_retry_after(response: &mut Response, seconds: u64) {
    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
}
