//! GET of orders, of their tickets, and of refund requests.

use serde_json::Value;

use super::error::Problem;
use super::form::{self, Thing};
use super::reading::{Asked, Refused, none, unreachable};
use crate::domain::money::shown;
use crate::protocols::ticketscloud::command::OrderView;
use crate::protocols::ticketscloud::hex_id::{OrderId, PartnerId, RefundId};
use crate::protocols::ticketscloud::model::OrderStatus;
use crate::protocols::ticketscloud::model::refund::RefundStatus;
use crate::protocols::ticketscloud::parameters::{self, Given, LARGEST_PAGE, PAGE};
use crate::protocols::ticketscloud::sql::orders::Listed;
use crate::protocols::ticketscloud::sql::refunds::ListedRefunds;
use crate::protocols::ticketscloud::wire::{answer, refund, v2, wide};

/// An order.
pub(super) async fn one(asked: Asked) -> Refused<Value> {
    let schema = asked.schema(wide::ORDER)?;
    let view = found(&asked).await?;
    if schema.is_none() {
        return Ok(answer::plain_order(&view));
    }
    let orders = vec![wide::order(&view)];
    let mut shown = form::orders(asked.tables(), schema.as_ref(), orders).await?;
    shown.pop().ok_or_else(no_order)
}

/// An order in v2.
pub(super) async fn one_v2(asked: Asked) -> Refused<Value> {
    let whole = wide::order(&found(&asked).await?);
    form::in_v2(asked.tables(), Thing::Order, &[whole], None).await
}

/// The tickets of an order, with what admits to the event when it is paid.
pub(super) async fn tickets(asked: Asked) -> Refused<Value> {
    let schema = asked.schema(wide::TICKET)?;
    let tickets = wide::tickets(&found(&asked).await?);
    Ok(match schema {
        Some(schema) => schema.apply(&tickets, &[]),
        None => tickets,
    })
}

/// The partner's own order; any other is none.
async fn found(asked: &Asked) -> Refused<OrderView> {
    let order: OrderId = asked.id(0, "order")?;
    let found = asked.tables().order(asked.partner, order).await.map_err(unreachable)?;
    found.ok_or_else(no_order)
}

/// Orders.
pub(super) async fn list(asked: Asked) -> Refused<Value> {
    let schema = asked.schema(wide::ORDER)?;
    let listed = listed_of(asked.partner, &asked.given, str::parse).map_err(Problem::bad)?;
    let found = asked.tables().orders(&listed).await.map_err(unreachable)?;
    if schema.is_none() {
        return Ok(found.iter().map(answer::plain_order).collect());
    }
    let orders = found.iter().map(wide::order).collect();
    form::orders(asked.tables(), schema.as_ref(), orders).await.map(Value::Array)
}

/// Orders in v2.
pub(super) async fn list_v2(asked: Asked) -> Refused<Value> {
    let listed = listed_of(asked.partner, &asked.given, v2::read_status).map_err(Problem::bad)?;
    let found = asked.tables().orders(&listed).await.map_err(unreachable)?;
    let orders: Vec<Value> = found.iter().map(wide::order).collect();
    let page = Some((listed.skip, listed.most));
    form::in_v2(asked.tables(), Thing::Order, &orders, page).await
}

/// What a query of orders asks for.
pub fn listed(partner: PartnerId, query: &str) -> Result<Listed, String> {
    listed_of(partner, &Given::read(&parameters::ORDERS, query)?, str::parse)
}

fn listed_of(
    partner: PartnerId,
    given: &Given,
    read: fn(&str) -> Result<OrderStatus, String>,
) -> Result<Listed, String> {
    let named = |rule: String| match rule.starts_with("status: ") {
        true => rule,
        false => format!("status: {rule}"),
    };
    let statuses = given.text("status").map(|text| {
        let read = text.split(',').map(|one| read(one).map_err(named).map(OrderStatus::as_str));
        read.collect::<Result<Vec<_>, _>>()
    });
    let (skip, most) = given.page(LARGEST_PAGE, PAGE)?;
    let statuses = statuses.transpose()?.map(|all| format!(",{},", all.join(",")));
    Ok(Listed { partner, statuses, event: given.word("event")?, skip, most })
}

/// A refund request.
pub(super) async fn refund(asked: Asked) -> Refused<Value> {
    let schema = asked.schema(refund::REFUND)?;
    Ok(form::one_refund(schema.as_ref(), &found_refund(&asked).await?))
}

/// A refund request in v2.
pub(super) async fn refund_v2(asked: Asked) -> Refused<Value> {
    let whole = found_refund(&asked).await?;
    form::in_v2(asked.tables(), Thing::Refund, &[whole], None).await
}

async fn found_refund(asked: &Asked) -> Refused<Value> {
    let id: RefundId = asked.id(0, "refund request")?;
    let found = asked.tables().refund(asked.partner, id).await.map_err(unreachable)?;
    found.map(|view| refund::refund(&view)).ok_or_else(|| none("refund request"))
}

/// Refund requests.
pub(super) async fn refunds(asked: Asked) -> Refused<Value> {
    let schema = asked.schema(refund::REFUND)?;
    let listed = listed_refunds(asked.partner, &asked.given).map_err(Problem::bad)?;
    let found = asked.tables().refunds(&listed).await.map_err(unreachable)?;
    let show = |view| form::one_refund(schema.as_ref(), &refund::refund(view));
    Ok(found.iter().map(show).collect())
}

/// Refund requests in v2.
pub(super) async fn refunds_v2(asked: Asked) -> Refused<Value> {
    let listed = listed_refunds(asked.partner, &asked.given).map_err(Problem::bad)?;
    let found = asked.tables().refunds(&listed).await.map_err(unreachable)?;
    let whole: Vec<Value> = found.iter().map(refund::refund).collect();
    let page = Some((listed.skip, listed.most));
    form::in_v2(asked.tables(), Thing::Refund, &whole, page).await
}

fn listed_refunds(partner: PartnerId, given: &Given) -> Result<ListedRefunds, String> {
    let statuses = given.words::<RefundStatus>("status")?;
    let statuses = statuses.map(|all| all.iter().map(|one| one.as_str()).collect::<Vec<_>>());
    let sort = match given.text("sort").unwrap_or("created_at") {
        "created_at" => "created_at",
        "-created_at" => "-created_at",
        "value" => "value",
        "-value" => "-value",
        other => {
            let rule = "must be created_at or value, with - or without";
            return Err(format!("sort: {:?} {rule}", shown(other)));
        }
    };
    let (skip, most) = given.page(LARGEST_PAGE, PAGE)?;
    Ok(ListedRefunds {
        partner,
        statuses: statuses.map(|all| format!(",{},", all.join(","))),
        event: given.word("event")?,
        org: given.word("org")?,
        vendor: given.word("vendor")?,
        sort,
        skip,
        most,
    })
}

/// What there is not, for this partner.
pub(super) fn no_order() -> Problem {
    none("order")
}
