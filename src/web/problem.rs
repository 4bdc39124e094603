//! What is wrong with a request, with the status that HTTP has for it; each protocol tells it in a form of its own.

use std::marker::PhantomData;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::database::error::chain;
use crate::domain::task::TaskGuid;
use crate::engine::app::App;
use crate::engine::batcher::{BatchError, LookUpError};
use crate::engine::limits::Exceeded;

/// After how many seconds to try again what this service could not do.
pub const UNAVAILABLE_S: u64 = 2;

/// How a protocol writes a problem.
pub trait Form {
    /// The response with this status that tells why.
    fn respond(status: StatusCode, message: String) -> Response;
}

/// In no form yet: what every protocol meets.
#[derive(Debug)]
pub struct Plain;

/// Why a request is refused before, or without, a task's answer.
#[derive(Debug)]
pub struct Problem<F = Plain> {
    /// The status; a protocol may have another one for the same.
    pub status: StatusCode,
    /// What the caller is told.
    pub message: String,
    /// After how many seconds to try again.
    pub retry_after_s: Option<u64>,
    guid: Option<TaskGuid>,
    form: PhantomData<F>,
}

impl<F> Problem<F> {
    /// A refusal with this status, and what the caller is told.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Problem<F> {
        Problem {
            status,
            message: message.into(),
            guid: None,
            retry_after_s: None,
            form: PhantomData,
        }
    }

    /// The request is wrong: 400.
    pub fn bad(message: impl Into<String>) -> Problem<F> {
        Problem::new(StatusCode::BAD_REQUEST, message)
    }

    /// A limit was reached, and is counted; nothing was accepted.
    pub fn limited(app: &App, exceeded: &Exceeded) -> Problem<F> {
        app.metrics.record_limited(exceeded.kind());
        Problem::exceeded(exceeded)
    }

    /// The same, when it is counted already.
    pub fn exceeded(exceeded: &Exceeded) -> Problem<F> {
        let retry_after_s = Some(exceeded.retry_after_s());
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, exceeded.to_string());
        Problem { retry_after_s, ..problem }
    }

    /// This service cannot do it safely now; nothing was accepted.
    pub fn unavailable(why: &str) -> Problem<F> {
        let message = format!("{why}; nothing was accepted, please try again");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, message)
    }

    /// The same, naming the task that it is about.
    pub fn with_guid(self, guid: TaskGuid) -> Problem<F> {
        Problem { guid: Some(guid), ..self }
    }

    /// As counted in metrics.
    pub fn result(&self) -> &'static str {
        result(self.status)
    }
}

/// A refusal with such a status, as counted in metrics.
pub fn result(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "AuthFailed",
        StatusCode::FORBIDDEN => "AccessDenied",
        StatusCode::TOO_MANY_REQUESTS => "LimitExceeded",
        status if status.is_server_error() => "InternalError",
        _ => "BadRequest",
    }
}

impl<F: Form> From<Problem> for Problem<F> {
    fn from(plain: Problem) -> Problem<F> {
        let Problem { status, message, retry_after_s, guid, form: _ } = plain;
        Problem { status, message, retry_after_s, guid, form: PhantomData }
    }
}

impl<F> From<LookUpError> for Problem<F> {
    fn from(error: LookUpError) -> Problem<F> {
        match &error {
            LookUpError::Store(store) => {
                tracing::warn!("a look-up failed: {}", chain(store));
                Problem::unavailable("the store cannot be reached at the moment")
            }
            LookUpError::Batch(batch) => batch.into(),
        }
    }
}

impl<F> From<&BatchError> for Problem<F> {
    fn from(error: &BatchError) -> Problem<F> {
        Problem::unavailable(&error.to_string())
    }
}

impl<F: Form> IntoResponse for Problem<F> {
    fn into_response(self) -> Response {
        let mut response = F::respond(self.status, self.message);
        let unavailable = self.status == StatusCode::SERVICE_UNAVAILABLE;
        if let Some(seconds) = self.retry_after_s.or(unavailable.then_some(UNAVAILABLE_S)) {
            with_retry_after(&mut response, seconds);
        }
        if let Some(guid) = self.guid {
            with_guid(&mut response, guid);
        }
        response
    }
}

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
