//! Whether the promises were kept: what clients and receivers were told, against the books.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use uuid::Uuid;

use super::books::{Books, OrderRow, PaymentRow, TaskRow};
use super::evidence::{Told, code};
use super::intent::Kind;

/// What a run left behind.
pub(super) struct Remains {
    pub told: Vec<Told>,
    pub books: Books,
    /// By task or event: the bodies that were posted.
    pub called: BTreeMap<Uuid, Vec<String>>,
    /// By task: the bodies in the results queue.
    pub results: BTreeMap<Uuid, Vec<String>>,
    /// When everything was mended, by the database's clock, in microseconds.
    pub mended_at: i64,
    /// Whether the clock went backwards: then `answered_at` says nothing.
    pub clock_jumped: bool,
    /// By task: when the transaction began that carried it out, by the database's clock, in microseconds.
    pub answering: BTreeMap<Uuid, i64>,
    /// What else should not have happened.
    pub failures: Vec<String>,
}

/// After this long without a fault, in microseconds, a task must have been carried out.
const SOON: i64 = 60_000_000;

/// Every promise that was broken; empty when all were kept.
pub(super) fn check(remains: &Remains) -> Vec<String> {
    let mut broken = remains.failures.clone();
    let Books { tasks, orders, payments, events, letters, dead } = &remains.books;
    broken.extend(dead.iter().map(|dead| format!("a dead letter: {dead}")));
    let tasks: HashMap<Uuid, &TaskRow> = tasks.iter().map(|task| (task.guid, task)).collect();
    let mut of_task: HashMap<Uuid, Vec<&PaymentRow>> = HashMap::new();
    let mut of_order: HashMap<(i64, Uuid), Vec<&PaymentRow>> = HashMap::new();
    for payment in payments {
        of_task.entry(payment.task).or_default().push(payment);
        of_order.entry((payment.object, payment.order)).or_default().push(payment);
    }
    let kinds: HashMap<Uuid, &Told> =
        remains.told.iter().map(|told| (told.intent.guid.0, told)).collect();

    for told in &remains.told {
        let guid = told.intent.guid.0;
        let paid = of_task.get(&guid).map_or(&[][..], Vec::as_slice);
        let created = orders.iter().any(|order| order.guid == guid);
        let wrong = told_wrong(told, tasks.get(&guid).copied(), paid, created);
        let name = format!("{} ({} {guid})", told.intent.key, told.intent.kind.task_type());
        broken.extend(wrong.into_iter().map(|wrong| format!("{name}: {wrong}")));
    }
    for task in tasks.values() {
        let Some(told) = kinds.get(&task.guid) else {
            broken.push(format!("task {} is nobody's", task.guid));
            continue;
        };
        let paid = of_task.get(&task.guid).map_or(&[][..], Vec::as_slice);
        let wrong = task_wrong(remains, task, told, paid);
        broken.extend(wrong.into_iter().map(|wrong| format!("task {}: {wrong}", task.guid)));
    }
    for order in orders {
        let paid = of_order.get(&(order.object, order.guid)).map_or(&[][..], Vec::as_slice);
        let wrong = order_wrong(order, paid);
        broken.extend(wrong.into_iter().map(|wrong| format!("order {}: {wrong}", order.guid)));
    }
    for payment in payments {
        if let Some(remover) = payment.removed_by {
            let by = kinds.get(&remover).is_some_and(|told| told.intent.kind.removes());
            let done = tasks.get(&remover).is_some_and(|task| is(task, "done"));
            // What is written off at once is removed by the task that took it.
            if !(by && done) {
                broken.push(format!("a payment of {} is removed by {remover}", payment.task));
            }
        }
        if !tasks.contains_key(&payment.task) {
            broken.push(format!("a payment of task {}, which is not there", payment.task));
        }
    }
    let unheard = events.iter().filter(|event| !remains.called.contains_key(event));
    broken.extend(unheard.map(|event| format!("event {event} was not called")));
    if *letters > 0 {
        broken.push(format!("{letters} letters were not delivered"));
    }
    broken
}

fn is(task: &TaskRow, outcome: &str) -> bool {
    task.outcome.as_deref() == Some(outcome)
}

/// A client against the books.
fn told_wrong(
    told: &Told,
    task: Option<&TaskRow>,
    paid: &[&PaymentRow],
    created: bool,
) -> Vec<String> {
    let mut wrong: Vec<String> =
        told.strange.iter().map(|strange| format!("was told {strange}")).collect();
    if told.answers.len() > 1 {
        wrong.push(format!("has {} different answers: {:?}", told.answers.len(), told.answers));
    }
    let Some(task) = task else {
        if told.accepted {
            wrong.push("was accepted, but is not kept".into());
        }
        return wrong;
    };
    if let Some(answer) = told.answers.first()
        && task.answer.as_deref() != Some(answer)
    {
        wrong.push(format!("was told {answer}, but the books say {:?}", task.answer));
    }
    let done = is(task, "done");
    let expected = if done && told.intent.kind.pays() { told.intent.amount } else { 0 };
    let came: i64 = paid.iter().map(|payment| payment.amount).sum();
    if came != expected {
        wrong.push(format!("{:?} paid {came}, not {expected}", task.outcome));
    }
    if (told.intent.kind == Kind::Create && done) != created {
        wrong.push(format!("{:?}, its order: {created}", task.outcome));
    }
    wrong
}

/// A task by itself, and what others were told of it.
fn task_wrong(remains: &Remains, task: &TaskRow, told: &Told, paid: &[&PaymentRow]) -> Vec<String> {
    let mut wrong = Vec::new();
    let Some(answer) = &task.answer else {
        return vec!["has no answer".into()];
    };
    let said: Value = serde_json::from_str(answer).unwrap_or_default();
    let fits = match (task.outcome.as_deref(), code(&said)) {
        (Some("done"), None) | (Some("timeout"), Some("Timeout")) => true,
        (Some("refused"), Some(code)) => code != "Timeout" && code != "InternalError",
        _ => false,
    };
    if !fits {
        wrong.push(format!("is {:?} and says {answer}", task.outcome));
    }
    // A clock that jumps in the middle of a transaction proves nothing.
    let late = remains.answering.get(&task.guid).is_some_and(|began| *began > task.deadline);
    if !is(task, "timeout") && late && !remains.clock_jumped
        || paid.iter().any(|payment| payment.taken_at > task.deadline)
    {
        wrong.push("was carried out after its deadline".into());
    }
    if is(task, "timeout") {
        let early = task.answered_at.is_some_and(|at| at < task.deadline);
        if early && !remains.clock_jumped {
            wrong.push("was given up before its deadline".into());
        }
        if task.deadline > remains.mended_at + SOON {
            wrong.push("timed out, though nothing was in its way any more".into());
        }
    }
    if !task.sync {
        for (heard, by) in [(&remains.called, "callback"), (&remains.results, "results queue")] {
            match heard.get(&task.guid).map(Vec::as_slice) {
                Some([one]) if one == answer => {}
                other => wrong.push(format!("its answer by {by} is {other:?}, not {answer}")),
            }
        }
    } else if told.intent.sync && remains.called.contains_key(&task.guid) {
        wrong.push("its caller waited for the answer, and was called all the same".into());
    }
    wrong
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
