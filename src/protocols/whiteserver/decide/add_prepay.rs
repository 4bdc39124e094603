//! `AddPrepayOrder`: one prepayment, never above what is due; the order stays open, on either agent
//! version.

use super::pay_order::{exceeds, full_discount, is_discount};
use super::states::OnOrder;
use super::{Decision, find, rules};
use crate::domain::money::Money;
use crate::domain::task::TaskKey;
use crate::protocols::whiteserver::command::AddPrepay;
use crate::protocols::whiteserver::model::{Order, OrderState, Payment};
use crate::protocols::whiteserver::reply::{Code, Refusal, Reply};

pub(super) fn decide(state: &mut OrderState, task: TaskKey, prepay: &AddPrepay) -> Decision {
    let (key, order) = find(state, OnOrder::AddPrepayOrder, task.object, prepay.order)?;
    let currency = match prepay.currency {
        Some(currency) => currency,
        None => rules(state, task.object)?.permits.prepay_currency.ok_or_else(|| {
            Refusal::new(
                Code::WsaCurrencyNotSpecified,
                format!(
                    "params.currencyGuid is missing, and object {} has no currency of its own \
                     for prepayments",
                    task.object
                ),
            )
        })?,
    };
    let written_off = match is_discount(state, task.object, currency)? {
        true => full_discount(order.due(), prepay.amount)?,
        false => Money::ZERO,
    };
    let taken = prepay.amount.checked_add(written_off).filter(|taken| *taken <= order.due());
    let paid = taken.and_then(|taken| order.paid.checked_add(taken));
    let paid = Order { paid: paid.ok_or_else(|| exceeds(prepay.amount, order))?, ..order.clone() };
    let reply = Reply::Paid { total: paid.total, due: paid.due(), full: None };
    let payment = Payment {
        order: key,
        task: task.guid,
        line: 0,
        currency,
        amount: prepay.amount,
        written_off,
        card_code: prepay.card_code.clone(),
        promised: prepay.promised,
        removed_by: None,
    };
    state.update_order(key, paid, vec![payment]);
    Ok(reply)
}
