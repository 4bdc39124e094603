//! `CreateOrder`: opens an order, once for each `originalOrderId` of an object.

use jiff::SignedDuration;

use super::Decision;
use crate::domain::money::Money;
use crate::domain::task::{CurrencyGuid, ObjectId, OrderGuid, OrderKey, TaskKey};
use crate::protocols::whiteserver::command::CreateOrder;
use crate::protocols::whiteserver::command::order_content::{OrderContent, PaidHow};
use crate::protocols::whiteserver::model::{Order, OrderState, OrderStatus, Payment, TillSide};
use crate::protocols::whiteserver::reply::{Code, Read, Refusal, Reply};

pub(super) fn decide(state: &mut OrderState, task: TaskKey, create: &CreateOrder) -> Decision {
    let object = task.object;
    let (content, paid_with) = accepted(state, object, create)?;
    // The order takes its task's guid: deciding stays free of randomness, and a task that creates
    // can create only once.
    let guid = OrderGuid(task.guid.0);
    if let Some(wanted) = create.guid.filter(|wanted| *wanted != guid) {
        return Err(Refusal::new(
            Code::BadRequest,
            format!(
                "params.order.withRkId is {wanted}, but an order has the guid of its task, and this task \
                 is {guid}: over HTTP leave Idempotency-Key out, over AMQP give the same guid as message_id"
            ),
        ));
    }
    let key = OrderKey { object, guid };
    let paid = paid_with.map(|currency| Payment {
        order: key,
        task: task.guid,
        line: 0,
        currency,
        amount: create.total,
        written_off: Money::ZERO,
        card_code: None,
        promised: false,
        removed_by: None,
    });
    // Where the restaurant wants to be asked, it is no order of the till's before that.
    let accept_by = accept_within_s(state, object)
        .map(|seconds| state.now + SignedDuration::from_secs(seconds));
    let order = Order {
        status: accept_by.map_or(OrderStatus::Created, |_| OrderStatus::Confirmed),
        total: create.total,
        paid: paid.as_ref().map_or(Money::ZERO, |paid| paid.amount),
        bill_printed: false,
        till: TillSide { accept_by, ..TillSide::default() },
        created_at: state.now,
        closed_at: None,
        content: Some(content),
        version: 0,
    };
    state.create_order(key, order, paid);
    Ok(Reply::Created(guid))
}

/// `ValidateOrder`: whether such an order would be opened; nothing is.
pub(super) fn validate(state: &OrderState, object: ObjectId, create: &CreateOrder) -> Decision {
    accepted(state, object, create).map(|_| Reply::Read(Box::new(Read::OrderIsGood)))
}

/// What would be opened, and what it is paid with already, when it is.
fn accepted(
    state: &OrderState,
    object: ObjectId,
    create: &CreateOrder,
) -> Result<(OrderContent, Option<CurrencyGuid>), Refusal> {
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
    let mut content = create.content.clone();
    if let Some(offer) = state.catalogues.offer(object) {
        offer.hold(object, &mut content)?;
    }
    let paid_with = paid_already(state, object, &content)?;
    Ok((content, paid_with))
}

/// The currency that an order is paid with already, when it is.
fn paid_already(
    state: &OrderState,
    object: ObjectId,
    content: &OrderContent,
) -> Result<Option<CurrencyGuid>, Refusal> {
    let how = content.payment.as_ref().and_then(|payment| payment.r#type);
    if how != Some(PaidHow::Online) {
        return Ok(None);
    }
    // One that is not taken would have to give the money back, and nothing here does.
    if accept_within_s(state, object).is_some() {
        return Err(Refusal::new(
            Code::WsaCommandNotSupported,
            format!(
                "params.order.payment.type is online, but object {object} accepts each order by itself: pay the \
                 order once it is Created; the order was not created"
            ),
        ));
    }
    match state.catalogues.online_currencies.get(&object) {
        Some(currency) => Ok(Some(*currency)),
        None => Err(Refusal::new(
            Code::WsaCurrencyNotSpecified,
            format!(
                "params.order.payment.type is online, but object {object} names no currency for what is \
                 paid already (onlineCurrency of its catalogue): the order was not created"
            ),
        )),
    }
}

/// How long the restaurant may take to accept an order, where it wants to be asked, in seconds.
fn accept_within_s(state: &OrderState, object: ObjectId) -> Option<i64> {
    state.objects.get(&object).and_then(|rules| rules.permits.accept_within_s)
}
