//! Refusals in the vendor's form.

use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::respond;
use crate::domain::money::shown;
use crate::protocols::activeplatform::wire::answer;
use crate::web::problem;
use crate::web::problem::Form;

/// An error of JSON:API.
#[derive(Debug)]
pub(super) struct JsonApi;

/// A refusal in that form.
pub(super) type Problem = problem::Problem<JsonApi>;

impl Form for JsonApi {
    fn respond(status: StatusCode, message: String) -> Response {
        respond(status, answer::error(status.as_u16(), &message))
    }
}

pub(crate) fn no_such_path(uri: &Uri) -> Response {
    let path = shown(uri.path());
    Problem::new(StatusCode::NOT_FOUND, format!("There is nothing at {path}.")).into_response()
}

pub(super) async fn no_such_method(method: Method) -> Response {
    only(&method, "GET, PATCH and POST are", "GET, HEAD, PATCH, POST")
}

/// As [`no_such_method`], of what is only read.
pub(super) async fn not_written(method: Method) -> Response {
    only(&method, "GET is", "GET, HEAD")
}

fn only(method: &Method, accepted: &str, allowed: &'static str) -> Response {
    let title = format!("{method} is not accepted here: {accepted}.");
    let mut response = Problem::new(StatusCode::METHOD_NOT_ALLOWED, title).into_response();
    let allowed = header::HeaderValue::from_static(allowed);
    response.headers_mut().insert(header::ALLOW, allowed);
    response
}
