//! The decision: what a task does to the world. No I/O, no clock but [`World::now`], the same code for
//! every store and every test.
//!
//! A decision first looks at everything it needs and only then changes the world, so a refusal never
//! leaves a partial effect.

pub mod activeplatform;
mod add_prepay;
pub mod billmanager;
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
pub mod ticketscloud;

pub use self::get_order_list::may_list;
use self::states::OnOrder;
use crate::task::{Answer, Code, Command, ObjectId, OrderGuid, OrderKey, Refusal, Reply, Task};
use crate::world::{ObjectRules, Order, OrderStatus, World};

/// Carries out one task.
pub fn decide(world: &mut World, task: &Task) -> Answer {
    let object = task.key.object;
    let decided = match &task.command {
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
        Command::ActivePlatform(complete) => {
            Ok(Reply::ActivePlatform(activeplatform::decide(world, task.key, complete)))
        }
        Command::TicketsCloud(transition) => {
            Ok(Reply::TicketsCloud(ticketscloud::decide(world, task.key, transition)))
        }
        Command::BillManager(ask) => Ok(Reply::BillManager(billmanager::decide(world, task, ask))),
    };
    match decided {
        Ok(reply) => Answer::Done(reply),
        Err(refusal) => Answer::Refused(refusal),
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
