//! Where there is nothing: each protocol says so in its own form, under its own prefix; the first of the list elsewhere.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use crate::console::welcome;
use crate::engine::app::App;
use crate::surface::ProtocolList;

/// Whose doors there are.
#[derive(Clone)]
pub(super) struct Doors {
    pub(super) app: Arc<App>,
    pub(super) list: &'static ProtocolList,
}

/// The answer of every path that is no route. A person who opens the address itself in a browser is told where to read.
pub(super) async fn nowhere(
    doors: State<Doors>,
    method: Method,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let opens = method == Method::GET && uri.path() == "/" && uri.query().is_none();
    match opens && welcome::is_for_people(&headers) {
        true => welcome::page(),
        false => no_such_path(doors, uri).await,
    }
}

/// The answer of every path that is no route, to programs.
pub(super) async fn no_such_path(State(Doors { app, list }): State<Doors>, uri: Uri) -> Response {
    match list.behind(uri.path()).or_else(|| list.first()) {
        Some(surface) => surface.no_such_path(&app, &uri),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The answer of the program's own paths to a method that they do not have.
pub(super) fn no_such_method(list: &ProtocolList, method: &Method, uri: &Uri) -> Response {
    match list.first() {
        Some(surface) => surface.no_such_method(method, uri),
        None => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}
