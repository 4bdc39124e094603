//! A restaurant's till: opens orders, changes them and those that clients pay, and hears of everything.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{Method, Request};
use rand::RngExt;
use rusqlite::Connection;
use serde_json::{Value, json};
use uuid::{Uuid, uuid};

use super::intent::{CASH, OBJECTS, ORDERS, order};
use crate::domain::task::TaskGuid;
use crate::domain::token::TokenHash;
use crate::protocols::whiteserver::http::till::{ACKNOWLEDGE, EVENTS, ORDERS as PATH};
use crate::simulation::context::lock;
use crate::simulation::network::Network;
use crate::simulation::observations::Told;
use crate::simulation::plain::{self, Asked};

const BEARER: &str = "Bearer the-token-of-the-simulated-till";
const SALT: Uuid = uuid!("5a170000-0000-4000-8000-000000000009");

/// By cursor: each event that was heard, as it was heard first, and what is wrong with those that came again.
pub(super) type Heard = Arc<Mutex<(BTreeMap<i64, Value>, Vec<String>)>>;

/// What a till does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Open,
    Edit,
    Pay,
    Bill,
    NoBill,
    Void,
    Close,
    Cancel,
}

/// One task of the till.
pub(super) struct Write {
    pub step: Step,
    /// In kopecks, where money moves.
    pub amount: i64,
    pub told: Told,
}

/// Gives the first restaurant a till.
pub(super) fn add(database: &Connection) -> rusqlite::Result<()> {
    let hash = TokenHash::of(BEARER.trim_start_matches("Bearer ")).0;
    let add = "INSERT INTO aggregators (aggregator_id, name, token_hash, guid_salt)
               VALUES (9, 'till-1', ?1, ?2)";
    database.prepare_cached(add)?.execute((hash.as_slice(), SALT.as_bytes().as_slice()))?;
    database.prepare_cached("INSERT INTO licences VALUES (9, 1)")?.execute([])?;
    let add = "INSERT INTO tills (object_id, aggregator_id) VALUES (1, 9)";
    database.prepare_cached(add)?.execute([]).map(drop)
}

/// Works, and tells what it was told.
pub(super) async fn run(network: Network) -> Vec<Write> {
    let mut writes = Vec::new();
    let jobs = network.simulation.dice().random_range(1..4);
    for number in 0..jobs {
        network.pause(0, 2_000).await;
        let shared = network.simulation.dice().random_bool(0.6);
        let guid = match shared {
            true => order(OBJECTS[0], network.simulation.dice().random_range(0..ORDERS)).0,
            false => {
                let opened = write(&network, &format!("order {number}"), Step::Open, None).await;
                let guid = opened.told.guid.0;
                let is_open =
                    opened.told.answers.iter().any(|answer| plain::outcome(answer) == "done");
                writes.push(opened);
                if !is_open {
                    continue;
                }
                guid
            }
        };
        let steps = network.simulation.dice().random_range(1..4);
        for step in 0..steps {
            network.pause(0, 1_000).await;
            let what = match network.simulation.dice().random_range(0..12) {
                0..4 => Step::Edit,
                4..7 => Step::Pay,
                7 => Step::Bill,
                8 => Step::NoBill,
                9 => Step::Void,
                10 => Step::Close,
                _ => Step::Cancel,
            };
            let version = version(&network, guid).await;
            let key = format!("order {number}, step {step}");
            writes.push(write(&network, &key, what, Some((guid, version))).await);
        }
    }
    writes
}

/// The version of an order as far as it is known; one that is wrong is refused.
async fn version(network: &Network, guid: Uuid) -> i64 {
    let Some((200, body)) = network.ask(get(&format!("{PATH}/{guid}"))).await else { return 1 };
    let body: Value = serde_json::from_str(&body).unwrap_or_default();
    body["order"]["version"].as_i64().unwrap_or(1)
}

async fn write(network: &Network, key: &str, step: Step, of: Option<(Uuid, i64)>) -> Write {
    let key = format!("{key}, {step:?}");
    let guid = TaskGuid::derived(SALT, &key);
    let mut told = Told::new(guid, format!("till: {key} ({guid})"), plain::outcome);
    let amount: i64 = network.simulation.dice().random_range(1..12_000);
    let shown = format!("{}.{:02}", amount / 100, amount % 100);
    let dishes = json!([{"id": "1", "name": "Fish", "price": shown, "quantity": 1}]);
    let (method, action, body) = match step {
        Step::Open => (Method::POST, "", json!({"tableCode": 3, "products": dishes})),
        Step::Edit => (Method::PATCH, "", json!({ "products": dishes })),
        Step::Pay => (Method::POST, "/payments", json!({"amount": shown, "currency": CASH})),
        Step::Bill => (Method::POST, "/bill", json!({})),
        Step::NoBill => (Method::DELETE, "/bill", json!({})),
        Step::Void => (Method::POST, "/void", json!({"lines": [0], "reason": "cold"})),
        Step::Close => (Method::POST, "/close", json!({})),
        Step::Cancel => (Method::POST, "/cancel", json!({})),
    };
    let path = of.map_or(PATH.to_owned(), |(order, _)| format!("{PATH}/{order}{action}"));
    let headers = of.map(|(_, version)| ("if-match", format!("\"{version}\"")));
    let token = ("authorization", BEARER);
    let media_type = "application/json";
    let body = body.to_string();
    let asked = Asked { method, path, token, media_type, right: None, key, body, also: headers };
    asked.carry_out(network, &mut told).await;
    Write { step, amount, told }
}

/// Listens, acknowledges what it has heard, and never ends.
pub(super) async fn listen(network: Network, heard: Heard) {
    let mut after = 0;
    loop {
        let wait = network.simulation.dice().random_range(0..5);
        // Now and then it has forgotten where it was.
        let forgot = network.simulation.dice().random_bool(0.1);
        let path = match forgot {
            true => format!("{EVENTS}?wait={wait}"),
            false => format!("{EVENTS}?after={after}&wait={wait}"),
        };
        if let Some((200, body)) = network.ask(get(&path)).await {
            let body: Value = serde_json::from_str(&body).unwrap_or_default();
            note(&heard, &body);
            after = body["cursor"].as_i64().unwrap_or(after);
            if network.simulation.dice().random_bool(0.7) {
                network.ask(acknowledgement(after)).await;
            }
        }
        network.pause(1, 300).await;
    }
}

fn note(heard: &Heard, body: &Value) {
    let mut heard = lock(heard);
    let (events, wrong) = &mut *heard;
    for entry in body["events"].as_array().into_iter().flatten() {
        let cursor = entry["cursor"].as_i64().unwrap_or_default();
        let event = entry["event"].clone();
        match events.get(&cursor) {
            Some(before) if *before != event => wrong.push(format!("event {cursor} has changed")),
            Some(_) => {}
            None => drop(events.insert(cursor, event)),
        }
    }
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).header("Authorization", BEARER).body(Body::empty()).unwrap()
}

fn acknowledgement(up_to: i64) -> Request<Body> {
    Request::post(ACKNOWLEDGE)
        .header("Authorization", BEARER)
        .header("Content-Type", "application/json")
        .body(Body::from(json!({ "upTo": up_to }).to_string()))
        .unwrap()
}
