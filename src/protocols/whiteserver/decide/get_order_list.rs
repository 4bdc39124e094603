//! `GetOrderList`: the object's orders, the newest first, as far as the object lets them be listed.

use jiff::Timestamp;

use super::{Decision, rules};
use crate::domain::task::{ObjectId, OrderGuid, OrderKey};
use crate::domain::time_zone::TimeZone;
use crate::protocols::whiteserver::command::GetOrderList;
use crate::protocols::whiteserver::command::order_list::MOST_LISTED;
use crate::protocols::whiteserver::model::{Listed, OrderState};
use crate::protocols::whiteserver::reply::{Code, ListedOrder, Refusal, Reply};

/// Whether the object permits such a list. Stores ask too: what may not be shown need not be loaded.
pub fn may_list(state: &OrderState, object: ObjectId, list: &GetOrderList) -> Result<(), Refusal> {
    let permits = rules(state, object)?.permits;
    if list.table_code.is_none() && !permits.all_tables {
        return Err(Refusal::new(
            Code::WsaAllTablesNotPermitted,
            format!(
                "params.tableCode is missing, and object {object} does not list the orders of all \
                 its tables"
            ),
        ));
    }
    if list.with_closed && !permits.closed_orders {
        return Err(Refusal::new(
            Code::WsaClosedOrdersNotPermitted,
            format!("params.withClosed is true, but object {object} does not list closed orders"),
        ));
    }
    Ok(())
}

pub(super) fn decide(state: &OrderState, object: ObjectId, list: &GetOrderList) -> Decision {
    may_list(state, object, list)?;
    let mut orders = state.list(object, list);
    orders.sort_by_key(|(guid, listed)| std::cmp::Reverse((listed.order.created_at, *guid)));
    orders.truncate(MOST_LISTED);
    let zone = state.zone(object);
    let shown = |(guid, listed): (OrderGuid, Listed)| ListedOrder {
        payments: state.applied(OrderKey { object, guid }, &listed.payments),
        ..shown(state.now, &zone, guid, listed)
    };
    Ok(Reply::Orders(orders.into_iter().map(shown).collect()))
}

fn shown(now: Timestamp, zone: &TimeZone, guid: OrderGuid, listed: Listed) -> ListedOrder {
    let order = listed.order;
    let open_for = order.closed_at.unwrap_or(now).duration_since(order.created_at);
    ListedOrder {
        guid,
        table_code: listed.table_code,
        total: order.total,
        due: order.due(),
        finished: !order.status.is_open(),
        waiter: order.till.waiter,
        opened_at: zone.at(order.created_at),
        minutes: open_for.as_mins().max(0),
        payments: Vec::new(),
    }
}
