//! The HTTP side: every route on one screen.

pub mod activeplatform;
pub mod auth;
pub mod contracts;
mod descriptors;
pub mod error;
pub mod health;
pub mod listen;
pub mod poll;
pub mod serve;
pub mod submit;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{get, post};

use crate::app::App;
use crate::health::Health;

/// Path of the White Server API v2.
pub const CREATE: &str = "/wsserverlp/api/v2/aggregators/Create";

/// Path of its long poll.
pub const LISTEN_QUEUE: &str = "/wsserverlp/api/v2/aggregators/ListenQueue";

/// What every process answers: is it alive, is it ready, what did it count.
pub fn operations(app: &Arc<App>, health: &Arc<Health>) -> Router {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready).with_state(Arc::clone(health)))
        .route("/metrics", get(health::metrics).with_state(Arc::clone(app)))
        .fallback(error::no_such_path)
        .method_not_allowed_fallback(error::no_such_method)
}

/// The API, its contracts, and the operations.
pub fn api(app: &Arc<App>, health: &Arc<Health>) -> Router {
    Router::new()
        .route(CREATE, post(submit::create).with_state(Arc::clone(app)))
        .route(LISTEN_QUEUE, post(listen::listen_queue).with_state(Arc::clone(app)))
        .method_not_allowed_fallback(error::no_such_method)
        // The handler limits the body itself, to answer in the protocol's own form.
        .layer(DefaultBodyLimit::disable())
        .merge(contracts::routes(&app.settings.amqp.prefix))
        .merge(activeplatform::routes(app))
        .merge(operations(app, health))
        .layer(from_fn(say_goodbye))
}

/// A body that was too large or too slow is not read to its end, so nothing can follow it on its
/// connection: the client is told, or it would send its next request into a connection that is closing.
///
/// Nothing follows a body in chunks either: had its request a length as well, a proxy in front may have
/// taken for a part of it what would be read here as the next request (RFC 9112, section 6.1). The HTTP
/// library hides the length of such a request, so all of them are treated so.
async fn say_goodbye(request: Request, next: Next) -> Response {
    let in_chunks = request.headers().contains_key(header::TRANSFER_ENCODING);
    let mut response = next.run(request).await;
    let unread = [StatusCode::PAYLOAD_TOO_LARGE, StatusCode::REQUEST_TIMEOUT];
    if in_chunks || unread.contains(&response.status()) {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
