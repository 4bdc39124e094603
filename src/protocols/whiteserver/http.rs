//! White Server over HTTP: tasks are handed in and asked for at one path, and listened for at another.

mod agents;
mod auth;
mod error;
mod listen;
mod poll;
mod submit;
pub mod till;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, Uri};
use axum::routing::post;

pub(crate) use self::error::{no_such_method, no_such_path};
use crate::engine::app::App;

/// Path of the White Server API v2.
pub const CREATE: &str = "/wsserverlp/api/v2/aggregators/Create";

/// Path of its long poll.
pub const LISTEN_QUEUE: &str = "/wsserverlp/api/v2/aggregators/ListenQueue";

/// The routes.
pub fn routes(app: &Arc<App>) -> Router {
    Router::new()
        .route(CREATE, post(submit::create))
        .route(LISTEN_QUEUE, post(listen::listen_queue))
        .with_state(Arc::clone(app))
        .method_not_allowed_fallback(async |method: Method, uri: Uri| no_such_method(&method, &uri))
        // The handler limits the body itself, to answer in the protocol's own form.
        .layer(DefaultBodyLimit::disable())
}
