//! What a task asks for, read from its request.

pub mod cost;
pub mod create_order;
pub mod expected_time;
pub mod extras;
pub mod order_content;
pub mod order_list;
pub mod patch_order;
pub mod pay_order;
pub mod people;
pub mod prepay;
pub mod reads;
pub mod scalar;
pub mod table_code;
pub mod till;
pub mod update_order;
pub mod which_order;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

pub use self::create_order::CreateOrder;
pub use self::order_content::OrderContent;
pub use self::order_list::GetOrderList;
pub use self::patch_order::PatchOrder;
pub use self::pay_order::{PayOrder, PaymentLine};
pub use self::prepay::AddPrepay;
pub use self::reads::{MenuParams, Reading};
pub use self::table_code::TableCode;
use self::till::{Action, TillCommand};
pub use self::update_order::UpdateOrder;
pub use self::which_order::WhichOrder;
use super::catalogue::Section;
use crate::domain::task::{AggregatorId, Cancellation, CurrencyGuid, OrderGuid, TaskGuid, TaskKey};

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
    /// Print the bill of an order, or make it as if it had not been printed.
    SetBill {
        /// The order.
        order: OrderGuid,
        /// Whether it is printed from now on.
        printed: bool,
    },
    /// Replace what an order consists of.
    UpdateOrder(Box<UpdateOrder>),
    /// Change single fields of an order.
    PatchOrder(PatchOrder),
    /// Open an order.
    CreateOrder(Box<CreateOrder>),
    /// Read an order whole.
    GetOrder(OrderGuid),
    /// Read where an order stands.
    GetOrderState(WhichOrder),
    /// Read which orders there are.
    GetOrderList(GetOrderList),
    /// Ask whether an order would be opened.
    ValidateOrder(Box<CreateOrder>),
    /// Read what the restaurant offers, or what serves it.
    Read(Reading),
    /// Cancel a task that is not answered yet.
    CancelTask(TaskGuid),
    /// What the restaurant's own system does.
    Till(Box<TillCommand>),
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
    /// Whether the order's payments are shown.
    pub payments: bool,
    /// The currencies the command names.
    pub currencies: Vec<CurrencyGuid>,
    /// The `CreateOrder` that may not have come to an order.
    pub creation: Option<TaskGuid>,
    /// The orders that are listed.
    pub list: Option<&'a GetOrderList>,
    /// The sections of the object's catalogue that are read.
    pub sections: &'static [Section],
    /// Whether the order is held against the object's catalogue, where that says so.
    pub offer: bool,
}

impl Command {
    /// What must be loaded before [`decide`](crate::protocols::whiteserver::decide::decide) may see this command.
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
            Command::SetBill { order, .. } => Needs::order(*order),
            Command::UpdateOrder(update) => Needs {
                content: true,
                offer: update.products.is_some(),
                ..Needs::order(update.order)
            },
            Command::PatchOrder(patch) => Needs { content: true, ..Needs::order(patch.order) },
            Command::CreateOrder(create) | Command::ValidateOrder(create) => Needs {
                original_order_id: create.content.original_order_id.as_deref(),
                offer: true,
                ..Needs::default()
            },
            Command::GetOrder(order) => {
                Needs { content: true, payments: true, ..Needs::order(*order) }
            }
            Command::GetOrderState(which) => {
                Needs { content: true, creation: which.task(), ..Needs::order(which.guid()) }
            }
            Command::GetOrderList(list) => Needs { list: Some(list), ..Needs::default() },
            Command::CancelTask(_) => Needs::default(),
            Command::Read(reading) => Needs { sections: reading.sections(), ..Needs::default() },
            Command::Till(till) => match &**till {
                TillCommand::Open(_) => Needs::default(),
                TillCommand::Change(change) => Needs {
                    content: true,
                    currencies: match &change.action {
                        Action::Pay(payment) => vec![payment.currency],
                        _ => Vec::new(),
                    },
                    ..Needs::order(change.order)
                },
            },
        }
    }
}

impl Needs<'_> {
    fn order(guid: OrderGuid) -> Self {
        Needs { order: Some(guid), ..Needs::default() }
    }
}

/// A task as decisions see it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Task<'a> {
    /// Object and guid.
    pub key: TaskKey,
    /// Who asks.
    pub aggregator: AggregatorId,
    /// What is to be done.
    pub command: &'a Command,
    /// What became of the task that it is to cancel.
    pub cancellation: Option<Cancellation>,
}

/// Personal data: an error names its place and leaves the value out, because errors end up in logs.
pub(super) fn personal<'de, T, D>(deserializer: D) -> Result<T, D::Error>
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
            "{place}does not match the documented format (value omitted: personal data)"
        ))
    })
}

/// `null` counts as absent: clients that serialise every field of an object send it.
pub(super) fn or_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
