//! Refusals over HTTP. White Server answers 200 with an error container for everything that concerns
//! the request itself; only the size of a body and the state of this service have statuses of their own.

use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use crate::domain::task::{ObjectId, TaskGuid};
use crate::engine::app::App;
use crate::engine::batcher::{BatchError, LookUpError};
use crate::engine::intake::IntakeError;
use crate::engine::limits::Exceeded;
use crate::protocols::whiteserver::reply::{Code, Refusal};
use crate::protocols::whiteserver::wire::answer;
use crate::protocols::whiteserver::wire::answer::Common;
use crate::web::json;
use crate::web::problem::{Problem as Plain, UNAVAILABLE_S};

/// A refusal, with what is known of the request.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    /// The HTTP status.
    pub(super) status: StatusCode,
    /// The error.
    pub(super) refusal: Refusal,
    /// The task's guid, once there is one.
    pub(super) guid: Option<TaskGuid>,
    /// The request's `taskType`.
    pub(super) task_type: Option<&'static str>,
    /// The request's `objectId`.
    pub(super) object: Option<ObjectId>,
    /// After how many seconds to try again.
    pub(super) retry_after_s: Option<u64>,
}

impl Problem {
    /// A refusal of the ordinary kind: status 200.
    pub(super) fn new(code: Code, desc: impl Into<String>) -> Problem {
        let refusal = Refusal::new(code, desc);
        Problem {
            status: StatusCode::OK,
            refusal,
            guid: None,
            task_type: None,
            object: None,
            retry_after_s: None,
        }
    }

    /// The same with another status.
    pub(super) fn with_status(self, status: StatusCode) -> Problem {
        Problem { status, ..self }
    }

    /// A limit was reached, and is counted; nothing was accepted.
    pub(super) fn limited(app: &App, exceeded: &Exceeded) -> Problem {
        Plain::limited(app, exceeded).into()
    }

    /// This service cannot do it safely now; nothing was accepted.
    pub(super) fn unavailable(why: &str) -> Problem {
        Plain::unavailable(why).into()
    }
}

impl From<Plain> for Problem {
    fn from(plain: Plain) -> Problem {
        let (status, code) = match plain.status {
            StatusCode::BAD_REQUEST => (StatusCode::OK, Code::BadRequest),
            StatusCode::TOO_MANY_REQUESTS => (plain.status, Code::LimitExceeded),
            StatusCode::SERVICE_UNAVAILABLE => (plain.status, Code::InternalError),
            other => (other, Code::BadRequest),
        };
        let retry_after_s = plain.retry_after_s;
        Problem { retry_after_s, ..Problem::new(code, plain.message).with_status(status) }
    }
}

impl IntoResponse for Problem {
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

impl From<LookUpError> for Problem {
    fn from(error: LookUpError) -> Problem {
        Plain::from(error).into()
    }
}

impl From<IntakeError> for Problem {
    fn from(error: IntakeError) -> Problem {
        match &error {
            IntakeError::Batch(full @ BatchError::Full) => Plain::from(full).into(),
            IntakeError::Full(exceeded) => Plain::exceeded(exceeded).into(),
            IntakeError::Store(_) | IntakeError::Batch(BatchError::Failed) => {
                let desc = "the store did not confirm the task: it may be accepted or not; ask for \
                            this taskGuid with GetTaskResponse before you submit again";
                Problem::new(Code::InternalError, desc).with_status(StatusCode::SERVICE_UNAVAILABLE)
            }
        }
    }
}

/// The answer of a path that is no route.
pub(crate) fn no_such_path(uri: &Uri) -> Response {
    let path = crate::domain::money::shown(uri.path());
    let desc = format!("there is nothing at {path}: tasks go to {}", super::CREATE);
    Problem::new(Code::BadRequest, desc).with_status(StatusCode::NOT_FOUND).into_response()
}

/// The answer of a route that has no such method.
pub(crate) fn no_such_method(method: &Method, uri: &Uri) -> Response {
    let desc =
        format!("{method} is not accepted here: tasks are sent by POST to {}", super::CREATE);
    let problem = Problem::new(Code::BadRequest, desc).with_status(StatusCode::METHOD_NOT_ALLOWED);
    let allowed = match [super::CREATE, super::LISTEN_QUEUE].contains(&uri.path()) {
        true => "POST",
        false => "GET, HEAD",
    };
    let mut response = problem.into_response();
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}
