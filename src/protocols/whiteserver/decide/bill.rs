//! `PrintBill` and `UndoBill`: a guest pays what the bill says, so while it is printed nothing on it changes. A bill that is
//! printed already is not printed again.

use super::states::OnOrder;
use super::{Decision, find};
use crate::domain::task::{ObjectId, OrderGuid};
use crate::protocols::whiteserver::model::{Order, OrderState};
use crate::protocols::whiteserver::reply::Reply;

pub(super) fn decide(
    state: &mut OrderState,
    object: ObjectId,
    guid: OrderGuid,
    printed: bool,
) -> Decision {
    let on_order = if printed { OnOrder::PrintBill } else { OnOrder::UndoBill };
    let (key, order) = find(state, on_order, object, guid)?;
    if order.bill_printed != printed {
        let order = Order { bill_printed: printed, ..order.clone() };
        state.update_order(key, order, Vec::new());
    }
    Ok(Reply::Billed)
}
