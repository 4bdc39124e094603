//! Where there is nothing: each protocol says so in its own form, under its own prefix.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;

use crate::app::App;
use crate::protocols;

/// The answer of every path that is no route.
pub(super) async fn no_such_path(State(app): State<Arc<App>>, uri: Uri) -> Response {
    match protocols::behind(uri.path()) {
        Some(surface) => surface.no_such_path(&app, &uri),
        None => protocols::no_such_path(&uri),
    }
}
