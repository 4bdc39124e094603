//! What a restaurant's own system does to its orders. Each change names the version that it was made for: of two sides
//! that change an order at once, the second one is told so.

use super::pay_order::{exceeds, full_discount, is_discount};
use super::states::OnOrder;
use super::{Decision, find, no_order, rules};
use crate::domain::money::Money;
use crate::domain::task::{OrderGuid, OrderKey, TaskKey};
use crate::protocols::whiteserver::command::cost::{CostError, other_total};
use crate::protocols::whiteserver::command::till::{
    Action, Edit, NewOrder, OrderChange, Rejection, TillCommand, TillPayment, Void,
};
use crate::protocols::whiteserver::command::{OrderContent, order_content::Product};
use crate::protocols::whiteserver::model::{Order, OrderState, OrderStatus, Payment, TillSide};
use crate::protocols::whiteserver::reply::{Code, Reason, Refusal, Reply};

pub(super) fn decide(state: &mut OrderState, task: TaskKey, command: &TillCommand) -> Decision {
    match command {
        TillCommand::Open(new) => open(state, task, new),
        TillCommand::Change(change) => self::change(state, task, change),
    }
}

fn open(state: &mut OrderState, task: TaskKey, new: &NewOrder) -> Decision {
    let content = new.content();
    let order = Order {
        status: OrderStatus::Created,
        total: total(&content, new.total)?,
        paid: Money::ZERO,
        bill_printed: false,
        created_at: state.now,
        closed_at: None,
        content: Some(content),
        till: TillSide { waiter: new.waiter_id, ..TillSide::default() },
        version: 0,
    };
    let key = OrderKey { object: task.object, guid: OrderGuid(task.guid.0) };
    state.create_order(key, order, None);
    seen(state, key)
}

fn change(state: &mut OrderState, task: TaskKey, change: &OrderChange) -> Decision {
    let key = OrderKey { object: task.object, guid: change.order };
    if state.order(key).is_none() {
        return Err(no_order(key.object, key.guid));
    }
    // Before what the order permits: whoever has not seen it as it is learns that first.
    let version = state.version(key);
    if version != change.version {
        let (guid, seen) = (key.guid, change.version);
        let desc = format!("order {guid} has version {version} by now, not {seen}: read it again");
        return Err(Refusal::new(Code::VersionMismatch, desc).at_version(version));
    }
    let (_, order) = find(state, on_order(&change.action), key.object, key.guid)?;
    let (after, payment) = after(state, task, key, order, &change.action)?;
    let emptied = change.action == Action::Cancel && order.paid > Money::ZERO;
    state.update_order(key, after, payment.into_iter().collect());
    if emptied {
        state.remove_payments(key, task.guid);
    }
    seen(state, key)
}

fn on_order(action: &Action) -> OnOrder {
    match action {
        Action::Edit(_) => OnOrder::TillChangeOrder,
        Action::PrintBill => OnOrder::TillPrintBill,
        Action::UndoBill => OnOrder::TillUndoBill,
        Action::Close => OnOrder::TillCloseOrder,
        Action::Cancel => OnOrder::TillCancelOrder,
        Action::Void(_) => OnOrder::TillVoidDishes,
        Action::Pay(_) => OnOrder::TillPayOrder,
        Action::Accept => OnOrder::TillAcceptOrder,
        Action::Reject(_) => OnOrder::TillRejectOrder,
    }
}

/// The order after an action, and the payment that was taken.
fn after(
    state: &OrderState,
    task: TaskKey,
    key: OrderKey,
    order: &Order,
    action: &Action,
) -> Result<(Order, Option<Payment>), Refusal> {
    let order = order.clone();
    let changed = match action {
        Action::Edit(edit) => edited(order, edit)?,
        Action::PrintBill => Order { bill_printed: true, ..order },
        Action::UndoBill => Order { bill_printed: false, ..order },
        Action::Close => closed(state, order)?,
        Action::Cancel => cancelled(state, key, order)?,
        Action::Void(void) => voided(order, void)?,
        Action::Pay(payment) => {
            let (paid, taken) = paid(state, task, key, order, payment)?;
            return Ok((paid, Some(taken)));
        }
        Action::Accept => accepted(state, order)?,
        Action::Reject(rejection) => {
            let Rejection { code, message } = rejection.clone();
            order.rejected(Reason { code, message }, state.now)
        }
    };
    Ok((changed, None))
}

fn seen(state: &OrderState, key: OrderKey) -> Decision {
    let seen = state.seen(key).ok_or_else(|| no_order(key.object, key.guid))?;
    Ok(Reply::AtTill(Box::new(seen)))
}

/// What the content costs, by the rule that is the same for aggregators: its delivery included. Where it does not tell,
/// the till has to say it.
fn total(content: &OrderContent, said: Option<Money>) -> Result<Money, Refusal> {
    let wrong = |field, why| Refusal::new(Code::BadRequest, why).of_field(field);
    match (content.total(), said) {
        (Ok(total), Some(said)) if said != total => Err(wrong("total", other_total(said, total))),
        (Ok(total), _) => Ok(total),
        (Err(CostError::Discounted), Some(said)) => Ok(said),
        (Err(why @ CostError::Discounted), None) => {
            let told =
                format!("the order {why}, so nobody else knows what it would cost: say the total");
            Err(wrong("total", told))
        }
        (Err(why), _) => Err(wrong("products", format!("what is ordered {why}"))),
    }
}

/// With another content, which must still cover what is paid.
fn with_content(order: Order, total: Money, content: OrderContent) -> Result<Order, Refusal> {
    if order.bill_printed {
        let desc = "the bill is printed: undo it before what is on it changes";
        return Err(Refusal::new(Code::BillPrinted, desc));
    }
    if total < order.paid {
        let desc = format!(
            "{} is paid, and the order would cost {total}: give money back first",
            order.paid
        );
        return Err(Refusal::new(Code::TotalBelowPaid, desc));
    }
    Ok(Order { total, content: Some(content), ..order })
}

fn edited(order: Order, edit: &Edit) -> Result<Order, Refusal> {
    let mut content = order.content.clone().unwrap_or_default();
    let mut till = order.till.clone();
    if let Some(table) = &edit.table_code {
        content.table_code.clone_from(table);
    }
    if let Some(comment) = &edit.comment {
        content.comment.clone_from(comment);
    }
    if let Some(persons) = edit.persons_quantity {
        content.persons_quantity = persons;
    }
    if let Some(waiter) = edit.waiter_id {
        till.waiter = waiter;
    }
    if let Some(substate) = &edit.substate {
        till.substate.clone_from(substate);
    }
    let Some(products) = &edit.products else {
        return Ok(Order { content: Some(content), till, ..order });
    };
    // What was voided stays on record.
    let voided = content.products.into_iter().filter(|product| product.voiding_reason.is_some());
    content.products = products.iter().cloned().map(Product::from).chain(voided).collect();
    let total = total(&content, edit.total)?;
    with_content(Order { till, ..order }, total, content)
}

/// The total goes down by what the lines cost: an aggregator may have said another total than their sum.
fn voided(order: Order, void: &Void) -> Result<Order, Refusal> {
    let mut content = order.content.clone().unwrap_or_default();
    let lines = content.products.len();
    let wrong = |desc: String| Refusal::new(Code::LineUnknown, desc).of_field("lines");
    if !content.discount_ids.is_empty() {
        let desc = "the order has discounts, so it is not known what a line costs: send all products with their prices \
                    instead";
        return Err(wrong(desc.into()));
    }
    let mut less = Money::ZERO;
    for line in &void.lines {
        let product = content.products.get_mut(*line).ok_or_else(|| {
            wrong(format!("there is no line {line}: the order has {lines}, counted from 0"))
        })?;
        if product.voiding_reason.is_some() {
            return Err(wrong(format!("line {line} is voided already")));
        }
        product.voiding_reason = Some(void.reason.clone());
        let cost = product.cost().map_err(|why| {
            wrong(format!("line {line} {why}: send all products with their prices instead"))
        })?;
        let sum = less.checked_add(cost);
        less = sum.ok_or_else(|| wrong("the lines cost more than any order".into()))?;
    }
    let total = order.total.checked_sub(less).ok_or_else(|| {
        wrong(format!("the lines cost {less}, and the whole order only {}", order.total))
    })?;
    with_content(order, total, content)
}

fn closed(state: &OrderState, order: Order) -> Result<Order, Refusal> {
    if order.due() != Money::ZERO {
        let desc = format!("{} of {} is paid, {} is due", order.paid, order.total, order.due());
        return Err(Refusal::new(Code::WsaOrderNotPaid, desc));
    }
    Ok(Order { status: OrderStatus::Complited, closed_at: Some(state.now), ..order })
}

fn cancelled(state: &OrderState, key: OrderKey, order: Order) -> Result<Order, Refusal> {
    if order.paid > Money::ZERO && !rules(state, key.object)?.permits.cancel_paid {
        let desc = format!(
            "{} of {} is paid, and object {} does not let such an order be cancelled",
            order.paid, order.total, key.object
        );
        return Err(Refusal::new(Code::WsaOrderPaid, desc));
    }
    let status = OrderStatus::Canceled;
    Ok(Order { status, paid: Money::ZERO, closed_at: Some(state.now), ..order })
}

fn paid(
    state: &OrderState,
    task: TaskKey,
    key: OrderKey,
    order: Order,
    payment: &TillPayment,
) -> Result<(Order, Payment), Refusal> {
    let TillPayment { amount, currency } = *payment;
    let written_off = match is_discount(state, key.object, currency)? {
        true => full_discount(order.due(), amount)?,
        false => Money::ZERO,
    };
    let taken = amount.checked_add(written_off).filter(|taken| *taken <= order.due());
    let paid = taken.and_then(|taken| order.paid.checked_add(taken));
    let paid = paid.ok_or_else(|| exceeds(amount, &order))?;
    let taken = Payment {
        order: key,
        task: task.guid,
        line: 0,
        currency,
        amount,
        written_off,
        card_code: None,
        promised: false,
        removed_by: None,
    };
    Ok((Order { paid, ..order }, taken))
}

/// Whoever accepts too late finds that nobody did, whether or not it is written down yet.
fn accepted(state: &OrderState, order: Order) -> Result<Order, Refusal> {
    if let Some(until) = order.till.accept_by.filter(|until| *until <= state.now) {
        let until = until.strftime("%Y-%m-%dT%H:%M:%SZ");
        let desc = format!("the order waited for its acceptance until {until}");
        return Err(Refusal::new(Code::WsaOrderIgnoredOnPos, desc));
    }
    let till = TillSide { accept_by: None, ..order.till };
    Ok(Order { status: OrderStatus::Created, till, ..order })
}
