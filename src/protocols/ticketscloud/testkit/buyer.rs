//! A buyer: makes orders and takes each of them somewhere, at times in two directions at once.

use axum::http::Method;
use futures_util::future::join_all;
use rand::RngExt;
use rand::rngs::SmallRng;
use serde_json::{Value, json};

use super::scene::{EVENT, KEY, PROMOCODE, SALT, SETS, ticket};
use crate::domain::task::TaskGuid;
use crate::protocols::ticketscloud::http::{ORDERS, REFUNDS};
use crate::protocols::ticketscloud::wire::MEDIA_TYPE;
use crate::simulation::network::Network;
use crate::simulation::observations::Told;
use crate::simulation::plain::{self, Asked};
use crate::simulation::rights::SELLING;

/// What a task is to do with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Make,
    Change,
    Begin,
    Finish,
    GiveBack,
    Cancel,
    /// Takes tickets out while it is paid.
    TakeOut,
    /// Asks that tickets be given back, and decides about it.
    Ask,
    Approve,
    Reject,
}

use Step::{Approve, Ask, Begin, Cancel, Change, Finish, GiveBack, Reject, TakeOut};

/// What may become of an order that was made: steps one after the other, and some of them at once.
const WAYS: [&[&[Step]]; 12] = [
    // Forgotten.
    &[],
    &[&[Begin]],
    // Paid.
    &[&[Begin], &[Finish]],
    &[&[Change], &[Finish]],
    &[&[Begin], &[Finish], &[GiveBack]],
    // Given up.
    &[&[Cancel]],
    // The left hand does not know what the right hand does.
    &[&[Begin], &[Finish, Cancel]],
    &[&[Change, Cancel, Begin], &[Finish]],
    // Some of it.
    &[&[Begin], &[TakeOut], &[Finish], &[Ask], &[Approve]],
    &[&[Finish], &[Ask], &[Reject, Approve], &[Ask]],
    &[&[Finish], &[Ask, GiveBack], &[Approve], &[GiveBack]],
    &[&[Begin, TakeOut], &[Finish], &[Ask], &[Approve, Ask, GiveBack]],
];

/// One task of a buyer.
pub(super) struct Write {
    pub step: Step,
    /// The order that it is about; of a new one, when it is known to be made.
    pub order: Option<String>,
    pub told: Told,
}

/// What a buyer knows of its order.
#[derive(Default)]
struct Known {
    order: String,
    /// One of the tickets that it was made with.
    ticket: Option<String>,
    /// The refund request that was made last.
    refund: Option<String>,
}

/// Buys, and tells what it was told.
pub(super) async fn run(network: Network, buyer: usize) -> Vec<Write> {
    let orders = network.simulation.dice().random_range(1..3);
    let mut writes = Vec::new();
    for number in 0..orders {
        network.pause(0, 2_000).await;
        let key = format!("buyer {buyer}, order {number}");
        let (made, answer) = write(&network, &key, Step::Make, &Known::default()).await;
        writes.push(made);
        let Some(order) = answer.as_ref().and_then(|order| order["id"].as_str()) else { continue };
        let ticket = answer.as_ref().and_then(|order| order["tickets"][0].as_str());
        let (order, ticket) = (order.to_owned(), ticket.map(str::to_owned));
        let mut known = Known { order, ticket, refund: None };
        let way = WAYS[network.simulation.dice().random_range(0..WAYS.len())];
        for (number, steps) in way.iter().enumerate() {
            network.pause(0, 2_000).await;
            // The same step comes again at times: it is another task.
            let key = format!("{key}, {number}");
            // Where nothing was asked for there is nothing to decide about.
            let possible =
                |step: &&Step| known.refund.is_some() || !matches!(step, Approve | Reject);
            let steps = steps.iter().filter(possible);
            let steps = steps.map(|step| write(&network, &key, *step, &known));
            for (write, answer) in join_all(steps).await {
                if write.step == Ask
                    && let Some(made) = answer.as_ref().and_then(|made| made["id"].as_str())
                {
                    known.refund = Some(made.to_owned());
                }
                writes.push(write);
            }
        }
    }
    writes
}

async fn write(network: &Network, key: &str, step: Step, known: &Known) -> (Write, Option<Value>) {
    let key = format!("{key}, {step:?}");
    let guid = TaskGuid::derived(SALT, &key);
    let mut told = Told::new(guid, format!("{key} ({guid})"), plain::outcome);
    let ticket = known.ticket.as_deref();
    let (method, body) = match step {
        Step::Make => (Method::POST, making(&mut network.simulation.dice())),
        Change => (Method::PATCH, wanted(&mut network.simulation.dice())),
        Begin => {
            (Method::PATCH, json!({"status": "in_progress", "payment": {"system": "api/BASE"}}))
        }
        Finish => (Method::PATCH, json!({"status": "done"})),
        GiveBack => (Method::PATCH, json!({"status": "refunded"})),
        Cancel => (Method::DELETE, Value::Null),
        TakeOut => (Method::PATCH, json!({"tickets": [ticket]})),
        Ask => (Method::POST, asking(&mut network.simulation.dice(), known)),
        Approve => (Method::PATCH, json!({"status": "approved"})),
        Reject => (Method::PATCH, json!({"status": "rejected"})),
    };
    let refund = known.refund.as_deref().unwrap_or_default();
    let path = match step {
        Step::Make => ORDERS.to_owned(),
        Ask => REFUNDS.to_owned(),
        Approve | Reject => format!("{REFUNDS}/{refund}"),
        _ => format!("{ORDERS}/{}", known.order),
    };
    let body = body.to_string();
    let right = (step == Step::Make).then_some(SELLING);
    let asked =
        Asked { method, path, token: KEY, media_type: MEDIA_TYPE, right, key, body, also: None };
    let answer = asked.carry_out(network, &mut told).await;
    let answer = answer.filter(|(status, _)| (200..300).contains(status)).map(|(_, body)| body);
    let made = answer.as_ref().filter(|_| step == Step::Make);
    let made = made.and_then(|order| order["id"].as_str()).map(str::to_owned);
    let order = (step != Step::Make).then(|| known.order.clone()).or(made);
    (Write { step, order, told }, answer)
}

/// All that the order has, or one ticket of it.
fn asking(dice: &mut SmallRng, known: &Known) -> Value {
    let culprit = if dice.random_bool(0.5) { "user" } else { "org" };
    match dice.random_bool(0.5) {
        true => json!({"order": known.order, "culprit": culprit, "tickets": []}),
        false => {
            let ticket = known.ticket.as_deref();
            json!({"order": known.order, "culprit": culprit, "tickets_refund": [ticket]})
        }
    }
}

fn making(dice: &mut SmallRng) -> Value {
    let mut body = wanted(dice);
    body["event"] = EVENT.into();
    if dice.random_bool(0.4) {
        body["promocodes"] = json!([PROMOCODE]);
    }
    body
}

/// Tickets by their ids, or so many of a set.
fn wanted(dice: &mut SmallRng) -> Value {
    let which = dice.random_range(0..SETS.len());
    let (set, tickets) = SETS[which];
    let count = dice.random_range(1..=tickets);
    let all_or_nothing = dice.random_bool(0.3);
    match dice.random_bool(0.5) {
        true => json!({"random": {set: count}, "all_or_nothing": all_or_nothing}),
        false => {
            let ids: Vec<String> = (0..count).map(|number| ticket(which, number)).collect();
            json!({"tickets": ids, "all_or_nothing": all_or_nothing})
        }
    }
}
