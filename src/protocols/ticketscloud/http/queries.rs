//! GET: an order, and lists of orders.

use crate::protocols::ticketscloud::sql::Tables;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::error::Problem;
use super::{Api, authenticate, finish, respond};
use crate::database::StoreError;
use crate::domain::money::shown;
use crate::domain::task::guid::whole;
use crate::protocols::ticketscloud::hex_id::{OrderId, PartnerId};
use crate::protocols::ticketscloud::sql::orders::Listed;
use crate::protocols::ticketscloud::wire::answer;

/// How many orders a page has when nobody says, and at the most.
const PAGE: i64 = 20;
/// See [`PAGE`].
pub(crate) const LARGEST_PAGE: i64 = 100;
/// The last page that is looked for.
pub(crate) const LAST_PAGE: i64 = 10_000;

/// The handler of GET of an order.
pub(super) async fn one(
    State(api): State<Arc<Api>>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let (started, mut partner) = (Instant::now(), None);
    let answered = async {
        let caller = authenticate(&api, &headers).await?;
        partner = Some(caller.partner);
        let order = order_id(path)?;
        let found =
            Tables::of(&api.app.store).order(caller.partner, order).await.map_err(unreachable)?;
        Ok(respond(StatusCode::OK, answer::order(&found.ok_or_else(no_order)?)))
    };
    let answered = answered.await;
    finish(&api, "ticketscloud.GetOrder", started, partner, answered)
}

/// The handler of GET of the orders.
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let (started, mut partner) = (Instant::now(), None);
    let answered = async {
        let caller = authenticate(&api, &headers).await?;
        partner = Some(caller.partner);
        let listed = listed(caller.partner, &query.unwrap_or_default()).map_err(Problem::bad)?;
        let found = Tables::of(&api.app.store).orders(&listed).await.map_err(unreachable)?;
        Ok(respond(StatusCode::OK, answer::orders(&found)))
    };
    let answered = answered.await;
    finish(&api, "ticketscloud.ListOrders", started, partner, answered)
}

/// What a query asks for; parameters that are not known are ignored.
pub fn listed(partner: PartnerId, query: &str) -> Result<Listed, String> {
    let mut listed = Listed { partner, status: None, event: None, skip: 0, most: PAGE };
    let (mut page, mut seen) = (1, Vec::new());
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if !["status", "event", "page", "page_size"].contains(&&*name) {
            continue;
        }
        if seen.contains(&name) {
            return Err(format!("{name}: it must be there once"));
        }
        let message = |rule: String| format!("{name}: {rule}");
        match &*name {
            "status" => listed.status = Some(value.parse().map_err(message)?),
            "event" => listed.event = Some(value.parse().map_err(message)?),
            "page" => page = number(&value, LAST_PAGE).map_err(message)?,
            _ => listed.most = number(&value, LARGEST_PAGE).map_err(message)?,
        }
        seen.push(name);
    }
    listed.skip = (page - 1) * listed.most;
    Ok(listed)
}

fn number(text: &str, most: i64) -> Result<i64, String> {
    let message = || format!("{:?} must be a whole number from 1 to {most}", shown(text));
    whole(text).filter(|number| (1..=most).contains(number)).ok_or_else(message)
}

/// The order of a path; what is no id is no order.
pub(super) fn order_id(path: Result<Path<String>, PathRejection>) -> Result<OrderId, Problem> {
    path.ok().and_then(|Path(id)| id.parse().ok()).ok_or_else(no_order)
}

pub(super) fn no_order() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is no such order.")
}

fn unreachable(error: StoreError) -> Problem {
    tracing::warn!("orders could not be read: {}", crate::database::error::chain(&error));
    Problem::unavailable("the store cannot be reached at the moment")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols::ticketscloud::model::OrderStatus;

    #[test]
    fn a_query_is_read_or_named() {
        let partner = PartnerId::random();
        let read = listed(partner, "status=done&page=3&page_size=50&fields-schema=id").unwrap();
        assert_eq!((read.status, read.skip, read.most), (Some(OrderStatus::Done), 100, 50));
        assert_eq!(listed(partner, "").unwrap().most, PAGE);
        for (query, message) in [
            ("status=paid", "status: \"paid\" is none of"),
            ("page=0", "page: \"0\" must be"),
            ("page=10001", "page"),
            ("page_size=101", "page_size"),
            ("page_size=-1", "page_size"),
            ("event=x", "event: \"x\" is not the id of an event"),
            ("page=1&page=2", "page: it must be there once"),
        ] {
            let error = listed(partner, query).unwrap_err();
            assert!(error.contains(message), "{query}: {error}");
        }
    }
}
