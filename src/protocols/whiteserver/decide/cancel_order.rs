//! `CancelOrder`: cancels an open order. A cancelled order holds no money: what was prepaid is taken
//! back, where the object lets a paid order be cancelled at all.

use super::states::OnOrder;
use super::{Decision, find, rules};
use crate::domain::money::Money;
use crate::domain::task::{OrderGuid, TaskKey};
use crate::protocols::whiteserver::model::{Order, OrderState, OrderStatus, TillSide};
use crate::protocols::whiteserver::reply::{Code, Refusal, Reply};

pub(super) fn decide(state: &mut OrderState, task: TaskKey, guid: OrderGuid) -> Decision {
    let (key, order) = find(state, OnOrder::CancelOrder, task.object, guid)?;
    let paid = order.paid > Money::ZERO;
    if (paid || order.bill_printed) && !rules(state, task.object)?.permits.cancel_paid {
        let why = match paid {
            true => format!("{} of {} is paid", order.paid, order.total),
            false => "its bill is printed".into(),
        };
        return Err(Refusal::new(
            Code::WsaOrderPaid,
            format!(
                "order {guid} is not cancelled: {why}, and object {} does not let such an order be \
                 cancelled",
                task.object
            ),
        ));
    }
    let till = TillSide { accept_by: None, ..order.till.clone() };
    let canceled = Order {
        till,
        status: OrderStatus::Canceled,
        paid: Money::ZERO,
        closed_at: Some(state.now),
        ..order.clone()
    };
    state.update_order(key, canceled, Vec::new());
    if paid {
        state.remove_payments(key, task.guid);
    }
    Ok(Reply::Cancelled)
}
