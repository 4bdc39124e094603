//! The loaded part of BILLmanager's ledger, and what became of it.

pub mod calendar;
mod goods;
mod offer;
mod parameter;
pub mod refund;
pub mod renewal;
mod service;

use std::collections::{BTreeMap, BTreeSet, HashMap};

pub use self::goods::{
    Configured, Item, ItemStatus, Order, OrderStatus, Payment, PaymentStatus, Stored,
};
pub use self::offer::{Addon, AddonKind, Choice, MOST_COUNT, Method, Pricelist, USUAL_PERIODS};
pub use self::offer::{DAY, ENDLESS, LONGEST_PERIOD, RefundRule, TRIAL, is_period};
pub use self::parameter::{Parameter, ParameterKind, Value};
pub use self::service::{NewPeriod, Pending, Service, ServiceStatus, Suspension};
use jiff::Timestamp;

use self::refund::PaidPeriod;

use crate::domain::money::Money;
use crate::domain::string_enum::string_enum;
use crate::domain::task::{ObjectId, TaskGuid, TaskKey};

/// An account and the number of something of its.
pub type Of = (ObjectId, i64);

/// A client at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The provider.
    pub provider: i64,
    /// What it is kept in.
    pub currency: String,
    /// What it holds now.
    pub balance: Money,
    /// What it held when it was loaded.
    pub loaded: Money,
}

/// What an entry of a balance is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A payment came.
    Payment,
    /// An order was paid.
    Order,
    /// A service was renewed.
    Renewal,
    /// A service was deleted, and not all of what was paid for it was used.
    Refund,
}

string_enum!(EntryKind {
    Payment = "payment",
    Order = "order",
    Renewal = "renewal",
    Refund = "refund",
});

/// A line of a balance.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Entry {
    pub object: ObjectId,
    pub task: TaskGuid,
    pub kind: EntryKind,
    pub amount: Money,
    pub order: i64,
    pub payment: Option<i64>,
    /// Of a renewal or a refund: the service.
    pub service: Option<i64>,
    /// Of a renewal: where the period starts.
    pub starts_at: Option<Timestamp>,
}

/// Numbers, and a key for a link, that nobody has had before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Fresh {
    pub item: Option<i64>,
    pub order: Option<i64>,
    pub payment: Option<i64>,
    pub key: String,
}

/// The loaded ledger and the changes decided so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LedgerState {
    /// The accounts, locked.
    pub accounts: BTreeMap<ObjectId, Account>,
    /// The price lists that were asked for and exist.
    pub pricelists: HashMap<i64, Pricelist>,
    /// The data centres that were asked for and exist, with their providers.
    pub datacenters: HashMap<i64, i64>,
    /// The promo codes that were asked for, exist and can be applied now: per cents by provider and code.
    pub promocodes: HashMap<(i64, String), i64>,
    /// The methods that were asked for and exist.
    pub methods: HashMap<i64, Method>,
    /// The stored methods that were asked for and exist.
    pub stored: HashMap<Of, Stored>,
    /// The payers of the accounts.
    pub profiles: BTreeSet<Of>,
    /// Numbers for the tasks that may need some.
    pub fresh: HashMap<TaskKey, Fresh>,
    items: BTreeMap<Of, Item>,
    added: BTreeSet<Of>,
    changed: BTreeSet<Of>,
    payments: BTreeMap<Of, Payment>,
    /// Orders that were made.
    pub orders: BTreeMap<Of, Order>,
    /// Payments that were made.
    pub made: BTreeSet<Of>,
    /// Payments that came, by which task.
    pub credited: BTreeMap<Of, TaskGuid>,
    /// Lines of balances.
    pub entries: Vec<Entry>,
    /// Numbers that were taken.
    pub taken: BTreeSet<i64>,
    /// The services that were asked for and exist, locked, with their line items.
    pub services: BTreeMap<Of, (Service, Item)>,
    /// Services that have changed.
    pub changed_services: BTreeSet<Of>,
    /// Periods that begin.
    pub periods: Vec<NewPeriod>,
    /// The periods of services that are to be deleted.
    pub paid: BTreeMap<Of, Vec<PaidPeriod>>,
    /// What periods give back, by their services and where they start.
    pub refunded: Vec<(Of, Timestamp, Money)>,
    /// Where orders stand that were asked for.
    pub order_states: BTreeMap<Of, OrderStatus>,
    /// Orders that expire.
    pub expired: BTreeSet<Of>,
}

impl LedgerState {
    /// Puts in a line item of a cart as the store holds it.
    pub fn load_item(&mut self, of: Of, item: Item) {
        self.items.insert(of, item);
    }

    /// Puts in a payment as the store holds it.
    pub fn load_payment(&mut self, of: Of, payment: Payment) {
        self.payments.insert(of, payment);
    }

    /// A line item that is in the cart.
    pub fn in_cart(&self, of: Of) -> Option<&Item> {
        self.items.get(&of).filter(|item| item.status == ItemStatus::Cart)
    }

    /// The numbers of what is in a cart.
    pub fn cart(&self, object: ObjectId) -> Vec<i64> {
        let of_it = self.items.range((object, i64::MIN)..=(object, i64::MAX));
        let in_cart = of_it.filter(|(_, item)| item.status == ItemStatus::Cart);
        in_cart.map(|((_, id), _)| *id).collect()
    }

    /// A new line item.
    pub fn add_item(&mut self, of: Of, item: Item) {
        self.taken.insert(of.1);
        self.added.insert(of);
        self.items.insert(of, item);
    }

    /// Changes a line item.
    pub fn change_item(&mut self, of: Of, change: impl FnOnce(&mut Item)) {
        if let Some(item) = self.items.get_mut(&of) {
            change(item);
            self.changed.insert(of);
        }
    }

    /// The line items that are new.
    pub fn new_items(&self) -> impl Iterator<Item = (Of, &Item)> {
        self.added.iter().filter_map(|of| Some((*of, self.items.get(of)?)))
    }

    /// The stored line items that have changed.
    pub fn changed_items(&self) -> impl Iterator<Item = (Of, &Item)> {
        let changed = self.changed.difference(&self.added);
        changed.filter_map(|of| Some((*of, self.items.get(of)?)))
    }

    /// A payment.
    pub fn payment(&self, of: Of) -> Option<&Payment> {
        self.payments.get(&of)
    }

    /// A new payment.
    pub fn make_payment(&mut self, of: Of, payment: Payment) {
        self.taken.insert(of.1);
        self.made.insert(of);
        self.payments.insert(of, payment);
    }

    /// A payment has come.
    pub fn credit(&mut self, of: Of, by: TaskGuid) {
        if let Some(payment) = self.payments.get_mut(&of) {
            payment.status = PaymentStatus::Credited;
            self.credited.insert(of, by);
        }
    }

    /// A new order.
    pub fn make_order(&mut self, of: Of, order: Order) {
        self.taken.insert(of.1);
        self.orders.insert(of, order);
    }
}
