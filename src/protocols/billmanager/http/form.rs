//! Reading the body of a form.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};

use super::error::Problem;
use crate::engine::app::App;
use crate::protocols::billmanager::command::Fault;
use crate::protocols::billmanager::wire::params::none_of;
use crate::web::request::read_bytes;

const FORM: &str = "application/x-www-form-urlencoded";

/// A media type without its parameters.
fn essence(kind: &HeaderValue) -> &str {
    kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim()
}

/// Whether this is the media type of a form.
pub(super) fn is_form(kind: &HeaderValue) -> bool {
    essence(kind).eq_ignore_ascii_case(FORM)
}

/// The body of a form.
pub(super) async fn read_form(
    app: &App,
    headers: &HeaderMap,
    body: Body,
) -> Result<String, Problem> {
    let kind = headers.get(header::CONTENT_TYPE);
    let bytes = read_bytes(app, headers, body).await?;
    if let Some(kind) = kind.filter(|kind| !is_form(kind) && !bytes.is_empty()) {
        return Err(none_of("Content-Type", essence(kind), FORM).into());
    }
    String::from_utf8(bytes).map_err(|_| {
        Fault::value("parameters", "Тело запроса не в UTF-8", "The body is not UTF-8").into()
    })
}
