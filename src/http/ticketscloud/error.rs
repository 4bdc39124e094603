//! Refusals in the vendor's form.

use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::super::error::{Refused as Plain, result};
use super::super::written::{with_guid, with_retry_after};
use super::respond;
use crate::money::shown;
use crate::protocol::ticketscloud::answer;
use crate::task::TaskGuid;

/// A request that is refused before, or without, a task's answer.
#[derive(Debug)]
pub(super) struct Refused {
    status: StatusCode,
    error: String,
    guid: Option<TaskGuid>,
    retry_after_s: Option<u64>,
}

impl Refused {
    pub(super) fn new(status: StatusCode, error: impl Into<String>) -> Refused {
        Refused { status, error: error.into(), guid: None, retry_after_s: None }
    }

    pub(super) fn bad(error: impl Into<String>) -> Refused {
        Refused::new(StatusCode::BAD_REQUEST, error)
    }

    pub(super) fn with_guid(self, guid: TaskGuid) -> Refused {
        Refused { guid: Some(guid), ..self }
    }

    /// As counted in metrics.
    pub(super) fn result(&self) -> &'static str {
        result(self.status)
    }
}

impl From<Plain> for Refused {
    fn from(refused: Plain) -> Refused {
        let status = refused.plain_status();
        let Plain { refusal, guid, retry_after_s, .. } = refused;
        Refused { status, error: refusal.desc, guid, retry_after_s }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = respond(self.status, answer::errors(&[self.error]));
        let unavailable = self.status == StatusCode::SERVICE_UNAVAILABLE;
        if let Some(seconds) = self.retry_after_s.or(unavailable.then_some(2)) {
            with_retry_after(&mut response, seconds);
        }
        if let Some(guid) = self.guid {
            with_guid(&mut response, guid);
        }
        response
    }
}

pub(super) async fn no_such_path(uri: Uri) -> Refused {
    let path = shown(uri.path());
    Refused::new(StatusCode::NOT_FOUND, format!("There is nothing at {path}."))
}

pub(super) async fn no_such_method(method: Method, uri: Uri) -> Response {
    let (told, allowed) = match uri.path() == super::ORDERS {
        true => ("GET and POST", "GET, HEAD, POST"),
        false => ("GET, PATCH and DELETE", "DELETE, GET, HEAD, PATCH"),
    };
    let error = format!("{method} is not accepted here: {told} are.");
    let mut response = Refused::new(StatusCode::METHOD_NOT_ALLOWED, error).into_response();
    let allowed = header::HeaderValue::from_static(allowed);
    response.headers_mut().insert(header::ALLOW, allowed);
    response
}
