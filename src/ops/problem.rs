//! What is wrong with a request of an operator, as `application/problem+json` (RFC 9457).

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::database::StoreError;
use crate::database::error::chain;
use crate::web::problem::{self, Form};

/// The form of problems: RFC 9457.
#[derive(Debug)]
pub struct ProblemJson;

/// Why a request of an operator is refused.
pub type Problem = problem::Problem<ProblemJson>;

impl Form for ProblemJson {
    fn respond(status: StatusCode, message: String) -> Response {
        let title = status.canonical_reason().unwrap_or("Error");
        let body = json!({"title": title, "status": status.as_u16(), "detail": message});
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (status, kind, body.to_string()).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let scheme = header::HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        tracing::warn!("an operator's request failed: {}", chain(&error));
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the store could not do this at the moment; nothing was changed, please try again",
        )
    }
}

/// There is no such thing: 404.
pub fn not_found(message: impl Into<String>) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, message)
}

/// It is not in a state in which this can be done: 409.
pub fn conflict(message: impl Into<String>) -> Problem {
    Problem::new(StatusCode::CONFLICT, message)
}
