//! A buyer: makes orders and takes each of them somewhere, at times in two directions at once.

use axum::http::Method;
use futures_util::future::join_all;
use rand::RngExt;
use rand::rngs::SmallRng;
use serde_json::{Value, json};

use super::scene::{EVENT, KEY, PROMOCODE, SALT, SETS, ticket};
use crate::domain::task::TaskGuid;
use crate::protocols::ticketscloud::http::ORDERS;
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
}

use Step::{Begin, Cancel, Change, Finish, GiveBack};

/// What may become of an order that was made: steps one after the other, and some of them at once.
const WAYS: [&[&[Step]]; 8] = [
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
];

/// One task of a buyer.
pub(super) struct Write {
    pub step: Step,
    /// The order that it is about; of a new one, when it is known to be made.
    pub order: Option<String>,
    pub told: Told,
}

/// Buys, and tells what it was told.
pub(super) async fn run(network: Network, buyer: usize) -> Vec<Write> {
    let orders = network.simulation.dice().random_range(1..3);
    let mut writes = Vec::new();
    for number in 0..orders {
        network.pause(0, 2_000).await;
        let key = format!("buyer {buyer}, order {number}");
        let made = write(&network, &key, Step::Make, None).await;
        let order = made.order.clone();
        writes.push(made);
        let Some(order) = order else { continue };
        let way = WAYS[network.simulation.dice().random_range(0..WAYS.len())];
        for steps in way {
            network.pause(0, 2_000).await;
            let steps = steps.iter().map(|step| write(&network, &key, *step, Some(&order)));
            writes.extend(join_all(steps).await);
        }
    }
    writes
}

async fn write(network: &Network, key: &str, step: Step, order: Option<&str>) -> Write {
    let key = format!("{key}, {step:?}");
    let guid = TaskGuid::derived(SALT, &key);
    let mut told = Told::new(guid, format!("{key} ({guid})"), plain::outcome);
    let (method, body) = match step {
        Step::Make => (Method::POST, making(&mut network.simulation.dice())),
        Change => (Method::PATCH, wanted(&mut network.simulation.dice())),
        Begin => {
            (Method::PATCH, json!({"status": "in_progress", "payment": {"system": "api/BASE"}}))
        }
        Finish => (Method::PATCH, json!({"status": "done"})),
        GiveBack => (Method::PATCH, json!({"status": "refunded"})),
        Cancel => (Method::DELETE, Value::Null),
    };
    let path = order.map_or(ORDERS.to_owned(), |order| format!("{ORDERS}/{order}"));
    let body = body.to_string();
    let right = (step == Step::Make).then_some(SELLING);
    let asked =
        Asked { method, path, token: KEY, media_type: MEDIA_TYPE, right, key, body, also: None };
    let answer = asked.carry_out(network, &mut told).await;
    let made = answer.filter(|(status, _)| *status == 201);
    let made = made.and_then(|(_, order)| order["id"].as_str().map(str::to_owned));
    Write { step, order: order.map(str::to_owned).or(made), told }
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
