//! The decision: what a task does to the world. No I/O, no clock but [`World::now`], the same code for
//! every store and every test.
//!
//! A decision first looks at everything it needs and only then changes the world, so a refusal never
//! leaves a partial effect.

mod complete_order;
mod create_order;
mod get_order;
mod pay_order;
#[cfg(test)]
mod tests;

use crate::task::{Answer, Code, Command, ObjectId, OrderGuid, OrderKey, Refusal, Reply, Task};
use crate::world::{Order, OrderStatus, World};

/// Carries out one task.
pub fn decide(world: &mut World, task: &Task) -> Answer {
    let decided = match &task.command {
        Command::PayOrder(pay) => pay_order::decide(world, task.key, pay),
        Command::CreateOrder(create) => create_order::decide(world, task.key, create),
        Command::GetOrder(order) => get_order::decide(world, task.key.object, *order),
        Command::CompleteOrder(order) => complete_order::decide(world, task.key.object, *order),
    };
    match decided {
        Ok(reply) => Answer::Done(reply),
        Err(refusal) => Answer::Refused(refusal),
    }
}

type Decision = Result<Reply, Refusal>;

/// The order of the task's own object; an order of another object is as good as none.
fn find(world: &World, object: ObjectId, guid: OrderGuid) -> Result<(OrderKey, &Order), Refusal> {
    let key = OrderKey { object, guid };
    world.order(key).map(|order| (key, order)).ok_or_else(|| {
        Refusal::new(Code::WsaOrderNotFound, format!("object {object} has no order {guid}"))
    })
}

/// As [`find`], and the order can still be changed.
fn find_open(
    world: &World,
    object: ObjectId,
    guid: OrderGuid,
) -> Result<(OrderKey, &Order), Refusal> {
    let (key, order) = find(world, object, guid)?;
    match order.status {
        OrderStatus::Created => Ok((key, order)),
        OrderStatus::Complited => Err(Refusal::new(
            Code::WsaOrderClosed,
            format!("order {guid} is closed: {} of {} is paid", order.paid, order.total),
        )),
        OrderStatus::Canceled => Err(Refusal::new(
            Code::WsaOrderCanceledOnKass,
            format!("order {guid} was cancelled and cannot be changed"),
        )),
    }
}
