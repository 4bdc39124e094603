//! The payments that orders have, for those who show them.

use jiff::Timestamp;

use super::{CurrencyKind, OrderState};
use crate::domain::money::Money;
use crate::domain::task::{CurrencyGuid, ObjectId, OrderKey, TaskGuid};
use crate::protocols::whiteserver::reply::AppliedPayment;

/// A payment as the store holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The task that took it.
    pub task: TaskGuid,
    /// Its place in that task.
    pub line: i64,
    /// Paid with.
    pub currency: CurrencyGuid,
    /// How much.
    pub amount: Money,
    /// What a 100 % discount left over.
    pub written_off: Money,
    /// When.
    pub taken_at: Timestamp,
    /// Whether it was taken back.
    pub removed: bool,
}

/// What a currency is to its restaurant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// As it is called.
    pub name: String,
    /// What kind of payment it is.
    pub kind: CurrencyKind,
}

impl OrderState {
    /// Adds a payment of an order as the store holds it.
    pub fn load_taken(&mut self, key: OrderKey, payment: Taken) {
        self.taken.entry(key).or_default().push(payment);
    }

    /// The currencies that are needed to show payments: of what was loaded, and, in these objects, of what this batch may
    /// yet take.
    pub fn untitled(&self, objects: &[ObjectId]) -> Vec<(ObjectId, CurrencyGuid)> {
        let taken = self.taken.iter().map(|(key, payments)| (key.object, payments));
        let taken = taken.chain(self.listed_payments());
        let taken = taken.flat_map(|(object, payments)| {
            payments.iter().map(move |payment| (object, payment.currency))
        });
        let online = &self.catalogues.online_currencies;
        let online = online.iter().map(|(object, currency)| (*object, *currency));
        let to_take = self.currencies.keys().copied().chain(online);
        let to_take = to_take.filter(|(object, _)| objects.contains(object));
        let mut all: Vec<_> = taken.chain(to_take).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The stored payments of an order, as far as they were loaded.
    pub fn taken(&self, key: OrderKey) -> &[Taken] {
        self.taken.get(&key).map_or(&[], Vec::as_slice)
    }

    /// The payments that an order has now, the oldest first: those that the store has of it, unless this batch takes
    /// them back, and those of this batch.
    pub fn applied(&self, key: OrderKey, stored: &[Taken]) -> Vec<AppliedPayment> {
        let stored = if self.removals.contains_key(&key) { &[] } else { stored };
        let here = self.payments.iter().filter(|payment| payment.order == key);
        let here = here.map(|payment| Taken {
            task: payment.task,
            line: payment.line,
            currency: payment.currency,
            amount: payment.amount,
            written_off: payment.written_off,
            taken_at: self.now,
            removed: payment.removed_by.is_some(),
        });
        let mut all: Vec<Taken> = stored.iter().cloned().chain(here).collect();
        all.retain(|payment| !payment.removed);
        all.sort_by_key(|payment| (payment.taken_at, payment.task, payment.line));
        let zone = self.zone(key.object);
        let shown = |payment: Taken| AppliedPayment {
            amount: payment.amount,
            written_off: payment.written_off,
            currency: payment.currency,
            title: self.titles.get(&(key.object, payment.currency)).cloned(),
            taken_at: zone.at(payment.taken_at),
        };
        all.into_iter().map(shown).collect()
    }
}
