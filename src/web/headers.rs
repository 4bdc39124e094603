//! Headers that answers of all protocols have.

use axum::http::header;
use axum::response::Response;

use crate::domain::task::TaskGuid;

/// The header with the task's guid.
pub const TASK_GUID: &str = "x-task-guid";

/// Names the task that a response is the answer of.
pub fn with_guid(response: &mut Response, guid: TaskGuid) {
    // A guid is plain text.
    if let Ok(value) = guid.to_string().parse() {
        response.headers_mut().insert(TASK_GUID, value);
    }
}

/// Says after how many seconds to come again.
pub fn with_retry_after(response: &mut Response, seconds: u64) {
    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
}
