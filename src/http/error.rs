//! Refusals over HTTP. White Server answers 200 with an error container for everything that concerns
//! the request itself; only the size of a body and the state of this service have statuses of their own.

use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::batcher::{BatchError, LookUpError};
use crate::intake::IntakeError;
use crate::limits::Exceeded;
use crate::protocols::whiteserver::reply::{Code, Refusal};
use crate::protocols::whiteserver::wire::answer;
use crate::protocols::whiteserver::wire::answer::Common;
use crate::store::error::chain;
use crate::task::{ObjectId, TaskGuid};

/// After how many seconds to try again what this service could not do.
pub(crate) const UNAVAILABLE_S: u64 = 2;

/// A refusal, with what is known of the request.
#[derive(Debug, Clone)]
pub struct Refused {
    /// The HTTP status.
    pub status: StatusCode,
    /// The error.
    pub refusal: Refusal,
    /// The task's guid, once there is one.
    pub guid: Option<TaskGuid>,
    /// The request's `taskType`.
    pub task_type: Option<&'static str>,
    /// The request's `objectId`.
    pub object: Option<ObjectId>,
    /// After how many seconds to try again.
    pub retry_after_s: Option<u64>,
}

impl Refused {
    /// A refusal of the ordinary kind: status 200.
    pub fn new(code: Code, desc: impl Into<String>) -> Refused {
        let refusal = Refusal::new(code, desc);
        Refused {
            status: StatusCode::OK,
            refusal,
            guid: None,
            task_type: None,
            object: None,
            retry_after_s: None,
        }
    }

    /// The same with another status.
    pub fn with_status(self, status: StatusCode) -> Refused {
        Refused { status, ..self }
    }

    /// The status in protocols that answer refusals with one.
    pub(crate) fn plain_status(&self) -> StatusCode {
        match (self.status, self.refusal.code) {
            (StatusCode::OK, Code::AuthFailed) => StatusCode::UNAUTHORIZED,
            (StatusCode::OK, Code::LimitExceeded) => StatusCode::TOO_MANY_REQUESTS,
            (StatusCode::OK, Code::TaskInProgress | Code::InternalError) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            (StatusCode::OK, _) => StatusCode::BAD_REQUEST,
            (status, _) => status,
        }
    }

    /// A limit was reached, and is counted; nothing was accepted.
    pub(crate) fn limited(app: &App, exceeded: &Exceeded) -> Refused {
        app.metrics.limited(exceeded.kind());
        Refused::exceeded(exceeded)
    }

    fn exceeded(exceeded: &Exceeded) -> Refused {
        let refused = Refused::new(Code::LimitExceeded, exceeded.to_string());
        Refused {
            status: StatusCode::TOO_MANY_REQUESTS,
            retry_after_s: Some(exceeded.retry_after_s()),
            ..refused
        }
    }

    /// This service cannot do it safely now; nothing was accepted.
    pub fn unavailable(why: &str) -> Refused {
        let desc = format!("{why}; nothing was accepted, please try again");
        Refused::new(Code::InternalError, desc).with_status(StatusCode::SERVICE_UNAVAILABLE)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let common = Common {
            task_guid: self.guid,
            task_type: self.task_type,
            object_id: self.object,
            agent_guid: None,
        };
        let mut response = json(self.status, answer::error(&common, &self.refusal));
        let unavailable = self.status == StatusCode::SERVICE_UNAVAILABLE;
        if let Some(seconds) = self.retry_after_s.or(unavailable.then_some(UNAVAILABLE_S)) {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// A refusal with such a status, as counted in metrics.
pub(crate) fn result(status: StatusCode) -> &'static str {
    let code = match status {
        StatusCode::UNAUTHORIZED => Code::AuthFailed,
        StatusCode::FORBIDDEN => Code::AccessDenied,
        StatusCode::TOO_MANY_REQUESTS => Code::LimitExceeded,
        status if status.is_server_error() => Code::InternalError,
        _ => Code::BadRequest,
    };
    code.as_str()
}

/// A body that is JSON already.
pub fn json(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
}

fn no_room(error: &BatchError) -> Refused {
    Refused::unavailable(&error.to_string())
}

impl From<LookUpError> for Refused {
    fn from(error: LookUpError) -> Refused {
        match &error {
            LookUpError::Store(store) => {
                tracing::warn!("a look-up failed: {}", chain(store));
                Refused::unavailable("the store cannot be reached at the moment")
            }
            LookUpError::Batch(batch) => no_room(batch),
        }
    }
}

impl From<IntakeError> for Refused {
    fn from(error: IntakeError) -> Refused {
        match &error {
            IntakeError::Batch(full @ BatchError::Full) => no_room(full),
            IntakeError::Full(exceeded) => Refused::exceeded(exceeded),
            IntakeError::Store(_) | IntakeError::Batch(BatchError::GivenUp) => {
                let desc = "the store did not confirm the task: it may be accepted or not; ask for \
                            this taskGuid with GetTaskResponse before you submit again";
                Refused::new(Code::InternalError, desc).with_status(StatusCode::SERVICE_UNAVAILABLE)
            }
        }
    }
}

pub(crate) fn no_such_path(uri: &Uri) -> Refused {
    let path = crate::money::shown(uri.path());
    Refused::new(
        Code::BadRequest,
        format!("there is nothing at {path}: tasks go to {}", super::CREATE),
    )
    .with_status(StatusCode::NOT_FOUND)
}

pub(crate) async fn no_such_method(method: Method, uri: Uri) -> Response {
    let desc =
        format!("{method} is not accepted here: tasks are sent by POST to {}", super::CREATE);
    let refused = Refused::new(Code::BadRequest, desc).with_status(StatusCode::METHOD_NOT_ALLOWED);
    let allowed = match [super::CREATE, super::LISTEN_QUEUE].contains(&uri.path()) {
        true => "POST",
        false => "GET, HEAD",
    };
    let mut response = refused.into_response();
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}
