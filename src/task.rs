//! What travels: a [`Task`] asks that something be done to an order of one object before a deadline.
//!
//! A task is stored and sent as the JSON its caller wrote; it is read into a [`Command`] twice, once
//! to refuse a bad request and once to carry it out, by the same code.

pub mod activeplatform;
pub mod answer;
pub mod billmanager;
pub mod create_order;
pub mod digest;
pub mod guid;
pub mod hex_id;
pub mod order_content;
pub mod order_list;
pub mod pay_order;
pub mod prepay;
pub mod table_code;
pub mod ticketscloud;
pub mod which_order;

use std::sync::Arc;

use jiff::Timestamp;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

pub use self::activeplatform::Complete;
pub use self::answer::{Answer, Code, Outcome, Refusal, Reply};
pub use self::create_order::CreateOrder;
pub use self::digest::RequestDigest;
pub use self::guid::{
    AggregatorId, CurrencyGuid, ObjectId, OrderGuid, OrderKey, TaskGuid, TaskKey,
};
pub use self::order_content::OrderContent;
pub use self::order_list::GetOrderList;
pub use self::pay_order::{PayOrder, PaymentLine};
pub use self::prepay::AddPrepay;
pub use self::table_code::TableCode;
pub use self::ticketscloud::Transition;
pub use self::which_order::WhichOrder;

/// The longest a caller may let a task wait, in seconds; the shortest is 1.
pub const LONGEST_TIMEOUT_S: i64 = 3600;

/// What a task does, read from its request.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Pay an order, by the rules of its object's agent version.
    PayOrder(PayOrder),
    /// Add one prepayment to an open order.
    AddPrepayOrder(AddPrepay),
    /// Take back everything that is prepaid.
    RemovePrepayOrder(OrderGuid),
    /// Close a fully prepaid order.
    CompleteOrder(OrderGuid),
    /// Cancel an open order.
    CancelOrder(WhichOrder),
    /// Open an order.
    CreateOrder(Box<CreateOrder>),
    /// Read an order whole.
    GetOrder(OrderGuid),
    /// Read where an order stands.
    GetOrderState(WhichOrder),
    /// Read which orders there are.
    GetOrderList(GetOrderList),
    /// ActivePlatform: complete a payment.
    ActivePlatform(Box<Complete>),
    /// ticketscloud: take an order of tickets a step further.
    TicketsCloud(Box<Transition>),
    /// BILLmanager: change a cart, an order or a payment.
    BillManager(Box<billmanager::Ask>),
}

/// The rows that deciding a command needs; stores load these and nothing else.
#[derive(Debug, Default)]
pub struct Needs<'a> {
    /// The order the command names.
    pub order: Option<OrderGuid>,
    /// An aggregator's own order number that must not be taken yet.
    pub original_order_id: Option<&'a str>,
    /// Whether the order's content (products, customer, ...) will be read.
    pub content: bool,
    /// The currencies the command names.
    pub currencies: Vec<CurrencyGuid>,
    /// The `CreateOrder` that may not have come to an order.
    pub creation: Option<TaskGuid>,
    /// The orders that are listed.
    pub list: Option<&'a GetOrderList>,
}

impl Command {
    /// What must be loaded before [`decide`](crate::decide::decide) may see this command.
    pub fn needs(&self) -> Needs<'_> {
        match self {
            Command::PayOrder(pay) => Needs {
                content: pay.full_order,
                currencies: pay.payments.iter().map(|line| line.currency).collect(),
                ..Needs::order(pay.order)
            },
            Command::AddPrepayOrder(prepay) => Needs {
                currencies: prepay.currency.into_iter().collect(),
                ..Needs::order(prepay.order)
            },
            Command::RemovePrepayOrder(order) | Command::CompleteOrder(order) => {
                Needs::order(*order)
            }
            Command::CancelOrder(which) => Needs::order(which.guid()),
            Command::CreateOrder(create) => Needs {
                original_order_id: create.content.original_order_id.as_deref(),
                ..Needs::default()
            },
            Command::GetOrder(order) => Needs { content: true, ..Needs::order(*order) },
            Command::GetOrderState(which) => {
                Needs { content: true, creation: which.task(), ..Needs::order(which.guid()) }
            }
            Command::GetOrderList(list) => Needs { list: Some(list), ..Needs::default() },
            Command::ActivePlatform(_) | Command::TicketsCloud(_) | Command::BillManager(_) => {
                Needs::default()
            }
        }
    }
}

impl Needs<'_> {
    fn order(guid: OrderGuid) -> Self {
        Needs { order: Some(guid), ..Needs::default() }
    }
}

/// A task in the hands of a worker: claimed, its row locked until the transaction ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Object and guid.
    pub key: TaskKey,
    /// Who asks.
    pub aggregator: AggregatorId,
    /// What is to be done.
    pub command: Command,
}

/// A task on its way into the store.
#[derive(Debug, Clone)]
pub struct NewTask {
    /// Object and guid.
    pub key: TaskKey,
    /// Who asks, and who alone may read the answer.
    pub aggregator: AggregatorId,
    /// The kind of task as named on the wire, a constant of its protocol.
    pub task_type: &'static str,
    /// Seconds until the deadline; `None` for the object's own default.
    pub timeout_s: Option<i64>,
    /// The request as it is kept, JSON.
    pub request: Arc<str>,
    /// What its caller sent: the same guid with another digest is another request.
    pub digest: RequestDigest,
    /// Whether its caller chose the guid: then it is never used again. False only for one that this program drew.
    pub named: bool,
    /// Whether its caller waits for the answer in the request that submits it; the answer is then
    /// delivered nowhere else.
    pub sync: bool,
    /// Where a task that came over AMQP wants its answer: a queue of its caller's.
    pub reply_to: Option<String>,
    /// Under which `correlation_id`.
    pub correlation_id: Option<String>,
    /// What it is about, where an object may have one open task about it at most.
    pub subject: Option<String>,
    /// After which it must not be executed whatever its timeout, by the database's clock.
    pub expires_at: Option<Timestamp>,
}

/// A task that the store has accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// By when it is executed, or answered `Timeout` (the database's clock).
    pub deadline: Timestamp,
    /// How long that is from the moment of acceptance, in microseconds of the same clock.
    pub remaining_us: i64,
}

/// Personal data: an error names its place and leaves the value out, because errors end up in logs.
fn personal<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let mut inner = serde_json::Deserializer::from_str(raw.get());
    serde_path_to_error::deserialize(&mut inner).map_err(|error| {
        let place = match error.path().to_string() {
            root if root == "." => String::new(),
            path => format!("{path}: "),
        };
        D::Error::custom(format!(
            "{place}it has not the form that is documented; it is not shown, as it is personal"
        ))
    })
}

/// `null` counts as absent: clients that serialise every field of an object send it.
fn or_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
