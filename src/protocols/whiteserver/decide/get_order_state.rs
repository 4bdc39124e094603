//! `GetOrderState`: where an order stands, also before it reached the till.

use super::states::OnOrder;
use super::{Decision, find, no_order};
use crate::domain::task::{AggregatorId, ObjectId, OrderKey, TaskKey};
use crate::protocols::whiteserver::command::WhichOrder;
use crate::protocols::whiteserver::model::{CreationState, OrderState};
use crate::protocols::whiteserver::reply::{OrderStateView, Reply, Stage};

pub(super) fn decide(
    state: &OrderState,
    object: ObjectId,
    asking: AggregatorId,
    which: WhichOrder,
) -> Decision {
    let guid = which.guid();
    if let Some(task) = which.task()
        && state.order(OrderKey { object, guid }).is_none()
    {
        // Another aggregator's task is as good as none.
        let creation = state.creations.get(&TaskKey { object, guid: task });
        let creation = creation.filter(|creation| creation.aggregator == asking);
        let stage = match creation.map(|creation| &creation.state) {
            Some(CreationState::Open) => Stage::Confirmed,
            Some(CreationState::Failed(reason)) => Stage::CreationError(reason.clone()),
            Some(CreationState::Done) | None => return Err(no_order(object, guid)),
        };
        let view = OrderStateView {
            guid,
            original_order_id: None,
            stage,
            bill_printed: false,
            substate: None,
            rejected: None,
        };
        return Ok(Reply::State(view));
    }
    let (_, order) = find(state, OnOrder::GetOrderState, object, guid)?;
    Ok(Reply::State(OrderStateView::of(guid, order)))
}
