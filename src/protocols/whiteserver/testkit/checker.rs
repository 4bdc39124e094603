//! What was paid, made, taken back and told of it.

use std::collections::HashMap;

use uuid::Uuid;

use super::books::{Books, OrderRow, PaymentRow, Stood};
use super::intent::{Intent, Kind, OBJECTS, ORDERS, order as there_from_the_beginning};
use super::neighbours::AT_ONCE;
use super::till::{Step, Write};
use crate::domain::task::ObjectId;
use crate::simulation::checker::Remains;
use crate::simulation::observations::Told;
use crate::simulation::rights::LICENCES;
use crate::simulation::tasks::TaskRow;

/// Everything that the tables contradict.
pub(super) fn check(
    remains: &Remains,
    told: &[(Intent, Told)],
    writes: &[Write],
    books: &Books,
) -> Vec<String> {
    let mut broken = Vec::new();
    let Books { orders, payments, events, stood, notifications, listens } = books;
    // Who has no licence at that moment is not told of it.
    let untold = |object: i64| {
        let mut licences = OBJECTS.into_iter().zip(LICENCES);
        licences.any(|(o, licence)| o.0 == object && remains.withdrawn.contains(licence))
    };
    let mut of_task: HashMap<Uuid, Vec<&PaymentRow>> = HashMap::new();
    let mut of_order: HashMap<(i64, Uuid), Vec<&PaymentRow>> = HashMap::new();
    for payment in payments {
        of_task.entry(payment.task).or_default().push(payment);
        of_order.entry((payment.object, payment.order)).or_default().push(payment);
    }
    for (intent, of) in told {
        let Some(task) = remains.tasks.get(&intent.guid.0) else { continue };
        let paid = of_task.get(&task.guid).map_or(&[][..], Vec::as_slice);
        let created = orders.iter().any(|order| order.guid == task.guid);
        let created = created && !remains.spoilt.contains(&task.guid);
        let mut wrong = done_wrong(intent, task, paid, created);
        wrong.extend(cancel_wrong(intent, task, told, remains));
        wrong.extend(neighbour_wrong(intent, task, remains));
        wrong.extend(answered_wrong(remains, intent, task, *listens));
        broken.extend(wrong.into_iter().map(|wrong| format!("{}: {wrong}", of.name)));
    }
    for order in orders {
        let paid = of_order.get(&(order.object, order.guid)).map_or(&[][..], Vec::as_slice);
        let mut wrong = order_wrong(order, paid);
        wrong.extend(total_wrong(remains, told, writes, order));
        // One that somebody made past the program is told of to nobody.
        if !untold(order.object) && !remains.spoilt.contains(&order.guid) {
            wrong.extend(status_wrong(order, stood));
        }
        broken.extend(wrong.into_iter().map(|wrong| format!("order {}: {wrong}", order.guid)));
    }
    let intents: HashMap<Uuid, &Intent> =
        told.iter().map(|(intent, _)| (intent.guid.0, intent)).collect();
    broken.extend(
        payments.iter().flat_map(|payment| payment_wrong(payment, remains, &intents, writes)),
    );
    let heard_of = events.iter().filter(|(_, object)| !untold(*object)).map(|(event, _)| event);
    let unheard = heard_of.filter(|event| {
        let listened = !listens || remains.listened.contains_key(event);
        !(listened && remains.called.contains_key(event))
    });
    broken.extend(unheard.map(|event| format!("event {event} was not heard of")));
    if *notifications > 0 {
        broken.push(format!("{notifications} letters were not delivered"));
    }
    broken
}

/// What a task did, against what it was to do.
fn done_wrong(intent: &Intent, task: &TaskRow, paid: &[&PaymentRow], created: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let done = task.is("done");
    let expected = if done && intent.kind.pays() { intent.amount } else { 0 };
    let came: i64 = paid.iter().map(|payment| payment.amount).sum();
    if came != expected {
        wrong.push(format!("{:?} paid {came}, not {expected}", task.outcome));
    }
    if paid.iter().any(|payment| payment.taken_at > task.deadline) {
        wrong.push("was paid after its deadline".into());
    }
    if (intent.kind == Kind::Create && done) != created {
        wrong.push(format!("{:?}, its order: {created}", task.outcome));
    }
    wrong
}

/// A task that was done has cancelled its target, and a task is cancelled by such a one alone.
fn cancel_wrong(
    intent: &Intent,
    task: &TaskRow,
    all: &[(Intent, Told)],
    remains: &Remains,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let target = intent.target.filter(|_| task.is("done"));
    let target = target.map(|target| (target, remains.tasks.get(&target.0)));
    if let Some((target, found)) = target
        && !found.is_some_and(|found| found.is("cancelled"))
    {
        let outcome = found.and_then(|found| found.outcome.as_deref());
        wrong.push(format!("has cancelled {target}, which is {outcome:?}"));
    }
    let by = |(other, _): &(Intent, Told)| {
        other.target == Some(intent.guid) && remains.is_done(&other.guid.0)
    };
    let by_operator = remains.cancelled.contains(&task.guid);
    if task.is("cancelled") && !by_operator && !all.iter().any(by) {
        wrong.push("is cancelled, and nobody has done so".into());
    }
    wrong
}

/// Whoever shares a batch with a task that cannot be written is answered as if there was none.
fn neighbour_wrong(intent: &Intent, task: &TaskRow, remains: &Remains) -> Option<String> {
    if !intent.neighbour || remains.spoilt.is_empty() {
        return None;
    }
    let took = task.answered_at? - task.registered_at;
    let late = took > AT_ONCE || task.is("timeout");
    late.then(|| format!("is {:?} after {} ms beside a spoilt task", task.outcome, took / 1000))
}

/// Its answer by callback, in the results queue, and to whom it may listen.
fn answered_wrong(
    remains: &Remains,
    intent: &Intent,
    task: &TaskRow,
    listens: bool,
) -> Vec<String> {
    let Some(answer) = &task.answer else { return Vec::new() };
    let mut wrong = Vec::new();
    if !task.sync {
        let listened = listens.then_some((&remains.listened, "ListenQueue"));
        let heard = [(&remains.called, "callback"), (&remains.results, "results queue")];
        for (heard, by) in heard.into_iter().chain(listened) {
            match heard.get(&task.guid).map(Vec::as_slice) {
                Some([one]) if one == answer => {}
                other => wrong.push(format!("its answer by {by} is {other:?}, not {answer}")),
            }
        }
    } else if intent.sync
        && (remains.called.contains_key(&task.guid) || remains.listened.contains_key(&task.guid))
    {
        wrong.push("its caller waited for the answer, and was told again".into());
    }
    wrong
}

/// Who took a payment back, and who took it.
fn payment_wrong(
    payment: &PaymentRow,
    remains: &Remains,
    intents: &HashMap<Uuid, &Intent>,
    writes: &[Write],
) -> Vec<String> {
    let mut broken = Vec::new();
    if let Some(remover) = payment.removed_by {
        let cancels = |write: &Write| write.step == Step::Cancel && write.told.guid.0 == remover;
        let by = intents.get(&remover).is_some_and(|intent| intent.kind.removes())
            || writes.iter().any(cancels);
        let done = remains.tasks.get(&remover).is_some_and(|task| task.is("done"));
        // What is written off at once is removed by the task that took it.
        if !(by && done) {
            broken.push(format!("a payment of {} is removed by {remover}", payment.task));
        }
    }
    if !remains.tasks.contains_key(&payment.task) {
        broken.push(format!("a payment of task {}, which is not there", payment.task));
    }
    broken
}

/// An order costs what the last update said; without one, what it cost in the beginning. A till may say otherwise.
fn total_wrong(
    remains: &Remains,
    told: &[(Intent, Told)],
    writes: &[Write],
    order: &OrderRow,
) -> Option<String> {
    let there = (0..ORDERS).map(|number| there_from_the_beginning(OBJECTS[0], number));
    let there = there.chain((0..ORDERS).map(|number| there_from_the_beginning(OBJECTS[1], number)));
    let (_, first) = there.into_iter().find(|(guid, _)| *guid == order.guid)?;
    if !writes.is_empty() && order.object == OBJECTS[0].0 {
        return None;
    }
    let updates = told.iter().map(|(intent, _)| intent).filter(|intent| {
        let is_done = remains.tasks.get(&intent.guid.0).is_some_and(|task| task.is("done"));
        intent.kind == Kind::Update && intent.order == Some(order.guid) && is_done
    });
    let mut updates: Vec<i64> = updates.map(|intent| intent.amount).collect();
    if updates.is_empty() {
        updates.push(first);
    }
    let is_said = updates.contains(&order.total);
    (!is_said).then(|| format!("it costs {}, and {updates:?} was said", order.total))
}

fn order_wrong(order: &OrderRow, payments: &[&PaymentRow]) -> Vec<String> {
    let mut wrong = Vec::new();
    let counted = payments.iter().filter(|payment| payment.removed_by.is_none());
    let sum: i64 = counted.map(|payment| payment.amount).sum();
    if sum != order.paid {
        wrong.push(format!("{} is paid, and the payments are {sum}", order.paid));
    }
    if !(0..=order.total).contains(&order.paid) {
        wrong.push(format!("{} of {} is paid", order.paid, order.total));
    }
    if order.status == "Complited" && order.paid != order.total {
        wrong.push("is closed and not paid".into());
    }
    if order.status == "Canceled" && order.paid != 0 {
        wrong.push("is cancelled and holds money".into());
    }
    wrong
}

/// Events tell of each change of where an order stands, and of nothing else; the last one says how it is.
fn status_wrong(order: &OrderRow, stood: &[Stood]) -> Vec<String> {
    let mut wrong = Vec::new();
    let of_order = |stood: &&Stood| (stood.object, stood.order) == (order.object, order.guid);
    // One that is there from the beginning begins open, without a bill.
    let mut before = is_there_from_the_beginning(order).then_some(("Created", false));
    for stood in stood.iter().filter(of_order) {
        let now = (stood.status.as_str(), stood.bill_printed);
        if before == Some(now) {
            wrong.push(format!("is told to be {now:?} again, at version {}", stood.version));
        }
        before = Some(now);
    }
    let now = Some((order.status.as_str(), order.bill_printed));
    if before != now {
        wrong.push(format!("is {now:?}, and the last that was told is {before:?}"));
    }
    wrong
}

fn is_there_from_the_beginning(order: &OrderRow) -> bool {
    let orders = |object: ObjectId| (0..ORDERS).map(move |number| (object.0, number));
    OBJECTS.into_iter().flat_map(orders).any(|(object, number)| {
        (object, there_from_the_beginning(ObjectId(object), number).0) == (order.object, order.guid)
    })
}
