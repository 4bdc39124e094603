//! ticketscloud API v1: orders of tickets.

mod catalogue;
mod commands;
mod error;
pub mod queries;
mod reading;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use self::error::Problem;
pub(crate) use self::error::no_such_path;
use self::reading::{only_reading, reading};
use super::access::Partners;
use super::hex_id::PartnerId;
use super::parameters;
use super::settings::TicketsCloudSettings;
use super::wire::MEDIA_TYPE;
use crate::config::SettingsError;
use crate::engine::app::App;
use crate::engine::store::reference::Aggregator;
use crate::protocols::ticketscloud::TicketsCloud;

/// Path of the orders.
pub const ORDERS: &str = "/v1/resources/orders";

/// Path of an order.
pub const ORDER: &str = "/v1/resources/orders/{order_id}";
/// Path of the tickets of an order.
pub const ORDER_TICKETS: &str = "/v1/resources/orders/{order_id}/tickets";
/// Path of the events for sale, with all that they have.
pub const SIMPLE_EVENTS: &str = "/v1/services/simple/events";
/// Path of one of them.
pub const SIMPLE_EVENT: &str = "/v1/services/simple/events/{event_id}";
/// Path of the events.
pub const EVENTS: &str = "/v1/resources/events";
/// Path of an event.
pub const EVENT: &str = "/v1/resources/events/{event_id}";
/// Path of its sets.
pub const SETS: &str = "/v1/resources/events/{event_id}/sets";
/// Path of a set.
pub const SET: &str = "/v1/resources/events/{event_id}/sets/{set_id}";
/// Path of its tickets.
pub const TICKETS: &str = "/v1/resources/events/{event_id}/tickets";
/// Path of the deals.
pub const DEALS: &str = "/v1/resources/deals";
/// Path of a deal.
pub const DEAL: &str = "/v1/resources/deals/{deal_id}";

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
    Ok(orders()
        .merge(catalogue())
        .with_state(api)
        // The handler limits the body itself, to answer in the vendor's form.
        .layer(DefaultBodyLimit::disable()))
}

fn orders() -> Router<Arc<Api>> {
    let list = only_reading("ticketscloud.ListOrders", &parameters::ORDERS, queries::list);
    let list = list.post(commands::create).fallback(async |method: Method| {
        error::no_such_method(&method, "GET and POST", "GET, HEAD, POST")
    });
    let one = only_reading("ticketscloud.GetOrder", &parameters::ORDER, queries::one);
    let one = one.patch(commands::change).delete(commands::delete);
    let one = one.fallback(async |method: Method| {
        error::no_such_method(&method, "GET, PATCH and DELETE", "DELETE, GET, HEAD, PATCH")
    });
    let tickets = "ticketscloud.GetOrderTickets";
    let tickets = reading(tickets, &parameters::ORDER_TICKETS, queries::tickets);
    Router::new().route(ORDERS, list).route(ORDER, one).route(ORDER_TICKETS, tickets)
}

/// What a partner may sell.
fn catalogue() -> Router<Arc<Api>> {
    use self::catalogue::{deal, deals, event, events, set, sets, simple_event, simple_events, tickets};
    let simple = reading("ticketscloud.ListSimpleEvents", &parameters::SIMPLE_EVENTS, simple_events);
    let simple_one = reading("ticketscloud.GetSimpleEvent", &parameters::SIMPLE_EVENT, simple_event);
    Router::new()
        .route(SIMPLE_EVENTS, simple)
        .route(SIMPLE_EVENT, simple_one)
        .route(EVENTS, reading("ticketscloud.ListEvents", &parameters::EVENTS, events))
        .route(EVENT, reading("ticketscloud.GetEvent", &parameters::EVENT, event))
        .route(SETS, reading("ticketscloud.ListSets", &parameters::SETS, sets))
        .route(SET, reading("ticketscloud.GetSet", &parameters::SET, set))
        .route(TICKETS, reading("ticketscloud.ListTickets", &parameters::TICKETS, tickets))
        .route(DEALS, reading("ticketscloud.ListDeals", &parameters::DEALS, deals))
        .route(DEAL, reading("ticketscloud.GetDeal", &parameters::DEAL, deal))
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
