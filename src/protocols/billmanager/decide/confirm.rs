//! Ordering line items, and how they are paid.

use std::collections::BTreeMap;

use super::{Decision, Job, Payable, account, costs, covered, fresh, make_order, no_number, total};
use crate::domain::money::{Money, shown};
use crate::protocols::billmanager::command::{Answered, Confirm, Fault, Ordered, PayBy};
use crate::protocols::billmanager::model::{LedgerState, Method, Payment, PaymentStatus};

pub(super) fn decide(ledger: &mut LedgerState, job: Job, ask: &Confirm) -> Decision {
    let lines = costs(ledger, job, &ask.items, "elid")?;
    let total = total(&lines, "elid")?;
    let numbers = fresh(ledger, job);
    let order = numbers.order.ok_or_else(no_number)?;
    let number = numbers.payment.ok_or_else(no_number)?;
    let (payable, link) = match ask.by {
        PayBy::Balance => {
            let rest = covered(account(ledger, job)?, total)?;
            no_further(&ask.parameters, &BTreeMap::new())?;
            payer(ledger, job, false, ask.profile)?;
            let payment = from_balance(ledger, job, order, total)?;
            let payment = Payment { profile: ask.profile, ..payment };
            (Payable::Balance { number, payment, rest }, None)
        }
        PayBy::Method(_) | PayBy::Stored(_) => {
            let (payment, module) = by_method(ledger, job, ask, order, total)?;
            let page = format!("/mancgi/{module}payment?elid={number}&key={}", numbers.key);
            (Payable::Later { number, payment }, Some(page))
        }
    };
    let (payable, link) =
        if total == Money::ZERO { (Payable::Free, None) } else { (payable, link) };
    let ordered = make_order(ledger, job, order, lines, total, payable);
    Ok(Answered::Ordered(Ordered { link, ..ordered }))
}

/// A payment that takes what the balance has.
pub(super) fn from_balance(
    ledger: &LedgerState,
    job: Job,
    order: i64,
    amount: Money,
) -> Result<Payment, Fault> {
    Ok(Payment {
        order,
        method: 0,
        stored: None,
        profile: None,
        status: PaymentStatus::Credited,
        amount,
        currency: account(ledger, job)?.currency.clone(),
        parameters: BTreeMap::new(),
        store: false,
        test: false,
        key: None,
        aggregator: job.by,
        task: job.key.guid,
        created_at: job.now,
    })
}

/// A payment that is to come, and the module of its method's page.
fn by_method(
    ledger: &LedgerState,
    job: Job,
    ask: &Confirm,
    order: i64,
    amount: Money,
) -> Result<(Payment, String), Fault> {
    let (id, stored, profile, given) = match ask.by {
        PayBy::Balance => return Err(no_number()),
        PayBy::Method(id) => (id, None, ask.profile, &ask.parameters),
        PayBy::Stored(id) => {
            let stored = ledger.stored.get(&(job.key.object, id)).ok_or_else(|| {
                let ru = format!("Сохранённого способа оплаты {id} нет");
                Fault::absent("storedmethod_id", ru, format!("There is no stored method {id}"))
            })?;
            no_further(&ask.parameters, &stored.parameters)?;
            (stored.method, Some(id), ask.profile.or(stored.profile), &stored.parameters)
        }
    };
    let account = account(ledger, job)?;
    let method = ledger.methods.get(&id);
    let method = method.filter(|method| method.provider == account.provider && method.active);
    let method = method.ok_or_else(|| {
        let object = if stored.is_some() { "storedmethod_id" } else { "paymethod_id" };
        let ru = format!("Метода оплаты {id} нет, или он выключен");
        Fault::absent(object, ru, format!("There is no payment method {id}, or it is switched off"))
    })?;
    payer(ledger, job, method.needs_profile, profile)?;
    if stored.is_none() {
        undeclared(id, method, given)?;
    }
    let parameters = parameters(method, given)?;
    let made = Payment {
        order,
        method: id,
        stored,
        profile,
        status: PaymentStatus::New,
        amount,
        currency: account.currency.clone(),
        parameters,
        store: ask.store && method.storable && stored.is_none(),
        test: method.test,
        key: Some(crate::domain::token::TokenHash::of(&fresh(ledger, job).key)),
        aggregator: job.by,
        task: job.key.guid,
        created_at: job.now,
    };
    Ok((made, method.module.clone()))
}

/// The payer must be one of the account's, and be there when the method needs one.
fn payer(ledger: &LedgerState, job: Job, needed: bool, profile: Option<i64>) -> Result<(), Fault> {
    match profile {
        None if needed => Err(Fault::missed("profile_id")),
        Some(id) if !ledger.profiles.contains(&(job.key.object, id)) => {
            let ru = format!("Плательщика {id} нет");
            Err(Fault::absent("profile_id", ru, format!("There is no payer {id}")))
        }
        _ => Ok(()),
    }
}

/// Refuses what the method does not have. A stored method may have had more when it was kept.
fn undeclared(id: i64, method: &Method, given: &BTreeMap<String, String>) -> Result<(), Fault> {
    match given.keys().find(|name| !method.parameters.contains_key(*name)) {
        None => Ok(()),
        Some(name) => {
            let ru = format!("У метода оплаты {id} нет параметра {name}");
            Err(Fault::value(name, ru, format!("Payment method {id} has no parameter {name}")))
        }
    }
}

/// Refuses whatever differs from what is paid with anyway.
fn no_further(
    given: &BTreeMap<String, String>,
    kept: &BTreeMap<String, String>,
) -> Result<(), Fault> {
    match given.iter().find(|(name, value)| kept.get(*name) != Some(*value)) {
        None => Ok(()),
        Some((name, _)) => {
            let ru = format!("При такой оплате нет параметра {name}");
            Err(Fault::value(name, ru, format!("This way to pay has no parameter {name}")))
        }
    }
}

/// The method's own parameters of what was given.
fn parameters(
    method: &Method,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Fault> {
    let own = |(name, values): (&String, &Vec<String>)| {
        let value = given.get(name).ok_or_else(|| Fault::missed(name))?;
        if values.is_empty() || values.contains(value) {
            return Ok((name.clone(), value.clone()));
        }
        let (message, all) = (shown(value), values.join(", "));
        let ru = format!("{message:?}: нужно одно из: {all}");
        Err(Fault::value(name, ru, format!("{message:?} is none of: {all}")))
    };
    method.parameters.iter().map(own).collect()
}
