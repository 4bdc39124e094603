//! `GetOrder`: the whole order.

use super::states::OnOrder;
use super::{Decision, find};
use crate::domain::task::{ObjectId, OrderGuid, OrderKey};
use crate::protocols::whiteserver::model::{Order, OrderState};
use crate::protocols::whiteserver::reply::{OrderView, Reply};

pub(super) fn decide(state: &OrderState, object: ObjectId, guid: OrderGuid) -> Decision {
    let (key, order) = find(state, OnOrder::GetOrder, object, guid)?;
    let payments = Some(state.applied(key, state.taken(key)));
    Ok(Reply::Order(Box::new(OrderView { payments, ..view(state, key, order) })))
}

/// The order as an answer shows it, without its payments.
pub(super) fn view(state: &OrderState, key: OrderKey, order: &Order) -> OrderView {
    OrderView::of(key.guid, order, state.zone(key.object))
}
