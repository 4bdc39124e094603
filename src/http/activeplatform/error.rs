//! Refusals in the vendor's form.

use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::super::error::{Refused as Plain, result};
use super::super::written::{with_guid, with_retry_after};
use super::respond;
use crate::money::shown;
use crate::protocol::activeplatform::answer;
use crate::task::TaskGuid;

/// A request that is refused before, or without, a task's answer.
#[derive(Debug)]
pub(super) struct Refused {
    status: StatusCode,
    title: String,
    guid: Option<TaskGuid>,
    retry_after_s: Option<u64>,
}

impl Refused {
    pub(super) fn new(status: StatusCode, title: impl Into<String>) -> Refused {
        Refused { status, title: title.into(), guid: None, retry_after_s: None }
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
        Refused { status, title: refusal.desc, guid, retry_after_s }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = answer::error(self.status.as_u16(), &self.title);
        let mut response = respond(self.status, body);
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

pub(super) async fn no_such_method(method: Method) -> Response {
    let title = format!("{method} is not accepted here: GET, PATCH and POST are.");
    let mut response = Refused::new(StatusCode::METHOD_NOT_ALLOWED, title).into_response();
    let allowed = header::HeaderValue::from_static("GET, HEAD, PATCH, POST");
    response.headers_mut().insert(header::ALLOW, allowed);
    response
}
