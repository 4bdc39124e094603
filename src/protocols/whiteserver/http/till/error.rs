//! Refusals at the till door: `{"error": {"code", "field"?, "message"}}`.

use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use crate::database::StoreError;
use crate::database::error::chain;
use crate::domain::money::shown;
use crate::domain::task::TaskGuid;
use crate::engine::app::App;
use crate::engine::batcher::{BatchError, LookUpError};
use crate::engine::intake::IntakeError;
use crate::engine::limits::Exceeded;
use crate::protocols::whiteserver::reply::{Code, Refusal};
use crate::protocols::whiteserver::wire::till;

use crate::web::json;
use crate::web::problem::{self, Problem as Plain, UNAVAILABLE_S, with_guid, with_retry_after};

/// A refusal before, or without, a task's answer.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    refusal: Refusal,
    guid: Option<TaskGuid>,
    retry_after_s: Option<u64>,
}

impl Problem {
    pub(super) fn new(code: Code, desc: impl Into<String>) -> Problem {
        Refusal::new(code, desc).into()
    }

    pub(super) fn limited(app: &App, exceeded: &Exceeded) -> Problem {
        Plain::limited(app, exceeded).into()
    }

    pub(super) fn unavailable(why: &str) -> Problem {
        Plain::unavailable(why).into()
    }

    /// The same of a task.
    pub(super) fn with_guid(self, guid: TaskGuid) -> Problem {
        Problem { guid: Some(guid), ..self }
    }

    /// As counted in metrics.
    pub(super) fn result(&self) -> &'static str {
        problem::result(self.status)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        let status = StatusCode::from_u16(till::status(refusal.code));
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Problem { status, refusal, guid: None, retry_after_s: None }
    }
}

impl From<Plain> for Problem {
    fn from(plain: Plain) -> Problem {
        let code = match plain.status {
            StatusCode::TOO_MANY_REQUESTS => Code::LimitExceeded,
            status if status.is_server_error() => Code::InternalError,
            _ => Code::BadRequest,
        };
        let (status, retry_after_s) = (plain.status, plain.retry_after_s);
        Problem { status, retry_after_s, ..Problem::new(code, plain.message) }
    }
}

impl From<LookUpError> for Problem {
    fn from(error: LookUpError) -> Problem {
        Plain::from(error).into()
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        tracing::warn!("a till cannot be answered: {}", chain(&error));
        Problem::unavailable("the store cannot be reached at the moment")
    }
}

impl From<IntakeError> for Problem {
    fn from(error: IntakeError) -> Problem {
        match &error {
            IntakeError::Batch(full @ BatchError::Full) => Plain::from(full).into(),
            IntakeError::Full(exceeded) => Plain::exceeded(exceeded).into(),
            IntakeError::Store(_) | IntakeError::Batch(BatchError::Failed) => unknown(),
        }
    }
}

/// Nobody knows whether it is accepted.
fn unknown() -> Problem {
    let desc = "the store did not confirm the request: it may be accepted or not; look at the order before \
                you repeat it, or repeat it with the same Idempotency-Key";
    let status = StatusCode::SERVICE_UNAVAILABLE;
    Problem { status, ..Problem::new(Code::InternalError, desc) }
}

/// It is accepted, and its answer is not known here.
pub(super) fn not_waited_for() -> Problem {
    let desc = "the request was accepted, but its answer cannot be waited for here any longer: look at the \
                order before you repeat it, or repeat it with the same Idempotency-Key";
    let status = StatusCode::SERVICE_UNAVAILABLE;
    Problem { status, ..Problem::new(Code::InternalError, desc) }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = json(self.status, till::error(&self.refusal));
        let unavailable = self.status == StatusCode::SERVICE_UNAVAILABLE;
        if let Some(seconds) = self.retry_after_s.or(unavailable.then_some(UNAVAILABLE_S)) {
            with_retry_after(&mut response, seconds);
        }
        if let Some(guid) = self.guid {
            with_guid(&mut response, guid);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let bearer = header::HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, bearer);
        }
        response
    }
}

/// The answer of a path below the door that is no route.
pub(crate) fn no_such_path(uri: &Uri) -> Response {
    let path = shown(uri.path());
    Problem::new(Code::NotFound, format!("there is nothing at {path}")).into_response()
}

/// The answer of a route that has no such method.
pub(super) async fn no_such_method(method: Method, uri: Uri) -> Response {
    let path = shown(uri.path());
    let desc = format!("{method} is not accepted at {path}");
    Problem::new(Code::MethodNotAllowed, desc).into_response()
}
