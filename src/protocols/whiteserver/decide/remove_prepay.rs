//! `RemovePrepayOrder`: takes back everything that is prepaid. When there is nothing, that is done
//! already.

use super::states::OnOrder;
use super::{Decision, find};
use crate::domain::money::Money;
use crate::domain::task::{OrderGuid, TaskKey};
use crate::protocols::whiteserver::model::{Order, OrderState};
use crate::protocols::whiteserver::reply::Reply;

pub(super) fn decide(state: &mut OrderState, task: TaskKey, guid: OrderGuid) -> Decision {
    let (key, order) = find(state, OnOrder::RemovePrepayOrder, task.object, guid)?;
    if order.paid > Money::ZERO {
        let unpaid = Order { paid: Money::ZERO, ..order.clone() };
        state.update_order(key, unpaid, Vec::new());
        state.remove_payments(key, task.guid);
    }
    Ok(Reply::Unpaid)
}
