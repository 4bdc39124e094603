//! What a task comes to: a [`Reply`] or a [`Refusal`].

mod code;
mod reads;

use jiff::{Timestamp, Zoned};

pub use self::code::{Code, Source};
pub use self::reads::{Agent, MenuView, Read};
use super::command::order_content::OrderContent;
use super::command::table_code::TableCode;
use super::model::till::TillOrder;
use super::model::{Order, OrderStatus, Title};
use crate::domain::money::{Money, brief};
use crate::domain::task::Outcome;
use crate::domain::task::guid::{CurrencyGuid, OrderGuid};
use crate::domain::time_zone::TimeZone;
use crate::engine::protocol::Counted;

/// What a task came to.
pub type Answer = Result<Reply, Refusal>;

impl Counted for Answer {
    fn outcome(&self) -> Outcome {
        if self.is_ok() { Outcome::Done } else { Outcome::Refused }
    }
}

/// The result of a task that was done.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// A payment was taken.
    Paid {
        /// What the order costs.
        total: Money,
        /// What remains to be paid.
        due: Money,
        /// The whole order, when the caller asked for it.
        full: Option<Box<OrderView>>,
    },
    /// Prepayments were taken back.
    Unpaid,
    /// An order was cancelled.
    Cancelled,
    /// A bill was printed, or is as if it had not been.
    Billed,
    /// What an order consists of was replaced.
    Updated {
        /// The order.
        guid: OrderGuid,
        /// What it costs now.
        total: Money,
        /// What remains to be paid.
        due: Money,
    },
    /// Fields of an order were changed, or not.
    Patched(Vec<Patched>),
    /// An order was opened.
    Created(OrderGuid),
    /// An order was read.
    Order(Box<OrderView>),
    /// An order was closed.
    Completed {
        /// What the order cost.
        total: Money,
    },
    /// Where an order stands was read.
    State(OrderStateView),
    /// Orders were listed, the newest first.
    Orders(Vec<ListedOrder>),
    /// What the restaurant offers, or what serves it, was read.
    Read(Box<Read>),
    /// A till did something, and sees the order so.
    AtTill(Box<TillOrder>),
}

/// A field that was to be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patched {
    /// As it was named.
    pub name: String,
    /// Why it was not changed, when it was not.
    pub error: Option<String>,
}

/// Where an order stands, also before there is one.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderStateView {
    /// Its guid, or the one that it will have.
    pub guid: OrderGuid,
    /// The aggregator's own number, when there is one.
    pub original_order_id: Option<String>,
    /// The stage it is at.
    pub stage: Stage,
    /// Whether the bill was printed.
    pub bill_printed: bool,
    /// What the kitchen says.
    pub substate: Option<String>,
    /// Why the restaurant did not take it.
    pub rejected: Option<Reason>,
}

impl OrderStateView {
    /// Where an order stands; without the aggregator's number when its content was not loaded.
    pub fn of(guid: OrderGuid, order: &Order) -> OrderStateView {
        OrderStateView {
            guid,
            original_order_id: order.content.as_ref().and_then(|c| c.original_order_id.clone()),
            stage: Stage::There(order.status),
            bill_printed: order.bill_printed,
            substate: order.till.substate.clone(),
            rejected: order.till.rejected.clone(),
        }
    }
}

/// The stages of an order.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// The task that will create it is accepted.
    Confirmed,
    /// It was never created; the task's answer said why.
    CreationError(Reason),
    /// It was.
    There(OrderStatus),
}

/// Why an order was not created: the code and the sentence of its task's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// One of the codes of that protocol.
    pub code: String,
    /// The same for people.
    pub message: String,
}

/// An order in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedOrder {
    /// Its guid.
    pub guid: OrderGuid,
    /// The table it is served at.
    pub table_code: Option<TableCode>,
    /// What it costs.
    pub total: Money,
    /// What remains to be paid.
    pub due: Money,
    /// The waiter, as the catalogue numbers employees.
    pub waiter: Option<i64>,
    /// Whether it is closed or cancelled.
    pub finished: bool,
    /// When it was opened, in the object's time zone.
    pub opened_at: Zoned,
    /// How long it was open, or is, in whole minutes.
    pub minutes: i64,
    /// What is paid of it, the oldest first.
    pub payments: Vec<AppliedPayment>,
}

/// A payment that an order has.
#[derive(Debug, Clone, PartialEq)]
pub struct AppliedPayment {
    /// How much.
    pub amount: Money,
    /// What a 100 % discount left over, which counts as paid.
    pub written_off: Money,
    /// Paid with.
    pub currency: CurrencyGuid,
    /// What that is to the restaurant; nothing when it has it no more.
    pub title: Option<Title>,
    /// When, in the object's time zone.
    pub taken_at: Zoned,
}

/// An order as an answer shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderView {
    /// Its guid.
    pub guid: OrderGuid,
    /// Where it stands.
    pub status: OrderStatus,
    /// Whether the bill was printed.
    pub bill_printed: bool,
    /// What it costs.
    pub total: Money,
    /// What remains to be paid.
    pub due: Money,
    /// When it was opened.
    pub created_at: Timestamp,
    /// The object's time zone, in which times are shown.
    pub zone: TimeZone,
    /// Who serves it: an `id` of the restaurant's employees.
    pub waiter: Option<i64>,
    /// What it consists of.
    pub content: OrderContent,
    /// What is paid of it, the oldest first; nothing where that is not told.
    pub payments: Option<Vec<AppliedPayment>>,
}

impl OrderView {
    /// The order as it is, without its payments; without its content when that was not loaded.
    pub fn of(guid: OrderGuid, order: &Order, zone: TimeZone) -> OrderView {
        OrderView {
            guid,
            status: order.status,
            bill_printed: order.bill_printed,
            total: order.total,
            due: order.due(),
            created_at: order.created_at,
            zone,
            waiter: order.till.waiter,
            content: order.content.clone().unwrap_or_default(),
            payments: None,
        }
    }
}

/// Why a task was not done. `desc` is a sentence that names the numbers involved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The machine-readable reason.
    pub code: Code,
    /// The same for people.
    pub desc: String,
    /// What a till is told beside that.
    pub about: Option<Box<About>>,
}

/// What a till is told beside a code and a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The field that is wrong.
    Field(&'static str),
    /// The version that the order has, where another one was named.
    Version(i64),
}

impl Refusal {
    /// A refusal with its sentence, which is cut when it is endless.
    pub fn new(code: Code, desc: impl Into<String>) -> Refusal {
        Refusal { code, desc: brief(desc.into()), about: None }
    }

    /// The same of a field.
    pub fn of_field(self, field: &'static str) -> Refusal {
        Refusal { about: Some(Box::new(About::Field(field))), ..self }
    }

    /// The same of an order that has this version.
    pub fn at_version(self, version: i64) -> Refusal {
        Refusal { about: Some(Box::new(About::Version(version))), ..self }
    }
}
