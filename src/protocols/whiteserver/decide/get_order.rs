//! `GetOrder`: the whole order.

use super::states::OnOrder;
use super::{Decision, find};
use crate::domain::task::{ObjectId, OrderGuid};
use crate::protocols::whiteserver::model::{Order, OrderState};
use crate::protocols::whiteserver::reply::{OrderView, Reply};

pub(super) fn decide(state: &OrderState, object: ObjectId, guid: OrderGuid) -> Decision {
    let (key, order) = find(state, OnOrder::GetOrder, object, guid)?;
    Ok(Reply::Order(Box::new(view(key.guid, order))))
}

/// The order as an answer shows it.
pub(super) fn view(guid: OrderGuid, order: &Order) -> OrderView {
    OrderView::of(guid, order)
}
