//! What a task comes to: a [`Reply`] or a [`Refusal`].

use jiff::{Timestamp, Zoned};

use super::command::order_content::OrderContent;
use super::command::table_code::TableCode;
use super::model::till::TillOrder;
use super::model::{Order, OrderStatus};
use crate::domain::money::{Money, brief};
use crate::domain::task::Outcome;
use crate::domain::task::guid::OrderGuid;
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
    /// A till did something, and sees the order so.
    AtTill(Box<TillOrder>),
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
    /// What it consists of.
    pub content: OrderContent,
}

impl OrderView {
    /// The order as it is; without its content when that was not loaded.
    pub fn of(guid: OrderGuid, order: &Order, zone: TimeZone) -> OrderView {
        OrderView {
            guid,
            status: order.status,
            bill_printed: order.bill_printed,
            total: order.total,
            due: order.due(),
            created_at: order.created_at,
            zone,
            content: order.content.clone().unwrap_or_default(),
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
    /// The field that it is about, where a till is told.
    pub field: Option<&'static str>,
    /// The version that the order has, where a till named another one.
    pub version: Option<i64>,
}

impl Refusal {
    /// A refusal with its sentence, which is cut when it is endless.
    pub fn new(code: Code, desc: impl Into<String>) -> Refusal {
        Refusal { code, desc: brief(desc.into()), field: None, version: None }
    }

    /// The same of a field.
    pub fn of_field(self, field: &'static str) -> Refusal {
        Refusal { field: Some(field), ..self }
    }

    /// The same of an order that has this version.
    pub fn at_version(self, version: i64) -> Refusal {
        Refusal { version: Some(version), ..self }
    }
}

/// Which system an error comes from; it names the branch of the wire's error container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// `wsError`: this server.
    Server,
    /// `agentError`: the worker, speaking for the restaurant.
    Agent,
    /// The till door, which has one container for all: `error`.
    Till,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $source:ident;)*) => {
        /// Every error code a client can meet, with where it comes from: the one list in the code.
        /// `docs/errors.md` is the same list in prose, and a test holds the two together.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// The code as it stands on the wire.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Code::$name => stringify!($name),)*
                }
            }

            /// The system it is reported by.
            pub fn source(self) -> Source {
                match self {
                    $(Code::$name => Source::$source,)*
                }
            }
        }
    };
}

codes! {
    /// The request cannot be read or breaks a rule of form.
    BadRequest = Server;
    /// No token, or one that nobody has.
    AuthFailed = Server;
    /// The aggregator has no right to the object.
    License = Server;
    /// No task has this guid, or its answer is older than answers are kept.
    TaskNotFound = Server;
    /// A task had this guid, and its answer is kept no longer: what it did stays done.
    TaskExpired = Server;
    /// The task is not answered yet, and its deadline has not come.
    TaskInProgress = Server;
    /// The task belongs to another aggregator.
    AccessDenied = Server;
    /// The idempotency key came with another request before.
    IdempotencyMismatch = Server;
    /// The aggregator asks faster than it may, or the object has as many open tasks as it may.
    LimitExceeded = Server;
    /// The deadline passed before the task was executed; it never will be.
    Timeout = Server;
    /// The task could not be carried out, and nothing was changed; or the service cannot accept now.
    InternalError = Server;
    /// The object has no such order.
    WsaOrderNotFound = Agent;
    /// The order is closed.
    WsaOrderClosed = Agent;
    /// The order was cancelled.
    WsaOrderCanceledOnKass = Agent;
    /// The order is paid, or its bill is printed, and the object does not let such an order be cancelled.
    WsaOrderPaid = Agent;
    /// Neither the guid of an order nor that of its task was given.
    WsaNoOneGuidSpecifiedForOrderSearching = Agent;
    /// Another order of the object has the same originalOrderId.
    WsaDuplicateOrder = Agent;
    /// The order is not fully prepaid and cannot be completed.
    WsaOrderNotPaid = Agent;
    /// The task names no payment.
    WsaPaymentsEmpty = Agent;
    /// v1: more was offered than is due.
    WsaPaymentExceedsDue = Agent;
    /// v2: more or less was offered than is due.
    WsaPaymentNotEqualDue = Agent;
    /// No currency was given, and the object has none of its own for prepayments.
    WsaCurrencyNotSpecified = Agent;
    /// The object does not accept this currency.
    WsaCurrencyUnknown = Agent;
    /// A 100 % discount must be one kopeck less than what is due.
    WsaFullDiscountKopeck = Agent;
    /// A 100 % discount must be the only payment of its task.
    WsaFullDiscountMixed = Agent;
    /// The order waits for the restaurant's acceptance.
    WsaOrderNotAccepted = Agent;
    /// Nobody at the restaurant accepted the order in time.
    WsaOrderIgnoredOnPos = Agent;
    /// The object does not list the orders of all its tables.
    WsaAllTablesNotPermitted = Agent;
    /// The object does not list closed orders.
    WsaClosedOrdersNotPermitted = Agent;
    /// The header `If-Match` is missing.
    VersionRequired = Till;
    /// The order has another version.
    VersionMismatch = Till;
    /// There is an order, or was a task, with the guid that a new order was to have.
    OrderExists = Till;
    /// The order would cost less than is paid.
    TotalBelowPaid = Till;
    /// The bill is printed, and what is on it cannot change.
    BillPrinted = Till;
    /// The order has no such line, or it is voided.
    LineUnknown = Till;
    /// The order waits for nobody's acceptance.
    NotWaiting = Till;
    /// The object has no currency of a kind, or several.
    CurrencyNotSpecified = Till;
    /// No event with such a number was given out yet.
    EventUnknown = Till;
    /// The order, or the path, is not there.
    NotFound = Till;
    /// The path has no such method.
    MethodNotAllowed = Till;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_lists_every_code_once_with_its_container() {
        let page = include_str!("../../../docs/errors.md");
        let listed: Vec<(&str, bool)> = page
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
            .map(|(code, rest)| (code, rest.starts_with("wsError")))
            .collect();
        let known: Vec<(&str, bool)> =
            Code::ALL.iter().map(|c| (c.as_str(), c.source() == Source::Server)).collect();
        assert_eq!(listed, known);
    }
}
