//! Reading the command of a task from its `params`.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::reading;
use super::request::{
    CANCEL_TASK, CREATE_ORDER, GET_ORDER, GET_ORDER_LIST, GET_ORDER_STATE, PATCH_ORDER, PRINT_BILL,
    UNDO_BILL, UPDATE_ORDER, VALIDATE_ORDER, bad, unknown_type,
};
use crate::domain::money::{self, Money};
use crate::domain::task::{OrderGuid, TaskGuid};
use crate::protocols::whiteserver::command::scalar::Scalar;
use crate::protocols::whiteserver::command::which_order::Guids;
use crate::protocols::whiteserver::command::{
    AddPrepay, Command, CreateOrder, GetOrderList, OrderContent, PatchOrder, PayOrder, UpdateOrder,
    WhichOrder,
};
use crate::protocols::whiteserver::contract::forms;
use crate::protocols::whiteserver::reply::Refusal;

pub(super) fn command(task_type: &str, params: &RawValue) -> Result<Command, Refusal> {
    match task_type {
        "PayOrder" => checked(params, PayOrder::check).map(Command::PayOrder),
        "AddPrepayOrder" => checked(params, AddPrepay::check).map(Command::AddPrepayOrder),
        "RemovePrepayOrder" => remove_prepay(params).map(Command::RemovePrepayOrder),
        "CompleteOrder" => order_guid(params).map(Command::CompleteOrder),
        "CancelOrder" => which_order(params).map(Command::CancelOrder),
        PRINT_BILL => order_guid(params).map(|order| Command::SetBill { order, printed: true }),
        UNDO_BILL => order_guid(params).map(|order| Command::SetBill { order, printed: false }),
        UPDATE_ORDER => update_order(params).map_err(bad).map(Box::new).map(Command::UpdateOrder),
        PATCH_ORDER => checked(params, PatchOrder::check).map(Command::PatchOrder),
        CREATE_ORDER => create_order(params).map_err(bad).map(Box::new).map(Command::CreateOrder),
        VALIDATE_ORDER => {
            create_order(params).map_err(bad).map(Box::new).map(Command::ValidateOrder)
        }
        GET_ORDER => order_guid(params).map(Command::GetOrder),
        GET_ORDER_STATE => which_order(params).map(Command::GetOrderState),
        GET_ORDER_LIST => checked(params, GetOrderList::check).map(Command::GetOrderList),
        CANCEL_TASK => parse::<WhichTask>("params", params)
            .map(|which| which.task)
            .map(Command::CancelTask)
            .map_err(bad),
        other => match reading::reading(other, params) {
            Some(read) => read.map(Command::Read).map_err(bad),
            None => Err(bad(unknown_type(other))),
        },
    }
}

fn checked<'a, T: Deserialize<'a>>(
    params: &'a RawValue,
    check: fn(&T) -> Result<(), String>,
) -> Result<T, Refusal> {
    let read: T = parse("params", params).map_err(bad)?;
    check(&read).map_err(bad)?;
    Ok(read)
}

/// An order.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Named {
    /// The order.
    #[serde(rename = "orderGuid")]
    order: OrderGuid,
}

fn order_guid(params: &RawValue) -> Result<OrderGuid, Refusal> {
    parse::<Named>("params", params).map(|named| named.order).map_err(bad)
}

fn which_order(params: &RawValue) -> Result<WhichOrder, Refusal> {
    WhichOrder::read(parse::<Guids>("params", params).map_err(bad)?)
}

/// A task of the caller's at the same restaurant.
#[derive(Deserialize, JsonSchema)]
pub(super) struct WhichTask {
    /// The task that is to be cancelled.
    #[serde(rename = "taskGuid")]
    task: TaskGuid,
}

/// One prepayment.
#[derive(Deserialize, JsonSchema)]
pub(super) struct One<'a> {
    /// Not accepted: prepayments are removed all at once.
    #[serde(rename = "prepayId", borrow)]
    #[schemars(with = "()", default)]
    prepay: Option<&'a RawValue>,
}

/// All prepayments or none. Who names one must not see the others removed because its field was ignored.
fn remove_prepay(params: &RawValue) -> Result<OrderGuid, Refusal> {
    let one: One<'_> = parse("params", params).map_err(bad)?;
    if one.prepay.is_some() {
        return Err(bad("params.prepayId: prepayments are removed all at once, leave it out"));
    }
    order_guid(params)
}

/// What an order costs; it is read beside its content.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Priced {
    price: NewPrice,
}

/// What an order costs.
#[derive(Deserialize, JsonSchema)]
struct NewPrice {
    /// More than zero, at most two decimals.
    #[serde(deserialize_with = "money::positive")]
    #[schemars(schema_with = "forms::positive_amount")]
    total: Money,
}

/// What is said of a new order beside it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Beside {
    /// The till that it is for; kept with the order.
    cash_station_id: Option<Scalar>,
}

/// The guid that a new order is to have.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Guided {
    /// The guid that it is to have: its task has it too.
    with_rk_id: Option<OrderGuid>,
}

/// The system that a task was sent to.
#[derive(Deserialize)]
struct SentTo {
    r#async: Option<System>,
    sync: Option<System>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct System {
    system_name: Option<Scalar>,
}

fn create_order(params: &RawValue) -> Result<CreateOrder, String> {
    #[derive(Deserialize)]
    struct Params<'a> {
        #[serde(borrow)]
        order: &'a RawValue,
    }
    let Params { order } = parse("params", params)?;
    let Priced { price } = parse("params.order", order)?;
    let Guided { with_rk_id } = parse("params.order", order)?;
    let mut content: OrderContent = parse("params.order", order)?;
    content.check()?;
    let Beside { cash_station_id } = parse("params", params)?;
    let SentTo { r#async, sync } = parse("params", params)?;
    content.cash_station_id = cash_station_id;
    content.system_name = sync.or(r#async).and_then(|target| target.system_name);
    Ok(CreateOrder { total: price.total, content, guid: with_rk_id })
}

/// Fields of a new order that stay as they are.
const NOT_UPDATED: [&str; 15] = [
    "order",
    "originalOrderId",
    "sourceOrderId",
    "withRkId",
    "customer",
    "comment",
    "personsQuantity",
    "expeditionType",
    "pickup",
    "tableCode",
    "payMethod",
    "payment",
    "changeBackFrom",
    "booking",
    "expectedStartTime",
];

/// Who sends a field of `CreateOrder` means it: it is not ignored as one that nobody knows would be.
fn update_order(params: &RawValue) -> Result<UpdateOrder, String> {
    let update: UpdateOrder = parse("params", params)?;
    update.check()?;
    let sent: HashMap<String, Option<&RawValue>> = parse("params", params)?;
    let is_sent = |name: &&str| sent.get(*name).is_some_and(Option::is_some);
    match NOT_UPDATED.into_iter().find(is_sent) {
        Some(name) => Err(format!(
            "params.{name}: UpdateOrder changes products, delivery, discountIds and price, and PatchOrder some other \
             fields: leave it out"
        )),
        None => Ok(update),
    }
}

/// Parses a part of the request; an error names the field by its path from the top.
pub(super) fn parse<'a, T: Deserialize<'a>>(at: &str, json: &'a RawValue) -> Result<T, String> {
    let mut deserializer = serde_json::Deserializer::from_str(json.get());
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = match error.path().to_string() {
            root if root == "." => at.to_owned(),
            path => format!("{at}.{path}"),
        };
        let inner = error.into_inner();
        // The position counts from the beginning of the part and would mislead.
        let text = inner.to_string();
        let position = format!(" at line {} column {}", inner.line(), inner.column());
        format!("{path}: {}", text.strip_suffix(&position).unwrap_or(&text))
    })
}
