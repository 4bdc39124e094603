//! `RemovePrepayOrder`: takes back everything that is prepaid. When there is nothing, that is done
//! already.

use super::states::OnOrder;
use super::{Decision, find};
use crate::domain::money::Money;
use crate::domain::task::{OrderGuid, TaskKey};
use crate::protocols::whiteserver::model::{Order, World};
use crate::protocols::whiteserver::reply::Reply;

pub(super) fn decide(world: &mut World, task: TaskKey, guid: OrderGuid) -> Decision {
    let (key, order) = find(world, OnOrder::RemovePrepayOrder, task.object, guid)?;
    if order.paid > Money::ZERO {
        let unpaid = Order { paid: Money::ZERO, ..order.clone() };
        world.update_order(key, unpaid, Vec::new());
        world.remove_payments(key, task.guid);
    }
    Ok(Reply::Unpaid)
}
