//! ticketscloud API v1: orders of tickets.

mod catalogue;
mod commands;
mod error;
mod form;
pub mod queries;
mod reading;
mod routes;
mod writing;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use self::error::Problem;
pub(crate) use self::error::no_such_path;
pub use self::routes::*;
use super::access::Partners;
use super::hex_id::PartnerId;
use super::settings::TicketsCloudSettings;
use super::wire::MEDIA_TYPE;
use crate::config::SettingsError;
use crate::engine::app::App;
use crate::engine::store::reference::Aggregator;
use crate::protocols::ticketscloud::TicketsCloud;

/// The header with the id of the partner.
const PARTNER: &str = "x-partner";

/// What its handlers share.
struct Api {
    app: Arc<App>,
    /// What its partners may sell and see.
    partners: Partners,
    settings: TicketsCloudSettings,
}

/// The routes; started with them is what looks up partners, offers and orders.
pub fn routes(app: &Arc<App>) -> Result<Router, SettingsError> {
    let settings = *app.settings.section()?;
    let partners = Partners::start(&app.tasks, &app.store);
    let api = Arc::new(Api { app: Arc::clone(app), partners, settings });
    Ok(routes::all()
        .with_state(api)
        // The handler limits the body itself, to answer in the vendor's form.
        .layer(DefaultBodyLimit::disable()))
}

/// Who calls.
struct Caller {
    aggregator: Aggregator,
    partner: PartnerId,
}

/// Whose key it is, and not faster than it may.
async fn authenticate(api: &Api, headers: &HeaderMap) -> Result<Caller, Problem> {
    let app = &*api.app;
    let failed = |error: &str| Problem::new(StatusCode::UNAUTHORIZED, error);
    if !app.is_started() {
        return Err(Problem::unavailable("this service is starting: it waits for its store"));
    }
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(failed("The header Authorization must be there once: key <your key>."));
    };
    let value = value.to_str().unwrap_or_default().trim();
    let key = match value.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("key") => key.trim(),
        _ => return Err(failed("The header Authorization must be: key <your key>.")),
    };
    let nobodys = || failed("Unknown key in the header Authorization.");
    let aggregator = app.callers.find::<TicketsCloud>(key).await;
    let aggregator = aggregator?.ok_or_else(nobodys)?;
    // Before the next look-up: somebody else's token is no way around its limit.
    if let Err(exceeded) = app.rates.check(aggregator.id, aggregator.requests_per_s) {
        return Err(Problem::limited(app, &exceeded));
    }
    let partner = api.partners.of(aggregator.id).await?;
    Ok(Caller { partner: partner.ok_or_else(nobodys)?, aggregator })
}

fn respond(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response()
}

/// Counts a request, and names the partner that it was answered to.
fn finish(
    api: &Api,
    what: &'static str,
    started: std::time::Instant,
    partner: Option<PartnerId>,
    answered: Result<Response, Problem>,
) -> Response {
    let result = answered.as_ref().err().map_or("ok", Problem::result);
    api.app.metrics.request(what, result, started.elapsed());
    let mut response = answered.unwrap_or_else(IntoResponse::into_response);
    let partner = partner.map(|partner| HeaderValue::from_str(&partner.to_string()));
    if let Some(Ok(partner)) = partner {
        response.headers_mut().insert(PARTNER, partner);
    }
    response
}
