//! `/healthz`, `/readyz`, `/metrics`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::engine::health::Health;
use crate::web::json;

/// The process runs. Nothing else: a broker that is away is no reason to restart it.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// 200 when the process can do its work, 503 with the reason when not.
pub(super) async fn ready(State(health): State<Arc<Health>>) -> Response {
    let report = health.check().await;
    let status = match report.is_ready() {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    json(status, report.json())
}

pub(super) async fn metrics(State(health): State<Arc<Health>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], health.metrics().await).into_response()
}
