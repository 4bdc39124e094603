//! `PayOrder` (White Server page, "PayOrder rules"): v1 prepays up to what is due, v2 pays exactly what
//! is due and closes the order, a 100 % discount pays all but one kopeck, which is written off.

use super::states::OnOrder;
use super::{Decision, find, get_order, rules};
use crate::domain::money::Money;
use crate::domain::task::{CurrencyGuid, ObjectId, TaskKey};
use crate::protocols::whiteserver::command::PayOrder;
use crate::protocols::whiteserver::model::{
    AgentVersion, CurrencyKind, Order, OrderState, OrderStatus, Payment,
};
use crate::protocols::whiteserver::reply::{Code, Refusal, Reply};

pub(super) fn decide(state: &mut OrderState, task: TaskKey, pay: &PayOrder) -> Decision {
    let (key, order) = find(state, OnOrder::PayOrder, task.object, pay.order)?;
    let taking = taking(state, task.object, order, pay)?;

    let paid = Order { paid: taking.paid, status: taking.status, ..order.clone() };
    let paid = match paid.status {
        OrderStatus::Complited => Order { closed_at: Some(state.now), ..paid },
        _ => paid,
    };
    let reply = Reply::Paid {
        total: paid.total,
        due: paid.due(),
        full: pay.full_order.then(|| Box::new(get_order::view(state, key, &paid))),
    };
    let lines = pay.payments.iter().zip(0..).map(|(line, number)| Payment {
        order: key,
        task: task.guid,
        line: number,
        currency: line.currency,
        amount: line.amount,
        written_off: taking.written_off,
        card_code: line.card_code.clone(),
        promised: false,
        removed_by: None,
    });
    state.update_order(key, paid, lines.collect());
    Ok(reply)
}

/// What an accepted payment does to its order.
struct Taking {
    /// The order's new `paid`.
    paid: Money,
    /// The order's new status.
    status: OrderStatus,
    /// On each line; not nothing only for the single line of a full discount.
    written_off: Money,
}

fn taking(
    state: &OrderState,
    object: ObjectId,
    order: &Order,
    pay: &PayOrder,
) -> Result<Taking, Refusal> {
    let version = rules(state, object)?.agent_version;
    let due = order.due();
    let written_off = match discount(state, object, pay)? {
        true => full_discount(due, pay.payments[0].amount)?,
        false => Money::ZERO,
    };
    let offered = pay
        .payments
        .iter()
        .try_fold(written_off, |sum, line| sum.checked_add(line.amount))
        .ok_or_else(|| too_large(version, due))?;
    match version {
        AgentVersion::V1 if offered > due => Err(exceeds(offered, order)),
        AgentVersion::V2 if offered != due => Err(Refusal::new(
            Code::WsaPaymentNotEqualDue,
            format!(
                "{offered} was offered, but exactly {due} of {} is due: nothing was taken",
                order.total
            ),
        )),
        version => Ok(Taking {
            paid: order.paid.checked_add(offered).ok_or_else(|| too_large(version, due))?,
            status: match version {
                AgentVersion::V1 => order.status,
                AgentVersion::V2 => OrderStatus::Complited,
            },
            written_off,
        }),
    }
}

/// Whether the task pays by a 100 % discount; refuses an empty list, an unknown currency and a mixture.
fn discount(state: &OrderState, object: ObjectId, pay: &PayOrder) -> Result<bool, Refusal> {
    if pay.payments.is_empty() {
        return Err(Refusal::new(
            Code::WsaPaymentsEmpty,
            "payments is empty: it must name at least one amount and currency",
        ));
    }
    let mut discounts = 0;
    for line in &pay.payments {
        discounts += usize::from(is_discount(state, object, line.currency)?);
    }
    match (discounts, pay.payments.len()) {
        (0, _) => Ok(false),
        (1, 1) => Ok(true),
        (_, lines) => Err(Refusal::new(
            Code::WsaFullDiscountMixed,
            format!(
                "{discounts} of {lines} payments are a 100% discount: \
                 it must be the only payment of its task"
            ),
        )),
    }
}

/// Whether the currency is a 100 % discount, when the object accepts it at all.
pub(super) fn is_discount(
    state: &OrderState,
    object: ObjectId,
    currency: CurrencyGuid,
) -> Result<bool, Refusal> {
    match state.currencies.get(&(object, currency)) {
        Some(CurrencyKind::FullDiscount) => Ok(true),
        Some(CurrencyKind::Cash | CurrencyKind::Card | CurrencyKind::Online) => Ok(false),
        None => Err(Refusal::new(
            Code::WsaCurrencyUnknown,
            format!("object {object} does not accept currency {currency}"),
        )),
    }
}

/// More than is due.
pub(super) fn exceeds(offered: Money, order: &Order) -> Refusal {
    Refusal::new(
        Code::WsaPaymentExceedsDue,
        format!(
            "{offered} was offered, but only {} of {} is due: nothing was taken",
            order.due(),
            order.total
        ),
    )
}

/// The kopeck that a full discount leaves, when the amount is right.
pub(super) fn full_discount(due: Money, amount: Money) -> Result<Money, Refusal> {
    match due.checked_sub(Money::KOPECK) {
        Some(expected) if expected == amount => Ok(Money::KOPECK),
        Some(expected) => Err(Refusal::new(
            Code::WsaFullDiscountKopeck,
            format!(
                "{amount} was offered by a 100% discount, but {due} is due: \
                 the amount must be one kopeck less, {expected}"
            ),
        )),
        None => Err(Refusal::new(
            Code::WsaFullDiscountKopeck,
            format!("{amount} was offered by a 100% discount, but nothing is due"),
        )),
    }
}

fn too_large(version: AgentVersion, due: Money) -> Refusal {
    let code = match version {
        AgentVersion::V1 => Code::WsaPaymentExceedsDue,
        AgentVersion::V2 => Code::WsaPaymentNotEqualDue,
    };
    Refusal::new(
        code,
        format!("the payments add up to more than any order costs, but {due} is due"),
    )
}
