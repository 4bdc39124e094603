//! Carts, orders and payments of BILLmanager.
//!
//! A line item costs what its price list said when it was put into the cart. An order takes line items out
//! of the cart for good; it is paid from the balance at once, or when its payment comes.

mod add;
mod cart;
mod confirm;
mod parameters;
mod pay;
mod pricing;
mod services;
#[cfg(test)]
mod tests;

pub use self::add::MOST_IN_CART;
pub(crate) use self::parameters::undeclared;

use jiff::Timestamp;

use super::command::{Answered, Ask, Fault, FaultKind, Ordered};
use super::model::{Account, Entry, EntryKind, Fresh, ItemStatus, LedgerState, Order, Payment};
use crate::domain::money::Money;
use crate::domain::task::{AggregatorId, TaskKey};

/// Carries out one request.
pub(crate) fn decide(ledger: &mut LedgerState, job: Job, ask: &Ask) -> Answered {
    let decided = match ask {
        Ask::Add(add) => add::decide(ledger, job, add),
        Ask::Activate(items) => cart::activate(ledger, job, items),
        Ask::Delete(items) => cart::delete(ledger, job, items),
        Ask::Promocode(code) => cart::promocode(ledger, job, code),
        Ask::Confirm(confirm) => confirm::decide(ledger, job, confirm),
        Ask::SetPaid(payment) => pay::decide(ledger, job, *payment, false),
        Ask::PayOnPage(payment) => pay::decide(ledger, job, *payment, true),
        Ask::Renew(service) => services::renew(ledger, job, *service),
        Ask::ExpireOrder(order) => services::expire_order(ledger, job, *order),
        Ask::Prolong { service, period } => services::prolong(ledger, job, *service, *period),
        Ask::EditService { service, autoprolong, period } => {
            services::edit(ledger, job, *service, *autoprolong, *period)
        }
        Ask::DeleteService(service) => services::remove(ledger, job, *service),
        Ask::Provision(provision) => services::provision(ledger, job, provision),
    };
    decided.unwrap_or_else(Answered::Refused)
}

/// A task as decisions see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Job {
    pub(crate) key: TaskKey,
    pub(crate) by: AggregatorId,
    pub(crate) now: Timestamp,
}

type Decision = Result<Answered, Fault>;

/// The account, which is there for as long as nobody deletes it past this program.
fn account(ledger: &LedgerState, job: Job) -> Result<&Account, Fault> {
    ledger.accounts.get(&job.key.object).ok_or_else(|| {
        Fault::absent("su", "Учётной записи больше нет", "There is no such account any more")
    })
}

/// The numbers that were set aside for the task.
fn fresh(ledger: &LedgerState, job: Job) -> Fresh {
    ledger.fresh.get(&job.key).cloned().unwrap_or_default()
}

/// Such a task has no number set aside: a mistake of this program.
fn no_number() -> Fault {
    Fault { kind: FaultKind::Failed, object: None, msg: super::wire::words::failed() }
}

/// The line items of a cart and what each costs.
fn costs(
    ledger: &LedgerState,
    job: Job,
    items: &[i64],
    object: &str,
) -> Result<Vec<(i64, Money)>, Fault> {
    let cost = |id: &i64| {
        let item = ledger.in_cart((job.key.object, *id)).ok_or_else(|| {
            let ru = format!("В корзине нет позиции {id}: её нет, или она уже заказана");
            let en = format!("The cart has no line item {id}: there is none, or it was ordered");
            Fault::value(object, ru, en)
        })?;
        Ok((*id, item.cost()))
    };
    items.iter().map(cost).collect()
}

fn total(lines: &[(i64, Money)], object: &str) -> Result<Money, Fault> {
    let sum = lines.iter().try_fold(Money::ZERO, |sum, (_, cost)| sum.checked_add(*cost));
    sum.ok_or_else(|| {
        Fault::value(object, "Сумма слишком велика", "The sum is larger than an amount can be")
    })
}

/// How an order is to be paid.
enum Payable {
    /// It costs nothing.
    Free,
    /// From the balance, by this payment.
    Balance {
        number: i64,
        payment: Payment,
        /// What the balance holds afterwards.
        rest: Money,
    },
    /// By this payment, when it comes.
    Later { number: i64, payment: Payment },
}

/// What is left of the balance, which must cover it.
fn covered(account: &Account, total: Money) -> Result<Money, Fault> {
    account.balance.checked_sub(total).ok_or_else(|| {
        let (balance, currency) = (account.balance, &account.currency);
        let ru = format!("На лицевом счёте {balance} {currency}, а нужно {total} {currency}");
        let en = format!("The balance is {balance} {currency}, and {total} {currency} is needed");
        Fault::new(FaultKind::Limit, "balance", ru, en)
    })
}

/// Makes an order. Everything was looked at before: nothing is refused from here on.
fn make_order(
    ledger: &mut LedgerState,
    job: Job,
    number: i64,
    lines: Vec<(i64, Money)>,
    total: Money,
    payable: Payable,
) -> Ordered {
    let (object, task) = (job.key.object, job.key.guid);
    for (item, _) in &lines {
        ledger.change_item((object, *item), |item| item.status = ItemStatus::Ordered);
    }
    let currency = ledger.accounts.get(&object).map_or_else(String::new, |a| a.currency.clone());
    let paid = !matches!(payable, Payable::Later { .. });
    ledger.make_order((object, number), Order { total, currency, lines, paid, task });
    let payment = match payable {
        Payable::Free => None,
        Payable::Later { number, payment } => Some((number, payment)),
        Payable::Balance { number: id, payment: made, rest } => {
            if let Some(account) = ledger.accounts.get_mut(&object) {
                account.balance = rest;
            }
            let (kind, order) = (EntryKind::Order, number);
            let (amount, payment) = (total, Some(id));
            let (service, starts_at) = (None, None);
            ledger.entries.push(Entry {
                object,
                task,
                kind,
                amount,
                order,
                payment,
                service,
                starts_at,
            });
            ledger.credited.insert((object, id), task);
            Some((id, made))
        }
    };
    let made = payment.map(|(id, payment)| {
        ledger.make_payment((object, id), payment);
        id
    });
    Ordered { item: None, order: number, payment: made, link: None }
}
