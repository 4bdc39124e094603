//! Completing a payment. Whatever came is credited to the account, to the kopeck: as the payment when it
//! covers one that is open, and as a correction for the rest.

#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use jiff::Timestamp;

use super::command::{Answered, Complete, PaymentView, Which};
use super::model::{
    Account, Correction, Entry, Known, LedgerState, Method, Payment, PaymentStatus, Received,
};
use crate::domain::money::{Money, shown};
use crate::domain::task::TaskKey;
use crate::protocols::activeplatform::wire::answer;

/// The vendor's words, to the letter.
pub const NOT_OPEN: &str =
    "Only payments with \"waiting for payment/expired\" status can be completed.";

/// What an amount does that came for a payment by its document: the table of `docs/activeplatform.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The payment is completed.
    Completes,
    /// The payment is completed; what came beyond its total is a correction.
    CompletesWithRest,
    /// The payment stays as it is; the whole amount is a correction.
    Corrects,
}

/// That table: `paid` is how the amount compares with the payment's total.
pub fn effect(paid: Ordering, status: PaymentStatus) -> Effect {
    match (status.is_open(), paid) {
        (true, Ordering::Equal) => Effect::Completes,
        (true, Ordering::Greater) => Effect::CompletesWithRest,
        (true, Ordering::Less) | (false, _) => Effect::Corrects,
    }
}

fn refused(status: u16, title: impl Into<String>) -> Answered {
    Answered::Refused { status, title: title.into() }
}

/// Carries out one request.
pub(crate) fn decide(
    ledger: &mut LedgerState,
    now: Timestamp,
    key: TaskKey,
    ask: &Complete,
) -> Answered {
    decided(ledger, now, key, ask).unwrap_or_else(|refused| refused)
}

fn decided(
    ledger: &mut LedgerState,
    now: Timestamp,
    key: TaskKey,
    ask: &Complete,
) -> Result<Answered, Answered> {
    if let Some(answer) = repeated(ledger, key, ask)? {
        return Ok(Answered::Repeated(answer));
    }
    let plan = plan(ledger, now, key, ask)?;
    let view = PaymentView { payment: plan.payment.clone(), offset: ask.offset };
    let received = ask.transaction.as_ref().map(|transaction| Received {
        reseller: key.object,
        transaction: transaction.clone(),
        payment: plan.payment.id,
        task: key.guid,
        known: Known {
            document: plan.payment.document.clone(),
            amount: ask.amount,
            answer: answer::payment(&view),
        },
    });
    plan.carry_out(ledger, key, ask.manager);
    if let Some(received) = received {
        ledger.receive(received);
    }
    Ok(Answered::Payment(Box::new(view)))
}

/// The first answer, when the same transaction came before.
fn repeated(
    ledger: &LedgerState,
    key: TaskKey,
    ask: &Complete,
) -> Result<Option<String>, Answered> {
    let Some(transaction) = &ask.transaction else { return Ok(None) };
    let Some(known) = ledger.known.get(&(key.object, transaction.clone())) else { return Ok(None) };
    let same = ask.which == Which::Document(known.document.clone()) && ask.amount == known.amount;
    if same {
        return Ok(Some(known.answer.clone()));
    }
    Err(refused(
        422,
        format!(
            "The external transaction {:?} came before for document {:?} with another document or \
             amount: nothing was changed.",
            shown(transaction),
            shown(&known.document)
        ),
    ))
}

/// What will be written.
struct Plan {
    payment: Payment,
    completes: bool,
    correction: Option<Correction>,
    account: Account,
}

fn plan(
    ledger: &LedgerState,
    now: Timestamp,
    key: TaskKey,
    ask: &Complete,
) -> Result<Plan, Answered> {
    let reseller = key.object;
    let found = match &ask.which {
        Which::Payment(id) => ledger.payment((reseller, *id)),
        Which::Document(document) => ledger.by_document(reseller, document),
    };
    let payment = found.ok_or_else(|| refused(404, "Payment not found."))?;
    let name = ledger.methods.get(&(reseller, ask.method)).ok_or_else(|| {
        refused(422, format!("Reseller {reseller} has no payment method {}.", ask.method))
    })?;
    if let Some(currency) = ask.currency.as_ref().filter(|given| **given != payment.currency) {
        let (given, own) = (shown(currency), &payment.currency);
        let title = format!("The payment is in {own}, not in {given:?}: nothing was changed.");
        return Err(refused(422, title));
    }
    let effect = match ask.amount {
        None if payment.status.is_open() => Effect::Completes,
        None => return Err(refused(422, NOT_OPEN)),
        Some(amount) => effect(amount.cmp(&payment.total), payment.status),
    };
    let came = ask.amount.unwrap_or(payment.total);
    let corrected = match effect {
        Effect::Completes => None,
        Effect::CompletesWithRest => came.checked_sub(payment.total),
        Effect::Corrects => Some(came),
    };
    let account = account_of(payment, ledger)?;
    let too_much = || refused(422, format!("{came} is more than the account can hold."));
    let balance = account.balance.checked_add(came).ok_or_else(too_much)?;
    let correction = corrected.map(|amount| Correction {
        reseller,
        id: ledger.last_correction.get(&reseller).copied().unwrap_or(0) + 1,
        account: payment.account,
        payment: payment.id,
        document: payment.document.clone(),
        manager: ask.manager,
        amount,
        currency: payment.currency.clone(),
        comment: comment(payment, came, name, ask.transaction.as_deref()),
        task: key.guid,
    });
    let completes = effect != Effect::Corrects;
    let mut payment = payment.clone();
    payment.corrections.extend(correction.as_ref().map(|correction| correction.id));
    if completes {
        payment.status = PaymentStatus::Completed;
        payment.method = Some(Method { id: ask.method, name: name.clone() });
        payment.manager = Some(ask.manager);
        payment.closed_at = Some(now);
        payment.updated_at = now;
    }
    Ok(Plan { payment, completes, correction, account: Account { balance, ..account.clone() } })
}

/// The account that the payment goes to.
fn account_of<'a>(payment: &Payment, ledger: &'a LedgerState) -> Result<&'a Account, Answered> {
    ledger
        .accounts
        .get(&(payment.reseller, payment.account))
        .filter(|account| account.currency == payment.currency)
        .ok_or_else(|| refused(422, "The payment's account cannot be credited in its currency."))
}

fn comment(payment: &Payment, came: Money, method: &str, transaction: Option<&str>) -> String {
    let Payment { document, total, currency, .. } = payment;
    let transaction = transaction.map(|id| format!(", transaction {id}")).unwrap_or_default();
    format!(
        "Payment {document} of {total} {currency} ({}): {came} came, {method}{transaction}",
        payment.status
    )
}

impl Plan {
    fn carry_out(self, ledger: &mut LedgerState, key: TaskKey, manager: i64) {
        let Plan { payment, completes, correction, account } = self;
        let of = (payment.reseller, payment.id);
        let entry = |correction, amount| Entry {
            reseller: payment.reseller,
            task: key.guid,
            account: payment.account,
            payment: payment.id,
            correction,
            amount,
            manager,
        };
        if completes {
            ledger.completed.insert(of, key.guid);
            ledger.entries.push(entry(None, payment.total));
        }
        if let Some(correction) = correction {
            ledger.last_correction.insert(payment.reseller, correction.id);
            ledger.entries.push(entry(Some(correction.id), correction.amount));
            ledger.corrections.push(correction);
        }
        ledger.accounts.insert((payment.reseller, payment.account), account);
        ledger.put(payment);
    }
}
