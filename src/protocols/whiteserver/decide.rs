//! The decision: what a task does to the [`OrderState`]. It does no I/O, reads no clock but [`OrderState::now`], and is
//! the same code for every store and every test.
//!
//! A decision first reads everything it needs and only then changes the state, so a refusal never leaves a partial
//! effect.

mod add_prepay;
mod bill;
mod cancel_order;
mod cancel_task;
mod complete_order;
mod create_order;
mod get_order;
mod get_order_list;
mod get_order_state;
mod patch_order;
mod pay_order;
mod read;
mod remove_prepay;
mod states;
#[cfg(test)]
mod tests;
mod till;
mod update_order;

pub use self::get_order_list::may_list;
use self::states::OnOrder;
use super::command::{Command, Task};
use super::model::{ObjectRules, Order, OrderState, OrderStatus};
use super::reply::{Answer, Code, Refusal, Reply};
use crate::domain::task::{ObjectId, OrderGuid, OrderKey};

/// Carries out one task.
pub fn decide(state: &mut OrderState, task: &Task<'_>) -> Answer {
    let object = task.key.object;
    match task.command {
        Command::PayOrder(pay) => pay_order::decide(state, task.key, pay),
        Command::AddPrepayOrder(prepay) => add_prepay::decide(state, task.key, prepay),
        Command::RemovePrepayOrder(order) => remove_prepay::decide(state, task.key, *order),
        Command::CompleteOrder(order) => complete_order::decide(state, object, *order),
        Command::CancelOrder(which) => cancel_order::decide(state, task.key, which.guid()),
        Command::SetBill { order, printed } => bill::decide(state, object, *order, *printed),
        Command::UpdateOrder(update) => update_order::decide(state, object, update),
        Command::PatchOrder(patch) => patch_order::decide(state, object, patch),
        Command::CreateOrder(create) => create_order::decide(state, task.key, create),
        Command::GetOrder(order) => get_order::decide(state, object, *order),
        Command::GetOrderState(which) => {
            get_order_state::decide(state, object, task.aggregator, *which)
        }
        Command::GetOrderList(list) => get_order_list::decide(state, object, list),
        Command::ValidateOrder(create) => create_order::validate(state, object, create),
        Command::CancelTask(target) => cancel_task::decide(object, *target, task.cancellation),
        Command::Read(reading) => read::decide(state, object, reading),
        Command::Till(command) => till::decide(state, task.key, command),
    }
}

type Decision = Result<Reply, Refusal>;

/// The order of the task's own object, when the task may touch it where it stands; an order of another
/// object is as good as none.
fn find(
    state: &OrderState,
    task: OnOrder,
    object: ObjectId,
    guid: OrderGuid,
) -> Result<(OrderKey, &Order), Refusal> {
    let key = OrderKey { object, guid };
    let order = state.order(key).ok_or_else(|| no_order(object, guid))?;
    let Some(code) = states::refused(task, order.status) else { return Ok((key, order)) };
    let desc = match order.status {
        OrderStatus::Confirmed => {
            format!(
                "order {guid} waits for the restaurant's acceptance: nothing can be done before"
            )
        }
        OrderStatus::Created => format!("order {guid} is open, and waits for nobody's acceptance"),
        OrderStatus::Complited => {
            format!("order {guid} is closed: {} of {} is paid", order.paid, order.total)
        }
        OrderStatus::Canceled => format!("order {guid} was cancelled and cannot be changed"),
        OrderStatus::RestaurantCancelled => {
            format!("the restaurant did not take order {guid}, and it cannot be changed")
        }
    };
    Err(Refusal::new(code, desc))
}

fn no_order(object: ObjectId, guid: OrderGuid) -> Refusal {
    Refusal::new(Code::WsaOrderNotFound, format!("object {object} has no order {guid}"))
}

/// What is decided about the object, which is there for as long as nobody deletes it past this program.
fn rules(state: &OrderState, object: ObjectId) -> Result<ObjectRules, Refusal> {
    state.objects.get(&object).cloned().ok_or_else(|| {
        Refusal::new(Code::WsaOrderNotFound, format!("object {object} is not known any more"))
    })
}
