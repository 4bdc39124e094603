//! Who has which ticket, what was sold, and what buyers were told of it.

use std::collections::HashMap;

use uuid::Uuid;

use super::buyer::{Step, Write};
use super::stored::{OrderRow, Stored};
use crate::simulation::checker::Remains;

/// How many orders may use the promo code.
const MOST_USES: i64 = 2;

/// Everything that the tables contradict.
pub(super) fn check(remains: &Remains, writes: &[Write], stored: &Stored) -> Vec<String> {
    let mut broken = tickets_wrong(stored);
    for order in &stored.orders {
        let wrong = order_wrong(order, stored, writes, remains);
        broken.extend(wrong.into_iter().map(|wrong| format!("order {}: {wrong}", order.id)));
    }
    for write in writes {
        let wrong = write_wrong(write, stored, remains);
        broken.extend(wrong.into_iter().map(|wrong| format!("{}: {wrong}", write.told.name)));
    }
    let holding = stored.orders.iter().filter(|order| order.holds());
    let users = holding.filter(|order| stored.users.contains(&order.id)).count();
    if stored.used != i64::try_from(users).unwrap() || stored.used > MOST_USES {
        broken.push(format!("the promo code counts {} uses, and has {users}", stored.used));
    }
    let mut numbers: Vec<i64> = stored.orders.iter().map(|order| order.number).collect();
    numbers.sort_unstable();
    if !numbers.iter().copied().eq((1..).take(numbers.len())) {
        broken.push(format!("the orders have the numbers {numbers:?}"));
    }
    broken
}

/// A ticket is of the one order that is alive and holds it, or free.
fn tickets_wrong(stored: &Stored) -> Vec<String> {
    let mut holders: HashMap<&str, Vec<&str>> = HashMap::new();
    for line in stored.lines.iter().filter(|line| line.held) {
        holders.entry(&line.ticket).or_default().push(&line.order);
    }
    let mut broken = Vec::new();
    for (ticket, order) in &stored.tickets {
        let holders = holders.get(ticket.as_str()).map_or(&[][..], Vec::as_slice);
        let fits = match (order, holders) {
            (None, []) => true,
            (Some(order), [holder]) => order == holder,
            _ => false,
        };
        if !fits {
            broken.push(format!("ticket {ticket} is of {order:?}, and {holders:?} hold it"));
        }
    }
    broken
}

fn order_wrong(
    order: &OrderRow,
    stored: &Stored,
    writes: &[Write],
    remains: &Remains,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let done = |task: &Uuid| remains.tasks.get(task).is_some_and(|task| task.is("done"));
    if !done(&order.made_by) {
        wrong.push(format!("was made by {}, which is not done", order.made_by));
    }
    let mut costs = 0;
    for line in stored.lines.iter().filter(|line| line.order == order.id) {
        costs += line.costs;
        if line.held != (order.holds() && line.refund.is_none()) {
            wrong.push(format!("is {} and holds {}: {}", order.status, line.ticket, line.held));
        }
        if !done(&line.reserved_by) {
            wrong.push(format!("has a ticket by {}, which is not done", line.reserved_by));
        }
    }
    if costs != order.value {
        wrong.push(format!("costs {}, and its tickets {costs}", order.value));
    }
    // By what was carried out.
    let times = |step| {
        let of_this = |write: &&Write| {
            let of_this = write.order.as_deref() == Some(&order.id);
            of_this && write.step == step && done(&write.told.guid.0)
        };
        writes.iter().filter(of_this).count()
    };
    let carried_out = |step| times(step) > 0;
    let lines = || stored.lines.iter().filter(|line| line.order == order.id);
    let sold = usize::from(carried_out(Step::Finish));
    let given_back = times(Step::GiveBack) + times(Step::Approve);
    let entries = |kind: &'static str| {
        stored.entries.iter().filter(move |entry| entry.order == order.id && entry.kind == kind)
    };
    let sum = |kind| entries(kind).map(|entry| entry.amount).sum::<i64>();
    let counts = (entries("sale").count(), entries("refund").count());
    if counts != (sold, given_back) || sold == 1 && sum("sale") != order.value {
        wrong.push(format!("is {} of {}, and entered {counts:?}", order.status, order.value));
    }
    let refunds: i64 = lines().filter_map(|line| line.refund).sum();
    if sum("refund") != order.refunded || refunds != order.refunded || refunds > order.value {
        let (entered, told) = (sum("refund"), order.refunded);
        wrong.push(format!("gave back {told}, {refunds} for tickets, and entered {entered}"));
    }
    let status = match () {
        () if carried_out(Step::Finish) && lines().all(|line| line.refund.is_some()) => "refunded",
        () if carried_out(Step::Finish) => "done",
        () if carried_out(Step::Cancel) => "canceled",
        () => "expired",
    };
    if order.status != status {
        wrong.push(format!("is {}, and must be {status}", order.status));
    }
    wrong
}

/// What one task left in the tables.
fn write_wrong(write: &Write, stored: &Stored, remains: &Remains) -> Vec<String> {
    let guid = write.told.guid.0;
    let done = remains.tasks.get(&guid).is_some_and(|task| task.is("done"));
    let mut wrong = Vec::new();
    let made = stored.orders.iter().filter(|order| order.made_by == guid).count();
    if made != usize::from(done && write.step == Step::Make) {
        wrong.push(format!("made {made} orders"));
    }
    let entries: Vec<&str> = stored
        .entries
        .iter()
        .filter(|entry| entry.task == guid)
        .map(|entry| entry.kind.as_str())
        .collect();
    let expected: &[&str] = match write.step {
        Step::Finish if done => &["sale"],
        Step::GiveBack | Step::Approve if done => &["refund"],
        _ => &[],
    };
    if entries != expected {
        wrong.push(format!("entered {entries:?}, and should have {expected:?}"));
    }
    wrong
}
