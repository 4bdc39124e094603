//! `CreateOrder`: opens an order, once for each `originalOrderId` of an object.

use jiff::SignedDuration;

use super::Decision;
use crate::domain::money::Money;
use crate::domain::task::{OrderGuid, OrderKey, TaskKey};
use crate::protocols::whiteserver::command::CreateOrder;
use crate::protocols::whiteserver::model::{Order, OrderState, OrderStatus, TillSide};
use crate::protocols::whiteserver::reply::{Code, Refusal, Reply};

pub(super) fn decide(state: &mut OrderState, task: TaskKey, create: &CreateOrder) -> Decision {
    let object = task.object;
    if let Some(original) = create.content.original_order_id.as_deref()
        && let Some(existing) = state.original(object, original)
    {
        return Err(Refusal::new(
            Code::WsaDuplicateOrder,
            format!(
                "object {object} already has originalOrderId {original:?}: it is order {existing}"
            ),
        ));
    }
    // The order takes its task's guid: deciding stays free of randomness, and a task that creates
    // can create only once.
    let guid = OrderGuid(task.guid.0);
    // Where the restaurant wants to be asked, it is no order of the till's before that.
    let within = state.objects.get(&object).and_then(|rules| rules.permits.accept_within_s);
    let accept_by = within.map(|seconds| state.now + SignedDuration::from_secs(seconds));
    let order = Order {
        status: accept_by.map_or(OrderStatus::Created, |_| OrderStatus::Confirmed),
        total: create.total,
        paid: Money::ZERO,
        bill_printed: false,
        till: TillSide { accept_by, ..TillSide::default() },
        created_at: state.now,
        closed_at: None,
        content: Some(create.content.clone()),
        version: 0,
    };
    state.create_order(OrderKey { object, guid }, order);
    Ok(Reply::Created(guid))
}
