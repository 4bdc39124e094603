//! GET of orders and of their tickets.

use serde_json::Value;

use super::error::Problem;
use super::reading::{Asked, Refused, none, unreachable};
use crate::protocols::ticketscloud::command::OrderView;
use crate::protocols::ticketscloud::hex_id::{EventId, OrderId, PartnerId};
use crate::protocols::ticketscloud::model::OrderStatus;
use crate::protocols::ticketscloud::parameters::{self, Given, LARGEST_PAGE, PAGE};
use crate::protocols::ticketscloud::sql::Tables;
use crate::protocols::ticketscloud::sql::orders::Listed;
use crate::protocols::ticketscloud::wire::fields::Schema;
use crate::protocols::ticketscloud::wire::{answer, event, wide};

/// An order.
pub(super) async fn one(asked: Asked) -> Refused<Value> {
    let schema = asked.schema(wide::ORDER)?;
    let view = found(&asked).await?;
    let mut shown = show(asked.tables(), schema.as_ref(), &[view]).await?;
    shown.pop().ok_or_else(|| none("order"))
}

/// The tickets of an order, with what admits to the event when it is paid.
pub(super) async fn tickets(asked: Asked) -> Refused<Value> {
    let schema = asked.schema(wide::TICKET)?;
    let view = found(&asked).await?;
    let tickets = wide::tickets(&view);
    Ok(match schema {
        Some(schema) => schema.apply(&tickets, &[]),
        None => tickets,
    })
}

/// The partner's own order; any other is none.
async fn found(asked: &Asked) -> Refused<OrderView> {
    let order: OrderId = asked.id(0, "order")?;
    let found = asked.tables().order(asked.partner, order).await.map_err(unreachable)?;
    found.ok_or_else(|| none("order"))
}

/// Orders.
pub(super) async fn list(asked: Asked) -> Refused<Value> {
    let schema = asked.schema(wide::ORDER)?;
    let listed = listed_of(asked.partner, &asked.given).map_err(Problem::bad)?;
    let found = asked.tables().orders(&listed).await.map_err(unreachable)?;
    show(asked.tables(), schema.as_ref(), &found).await.map(Value::Array)
}

/// Orders as v1 shows them, or as a schema says.
async fn show(
    tables: Tables<'_>,
    schema: Option<&Schema>,
    views: &[OrderView],
) -> Refused<Vec<Value>> {
    match schema {
        None => Ok(views.iter().map(answer::plain_order).collect()),
        Some(schema) => widened(tables, schema, views.iter().map(wide::order).collect()).await,
    }
}

/// What a schema shows of these orders, with their events where it asks for them.
pub(super) async fn widened(
    tables: Tables<'_>,
    schema: &Schema,
    mut orders: Vec<Value>,
) -> Refused<Vec<Value>> {
    if schema.below("event").is_some() {
        let id = |order: &Value| order["event"].as_str().and_then(|id| id.parse().ok());
        let ids: std::collections::BTreeSet<EventId> = orders.iter().filter_map(id).collect();
        let ids: Vec<EventId> = ids.into_iter().collect();
        let (offers, now) = tables.events_by(&ids).await.map_err(unreachable)?;
        let shown = tables.shown(offers).await.map_err(unreachable)?;
        for order in &mut orders {
            let of = id(order);
            if let Some(shown) = shown.iter().find(|shown| Some(shown.offer.event) == of) {
                order["event"] = event::event(shown, now);
            }
        }
    }
    Ok(orders.iter().map(|order| schema.apply(order, &["event", "tickets"])).collect())
}

/// What a query of orders asks for.
pub fn listed(partner: PartnerId, query: &str) -> Result<Listed, String> {
    listed_of(partner, &Given::read(&parameters::ORDERS, query)?)
}

fn listed_of(partner: PartnerId, given: &Given) -> Result<Listed, String> {
    let statuses = given.words::<OrderStatus>("status")?;
    let statuses = statuses.map(|all| all.iter().map(|one| one.as_str()).collect::<Vec<_>>());
    let (skip, most) = given.page(LARGEST_PAGE, PAGE)?;
    let statuses = statuses.map(|all| format!(",{},", all.join(",")));
    Ok(Listed { partner, statuses, event: given.word("event")?, skip, most })
}

/// What there is not, for this partner.
pub(super) fn no_order() -> Problem {
    none("order")
}
