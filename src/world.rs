//! What a decision may see and change: the loaded part of the store, and what became of it.
//!
//! A store loads and locks the rows that a batch of tasks [needs](crate::task::Command::needs), hands
//! them over as a [`World`], and writes back the [`Changes`]. Tasks of one batch see each other's
//! effects through it.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use crate::money::Money;
use crate::task::answer::OrderView;
use crate::task::pay_order::CardCode;
use crate::task::{CurrencyGuid, ObjectId, OrderContent, OrderGuid, OrderKey, TaskGuid};

/// How a restaurant's agent takes payments (White Server page, "PayOrder rules").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentVersion {
    /// Payments are prepayments; the order stays open.
    V1,
    /// The payment is the payment: exactly what is due, and it closes the order.
    V2,
}

/// What kind of payment a currency is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CurrencyKind {
    /// Notes and coins.
    Cash,
    /// A bank card at the till.
    Card,
    /// Paid elsewhere: an aggregator, a QR code.
    Online,
    /// A discount of 100 %, which leaves one kopeck to be written off.
    FullDiscount,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderStatus {
    /// Open.
    Created,
    /// Paid and closed (spelt so on the wire).
    Complited,
    /// Cancelled.
    Canceled,
}

/// A closed set of values with a word for each.
macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $type {
            /// Every value, in the order of the documentation.
            pub const ALL: &'static [$type] = &[$($type::$variant),*];

            /// The word in the store, in settings and on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $($type::$variant => $word),* }
            }
        }

        impl std::str::FromStr for $type {
            type Err = String;

            fn from_str(text: &str) -> Result<$type, String> {
                $type::ALL.iter().copied().find(|value| value.as_str() == text).ok_or_else(|| {
                    format!("{text:?} is none of: {}", [$($word),*].join(", "))
                })
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use words;

words!(AgentVersion { V1 = "v1", V2 = "v2" });
words!(CurrencyKind {
    Cash = "cash",
    Card = "card",
    Online = "online",
    FullDiscount = "full_discount",
});
words!(OrderStatus { Created = "Created", Complited = "Complited", Canceled = "Canceled" });

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
    /// Counts the writes; a write names the version it read. 0 for an order not yet stored.
    pub version: i64,
}

impl Order {
    /// What remains to be paid.
    pub fn due(&self) -> Money {
        self.total.checked_sub(self.paid).unwrap_or(Money::ZERO)
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
}

/// An order has changed, and somebody wants to know.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderEvent {
    /// The order.
    pub order: OrderKey,
    /// As it was after the change.
    pub view: OrderView,
}

/// The loaded aggregates of one batch, and the changes decided so far.
#[derive(Debug, Default)]
pub struct World {
    /// The database's clock, read after the tasks were locked.
    pub now: Timestamp,
    /// The agent version of each object.
    pub objects: HashMap<ObjectId, AgentVersion>,
    /// The currencies that were asked for and exist.
    pub currencies: HashMap<(ObjectId, CurrencyGuid), CurrencyKind>,
    /// The objects whose changes of orders somebody wants to know.
    pub listened: HashSet<ObjectId>,
    orders: BTreeMap<OrderKey, Loaded>,
    originals: HashMap<ObjectId, HashMap<String, OrderGuid>>,
    payments: Vec<Payment>,
    events: Vec<OrderEvent>,
}

#[derive(Debug)]
struct Loaded {
    order: Order,
    changed: bool,
}

/// What a batch did, in the order of keys: the order in which rows are written.
#[derive(Debug, Default)]
pub struct Changes {
    /// Orders to insert.
    pub created: Vec<(OrderKey, Order)>,
    /// Orders to update; each carries the version that was read.
    pub updated: Vec<(OrderKey, Order)>,
    /// Payments to insert.
    pub payments: Vec<Payment>,
    /// What to tell of it, in the order in which it happened.
    pub events: Vec<OrderEvent>,
}

impl World {
    /// An empty world at this moment.
    pub fn at(now: Timestamp) -> World {
        World { now, ..World::default() }
    }

    /// Puts in an order as the store holds it.
    pub fn load_order(&mut self, key: OrderKey, order: Order) {
        self.orders.insert(key, Loaded { order, changed: false });
    }

    /// Says that an aggregator's order number is taken.
    pub fn load_original(&mut self, object: ObjectId, original: String, order: OrderGuid) {
        self.originals.entry(object).or_default().insert(original, order);
    }

    /// The order, when the object has it.
    pub fn order(&self, key: OrderKey) -> Option<&Order> {
        self.orders.get(&key).map(|loaded| &loaded.order)
    }

    /// The order with this number of the aggregator's, when it is taken.
    pub fn original(&self, object: ObjectId, original: &str) -> Option<OrderGuid> {
        self.originals.get(&object)?.get(original).copied()
    }

    /// Opens an order.
    pub fn create_order(&mut self, key: OrderKey, order: Order) {
        if let Some(original) = order.content.as_ref().and_then(|c| c.original_order_id.clone()) {
            self.load_original(key.object, original, key.guid);
        }
        self.tell(key, &order);
        self.orders.insert(key, Loaded { order, changed: true });
    }

    /// Replaces an order and adds the payments that changed it.
    pub fn update_order(&mut self, key: OrderKey, order: Order, payments: Vec<Payment>) {
        self.tell(key, &order);
        self.orders.insert(key, Loaded { order, changed: true });
        self.payments.extend(payments);
    }

    /// Remembers a change for those who listen. Whoever began to after the order was loaded hears of
    /// the next change.
    fn tell(&mut self, key: OrderKey, order: &Order) {
        if self.listened.contains(&key.object) && order.content.is_some() {
            self.events.push(OrderEvent { order: key, view: OrderView::of(key.guid, order) });
        }
    }

    /// What has to be written.
    pub fn into_changes(self) -> Changes {
        let (created, updated) = self
            .orders
            .into_iter()
            .filter(|(_, loaded)| loaded.changed)
            .map(|(key, loaded)| (key, loaded.order))
            .partition(|(_, order)| order.version == 0);
        Changes { created, updated, payments: self.payments, events: self.events }
    }
}
