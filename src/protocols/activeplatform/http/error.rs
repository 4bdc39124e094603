//! Refusals in the vendor's form.

use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::respond;
use crate::database::StoreError;
use crate::domain::money::shown;
use crate::protocols::activeplatform::wire::answer;
use crate::protocols::activeplatform::wire::query::BadParameter;
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

/// Why nothing is read, or written.
#[derive(Debug)]
pub(super) enum Refused {
    /// For a reason that has a status.
    Problem(Problem),
    /// A parameter is wrong, or not understood: 400.
    Parameter(BadParameter),
}

impl Refused {
    /// As counted in metrics.
    pub(super) fn result(&self) -> &'static str {
        match self {
            Refused::Problem(problem) => problem.result(),
            Refused::Parameter(_) => problem::result(StatusCode::BAD_REQUEST),
        }
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Refused {
        Refused::Problem(problem)
    }
}

impl From<problem::Problem> for Refused {
    fn from(plain: problem::Problem) -> Refused {
        Refused::Problem(plain.into())
    }
}

impl From<BadParameter> for Refused {
    fn from(bad: BadParameter) -> Refused {
        Refused::Parameter(bad)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Refused {
        tracing::warn!("a read failed: {}", crate::database::error::chain(&error));
        Problem::unavailable("the store cannot be reached at the moment").into()
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Refused::Problem(problem) => problem.into_response(),
            Refused::Parameter(bad) => {
                respond(StatusCode::BAD_REQUEST, answer::bad_parameter(&bad))
            }
        }
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
