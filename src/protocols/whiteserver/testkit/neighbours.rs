//! One task that cannot be written, because an order with its guid appears between its registration and its
//! settling, among others with little time. Everything else is well by then.

use futures_util::future::join_all;
use rand::RngExt;
use serde_json::json;

use super::client::Client;
use super::intent::{CASH, Intent, Kind, OBJECTS, ORDERS, SALT, order};
use crate::domain::task::{ObjectId, TaskGuid};
use crate::simulation::context::lock;
use crate::simulation::network::Network;
use crate::simulation::observations::Told;

/// How long the neighbours may wait, in seconds.
const TIMEOUT_S: u32 = 3;
/// In how much simulated time a neighbour must have its answer, in microseconds.
pub(super) const AT_ONCE: i64 = 800_000;

/// Waits until nothing goes wrong any more, then hands in all of them at once.
pub(super) async fn run(network: Network) -> Vec<(Intent, Told)> {
    while !network.simulation.is_mended() {
        network.pause(500, 1_000).await;
    }
    // What was put off while there was trouble is done by then.
    network.pause(10_000, 12_000).await;
    let (spoilt, neighbours) = wishes(&network);
    lock(&network.simulation.to_spoil).push((spoilt.guid.0, OBJECTS[0].0));
    let all = std::iter::once(spoilt).chain(neighbours);
    let clients = all.map(|intent| Client { network: network.clone(), intents: vec![intent] });
    let told = join_all(clients.map(|client| tokio::spawn(client.run_at_once()))).await;
    told.into_iter().flat_map(Result::unwrap).collect()
}

fn wishes(network: &Network) -> (Intent, Vec<Intent>) {
    let mut dice = network.simulation.dice();
    let count = dice.random_range(3..7);
    let neighbours = (0..count).map(|number| {
        let key = format!("neighbour {number}");
        let (order, total) = order(OBJECTS[1], dice.random_range(0..ORDERS));
        let amount = dice.random_range(1..total);
        let shown = format!("{}.{:02}", amount / 100, amount % 100);
        let params = json!({"orderGuid": order, "amount": shown, "currencyGuid": CASH,
            "async": {"objectId": OBJECTS[1].0, "timeout": TIMEOUT_S}});
        intent(key, OBJECTS[1], Kind::Prepay, amount, &params)
    });
    let neighbours = neighbours.collect();
    let params = json!({"order": {"originalOrderId": "spoilt", "products": [
        {"id": "1", "name": "Pie", "price": "49.35", "quantity": 2}], "price": {"total": "98.70"}},
        "async": {"objectId": OBJECTS[0].0, "timeout": 120}});
    (intent("spoilt".to_owned(), OBJECTS[0], Kind::Create, 0, &params), neighbours)
}

fn intent(
    key: String,
    object: ObjectId,
    kind: Kind,
    amount: i64,
    params: &serde_json::Value,
) -> Intent {
    let body = json!({"taskType": kind.task_type(), "params": params}).to_string();
    let guid = TaskGuid::derived(SALT, &key);
    let neighbour = kind == Kind::Prepay;
    let (sync, scheduled, target, order) = (false, false, None, None);
    Intent { key, guid, object, kind, order, amount, sync, body, scheduled, target, neighbour }
}
