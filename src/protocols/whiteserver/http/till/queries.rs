//! GET: an order, and lists of orders.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::error::Problem;
use super::{Api, authenticate, finish};
use crate::domain::money::shown;
use crate::domain::task::{OrderGuid, OrderKey};
use crate::protocols::whiteserver::reply::Code;
use crate::protocols::whiteserver::sql::Tables;
use crate::protocols::whiteserver::wire::till::{self, request};

/// How many orders a list has at most.
pub(crate) const PAGE: usize = 100;

pub(super) type Guid = Result<Path<String>, PathRejection>;

/// The handler of GET of an order.
pub(super) async fn one(State(api): State<Arc<Api>>, path: Guid, headers: HeaderMap) -> Response {
    let started = Instant::now();
    let answered = async {
        let caller = authenticate(&api, &headers).await?;
        let key = OrderKey { object: caller.object, guid: order_guid(path)? };
        let found = Tables::of(&api.app.store).till_order(key).await?;
        let (seen, payments) = found.ok_or_else(|| no_order(&key.guid.to_string()))?;
        Ok((StatusCode::OK, till::order(&seen, payments)))
    };
    let answered = answered.await;
    finish(&api, "till.GetOrder", started, answered)
}

/// The handler of GET of the orders.
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let started = Instant::now();
    let answered = async {
        let caller = authenticate(&api, &headers).await?;
        let query = request::list_query(&query.unwrap_or_default())?;
        let tables = Tables::of(&api.app.store);
        // One more than is shown tells whether the list goes on.
        let mut found = tables.till_orders(caller.object, &query, PAGE + 1).await?;
        let more = found.len() > PAGE;
        found.truncate(PAGE);
        let last = found.last().filter(|_| more);
        let next = last
            .map(|seen| request::cursor_of(seen.order.created_at.as_microsecond(), seen.key.guid));
        Ok((StatusCode::OK, till::orders(&found, next.as_deref())))
    };
    let answered = answered.await;
    finish(&api, "till.ListOrders", started, answered)
}

/// The order that a path names.
pub(super) fn order_guid(path: Guid) -> Result<OrderGuid, Problem> {
    let Ok(Path(guid)) = path else { return Err(no_order("of this name")) };
    guid.parse().map_err(|_| no_order(&guid))
}

/// There is none, or it is another restaurant's.
pub(super) fn no_order(guid: &str) -> Problem {
    Problem::new(Code::WsaOrderNotFound, format!("this restaurant has no order {}", shown(guid)))
}
