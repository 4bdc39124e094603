//! `CompleteOrder`: closes an order that is fully prepaid.

use super::states::OnOrder;
use super::{Decision, find};
use crate::domain::money::Money;
use crate::domain::task::{ObjectId, OrderGuid};
use crate::protocols::whiteserver::model::{Order, OrderState, OrderStatus};
use crate::protocols::whiteserver::reply::{Code, Refusal, Reply};

pub(super) fn decide(state: &mut OrderState, object: ObjectId, guid: OrderGuid) -> Decision {
    let (key, order) = find(state, OnOrder::CompleteOrder, object, guid)?;
    if order.due() != Money::ZERO {
        return Err(Refusal::new(
            Code::WsaOrderNotPaid,
            format!(
                "{} of {} is prepaid, {} is still due: an order is completed when all of it is prepaid",
                order.paid,
                order.total,
                order.due()
            ),
        ));
    }
    let total = order.total;
    let closed =
        Order { status: OrderStatus::Complited, closed_at: Some(state.now), ..order.clone() };
    state.update_order(key, closed, Vec::new());
    Ok(Reply::Completed { total })
}
