//! Refusals of the protocols that answer them with a status of HTTP, each in a form of its own.

use std::marker::PhantomData;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::error::{self, UNAVAILABLE_S, result};
use super::written::{with_guid, with_retry_after};
use crate::task::TaskGuid;

/// How a protocol writes a refusal.
pub(crate) trait Form {
    /// The response with this status that tells why.
    fn respond(status: StatusCode, told: String) -> Response;
}

/// A request that is refused before, or without, a task's answer.
#[derive(Debug)]
pub(crate) struct Refused<F> {
    status: StatusCode,
    told: String,
    guid: Option<TaskGuid>,
    retry_after_s: Option<u64>,
    form: PhantomData<F>,
}

impl<F> Refused<F> {
    pub(crate) fn new(status: StatusCode, told: impl Into<String>) -> Refused<F> {
        Refused { status, told: told.into(), guid: None, retry_after_s: None, form: PhantomData }
    }

    pub(crate) fn bad(told: impl Into<String>) -> Refused<F> {
        Refused::new(StatusCode::BAD_REQUEST, told)
    }

    pub(crate) fn with_guid(self, guid: TaskGuid) -> Refused<F> {
        Refused { guid: Some(guid), ..self }
    }

    /// As counted in metrics.
    pub(crate) fn result(&self) -> &'static str {
        result(self.status)
    }
}

impl<F> From<error::Refused> for Refused<F> {
    fn from(refused: error::Refused) -> Refused<F> {
        let status = refused.plain_status();
        let error::Refused { refusal, guid, retry_after_s, .. } = refused;
        Refused { guid, retry_after_s, ..Refused::new(status, refusal.desc) }
    }
}

impl<F: Form> IntoResponse for Refused<F> {
    fn into_response(self) -> Response {
        let mut response = F::respond(self.status, self.told);
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
