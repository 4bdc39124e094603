//! What was credited, and for what.

use uuid::Uuid;

use super::bridge::Came;
use super::stored::{PaymentRow, Stored};
use crate::simulation::checker::Remains;

/// Everything that the tables contradict.
pub(super) fn check(remains: &Remains, came: &[Came], stored: &Stored) -> Vec<String> {
    let mut broken = Vec::new();
    let sum: i64 = stored.entries.iter().map(|entry| entry.amount).sum();
    if stored.balance != sum {
        broken.push(format!("the balance is {}, and its entries are {sum}", stored.balance));
    }
    let corrected = stored.entries.iter().filter(|entry| entry.kind == "correction").count();
    if !stored.corrections.iter().copied().eq((1..).take(corrected)) {
        let numbers = &stored.corrections;
        broken.push(format!("the corrections {numbers:?}, and {corrected} entries of such"));
    }
    for payment in &stored.payments {
        let wrong = payment_wrong(payment, stored);
        broken.extend(wrong.map(|wrong| format!("payment {}: {wrong}", payment.id)));
    }
    for came in came {
        let wrong = came_wrong(came, stored, remains);
        broken.extend(wrong.map(|wrong| format!("{}: {wrong}", came.told.name)));
    }
    let known = |task: &Uuid| came.iter().any(|came| came.told.guid.0 == *task);
    let nobodys = stored.entries.iter().filter(|entry| !known(&entry.task));
    broken.extend(nobodys.map(|entry| format!("an entry of {}, which is nobody's", entry.task)));
    broken
}

/// It is completed by the one task that entered it.
fn payment_wrong(payment: &PaymentRow, stored: &Stored) -> Option<String> {
    let of_this = stored.entries.iter().filter(|entry| entry.payment == payment.id);
    let entered: Vec<(Uuid, i64)> = of_this
        .filter(|entry| entry.kind == "payment")
        .map(|entry| (entry.task, entry.amount))
        .collect();
    let expected: Vec<(Uuid, i64)> =
        payment.closed_by.iter().map(|task| (*task, payment.total)).collect();
    let completed = payment.status == "completed";
    let fits = entered == expected && completed == payment.closed_by.is_some();
    let told = || format!("is {}, and entered are {entered:?}", payment.status);
    (!fits).then(told)
}

/// What came is credited to the kopeck, and once, also when two tell of the same transaction.
fn came_wrong(came: &Came, stored: &Stored, remains: &Remains) -> Option<String> {
    let guid = came.told.guid.0;
    let task = remains.tasks.get(&guid)?;
    let counted_by = came.transaction.as_ref().and_then(|transaction| {
        let known = stored.transactions.iter().find(|(known, _)| known == transaction);
        known.map(|(_, task)| *task)
    });
    let expected = match (task.is("done"), counted_by) {
        (false, _) => 0,
        (true, Some(other)) if other != guid => 0,
        (true, None) if came.transaction.is_some() => {
            return Some("its transaction is not written down".into());
        }
        (true, _) => came.amount,
    };
    let entries = stored.entries.iter().filter(|entry| entry.task == guid);
    let credited: i64 = entries.map(|entry| entry.amount).sum();
    let told = || format!("is {:?} and credited {credited}, not {expected}", task.outcome);
    (credited != expected).then(told)
}
