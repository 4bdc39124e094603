//! A payment comes: it is credited, and its order paid with it.

use super::{Decision, Job, account};
use crate::protocols::billmanager::command::{Answered, Fault, FaultKind};
use crate::protocols::billmanager::model::{
    Entry, EntryKind, LedgerState, OrderStatus, PaymentStatus,
};

pub(super) fn decide(ledger: &mut LedgerState, job: Job, id: i64, on_page: bool) -> Decision {
    let of = (job.key.object, id);
    account(ledger, job)?;
    let payment = ledger.payment(of).ok_or_else(|| {
        Fault::absent("elid", format!("Платежа {id} нет"), format!("There is no payment {id}"))
    })?;
    if on_page && !payment.test {
        let ru = "На странице этого метода оплатить нельзя";
        let en = "The page of this method does not pay";
        return Err(Fault::new(FaultKind::Access, "elid", ru.into(), en.into()));
    }
    if payment.status == PaymentStatus::Credited {
        let ru = format!("Платёж {id} уже зачислен");
        let en = format!("Payment {id} is credited already");
        return Err(Fault::new(FaultKind::Exists, "elid", ru, en));
    }
    if !payment.status.is_open() {
        let number = payment.status.number();
        let ru = format!("Платёж {id} в статусе {number} нельзя зачислить");
        return Err(Fault::value("elid", ru, format!("Payment {id} has the status {number}")));
    }
    let (amount, order) = (payment.amount, payment.order);
    if ledger.order_states.get(&(job.key.object, order)) == Some(&OrderStatus::Expired) {
        let ru = format!("Срок оплаты заказа {order} истёк");
        return Err(Fault::value("elid", ru, format!("Order {order} expired before it was paid")));
    }
    let entry = |kind| Entry {
        object: job.key.object,
        task: job.key.guid,
        kind,
        amount,
        order,
        payment: Some(id),
        service: None,
        starts_at: None,
    };
    // What comes goes to the order at once: the balance is what it was.
    ledger.entries.extend([entry(EntryKind::Payment), entry(EntryKind::Order)]);
    ledger.credit(of, job.key.guid);
    Ok(Answered::Done)
}
