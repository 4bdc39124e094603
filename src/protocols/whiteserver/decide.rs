//! The decision: what a task does to the world. No I/O, no clock but [`World::now`], the same code for
//! every store and every test.
//!
//! A decision first looks at everything it needs and only then changes the world, so a refusal never
//! leaves a partial effect.

mod add_prepay;
mod cancel_order;
mod complete_order;
mod create_order;
mod get_order;
mod get_order_list;
mod get_order_state;
mod pay_order;
mod remove_prepay;
mod states;
#[cfg(test)]
mod tests;

pub use self::get_order_list::may_list;
use self::states::OnOrder;
use super::command::{Command, Task};
use super::model::{ObjectRules, Order, OrderStatus, World};
use super::reply::{Answer, Code, Refusal, Reply};
use crate::domain::task::{ObjectId, OrderGuid, OrderKey};

/// Carries out one task.
pub fn decide(world: &mut World, task: &Task<'_>) -> Answer {
    let object = task.key.object;
    match task.command {
        Command::PayOrder(pay) => pay_order::decide(world, task.key, pay),
        Command::AddPrepayOrder(prepay) => add_prepay::decide(world, task.key, prepay),
        Command::RemovePrepayOrder(order) => remove_prepay::decide(world, task.key, *order),
        Command::CompleteOrder(order) => complete_order::decide(world, object, *order),
        Command::CancelOrder(which) => cancel_order::decide(world, task.key, which.guid()),
        Command::CreateOrder(create) => create_order::decide(world, task.key, create),
        Command::GetOrder(order) => get_order::decide(world, object, *order),
        Command::GetOrderState(which) => {
            get_order_state::decide(world, object, task.aggregator, *which)
        }
        Command::GetOrderList(list) => get_order_list::decide(world, object, list),
    }
}

type Decision = Result<Reply, Refusal>;

/// The order of the task's own object, when the task may touch it where it stands; an order of another
/// object is as good as none.
fn find(
    world: &World,
    task: OnOrder,
    object: ObjectId,
    guid: OrderGuid,
) -> Result<(OrderKey, &Order), Refusal> {
    let key = OrderKey { object, guid };
    let order = world.order(key).ok_or_else(|| no_order(object, guid))?;
    let Some(code) = states::refused(task, order.status) else { return Ok((key, order)) };
    let desc = match order.status {
        OrderStatus::Created => format!("order {guid} is open"),
        OrderStatus::Complited => {
            format!("order {guid} is closed: {} of {} is paid", order.paid, order.total)
        }
        OrderStatus::Canceled => format!("order {guid} was cancelled and cannot be changed"),
    };
    Err(Refusal::new(code, desc))
}

fn no_order(object: ObjectId, guid: OrderGuid) -> Refusal {
    Refusal::new(Code::WsaOrderNotFound, format!("object {object} has no order {guid}"))
}

/// What is decided about the object, which is there for as long as nobody deletes it past this program.
fn rules(world: &World, object: ObjectId) -> Result<ObjectRules, Refusal> {
    world.objects.get(&object).copied().ok_or_else(|| {
        Refusal::new(Code::WsaOrderNotFound, format!("object {object} is not known any more"))
    })
}
