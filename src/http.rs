//! The HTTP side: what every process answers, and the routes of all protocols.

pub(crate) mod accept;
pub mod contracts;
mod descriptors;
mod doors;
pub mod health;
pub mod prefer;
pub mod problem;
pub mod request;
pub mod serve;
pub(crate) mod to_the_end;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};

use crate::app::App;
use crate::health::Health;
use crate::protocols::{SURFACES, no_such_method};

/// What every process answers: is it alive, is it ready, what did it count.
pub fn operations(app: &Arc<App>, health: &Arc<Health>) -> Router {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready).with_state(Arc::clone(health)))
        .route("/metrics", get(health::metrics).with_state(Arc::clone(health)))
        .fallback_service(any(doors::no_such_path).with_state(Arc::clone(app)))
        .method_not_allowed_fallback(no_such_method)
}

/// What the protocols answer.
pub(crate) fn protocols(app: &Arc<App>) -> Router {
    SURFACES.iter().map(|surface| surface.routes(app)).fold(Router::new(), Router::merge)
}

/// The API, its contracts, and the operations.
pub fn api(app: &Arc<App>, health: &Arc<Health>) -> Router {
    protocols(app)
        .merge(contracts::routes(&app.settings.amqp.prefix))
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

/// A body that is JSON already.
pub(crate) fn json(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
}
