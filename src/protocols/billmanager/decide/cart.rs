//! What is done to line items in the cart.

use super::{Decision, Job, Payable, account, costs, fresh, make_order, no_number};
use crate::domain::money::{Money, shown};
use crate::protocols::billmanager::command::{Answered, Fault};
use crate::protocols::billmanager::model::{ItemStatus, LedgerState};

/// Orders line items that cost nothing.
pub(super) fn activate(ledger: &mut LedgerState, job: Job, items: &[i64]) -> Decision {
    account(ledger, job)?;
    let lines = costs(ledger, job, items, "selected")?;
    if let Some((id, cost)) = lines.iter().find(|(_, cost)| *cost > Money::ZERO) {
        let ru = format!("Позиция {id} стоит {cost}: активируются только бесплатные");
        let en = format!("Line item {id} costs {cost}: only those that are free are activated");
        return Err(Fault::value("selected", ru, en));
    }
    let number = fresh(ledger, job).order.ok_or_else(no_number)?;
    let ordered = make_order(ledger, job, number, lines, Money::ZERO, Payable::Free);
    Ok(Answered::Ordered(ordered))
}

/// Takes line items out of the cart.
pub(super) fn delete(ledger: &mut LedgerState, job: Job, items: &[i64]) -> Decision {
    account(ledger, job)?;
    costs(ledger, job, items, "selected")?;
    for id in items {
        ledger.change_item((job.key.object, *id), |item| item.status = ItemStatus::Deleted);
    }
    Ok(Answered::Done)
}

/// Gives every line item of the cart the discount of a code, in place of that of another.
pub(super) fn promocode(ledger: &mut LedgerState, job: Job, code: &str) -> Decision {
    let provider = account(ledger, job)?.provider;
    let percent = ledger.promocodes.get(&(provider, code.to_owned()));
    let percent = percent.and_then(|percent| u8::try_from(*percent).ok()).ok_or_else(|| {
        let message = shown(code);
        let ru = format!("Промокод {message:?} не действует");
        Fault::value("promocode", ru, format!("The promo code {message:?} is not valid"))
    })?;
    let cart = ledger.cart(job.key.object);
    if cart.is_empty() {
        let fault = Fault::value("promocode", "Корзина пуста", "The cart is empty");
        return Err(fault);
    }
    for id in cart {
        ledger.change_item((job.key.object, id), |item| {
            // At most 100 hundredths of an amount are one.
            item.discount = item.price.percent(percent).unwrap_or(Money::ZERO);
            item.promocode = Some(code.to_owned());
        });
    }
    Ok(Answered::Done)
}
