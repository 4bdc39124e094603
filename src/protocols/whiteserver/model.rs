//! What a decision may see and change: the loaded part of the store, and what became of it.
//!
//! A store loads and locks the rows that a batch of tasks [needs](super::command::Command::needs), hands them over as a
//! [`OrderState`], and writes back the [`Changes`]. Tasks of one batch see each other's effects through it.

mod applied;
mod creation;
mod kinds;
mod lists;
mod rules;
mod shelf;
pub mod till;

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

pub use self::applied::{Taken, Title};
pub use self::creation::{Creation, CreationState};
pub use self::kinds::{AgentVersion, CurrencyKind, OrderStatus};
pub use self::lists::Listed;
use self::lists::LoadedList;
pub use self::rules::{ObjectRules, Permits};
pub use self::shelf::{Kept, Shelf};
pub use self::till::TillSide;
use self::till::{Acting, TillEvent};
use super::command::OrderContent;
use super::command::pay_order::CardCode;
use super::reply::{OrderStateView, OrderView, Reason};
use crate::domain::money::Money;
use crate::domain::outbox::EventTypes;
use crate::domain::task::{CurrencyGuid, ObjectId, OrderGuid, OrderKey, TaskGuid, TaskKey};
use crate::domain::time_zone::TimeZone;

/// One order, as far as money is concerned; its content is there only when a task asked for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// Where it stands.
    pub status: OrderStatus,
    /// What it costs.
    pub total: Money,
    /// What was paid, prepaid or written off; never more than `total`.
    pub paid: Money,
    /// Whether the bill was printed.
    pub bill_printed: bool,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was closed or cancelled.
    pub closed_at: Option<Timestamp>,
    /// What it consists of, when loaded.
    pub content: Option<OrderContent>,
    /// What the restaurant says of it.
    pub till: TillSide,
    /// Counts the writes; a write names the version it read. 0 for an order not yet stored.
    pub version: i64,
}

impl Order {
    /// What remains to be paid.
    pub fn due(&self) -> Money {
        self.total.checked_sub(self.paid).unwrap_or(Money::ZERO)
    }

    /// Whether anything of where it stands is another than in `after`: its status, its bill, what the kitchen says, or
    /// why the restaurant did not take it.
    fn stands_elsewhere(&self, after: &Order) -> bool {
        self.status != after.status
            || self.bill_printed != after.bill_printed
            || self.till.substate != after.till.substate
            || self.till.rejected != after.till.rejected
    }
}

/// A payment taken by a task: one line of the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct Payment {
    /// The order paid.
    pub order: OrderKey,
    /// The task that paid.
    pub task: TaskGuid,
    /// The line within the task, from 0; `(task, line)` is unique.
    pub line: i64,
    /// Paid with.
    pub currency: CurrencyGuid,
    /// How much.
    pub amount: Money,
    /// What a 100 % discount left over: nothing or one kopeck.
    pub written_off: Money,
    /// A loyalty card.
    pub card_code: Option<CardCode>,
    /// Said to be so by its caller.
    pub promised: bool,
    /// The task of the same batch that took it back at once.
    pub removed_by: Option<TaskGuid>,
}

/// An order has changed, and somebody wants to know.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderEvent {
    /// The order.
    pub order: OrderKey,
    /// The number of the change, which only grows.
    pub version: i64,
    /// What is told of it.
    pub news: OrderNews,
}

/// What an event tells of an order, as it was after the change.
#[derive(Debug, Clone, PartialEq)]
pub enum OrderNews {
    /// All of it.
    Whole(Box<OrderView>),
    /// Where it stands.
    Status(OrderStateView),
}

/// The state of the orders that one batch needs, as loaded from the store, and the changes decided so far.
#[derive(Debug, Clone, Default)]
pub struct OrderState {
    /// The database's clock, read after the tasks were locked.
    pub now: Timestamp,
    /// What is decided about each object.
    pub objects: HashMap<ObjectId, ObjectRules>,
    /// The currencies that were asked for and exist.
    pub currencies: HashMap<(ObjectId, CurrencyGuid), CurrencyKind>,
    /// What these are to their restaurants, where a task shows payments.
    pub titles: HashMap<(ObjectId, CurrencyGuid), Title>,
    /// The tasks that were to create orders, as far as they were asked for and exist.
    pub creations: HashMap<TaskKey, Creation>,
    /// The types of events of each object that somebody wants to know of; an object of which nobody does is not named.
    pub listened: HashMap<ObjectId, EventTypes>,
    /// What was asked for of the catalogues.
    pub catalogues: Shelf,
    /// The objects that have a till, which is told of every change of their orders.
    pub tills: HashSet<ObjectId>,
    /// Who changes orders now, and by which task.
    pub acting: Acting,
    orders: BTreeMap<OrderKey, Loaded>,
    originals: HashMap<ObjectId, HashMap<String, OrderGuid>>,
    payments: Vec<Payment>,
    removals: BTreeMap<OrderKey, TaskGuid>,
    taken: HashMap<OrderKey, Vec<Taken>>,
    lists: Vec<LoadedList>,
    events: Vec<OrderEvent>,
    till_events: Vec<TillEvent>,
}

#[derive(Debug, Clone)]
struct Loaded {
    order: Order,
    /// How often this batch changed it.
    changes: i64,
    /// Whether it is more than money that changed.
    rewritten: bool,
}

/// What a batch did, in the order of keys: the order in which rows are written.
#[derive(Debug, Default, PartialEq)]
pub struct Changes {
    /// Orders to insert; each carries its first version.
    pub created: Vec<(OrderKey, Order)>,
    /// Orders to update; each carries the version that was read, and how many changes come to it.
    pub updated: Vec<(OrderKey, Order, i64)>,
    /// The same of orders of which more than money has changed.
    pub rewritten: Vec<(OrderKey, Order, i64)>,
    /// Orders whose stored payments are removed, by which task. Not those of `payments`: what was taken
    /// and removed in the same batch says so itself.
    pub removals: Vec<(OrderKey, TaskGuid)>,
    /// Payments to insert.
    pub payments: Vec<Payment>,
    /// What to tell of it, in the order in which it happened.
    pub events: Vec<OrderEvent>,
    /// What to tell tills of it, in the same order.
    pub till_events: Vec<TillEvent>,
}

impl OrderState {
    /// An empty state at this moment.
    pub fn at(now: Timestamp) -> OrderState {
        OrderState { now, ..OrderState::default() }
    }

    /// Adds an order as the store holds it.
    pub fn load_order(&mut self, key: OrderKey, order: Order) {
        self.orders.insert(key, Loaded { order, changes: 0, rewritten: false });
    }

    /// Marks an aggregator's order number as taken.
    pub fn load_original(&mut self, object: ObjectId, original: String, order: OrderGuid) {
        self.originals.entry(object).or_default().insert(original, order);
    }

    /// Records that a task failed to create its order, for callers that ask for the order later.
    pub fn record_failed_creation(&mut self, task: TaskKey, reason: Reason) {
        if let Some(creation) = self.creations.get_mut(&task) {
            creation.state = CreationState::Failed(reason);
        }
    }

    /// The time zone of an object.
    pub fn zone(&self, object: ObjectId) -> TimeZone {
        self.objects.get(&object).map(|rules| rules.zone.clone()).unwrap_or_default()
    }

    /// The order, when the object has it.
    pub fn order(&self, key: OrderKey) -> Option<&Order> {
        self.orders.get(&key).map(|loaded| &loaded.order)
    }

    /// The order with this number of the aggregator's, when it is taken.
    pub fn original(&self, object: ObjectId, original: &str) -> Option<OrderGuid> {
        self.originals.get(&object)?.get(original).copied()
    }

    /// Opens an order, with what is paid of it already.
    pub fn create_order(&mut self, key: OrderKey, order: Order, paid: Option<Payment>) {
        if let Some(original) = order.content.as_ref().and_then(|c| c.original_order_id.clone()) {
            self.load_original(key.object, original, key.guid);
        }
        self.change(key, order, paid.as_slice());
        self.payments.extend(paid);
    }

    /// Replaces an order and adds the payments that changed it.
    pub fn update_order(&mut self, key: OrderKey, order: Order, payments: Vec<Payment>) {
        self.change(key, order, &payments);
        self.payments.extend(payments);
    }

    /// Takes back every payment of an order; what the order says of itself is the caller's to change.
    pub fn remove_payments(&mut self, key: OrderKey, by: TaskGuid) {
        // The first removal takes what is stored; whatever a later one finds was paid in this batch.
        self.removals.entry(key).or_insert(by);
        let here = self.payments.iter_mut().filter(|payment| payment.order == key);
        for payment in here.filter(|payment| payment.removed_by.is_none()) {
            payment.removed_by = Some(by);
        }
    }

    fn change(&mut self, key: OrderKey, order: Order, payments: &[Payment]) {
        let before = self.orders.get(&key);
        let changes = before.map_or(0, |loaded| loaded.changes) + 1;
        let is_rewritten =
            |loaded: &Loaded| loaded.rewritten || till::is_rewritten(&loaded.order, &order);
        let rewritten = before.is_some_and(is_rewritten);
        self.record_events(key, &order, order.version + changes);
        self.record_till_event(key, &order, order.version + changes, payments);
        self.orders.insert(key, Loaded { order, changes, rewritten });
    }

    /// Remembers a change for those who listen. Whoever began to after the order was loaded hears of
    /// the next change.
    fn record_events(&mut self, key: OrderKey, order: &Order, version: i64) {
        let wanted = self.listened.get(&key.object).copied().unwrap_or_default();
        if order.content.is_none() {
            return;
        }
        let whole = wanted.changes.then(|| {
            OrderNews::Whole(Box::new(OrderView::of(key.guid, order, self.zone(key.object))))
        });
        let moved = self.order(key).is_none_or(|before| before.stands_elsewhere(order));
        let status = (wanted.statuses && moved)
            .then(|| OrderNews::Status(OrderStateView::of(key.guid, order)));
        let news = whole.into_iter().chain(status);
        self.events.extend(news.map(|news| OrderEvent { order: key, version, news }));
    }

    /// What has to be written.
    pub fn into_changes(self) -> Changes {
        let mut changed = Changes {
            removals: self.removals.into_iter().collect(),
            payments: self.payments,
            events: self.events,
            till_events: self.till_events,
            ..Changes::default()
        };
        for (key, Loaded { order, changes, rewritten }) in self.orders {
            match (changes, order.version) {
                (0, _) => {}
                (version, 0) => changed.created.push((key, Order { version, ..order })),
                (changes, _) if rewritten => changed.rewritten.push((key, order, changes)),
                (changes, _) => changed.updated.push((key, order, changes)),
            }
        }
        changed
    }
}
