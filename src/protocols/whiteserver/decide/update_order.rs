//! `UpdateOrder`: what an order consists of from now on, and what it then costs. Never less than is paid; never another sum
//! than is on a printed bill.

use super::states::OnOrder;
use super::{Decision, find};
use crate::domain::money::Money;
use crate::domain::task::ObjectId;
use crate::protocols::whiteserver::command::UpdateOrder;
use crate::protocols::whiteserver::command::cost::CostError;
use crate::protocols::whiteserver::command::order_content::{Expedition, OrderContent};
use crate::protocols::whiteserver::model::{Order, OrderState};
use crate::protocols::whiteserver::reply::{Code, Refusal, Reply};

pub(super) fn decide(state: &mut OrderState, object: ObjectId, update: &UpdateOrder) -> Decision {
    let (key, order) = find(state, OnOrder::UpdateOrder, object, update.order)?;
    let before = order.content.clone().unwrap_or_default();
    let content = content(state, object, &before, update)?;
    let costs = before.products != content.products || before.discount_ids != content.discount_ids;
    let total = match costs || update.price.is_some() {
        true => total(&content, update)?,
        false => order.total,
    };
    if (costs || total != order.total) && order.bill_printed {
        let desc = format!("the bill of order {} is printed: undo it before", key.guid);
        return Err(Refusal::new(Code::WsaOrderBillPrinted, desc));
    }
    if total < order.paid {
        let desc = format!(
            "{} of order {} is paid, and it would cost {total}: give money back before",
            order.paid, key.guid
        );
        return Err(Refusal::new(Code::WsaOrderTotalBelowPaid, desc));
    }
    let updated = Order { total, content: Some(content), ..order.clone() };
    let reply = Reply::Updated { guid: key.guid, total, due: updated.due() };
    if updated != *order {
        state.update_order(key, updated, Vec::new());
    }
    Ok(reply)
}

fn content(
    state: &OrderState,
    object: ObjectId,
    before: &OrderContent,
    update: &UpdateOrder,
) -> Result<OrderContent, Refusal> {
    let mut content = before.clone();
    content.discount_ids.clone_from(&update.discount_ids);
    if let Some(products) = &update.products {
        let mut products = products.clone();
        if let Some(offer) = state.catalogues.offer(object) {
            offer.hold_products("params", &mut products)?;
        }
        // What was voided stays on record.
        let voided = content.products.into_iter().filter(|dish| dish.voiding_reason.is_some());
        content.products = products.into_iter().chain(voided).collect();
    }
    if let Some(wanted) = update.delivery.clone() {
        let there = content.delivery.unwrap_or_default();
        content.delivery = Some(Expedition {
            expected_time: wanted.expected_time.or(there.expected_time),
            address: wanted.address.or(there.address),
            courier: wanted.courier.or(there.courier),
            taker: wanted.taker.or(there.taker),
        });
    }
    Ok(content)
}

/// What the content costs. Where it does not tell, its caller has to say it, as in `CreateOrder`.
fn total(content: &OrderContent, update: &UpdateOrder) -> Result<Money, Refusal> {
    let said = update.price.map(|price| price.total);
    match (content.total(), said) {
        (Ok(total), None) => Ok(total),
        (Ok(total), Some(said)) if total == said => Ok(total),
        (Ok(total), Some(said)) => Err(Refusal::new(
            Code::BadRequest,
            format!("params.price.total: {said} was sent, but the order would cost {total}"),
        )),
        (Err(CostError::NoPrice | CostError::Discounted), Some(said)) => Ok(said),
        (Err(why @ (CostError::NoPrice | CostError::Discounted)), None) => Err(Refusal::new(
            Code::BadRequest,
            format!(
                "params.price.total is missing: the order, or one of its dishes, {why}, so nobody else knows what \
                 it would cost"
            ),
        )),
        (Err(why @ CostError::TooMuch), _) => {
            Err(Refusal::new(Code::BadRequest, format!("params.products: what is ordered {why}")))
        }
    }
}
