//! Where everything is.

use std::sync::Arc;

use axum::Router;
use axum::http::Method;
use axum::routing::{MethodRouter, patch, post};

use super::form::Version;
use super::reading::{only_reading, reading};
use super::{Api, catalogue, commands, error, queries};
use crate::protocols::ticketscloud::parameters;

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
/// Path of the refund requests.
pub const REFUNDS: &str = "/v1/resources/refund_requests";
/// Path of a refund request.
pub const REFUND: &str = "/v1/resources/refund_requests/{refund_id}";
/// Path of the orders in v2.
pub const ORDERS_V2: &str = "/v2/resources/orders";
/// Path of an order in v2.
pub const ORDER_V2: &str = "/v2/resources/orders/{order_id}";
/// Path of the refund requests in v2.
pub const REFUNDS_V2: &str = "/v2/resources/refund_requests";
/// Path of a refund request in v2.
pub const REFUND_V2: &str = "/v2/resources/refund_requests/{refund_id}";

/// All routes.
pub(super) fn all() -> Router<Arc<Api>> {
    let tickets = "ticketscloud.GetOrderTickets";
    let tickets = reading(tickets, &parameters::ORDER_TICKETS, queries::tickets);
    Router::new()
        .route(ORDERS, orders(Version::V1))
        .route(ORDER, order(Version::V1))
        .route(ORDER_TICKETS, tickets)
        .route(REFUNDS, refunds(Version::V1))
        .route(REFUND, refund(Version::V1))
        .route(ORDERS_V2, orders(Version::V2))
        .route(ORDER_V2, order(Version::V2))
        .route(REFUNDS_V2, refunds(Version::V2))
        .route(REFUND_V2, refund(Version::V2))
        .merge(events())
}

type Methods = MethodRouter<Arc<Api>>;

/// A list that can be added to.
fn added(read: Methods, write: Methods) -> Methods {
    read.merge(write).fallback(async |method: Method| {
        error::no_such_method(&method, "GET and POST", "GET, HEAD, POST")
    })
}

fn orders(version: Version) -> Methods {
    let name = "ticketscloud.ListOrders";
    let read = version.of(
        only_reading(name, &parameters::ORDERS, queries::list),
        only_reading(name, &parameters::ORDERS_V2, queries::list_v2),
    );
    let create = async move |api, query, headers, body| {
        commands::create(version, api, query, headers, body).await
    };
    added(read, post(create))
}

fn order(version: Version) -> Methods {
    let name = "ticketscloud.GetOrder";
    let read = version.of(
        only_reading(name, &parameters::ORDER, queries::one),
        only_reading(name, &parameters::ORDER_V2, queries::one_v2),
    );
    let change = patch(async move |api, path, query, headers, body| {
        commands::change(version, api, path, query, headers, body).await
    });
    let delete = axum::routing::delete(async move |api, path, query, headers| {
        commands::delete(version, api, path, query, headers).await
    });
    read.merge(change).merge(delete).fallback(async |method: Method| {
        error::no_such_method(&method, "GET, PATCH and DELETE", "DELETE, GET, HEAD, PATCH")
    })
}

fn refunds(version: Version) -> Methods {
    let name = "ticketscloud.ListRefunds";
    let read = version.of(
        only_reading(name, &parameters::REFUNDS, queries::refunds),
        only_reading(name, &parameters::REFUNDS_V2, queries::refunds_v2),
    );
    let ask = async move |api, query, headers, body| {
        commands::ask(version, api, query, headers, body).await
    };
    added(read, post(ask))
}

fn refund(version: Version) -> Methods {
    let name = "ticketscloud.GetRefund";
    let read = version.of(
        only_reading(name, &parameters::REFUND, queries::refund),
        only_reading(name, &parameters::REFUND_V2, queries::refund_v2),
    );
    let settle = patch(async move |api, path, query, headers, body| {
        commands::settle(version, api, path, query, headers, body).await
    });
    read.merge(settle).fallback(async |method: Method| {
        error::no_such_method(&method, "GET and PATCH", "GET, HEAD, PATCH")
    })
}

/// What a partner may sell.
fn events() -> Router<Arc<Api>> {
    use catalogue::{deal, deals, event, events, set, sets, simple_event, simple_events, tickets};
    let simple = "ticketscloud.ListSimpleEvents";
    let simple_one = "ticketscloud.GetSimpleEvent";
    Router::new()
        .route(SIMPLE_EVENTS, reading(simple, &parameters::SIMPLE_EVENTS, simple_events))
        .route(SIMPLE_EVENT, reading(simple_one, &parameters::SIMPLE_EVENT, simple_event))
        .route(EVENTS, reading("ticketscloud.ListEvents", &parameters::EVENTS, events))
        .route(EVENT, reading("ticketscloud.GetEvent", &parameters::EVENT, event))
        .route(SETS, reading("ticketscloud.ListSets", &parameters::SETS, sets))
        .route(SET, reading("ticketscloud.GetSet", &parameters::SET, set))
        .route(TICKETS, reading("ticketscloud.ListTickets", &parameters::TICKETS, tickets))
        .route(DEALS, reading("ticketscloud.ListDeals", &parameters::DEALS, deals))
        .route(DEAL, reading("ticketscloud.GetDeal", &parameters::DEAL, deal))
}
