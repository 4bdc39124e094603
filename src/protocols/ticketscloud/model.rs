//! The loaded part of ticketscloud's inventory, and what became of it.

mod inventory;
pub mod offer;
mod promocode;
pub mod refund;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::inventory::{Changed, InventoryState, Ticket};
pub use self::promocode::{Discount, Percent, Promocode};
use super::hex_id::{
    DealId, EventId, OrderId, PartnerId, PromocodeId, RefundId, RuleId, SetId, SystemId, TicketId,
};
use crate::domain::money::Money;
use crate::domain::string_enum::string_enum;
use crate::domain::task::{ObjectId, TaskGuid};

/// Where an order of tickets stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Its tickets are reserved, and it can be changed.
    Executed,
    /// It is being paid.
    InProgress,
    /// It is paid.
    Done,
    /// It was paid, and the money was given back.
    Refunded,
    /// Nobody wants it any more.
    Canceled,
    /// Nobody paid it in time.
    Expired,
}

string_enum!(OrderStatus {
    Executed = "executed",
    InProgress = "in_progress",
    Done = "done",
    Refunded = "refunded",
    Canceled = "canceled",
    Expired = "expired",
});

impl OrderStatus {
    /// Whether such an order has its tickets.
    pub fn holds(self) -> bool {
        matches!(self, OrderStatus::Executed | OrderStatus::InProgress | OrderStatus::Done)
    }

    /// Whether such an order expires.
    pub fn lapses(self) -> bool {
        matches!(self, OrderStatus::Executed | OrderStatus::InProgress)
    }
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Whose it is.
    pub org: PartnerId,
    /// Whether tickets can be reserved.
    pub on_sale: bool,
    /// The number of its last order.
    pub last_number: i64,
}

/// From when, until when; `None`: always.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Period {
    /// The first moment.
    pub starts_at: Option<Timestamp>,
    /// The first moment after it.
    pub ends_at: Option<Timestamp>,
}

impl Period {
    /// Whether the moment is in it.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.starts_at.is_none_or(|start| start <= at) && self.ends_at.is_none_or(|end| at < end)
    }
}

/// What a ticket of a set costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// The price, from which discounts are taken.
    pub price: Money,
    /// The fee, from which none is.
    pub extra: Money,
    /// When it counts.
    pub period: Period,
}

/// The rule that counts now: of several, the one that began last; of those, the one with the lowest id. The rules are in
/// the order of their ids.
pub fn in_effect(rules: &[Rule], now: Timestamp) -> Option<&Rule> {
    let rules = rules.iter().filter(|rule| rule.period.contains(now));
    // The last of equals is found, so the lowest id comes last.
    rules.rev().max_by_key(|rule| rule.period.starts_at)
}

/// How orders are paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System {
    /// Its id, as answers show it.
    pub id: SystemId,
    /// Its code, such as `api/BASE`.
    pub code: String,
}

/// A ticket in an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Of which set.
    pub set: SetId,
    /// By which rule it has its price.
    pub rule: RuleId,
    /// What it costs before discounts.
    pub price: Money,
    /// The fee.
    pub extra: Money,
    /// The discounts; never more than the price.
    pub discount: Money,
    /// The task that reserved it.
    pub task: TaskGuid,
    /// Where its seat is, as JSON.
    pub place: Option<String>,
    /// What was given back for it.
    pub refund: Money,
    /// By which task.
    pub refunded_by: Option<TaskGuid>,
}

impl Line {
    /// What the ticket costs after discounts, with the fee.
    pub fn cost(&self) -> Money {
        let nominal = self.price.checked_sub(self.discount).unwrap_or_default();
        nominal.checked_add(self.extra).unwrap_or(nominal)
    }
}

/// What an order comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Values {
    /// The tickets, after discounts.
    pub nominal: Money,
    /// The discounts.
    pub discount: Money,
    /// The fees.
    pub extra: Money,
    /// What is to be paid: tickets and fees.
    pub full: Money,
}

impl Values {
    /// The sums of an order's lines; `None` when they are more than an amount can be.
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Option<Values> {
        lines.into_iter().try_fold(Values::default(), |sum, line| {
            let price = line.price.checked_sub(line.discount)?;
            Some(Values {
                nominal: sum.nominal.checked_add(price)?,
                discount: sum.discount.checked_add(line.discount)?,
                extra: sum.extra.checked_add(line.extra)?,
                full: sum.full.checked_add(price)?.checked_add(line.extra)?,
            })
        })
    }
}

/// An order of tickets.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Order {
    pub id: OrderId,
    /// Counted from 1 in its event.
    pub number: i64,
    /// Who sells.
    pub partner: PartnerId,
    /// By what right, when the event is somebody else's.
    pub deal: Option<DealId>,
    pub status: OrderStatus,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When it expires, unless it is done by then.
    pub reserved_till: Timestamp,
    pub customer: BTreeMap<String, String>,
    pub system: Option<SystemId>,
    pub success_url: Option<String>,
    pub failure_url: Option<String>,
    pub promocodes: BTreeSet<PromocodeId>,
    /// Its tickets, also when it has lost them.
    pub lines: BTreeMap<TicketId, Line>,
    /// What the lines come to.
    pub values: Values,
    /// How much of that was given back.
    pub refunded: Money,
    /// The number that callers see.
    pub shown_number: i64,
    pub done_at: Option<Timestamp>,
    /// The task that took the money.
    pub done_by: Option<TaskGuid>,
    /// What its seller keeps with it, as JSON.
    pub vendor_data: Option<String>,
    /// The task that made it.
    pub task: TaskGuid,
    /// Counts the writes; a write names the version it read. 0 for an order not yet stored.
    pub version: i64,
}

impl Order {
    /// The tickets that it has to itself.
    pub fn held(&self) -> impl Iterator<Item = TicketId> + '_ {
        let lines = self.lines.iter().filter(|(_, line)| self.holds(line));
        lines.map(|(id, _)| *id)
    }

    /// Whether it has the ticket of this line.
    pub fn holds(&self, line: &Line) -> bool {
        self.status.holds() && line.refunded_by.is_none()
    }
}

/// Where shown numbers begin: above all that were told to anybody while each event counted for itself.
const FIRST_SHOWN: i64 = 1_000_000_000;
/// Where numbers of events begin.
const FIRST_EVENT: i64 = 1_000_000_000_000_000;

/// The number that callers see of the order that is this one of its event: no two orders of any events share one, and
/// nobody has to ask for it. It pairs the two numbers as Cantor does, so it stays as small as it can.
pub fn shown_number(event: ObjectId, number: i64) -> i64 {
    let place = event.0.saturating_sub(FIRST_EVENT);
    let sum = place.saturating_add(number);
    let pair = sum.saturating_mul(sum.saturating_add(1)) / 2;
    pair.saturating_add(number).saturating_add(FIRST_SHOWN)
}

/// Money that was taken for an order or given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// By which task.
    pub task: TaskGuid,
    /// For which order.
    pub order: OrderId,
    /// By which request; `None`: of the whole order.
    pub refund: Option<RefundId>,
    /// Which of the two.
    pub kind: EntryKind,
    /// How much.
    pub amount: Money,
}

/// Which way money went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// It was taken.
    Sale,
    /// It was given back.
    Refund,
}

string_enum!(EntryKind { Sale = "sale", Refund = "refund" });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_orders_share_a_number() {
        let mut seen = BTreeSet::new();
        for event in 0..60 {
            for number in 1..60 {
                let shown = shown_number(ObjectId(FIRST_EVENT + event), number);
                assert!(seen.insert(shown), "order {number} of event {event}: {shown}");
            }
        }
        assert!(seen.first().unwrap() > &FIRST_SHOWN && seen.last().unwrap() < &1_000_010_000);
        // As exact as JSON is read, for a million events with a million orders.
        assert!(shown_number(ObjectId(FIRST_EVENT + 1_000_000), 1_000_000) < 1 << 53);
    }
}
