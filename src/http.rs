//! The HTTP side: every route on one screen.

pub mod auth;
pub mod contracts;
mod descriptors;
mod doors;
pub mod error;
pub mod health;
pub mod listen;
pub mod poll;
pub mod prefer;
pub(crate) mod refused;
pub mod serve;
pub(crate) mod socket;
pub mod submit;
pub(crate) mod to_the_end;
pub(crate) mod written;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{any, get, post};

use crate::app::App;
use crate::health::Health;
use crate::protocols::{activeplatform, billmanager, ticketscloud};

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
        .fallback_service(any(doors::no_such_path).with_state(Arc::clone(app)))
        .method_not_allowed_fallback(error::no_such_method)
}

/// White Server.
pub fn white_server(app: &Arc<App>) -> Router {
    Router::new()
        .route(CREATE, post(submit::create))
        .route(LISTEN_QUEUE, post(listen::listen_queue))
        .with_state(Arc::clone(app))
}

/// The API, its contracts, and the operations.
pub fn api(app: &Arc<App>, health: &Arc<Health>) -> Router {
    white_server(app)
        .method_not_allowed_fallback(error::no_such_method)
        // The handler limits the body itself, to answer in the protocol's own form.
        .layer(DefaultBodyLimit::disable())
        .merge(contracts::routes(&app.settings.amqp.prefix))
        .merge(activeplatform::http::routes(app))
        .merge(ticketscloud::http::routes(app))
        .merge(billmanager::http::routes(app))
        .merge(operations(app, health))
        .layer(map_response(say_goodbye))
}

/// A body that was too large or too slow is not read to its end, so nothing can follow it on its
/// connection: the client is told, or it would send its next request into a connection that is closing.
async fn say_goodbye(mut response: Response) -> Response {
    if matches!(response.status(), StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT) {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
