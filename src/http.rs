//! The HTTP server: what every process answers, and the routes of all protocols.

pub mod contracts;
mod descriptors;
mod doors;
pub mod health;
pub mod page;
pub mod serve;
mod traced;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{map_response, map_response_with_state};
use axum::response::Response;
use axum::routing::{any, get};

use self::doors::Doors;
use crate::config::SettingsError;
use crate::console::Console;
use crate::engine::app::App;
use crate::engine::health::Health;
use crate::ops;
use crate::ops::state::OpsState;
use crate::runtime::tls;
use crate::surface::{NotOurs, ProtocolList};
use crate::web::json;

/// What every process answers: is it alive, is it ready, what did it count.
pub fn operations(app: &Arc<App>, health: &Arc<Health>, list: &'static ProtocolList) -> Router {
    is_well(health)
        .merge(metrics(health))
        .fallback_service(any(doors::nowhere).with_state(Doors { app: Arc::clone(app), list }))
        .method_not_allowed_fallback(async move |method, uri| {
            doors::no_such_method(list, &method, &uri)
        })
}

/// What is at the public listener: `/metrics` only where that is set.
fn public(app: &Arc<App>, health: &Arc<Health>, list: &'static ProtocolList) -> Router {
    if app.settings.ops.public_metrics {
        return operations(app, health, list);
    }
    is_well(health)
        .fallback_service(any(doors::nowhere).with_state(Doors { app: Arc::clone(app), list }))
        .method_not_allowed_fallback(async move |method, uri| {
            doors::no_such_method(list, &method, &uri)
        })
}

fn is_well(health: &Arc<Health>) -> Router {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready).with_state(Arc::clone(health)))
}

fn metrics(health: &Arc<Health>) -> Router {
    Router::new().route("/metrics", get(health::metrics).with_state(Arc::clone(health)))
}

/// What operators are served, on a listener of its own: their API, and the console.
pub fn for_operators(state: OpsState, console: &Console) -> Router {
    let health = Arc::clone(&state.health);
    ops::api::routes(Arc::new(state))
        .route(
            "/ops/v1/openapi.json",
            get(async || json(StatusCode::OK, ops::contract::document().to_string())),
        )
        .merge(console.routes())
        .merge(is_well(&health))
        .merge(metrics(&health))
        .fallback(ops::api::no_such_path)
        .method_not_allowed_fallback(ops::api::no_such_method)
        .layer(map_response(say_goodbye))
}

/// What the protocols answer.
pub fn protocols(app: &Arc<App>, list: &ProtocolList) -> Result<Router, SettingsError> {
    list.surfaces().try_fold(Router::new(), |all, surface| Ok(all.merge(surface.routes(app)?)))
}

/// The API, its contracts, and the operations.
pub fn api(
    app: &Arc<App>,
    health: &Arc<Health>,
    list: &'static ProtocolList,
) -> Result<Router, SettingsError> {
    let doors = Doors { app: Arc::clone(app), list };
    let routes = protocols(app, list)?.layer(map_response_with_state(doors, pass_on));
    let is_tls = tls::server::is_set(&app.settings.http.tls)?;
    let scheme = if is_tls { "https" } else { "http" };
    Ok(traced::layer(routes, &app.tracer, scheme)
        .merge(contracts::routes(app, list))
        .merge(public(app, health, list))
        .layer(map_response(say_goodbye)))
}

/// What a protocol has a route for and is not its own is answered as what is no route.
async fn pass_on(State(doors): State<Doors>, mut response: Response) -> Response {
    match response.extensions_mut().remove::<NotOurs>() {
        Some(NotOurs { method, headers, uri }) => {
            doors::nowhere(State(doors), method, headers, uri).await
        }
        None => response,
    }
}

/// A body that was too large or too slow is not read to its end, so nothing can follow it on its
/// connection: the client is told, or it would send its next request into a connection that is closing.
async fn say_goodbye(mut response: Response) -> Response {
    if matches!(response.status(), StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT) {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
