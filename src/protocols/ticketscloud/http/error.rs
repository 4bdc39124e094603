//! Refusals in the vendor's form.

use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::respond;
use crate::domain::money::shown;
use crate::protocols::ticketscloud::wire::answer;
use crate::web::problem;
use crate::web::problem::Form;

/// A list of errors.
#[derive(Debug)]
pub(super) struct Errors;

/// A refusal in that form.
pub(super) type Problem = problem::Problem<Errors>;

impl Form for Errors {
    fn respond(status: StatusCode, message: String) -> Response {
        respond(status, answer::errors(&[message]))
    }
}

pub(crate) fn no_such_path(uri: &Uri) -> Response {
    let path = shown(uri.path());
    Problem::new(StatusCode::NOT_FOUND, format!("There is nothing at {path}.")).into_response()
}

/// Another method than there are at a path; which those are, for people and for programs.
pub(super) fn no_such_method(method: &Method, accepted: &str, allowed: &'static str) -> Response {
    let be = if accepted.contains("and") { "are" } else { "is" };
    let error = format!("{method} is not accepted here: {accepted} {be}.");
    let mut response = Problem::new(StatusCode::METHOD_NOT_ALLOWED, error).into_response();
    let allowed = header::HeaderValue::from_static(allowed);
    response.headers_mut().insert(header::ALLOW, allowed);
    response
}
