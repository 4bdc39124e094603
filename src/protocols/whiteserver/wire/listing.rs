//! Where orders stand, on the White Server wire: `GetOrderState` and `GetOrderList`.

use jiff::civil::DateTime;
use schemars::JsonSchema;
use serde::Serialize;

use super::applied::Applied;
use super::view::{Status, local};
use crate::domain::money::Money;
use crate::domain::task::OrderGuid;
use crate::protocols::whiteserver::command::TableCode;
use crate::protocols::whiteserver::contract::forms;
use crate::protocols::whiteserver::reply::{ListedOrder, OrderStateView, Reason, Stage};

/// Where an order stands.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "OrderState")]
pub(super) struct State<'a> {
    /// Its guid, or the one that it will have.
    order_guid: OrderGuid,
    /// The aggregator's own number, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "str")]
    original_order_id: Option<&'a str>,
    status: Status,
    /// What the kitchen says, where the restaurant's till tells it.
    substate: Option<&'a str>,
    /// Why it was not created, or not taken by the restaurant.
    rejecting_reason: Option<WireReason<'a>>,
}

/// Why an order was not created: the code and the sentence of its task's answer. Or why the restaurant did not take it: a
/// code of the restaurant's, `0` where a person refused it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RejectingReason")]
struct WireReason<'a> {
    code: &'a str,
    message: &'a str,
}

/// An order in a list.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ListedOrder")]
pub(super) struct Listing<'a> {
    order_guid: OrderGuid,
    /// The table it is served at.
    table_code: Option<&'a TableCode>,
    /// The waiter, where the restaurant's till names one.
    waiter_id: Option<i64>,
    /// What it costs.
    sum: Money,
    /// What remains to be paid.
    unpaid: Money,
    /// Whether it is closed or cancelled.
    is_finished: bool,
    /// When it was opened, in the restaurant's local time.
    #[schemars(schema_with = "forms::local_time")]
    open_time: DateTime,
    is_reserve: bool,
    /// How long it was open, or is, in whole minutes.
    duration: i64,
    /// What is paid of it, the oldest first.
    applied_payments: Vec<Applied<'a>>,
}

impl<'a> State<'a> {
    pub(super) fn of(state: &'a OrderStateView) -> State<'a> {
        let (value, reason) = match &state.stage {
            Stage::Confirmed => ("Confirmed", None),
            Stage::CreationError(reason) => ("CreationError", Some(reason)),
            Stage::There(status) => (status.as_str(), state.rejected.as_ref()),
        };
        State {
            order_guid: state.guid,
            original_order_id: state.original_order_id.as_deref(),
            status: Status { value, is_bill_printed: state.bill_printed },
            substate: state.substate.as_deref(),
            rejecting_reason: reason.map(|Reason { code, message }| WireReason { code, message }),
        }
    }
}

impl<'a> Listing<'a> {
    pub(super) fn of(order: &'a ListedOrder) -> Listing<'a> {
        Listing {
            order_guid: order.guid,
            table_code: order.table_code.as_ref(),
            waiter_id: order.waiter,
            sum: order.total,
            unpaid: order.due,
            is_finished: order.finished,
            open_time: local(order.opened_at.clone()),
            is_reserve: false,
            duration: order.minutes,
            applied_payments: Applied::all(&order.payments),
        }
    }
}
