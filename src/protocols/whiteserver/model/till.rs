//! What a restaurant says of its orders, and what its till is told of them.

use jiff::Timestamp;

use super::{Order, OrderState, OrderStatus, Payment};
use crate::domain::task::{OrderKey, TaskGuid};
use crate::domain::time_zone::TimeZone;
use crate::protocols::whiteserver::reply::{Code, Reason};

/// What the restaurant says of an order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TillSide {
    /// The waiter, as the catalogue numbers employees.
    pub waiter: Option<i64>,
    /// What the kitchen says.
    pub substate: Option<String>,
    /// Until when it waits for its acceptance.
    pub accept_by: Option<Timestamp>,
    /// Why the restaurant did not take it.
    pub rejected: Option<Reason>,
}

/// Who changes orders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum By {
    /// An aggregator.
    Aggregator,
    /// The restaurant's own system.
    Till,
    /// This service, when a time is over.
    #[default]
    Service,
}

impl By {
    /// As tills read it.
    pub fn as_str(self) -> &'static str {
        match self {
            By::Aggregator => "aggregator",
            By::Till => "till",
            By::Service => "service",
        }
    }
}

/// Who changes orders at the moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Acting {
    /// Who.
    pub by: By,
    /// By which task.
    pub task: Option<TaskGuid>,
}

/// What a till is told.
#[derive(Debug, Clone, PartialEq)]
pub struct TillEvent {
    /// Of which order.
    pub order: OrderKey,
    /// What happened to it, as tills read it.
    pub happened: &'static str,
    /// By whom.
    pub acting: Acting,
    /// The order as it was then.
    pub seen: TillOrder,
    /// The payments that were taken by it.
    pub payments: Vec<Payment>,
}

/// An order as a till sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct TillOrder {
    /// Which one.
    pub key: OrderKey,
    /// As it is.
    pub order: Order,
    /// Its version, which a change has to name.
    pub version: i64,
    /// The restaurant's time zone.
    pub zone: TimeZone,
}

/// Every word for what happened.
pub const HAPPENED: [&str; 10] = [
    "OrderCreated",
    "OrderPaid",
    "PaymentsRemoved",
    "OrderAccepted",
    "OrderRejected",
    "OrderCompleted",
    "OrderCanceled",
    "BillPrinted",
    "BillUndone",
    "OrderChanged",
];

/// What a change was. The status in the order tells the rest: a payment may complete an order as well.
fn happened(before: Option<&Order>, after: &Order, paid: bool) -> &'static str {
    use OrderStatus::{Canceled, Complited, Confirmed, Created, RestaurantCancelled};
    let Some(before) = before else { return "OrderCreated" };
    match (before.status, after.status) {
        _ if paid => "OrderPaid",
        (Confirmed, Created) => "OrderAccepted",
        (Confirmed, RestaurantCancelled) => "OrderRejected",
        (was, Canceled) if was != Canceled => "OrderCanceled",
        (was, Complited) if was != Complited => "OrderCompleted",
        _ if after.paid < before.paid => "PaymentsRemoved",
        _ if after.bill_printed && !before.bill_printed => "BillPrinted",
        _ if before.bill_printed && !after.bill_printed => "BillUndone",
        _ => "OrderChanged",
    }
}

/// Whether more than its money has changed.
pub(super) fn is_rewritten(before: &Order, after: &Order) -> bool {
    let accepts = |order: &Order| {
        matches!(order.status, OrderStatus::Confirmed | OrderStatus::RestaurantCancelled)
    };
    before.total != after.total
        || before.bill_printed != after.bill_printed
        || before.till != after.till
        || before.content != after.content
        || accepts(before)
        || accepts(after)
}

impl OrderState {
    /// The version of an order, the changes of this batch included.
    pub fn version(&self, key: OrderKey) -> i64 {
        self.orders.get(&key).map_or(0, |loaded| loaded.order.version + loaded.changes)
    }

    /// An order as its till sees it.
    pub fn seen(&self, key: OrderKey) -> Option<TillOrder> {
        let order = self.order(key)?.clone();
        Some(TillOrder { key, order, version: self.version(key), zone: self.zone(key.object) })
    }

    /// Ends an order that waited too long for its acceptance.
    pub fn expire_acceptance(&mut self, key: OrderKey) {
        let Some(order) = self.order(key) else { return };
        let message = match order.till.accept_by {
            Some(until) => format!(
                "nobody at the restaurant accepted the order by {}",
                until.strftime("%Y-%m-%dT%H:%M:%SZ")
            ),
            None => "nobody at the restaurant accepted the order".into(),
        };
        let reason = Reason { code: Code::WsaOrderIgnoredOnPos.as_str().into(), message };
        let rejected = order.clone().rejected(reason, self.now);
        self.update_order(key, rejected, Vec::new());
    }

    pub(super) fn record_till_event(
        &mut self,
        key: OrderKey,
        order: &Order,
        version: i64,
        payments: &[Payment],
    ) {
        if !self.tills.contains(&key.object) || order.content.is_none() {
            return;
        }
        let happened = happened(self.order(key), order, !payments.is_empty());
        let zone = self.zone(key.object);
        let seen = TillOrder { key, order: order.clone(), version, zone };
        let (acting, payments) = (self.acting, payments.to_vec());
        self.till_events.push(TillEvent { order: key, happened, acting, seen, payments });
    }
}

impl Order {
    /// The same, when the restaurant does not take it.
    pub fn rejected(self, reason: Reason, now: Timestamp) -> Order {
        let till = TillSide { rejected: Some(reason), ..self.till };
        let status = OrderStatus::RestaurantCancelled;
        Order { status, till, closed_at: Some(now), ..self }
    }
}
