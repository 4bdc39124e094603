//! Where orders stand, on the White Server wire: `GetOrderState` and `GetOrderList`.

use jiff::civil::DateTime;
use serde::Serialize;

use super::view::{Status, utc};
use crate::money::Money;
use crate::task::answer::{ListedOrder, OrderState, Reason, Stage};
use crate::task::{OrderGuid, TableCode};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct State<'a> {
    order_guid: OrderGuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_order_id: Option<&'a str>,
    status: Status,
    /// What a kitchen display tells; there is none here.
    substate: Option<&'static str>,
    rejecting_reason: Option<WireReason<'a>>,
}

#[derive(Serialize)]
struct WireReason<'a> {
    code: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Listing<'a> {
    order_guid: OrderGuid,
    table_code: Option<&'a TableCode>,
    /// Nobody's: this server knows no waiters.
    waiter_id: Option<i64>,
    sum: Money,
    unpaid: Money,
    is_finished: bool,
    open_time: DateTime,
    is_reserve: bool,
    duration: i64,
}

impl<'a> State<'a> {
    pub(super) fn of(state: &'a OrderState) -> State<'a> {
        let (value, reason) = match &state.stage {
            Stage::Confirmed => ("Confirmed", None),
            Stage::CreationError(reason) => ("CreationError", Some(reason)),
            Stage::There(status) => (status.as_str(), None),
        };
        State {
            order_guid: state.guid,
            original_order_id: state.original_order_id.as_deref(),
            status: Status { value, is_bill_printed: state.bill_printed },
            substate: None,
            rejecting_reason: reason.map(|Reason { code, message }| WireReason { code, message }),
        }
    }
}

impl<'a> Listing<'a> {
    pub(super) fn of(order: &'a ListedOrder) -> Listing<'a> {
        Listing {
            order_guid: order.guid,
            table_code: order.table_code.as_ref(),
            waiter_id: None,
            sum: order.total,
            unpaid: order.due,
            is_finished: order.finished,
            open_time: utc(order.opened_at),
            is_reserve: false,
            duration: order.minutes,
        }
    }
}
