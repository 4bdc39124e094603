//! The operator API: `/ops/v1`, JSON. Every route asks who calls first.

mod ask;
mod lists;
pub mod params;
pub mod places;
mod reads;
mod staff;
mod writes;

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Serialize;

use super::access::{self, Operator};
use super::problem::{Problem, not_found};
use super::state::OpsState;

/// The state of the routes.
pub type Shared = Arc<OpsState>;

/// The routes of the API.
pub fn routes(state: Arc<OpsState>) -> Router {
    Router::new()
        .route("/ops/v1/me", get(reads::me))
        .route("/ops/v1/tasks", get(reads::tasks))
        .route("/ops/v1/tasks/{guid}", get(reads::task))
        .route("/ops/v1/tasks/{guid}/reveal", post(writes::reveal_task))
        .route("/ops/v1/tasks/{guid}/cancel", post(writes::cancel_task))
        .merge(lists::records())
        .route("/ops/v1/pauses", get(lists::pauses))
        .route("/ops/v1/objects/{id}/pause", post(writes::pause))
        .route("/ops/v1/objects/{id}/resume", post(writes::resume))
        .route("/ops/v1/callers", get(lists::callers))
        .route("/ops/v1/callers/{name}/rotate-token", post(writes::rotate_token))
        .route("/ops/v1/callers/{name}/withdraw-licence", post(writes::withdraw_licence))
        .route("/ops/v1/callbacks", get(lists::callbacks))
        .route("/ops/v1/callbacks/{id}/attempts", get(lists::attempts))
        .route("/ops/v1/callbacks/{id}/replayable", get(lists::replayable))
        .route("/ops/v1/callbacks/{id}/replay", post(writes::replay_callback))
        .route("/ops/v1/callbacks/{id}/switch", post(writes::switch_callback))
        .route("/ops/v1/callbacks/{id}/rotate-secret", post(writes::rotate_secret))
        .route("/ops/v1/letters", get(lists::letters))
        .route("/ops/v1/letters/count", get(lists::count_letters))
        .route("/ops/v1/letters/reasons", get(lists::reasons))
        .route("/ops/v1/letters/replay", post(writes::replay_letters))
        .route("/ops/v1/letters/{id}", get(lists::letter))
        .route("/ops/v1/letters/{id}/replay", post(writes::replay_letter))
        .route("/ops/v1/operators", get(lists::operators).post(staff::add_operator))
        .route("/ops/v1/operators/{name}/role", post(staff::set_role))
        .route("/ops/v1/operators/{name}/rotate-token", post(staff::rotate_operator))
        .route("/ops/v1/operators/{name}/disable", post(staff::disable_operator))
        .route("/ops/v1/operators/{name}/enable", post(staff::enable_operator))
        .route("/ops/v1/audits", get(lists::audits).post(writes::run_audit))
        .route("/ops/v1/commands", post(staff::run_command))
        .route("/ops/v1/journal", get(reads::journal))
        .with_state(state)
        .layer(map_response(keep_private))
}

/// The answer of a path that is no route.
pub async fn no_such_path(request: Request) -> Response {
    let path = request.uri().path().to_owned();
    not_found(format!("there is no {path}: /ops/v1/openapi.json lists what there is"))
        .into_response()
}

/// The answer to a method that a path does not have.
pub async fn no_such_method(request: Request) -> Response {
    let message = format!("{} is not possible on {}", request.method(), request.uri().path());
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, message).into_response()
}

/// No proxy and no browser keeps what an operator saw.
async fn keep_private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The operator of a request to the API.
impl FromRequestParts<Arc<OpsState>> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &Arc<OpsState>,
    ) -> Result<Operator, Problem> {
        access::of_request(state, &parts.headers).await
    }
}

/// 200 with this.
fn ok(value: &impl Serialize) -> Result<Response, Problem> {
    let body = serde_json::to_string(value).map_err(|error| {
        tracing::error!("an answer cannot be written: {error}");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the answer could not be written")
    })?;
    Ok(crate::web::json(StatusCode::OK, body))
}
