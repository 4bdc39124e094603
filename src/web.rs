//! What the routes of a protocol are built of: requests that are read within bounds, writes that are accepted as tasks,
//! problems in a form of its own.

pub mod accept;
pub mod gzip;
pub mod origin;
pub mod parameters;
pub mod prefer;
pub(crate) mod presence;
pub mod problem;
pub mod request;
pub(crate) mod to_the_end;

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// A body that is JSON already.
pub fn json(status: StatusCode, body: impl Into<Body>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], body.into())
        .into_response()
}
