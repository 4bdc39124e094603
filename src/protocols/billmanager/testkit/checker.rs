//! What was put into carts, ordered, charged and credited.

use uuid::Uuid;

use super::shopper::{Done, Kind, Write};
use super::stored::{EntryRow, ItemRow, OrderRow, PaymentRow, PeriodRow, ServiceRow, Stored};
use crate::simulation::checker::Remains;

/// The status of a payment that has come.
const CREDITED: i64 = 4;

/// Everything that the tables contradict.
pub(super) fn check(remains: &Remains, done: &Done, stored: &Stored) -> Vec<String> {
    let mut broken = Vec::new();
    let signed = |entry: &EntryRow| match entry.kind.as_str() {
        "order" | "renewal" => -entry.amount,
        _ => entry.amount,
    };
    let sum: i64 = stored.entries.iter().map(signed).sum();
    if stored.balance != sum || sum < 0 {
        broken.push(format!("the balance is {}, and its entries are {sum}", stored.balance));
    }
    for item in &stored.items {
        broken.extend(item_wrong(item, stored));
    }
    for order in &stored.orders {
        let wrong = order_wrong(order, stored);
        broken.extend(wrong.map(|wrong| format!("order {}: {wrong}", order.id)));
    }
    for payment in &stored.payments {
        let wrong = payment_wrong(payment, stored, remains);
        broken.extend(wrong.map(|wrong| format!("payment {}: {wrong}", payment.id)));
    }
    for line in &stored.lines {
        let paid = stored.orders.iter().any(|o| o.id == line.order && o.status == "paid");
        let services = stored.services.iter().filter(|service| service.id == line.item).count();
        if services != usize::from(paid) {
            broken.push(format!("item {} is {services} services; paid: {paid}", line.item));
        }
    }
    for service in &stored.services {
        let wrong = service_wrong(service, stored, remains);
        broken.extend(wrong.map(|wrong| format!("service {}: {wrong}", service.id)));
        let wrong = refund_wrong(service, stored, remains);
        broken.extend(wrong.map(|wrong| format!("service {}: {wrong}", service.id)));
    }
    let charges = stored.entries.iter().filter_map(|entry| entry.period);
    for (service, starts) in charges {
        let is = |period: &&PeriodRow| period.service == service && period.starts_at == starts;
        if stored.periods.iter().filter(is).count() != 1 {
            broken.push(format!("service {service} is charged for no period, at {starts}"));
        }
    }
    for payment in &done.credited {
        let credited = |row: &PaymentRow| row.id == *payment && row.status == CREDITED;
        if !stored.payments.iter().any(credited) {
            broken.push(format!("payment {payment} was shown as credited, and is not"));
        }
    }
    for write in &done.writes {
        let wrong = write_wrong(write, stored, remains);
        broken.extend(wrong.map(|wrong| format!("{}: {wrong}", write.told.name)));
    }
    broken
}

/// A line item is a line of exactly one order when it was ordered, for its price, and of none otherwise.
fn item_wrong(item: &ItemRow, stored: &Stored) -> Option<String> {
    let lines = stored.lines.iter().filter(|line| line.item == item.id);
    let amounts: Vec<i64> = lines.map(|line| line.amount).collect();
    let expected: &[i64] = if item.status == "ordered" { &[item.costs] } else { &[] };
    let told = || format!("item {} of {} is {} in {amounts:?}", item.id, item.costs, item.status);
    (amounts != expected).then(told)
}

/// The periods of a service follow one another without gaps and overlaps, and each but the first is charged once, by the
/// task that began it.
fn service_wrong(service: &ServiceRow, stored: &Stored, remains: &Remains) -> Option<String> {
    let periods: Vec<&PeriodRow> =
        stored.periods.iter().filter(|period| period.service == service.id).collect();
    let mut ends = service.opened_at;
    for (number, period) in periods.iter().enumerate() {
        if Some(period.starts_at) != ends {
            return Some(format!("period {number} starts at {}, not {ends:?}", period.starts_at));
        }
        ends = period.ends_at;
        let of_it = (service.id, period.starts_at);
        let charges = stored.entries.iter().filter(|entry| entry.period == Some(of_it));
        let charged: Vec<(i64, Uuid)> = charges.map(|e| (e.amount, e.task)).collect();
        let expected = (number > 0 && period.amount > 0).then_some((period.amount, period.task));
        if !charged.iter().eq(expected.iter()) {
            return Some(format!("period {number} costs {} as {charged:?}", period.amount));
        }
        if number > 0 && !remains.is_done(&period.task) {
            return Some(format!("period {number} is of {}, which is not done", period.task));
        }
    }
    let told =
        || format!("is paid until {:?}, and its periods end at {ends:?}", service.expires_at);
    (ends != service.expires_at).then(told)
}

/// What was paid for a service that was never opened is given back once and whole when it is deleted, by a task that is
/// done, and not otherwise. Nobody opens services that are given back.
fn refund_wrong(service: &ServiceRow, stored: &Stored, remains: &Remains) -> Option<String> {
    let of_it = |entry: &&EntryRow| entry.kind == "refund" && entry.service == Some(service.id);
    let given: Vec<&EntryRow> = stored.entries.iter().filter(of_it).collect();
    let paid = stored.lines.iter().find(|line| line.item == service.id).map_or(0, |l| l.amount);
    let deleted = service.status == "deleted" && service.refund != "none" && paid > 0;
    let expected = deleted.then_some(paid);
    if !given.iter().map(|entry| entry.amount).eq(expected) {
        let given: Vec<i64> = given.iter().map(|entry| entry.amount).collect();
        return Some(format!("is {} and gave back {given:?} of {paid}", service.status));
    }
    let undone = given.iter().find(|entry| !remains.is_done(&entry.task));
    undone.map(|entry| format!("is given back by {}, which is not done", entry.task))
}

/// An order is its lines, charged once when it is paid, and not otherwise.
fn order_wrong(order: &OrderRow, stored: &Stored) -> Option<String> {
    let lines = || stored.lines.iter().filter(|line| line.order == order.id);
    let costs: i64 = lines().map(|line| line.amount).sum();
    if lines().next().is_none() || costs != order.total {
        return Some(format!("costs {}, and its lines {costs}", order.total));
    }
    let paid = order.status == "paid";
    let of_this = |entry: &&EntryRow| entry.kind == "order" && entry.order == Some(order.id);
    let charged: Vec<(i64, Option<Uuid>)> =
        stored.entries.iter().filter(of_this).map(|e| (e.amount, Some(e.task))).collect();
    let expected = (paid && order.total > 0).then_some((order.total, order.paid_by));
    let told = || format!("is {} and charged {charged:?}", order.status);
    (!charged.iter().eq(expected.iter())).then(told)
}

/// A payment from outside is entered once, by the task that credited it; its order is paid with it.
fn payment_wrong(payment: &PaymentRow, stored: &Stored, remains: &Remains) -> Option<String> {
    let order = stored.orders.iter().find(|order| order.id == payment.order);
    let credited = payment.status == CREDITED;
    if order.is_none_or(|order| order.paid_by != payment.credited_by) {
        return Some("and its order are not paid by the same task".into());
    }
    if order.is_some_and(|order| order.total != payment.amount) {
        return Some(format!("is {} for an order of another total", payment.amount));
    }
    if let Some(task) = payment.credited_by
        && !remains.is_done(&task)
    {
        return Some(format!("is credited by {task}, which is not done"));
    }
    let of_this = |entry: &&EntryRow| entry.kind == "payment" && entry.payment == Some(payment.id);
    let entered: Vec<(i64, Option<Uuid>)> =
        stored.entries.iter().filter(of_this).map(|e| (e.amount, Some(e.task))).collect();
    let outside = credited && payment.method != 0;
    let expected = outside.then_some((payment.amount, payment.credited_by));
    let told = || format!("has status {} and was entered as {entered:?}", payment.status);
    (!entered.iter().eq(expected.iter())).then(told)
}

/// What one task left in the tables.
fn write_wrong(write: &Write, stored: &Stored, remains: &Remains) -> Option<String> {
    let guid = write.told.guid.0;
    let done = remains.is_done(&guid);
    let items = stored.items.iter().filter(|item| item.task == guid).count();
    let orders = stored.orders.iter().filter(|order| order.task == guid).count();
    let credited =
        stored.payments.iter().filter(|p| p.credited_by == Some(guid) && p.method != 0).count();
    let periods = stored.periods.iter().filter(|period| period.task == guid).count();
    let expected = match (done, write.kind) {
        (true, Kind::Add) => (1, 0, 0),
        (true, Kind::Buy) => (1, 1, 0),
        (true, Kind::Confirm) => (0, 1, 0),
        (true, Kind::SetPaid) => (0, 0, 1),
        (true, Kind::Prolong) if periods != 1 => {
            return Some(format!("began {periods} periods"));
        }
        _ => (0, 0, 0),
    };
    let made = (items, orders, credited);
    let told = || format!("made {made:?} items, orders and credits, and should have {expected:?}");
    (made != expected).then(told)
}
