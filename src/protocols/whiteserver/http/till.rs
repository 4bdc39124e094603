//! The till door: what a restaurant's own system does to the orders of its object, and what it hears of them.

mod catalogue;
mod commands;
mod error;
mod events;
mod queries;
mod tasks;

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use self::error::Problem;
pub(crate) use self::error::no_such_path;
use crate::domain::task::{AggregatorId, ObjectId};
use crate::engine::app::App;
use crate::engine::batcher::{Batcher, Limits, LookUps};
use crate::engine::store::reference::Aggregator;
use crate::protocols::whiteserver::reply::Code;
use crate::protocols::whiteserver::sql::Tables;
use crate::web::json;

/// The name of this door.
pub const DOOR: &str = "till";

/// Path of the orders.
pub const ORDERS: &str = "/till/v1/orders";
/// Path of an order.
pub const ORDER: &str = "/till/v1/orders/{orderGuid}";
/// Path of its bill.
pub const BILL: &str = "/till/v1/orders/{orderGuid}/bill";
/// Path of its payments.
pub const PAYMENTS: &str = "/till/v1/orders/{orderGuid}/payments";
/// Path of what else is done to it: `close`, `cancel`, `void`, `accept` and `reject`.
pub const ACTION: &str = "/till/v1/orders/{orderGuid}/{action}";
/// Path of the catalogue.
pub const CATALOGUE: &str = "/till/v1/catalogue";
/// Path of the events.
pub const EVENTS: &str = "/till/v1/events";
/// Path of their acknowledgement.
pub const ACKNOWLEDGE: &str = "/till/v1/events/ack";

/// Whether a path is below this door.
pub(crate) fn is_door(path: &[&str]) -> bool {
    path.starts_with(&["till"])
}

/// What its handlers share.
struct Api {
    app: Arc<App>,
    by_caller: LookUps<AggregatorId, ObjectId>,
}

/// The routes; started with them is what looks up tills.
pub(crate) fn routes(app: &Arc<App>) -> Router {
    let store = Arc::clone(&app.store);
    let limits = Limits { lanes: 1, most: 512, waiting: 20_000 };
    let by_caller = Batcher::start_look_ups(
        app.tasks.task("tills"),
        limits,
        move |callers: Vec<AggregatorId>| {
            let store = Arc::clone(&store);
            async move { Tables::of(&store).tills_of(&callers).await }
        },
    );
    let api = Arc::new(Api { app: Arc::clone(app), by_caller });
    Router::new()
        .route(ORDERS, get(queries::list).post(commands::open))
        .route(ORDER, get(queries::one).patch(commands::edit))
        .route(BILL, post(commands::print_bill).delete(commands::undo_bill))
        .route(PAYMENTS, post(commands::pay))
        .route(ACTION, post(commands::act))
        .route(CATALOGUE, get(catalogue::show).patch(catalogue::load))
        .route(EVENTS, get(events::listen))
        .route(ACKNOWLEDGE, post(events::acknowledge))
        .with_state(api)
        .method_not_allowed_fallback(error::no_such_method)
        // The handlers limit the body themselves, to answer in a form of their own.
        .layer(DefaultBodyLimit::disable())
}

/// Who calls: the till of an object.
struct Caller {
    aggregator: Aggregator,
    object: ObjectId,
}

/// Whoever has no token of a till's.
fn nobody() -> Problem {
    let desc = "the header Authorization must be there once: Bearer and the token of a till";
    Problem::new(Code::AuthFailed, desc)
}

/// Whose token it is, and not faster than it may.
async fn authenticate(api: &Api, headers: &HeaderMap) -> Result<Caller, Problem> {
    let app = &*api.app;
    if !app.is_started() {
        return Err(Problem::unavailable("this service is starting: it waits for its store"));
    }
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err(nobody()) };
    let value = value.to_str().unwrap_or_default().trim();
    let token = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => return Err(nobody()),
    };
    let aggregator = app.callers.find_at(DOOR, token).await?.ok_or_else(nobody)?;
    if let Err(exceeded) = app.rates.check(aggregator.id, aggregator.requests_per_s) {
        return Err(Problem::limited(app, &exceeded));
    }
    let object = api.by_caller.look_up(aggregator.id).await?.ok_or_else(nobody)?;
    Ok(Caller { aggregator, object })
}

/// Counts a request, and names the version of the order that its answer has.
fn finish(
    api: &Api,
    what: &'static str,
    started: Instant,
    answered: Result<(StatusCode, String), Problem>,
) -> Response {
    let result = answered.as_ref().err().map_or("ok", Problem::result);
    api.app.metrics.request(what, result, started.elapsed());
    match answered {
        Ok((status, body)) => {
            let tag = tag(&body);
            let mut response = json(status, body);
            if let Some(tag) = tag {
                response.headers_mut().insert(header::ETAG, tag);
            }
            response
        }
        Err(problem) => problem.into_response(),
    }
}

/// The version of an order that an answer names.
fn tag(body: &str) -> Option<HeaderValue> {
    #[derive(Deserialize)]
    struct Versioned {
        version: Option<i64>,
    }
    #[derive(Deserialize)]
    struct Body {
        order: Option<Versioned>,
        error: Option<Versioned>,
    }
    let Body { order, error } = serde_json::from_str(body).ok()?;
    let version = order.or(error)?.version?;
    HeaderValue::from_str(&format!("\"{version}\"")).ok()
}
