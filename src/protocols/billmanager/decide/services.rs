//! What is done to services: by themselves, by their clients, and by provisioning.

use super::{Decision, Job, account, covered};
use crate::domain::money::Money;
use crate::protocols::billmanager::command::{Answered, Fault, FaultKind, Provision, Step};
use crate::protocols::billmanager::model::refund::PaidPeriod;
use crate::protocols::billmanager::model::renewal::{self, Due};
use crate::protocols::billmanager::model::{
    ENDLESS, Entry, EntryKind, Item, LedgerState, NewPeriod, OrderStatus, Pending, RefundRule,
    Service, ServiceStatus, Suspension, TRIAL, refund,
};
use crate::protocols::billmanager::wire::words;

/// What is due by itself.
pub(super) fn renew(ledger: &mut LedgerState, job: Job, id: i64) -> Decision {
    let (mut service, item) = find(ledger, job, id)?;
    let balance = account(ledger, job)?.balance;
    let cost = service.autoprolong.and_then(|period| item.renewal_price(period));
    match renewal::look(&service, cost, balance, job.now) {
        Due::Nothing(at) => service.look_at = at,
        Due::Renew(next) => charge(ledger, job, id, &mut service, next)?,
        Due::Suspend(at) => service.suspend(Suspension::End, at),
        Due::Expire => service.finish(ServiceStatus::Expired),
    }
    keep(ledger, job, id, service)
}

/// One more period, at once.
pub(super) fn prolong(ledger: &mut LedgerState, job: Job, id: i64, period: i64) -> Decision {
    let (mut service, item) = find(ledger, job, id)?;
    if !matches!(service.status, ServiceStatus::Active | ServiceStatus::Suspended) {
        return Err(in_no_state(id, &service));
    }
    if service.expires_at.is_none() {
        let ru = format!("Услуга {id} бессрочная");
        return Err(Fault::value("elid", ru, format!("Service {id} has no end")));
    }
    let cost = price(&item, id, period, "period")?;
    let next = renewal::next(&service, period, cost).ok_or_else(|| no_such_end("period"))?;
    charge(ledger, job, id, &mut service, next)?;
    keep(ledger, job, id, service)
}

/// Takes what a period costs from the balance, which must cover it, and lets the period begin.
fn charge(
    ledger: &mut LedgerState,
    job: Job,
    id: i64,
    service: &mut Service,
    next: renewal::Next,
) -> Result<(), Fault> {
    let rest = covered(account(ledger, job)?, next.cost)?;
    let object = job.key.object;
    if let Some(account) = ledger.accounts.get_mut(&object) {
        account.balance = rest;
    }
    let renewal::Next { starts_at, end, period, cost } = next;
    let task = job.key.guid;
    if cost > Money::ZERO {
        ledger.entries.push(Entry {
            object,
            task,
            kind: EntryKind::Renewal,
            amount: cost,
            order: service.order,
            payment: None,
            service: Some(id),
            starts_at: Some(starts_at),
        });
    }
    let of = (object, id);
    ledger.periods.push(NewPeriod { of, starts_at, ends_at: end.at, period, amount: cost, task });
    service.prolong(next, job.now);
    Ok(())
}

/// Whether it is renewed by itself, and for which period.
pub(super) fn edit(
    ledger: &mut LedgerState,
    job: Job,
    id: i64,
    autoprolong: bool,
    period: Option<i64>,
) -> Decision {
    let (mut service, item) = find(ledger, job, id)?;
    alive(id, &service)?;
    service.autoprolong = match autoprolong {
        false => None,
        true => {
            let period = period.or(service.autoprolong).unwrap_or(item.period);
            price(&item, id, period, "autoprolong")?;
            Some(period)
        }
    };
    // What is suspended because its time has ended is tried at once.
    if service.suspended_for == Some(Suspension::End) && service.autoprolong.is_some() {
        service.look_at = Some(job.now);
    }
    keep(ledger, job, id, service)
}

/// A client wants it no more.
pub(super) fn remove(ledger: &mut LedgerState, job: Job, id: i64) -> Decision {
    let (mut service, item) = find(ledger, job, id)?;
    if service.status == ServiceStatus::Deleted {
        return Err(in_no_state(id, &service));
    }
    give_back(ledger, job, id, &service, &item)?;
    service.finish(ServiceStatus::Deleted);
    keep(ledger, job, id, service)
}

/// What is not used of what was paid goes back to the balance, by the rule of the line item. A service is deleted once.
fn give_back(
    ledger: &mut LedgerState,
    job: Job,
    id: i64,
    service: &Service,
    item: &Item,
) -> Result<(), Fault> {
    let (object, of) = (job.key.object, (job.key.object, id));
    let stored = ledger.paid.get(&of).into_iter().flatten().copied();
    // What began in this batch is not loaded.
    let begun = ledger.periods.iter().filter(|begun| begun.of == of).map(PaidPeriod::of);
    let paid: Vec<PaidPeriod> = stored.chain(begun).collect();
    let refunded = refund::of_periods(item.refund, &paid, job.now);
    let amount = match service.opened_at {
        // Nothing of it was used.
        None if item.refund != RefundRule::None => Some(item.cost()),
        None => Some(Money::ZERO),
        Some(_) => refunded.iter().try_fold(Money::ZERO, |sum, (_, back)| sum.checked_add(*back)),
    };
    let balance = account(ledger, job)?.balance;
    let (amount, balance) = amount
        .and_then(|amount| Some((amount, balance.checked_add(amount)?)))
        .ok_or_else(|| {
            let ru = "На лицевом счёте не может быть столько денег";
            let en = "That is more than the balance can hold";
            Fault::new(FaultKind::Limit, "balance", ru.into(), en.into())
        })?;
    if amount == Money::ZERO {
        return Ok(());
    }
    if let Some(account) = ledger.accounts.get_mut(&object) {
        account.balance = balance;
    }
    ledger.refunded.extend(refunded.into_iter().map(|(starts_at, back)| (of, starts_at, back)));
    ledger.entries.push(Entry {
        object,
        task: job.key.guid,
        kind: EntryKind::Refund,
        amount,
        order: service.order,
        payment: None,
        service: Some(id),
        starts_at: None,
    });
    Ok(())
}

/// Provisioning reports what it did.
pub(super) fn provision(ledger: &mut LedgerState, job: Job, ask: &Provision) -> Decision {
    let id = ask.service;
    let (mut service, item) = find(ledger, job, id)?;
    let reported = |service: &mut Service, what| {
        let was = service.pending == Some(what);
        service.pending = service.pending.filter(|pending| *pending != what);
        was
    };
    use ServiceStatus::{Active, Deleted, Expired, Ordered, Suspended};
    match (ask.step, service.status) {
        (Step::Open, Ordered) => {
            let end = service.open(item.period, job.now).ok_or_else(|| no_such_end("elid"))?;
            service.ip.clone_from(&ask.ip);
            let of = (job.key.object, id);
            let (starts_at, ends_at, task) = (job.now, end.at, job.key.guid);
            // The order paid for it.
            let (period, amount) = (item.period, item.cost());
            ledger.periods.push(NewPeriod { of, starts_at, ends_at, period, amount, task });
        }
        (Step::Suspend, Suspended) if reported(&mut service, Pending::Suspend) => {}
        (Step::Suspend, Active) => {
            service.suspend(Suspension::Operator, service.expires_at);
            service.pending = None;
        }
        (Step::Resume, Active) if reported(&mut service, Pending::Resume) => {}
        (Step::Resume, Suspended) => {
            if service.expires_at.is_some_and(|expires| expires <= job.now) {
                let ru = format!("Услуга {id} не оплачена: сначала её нужно продлить");
                let en = format!("Service {id} is not paid for: it must be prolonged first");
                return Err(Fault::value("elid", ru, en));
            }
            service.resume();
            service.pending = None;
        }
        (Step::Close, Deleted) if reported(&mut service, Pending::Close) => {}
        (Step::Close, Ordered | Active | Suspended | Expired) => {
            give_back(ledger, job, id, &service, &item)?;
            service.finish(Deleted);
            service.pending = None;
        }
        _ => return Err(in_no_state(id, &service)),
    }
    keep(ledger, job, id, service)
}

/// An order that nobody paid in time.
pub(super) fn expire_order(ledger: &mut LedgerState, job: Job, order: i64) -> Decision {
    let of = (job.key.object, order);
    if ledger.order_states.get(&of) == Some(&OrderStatus::New) {
        ledger.order_states.insert(of, OrderStatus::Expired);
        ledger.expired.insert(of);
    }
    Ok(Answered::Done)
}

fn find(ledger: &LedgerState, job: Job, id: i64) -> Result<(Service, Item), Fault> {
    ledger.services.get(&(job.key.object, id)).cloned().ok_or_else(|| {
        Fault::absent("elid", format!("Услуги {id} нет"), format!("There is no service {id}"))
    })
}

fn keep(ledger: &mut LedgerState, job: Job, id: i64, service: Service) -> Decision {
    let of = (job.key.object, id);
    if let Some((kept, _)) = ledger.services.get_mut(&of)
        && *kept != service
    {
        *kept = Service { changed_at: job.now, changed_by: job.key.guid, ..service };
        ledger.changed_services.insert(of);
    }
    Ok(Answered::Done)
}

/// What a period costs that a service may be prolonged for.
fn price(item: &Item, id: i64, period: i64, object: &str) -> Result<Money, Fault> {
    let price = item.renewal_price(period).filter(|_| !matches!(period, TRIAL | ENDLESS));
    price.ok_or_else(|| {
        let ru = format!("Услугу {id} нельзя продлить на период {period}");
        let en = format!("Service {id} cannot be prolonged for the period {period}");
        Fault::value(object, ru, en)
    })
}

fn alive(id: i64, service: &Service) -> Result<(), Fault> {
    match service.status {
        ServiceStatus::Expired | ServiceStatus::Deleted => Err(in_no_state(id, service)),
        _ => Ok(()),
    }
}

fn in_no_state(id: i64, service: &Service) -> Fault {
    let status = words::service_status(service.status);
    let ru = format!("Услуга {id}: {}", status.ru.to_lowercase());
    let en = format!("Service {id} is {}", status.en.to_lowercase());
    Fault::new(FaultKind::Exists, "elid", ru, en)
}

fn no_such_end(object: &str) -> Fault {
    Fault::value(object, "Такого срока не бывает", "There is no such date")
}
