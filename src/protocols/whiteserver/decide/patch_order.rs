//! `PatchOrder`: each field is changed, or it is told why not; the others are all the same.

use super::states::OnOrder;
use super::{Decision, find};
use crate::domain::task::ObjectId;
use crate::protocols::whiteserver::command::PatchOrder;
use crate::protocols::whiteserver::model::{Order, OrderState};
use crate::protocols::whiteserver::reply::{Patched, Reply};

pub(super) fn decide(state: &mut OrderState, object: ObjectId, patch: &PatchOrder) -> Decision {
    let (key, order) = find(state, OnOrder::PatchOrder, object, patch.order)?;
    let mut content = order.content.clone().unwrap_or_default();
    let mut fields = Vec::with_capacity(patch.fields.len());
    for field in &patch.fields {
        let error = field.apply(&mut content).err();
        fields.push(Patched { name: field.name.clone(), error });
    }
    let content = Some(content);
    if order.content != content {
        let order = Order { content, ..order.clone() };
        state.update_order(key, order, Vec::new());
    }
    Ok(Reply::Patched(fields))
}
