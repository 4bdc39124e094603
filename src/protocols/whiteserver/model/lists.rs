//! Orders as `GetOrderList` shows them.

use super::{Loaded, Order, OrderState, Taken};
use crate::domain::task::{ObjectId, OrderGuid, OrderKey};
use crate::protocols::whiteserver::command::{GetOrderList, TableCode};

/// An order as a list needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// The order; without its content.
    pub order: Order,
    /// The table it is served at.
    pub table_code: Option<TableCode>,
    /// Its payments, as the store holds them.
    pub payments: Vec<Taken>,
}

#[derive(Debug, Clone)]
pub(super) struct LoadedList {
    object: ObjectId,
    list: GetOrderList,
    orders: Vec<(OrderGuid, Listed)>,
}

impl Listed {
    fn of(order: &Order, stored: Option<&TableCode>, payments: &[Taken]) -> Listed {
        let table = match &order.content {
            Some(content) => content.table_code.as_ref(),
            None => stored,
        };
        let table_code = table.cloned();
        let payments = payments.to_vec();
        Listed { order: Order { content: None, ..order.clone() }, table_code, payments }
    }
}

impl OrderState {
    /// Adds the newest orders that such a list shows, as the store holds them.
    pub fn load_list(
        &mut self,
        object: ObjectId,
        list: GetOrderList,
        orders: Vec<(OrderGuid, Listed)>,
    ) {
        self.lists.push(LoadedList { object, list, orders });
    }

    /// The stored payments of each order of each list, with its object.
    pub(super) fn listed_payments(&self) -> impl Iterator<Item = (ObjectId, &Vec<Taken>)> {
        self.lists.iter().flat_map(|LoadedList { object, orders, .. }| {
            orders.iter().map(move |(_, listed)| (*object, &listed.payments))
        })
    }

    /// The orders that such a list shows, as they are now, in no order: those of the store that are
    /// still so, and those that this batch opened or moved.
    pub fn list(&self, object: ObjectId, list: &GetOrderList) -> Vec<(OrderGuid, Listed)> {
        let shown = |listed: &Listed| {
            (list.with_closed || listed.order.status.is_open())
                && (list.table_code.is_none() || list.table_code == listed.table_code)
        };
        let stored = self.lists.iter().find(|of| of.object == object && of.list == *list);
        let stored = stored.map_or(&[][..], |of| &of.orders);
        let is_stored = |guid: OrderGuid| stored.iter().any(|(listed, _)| *listed == guid);
        let now = stored.iter().map(|(guid, listed)| {
            let now = self.order(OrderKey { object, guid: *guid });
            let now = now.map(|now| Listed::of(now, listed.table_code.as_ref(), &listed.payments));
            (*guid, now.unwrap_or_else(|| listed.clone()))
        });
        // One that came to the table in this batch is not in what the store listed.
        let come = self.orders.iter().filter(|(key, Loaded { order, rewritten, .. })| {
            let new = order.version == 0 || *rewritten;
            key.object == object && new && !is_stored(key.guid)
        });
        let come = come.map(|(key, Loaded { order, .. })| {
            (key.guid, Listed::of(order, None, self.taken(*key)))
        });
        now.chain(come).filter(|(_, listed)| shown(listed)).collect()
    }
}
