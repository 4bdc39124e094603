//! A bridge: tells of money that came for a payment until it knows what became of it.

use axum::http::Method;
use rand::RngExt;
use rand::rngs::SmallRng;
use serde_json::{Value, json};

use super::scene::{METHOD, PAYMENTS, RESELLER, SALT, TOKEN, document};
use crate::domain::task::TaskGuid;
use crate::protocols::activeplatform::reads::PAYMENT;
use crate::protocols::activeplatform::wire::MEDIA_TYPE;
use crate::simulation::network::Network;
use crate::simulation::observations::Told;
use crate::simulation::plain::{self, Asked};
use crate::simulation::rights::COMPLETING;

/// Money that came, in one task.
pub(super) struct Came {
    /// In kopecks.
    pub amount: i64,
    /// The bank's name for it; others may tell of it too.
    pub transaction: Option<String>,
    pub told: Told,
}

/// Tells of some money, and gives what it was told.
pub(super) async fn run(network: Network, bridge: usize) -> Vec<Came> {
    let times = network.simulation.dice().random_range(1..4);
    let mut all = Vec::new();
    for number in 0..times {
        network.pause(0, 2_000).await;
        let key = format!("bridge {bridge}, money {number}");
        let guid = TaskGuid::derived(SALT, &key);
        let mut told = Told::new(guid, format!("{key} ({guid})"), plain::outcome);
        let (asked, amount, transaction) = wish(&mut network.simulation.dice(), key);
        asked.carry_out(&network, &mut told).await;
        all.push(Came { amount, transaction, told });
    }
    all
}

fn wish(dice: &mut SmallRng, key: String) -> (Asked, i64, Option<String>) {
    let (payment, total) = PAYMENTS[dice.random_range(0..PAYMENTS.len())];
    let attributes = json!({"payment_method_id": METHOD});
    if dice.random_bool(0.4) {
        return (asked(Method::PATCH, payment.to_string(), key, attributes), total, None);
    }
    let mut attributes = attributes;
    let amount = match dice.random_range(0..4) {
        0..2 => total,
        2 => total + 101,
        _ => total - 101,
    };
    attributes["amount"] = format!("{}.{:02}", amount / 100, amount % 100).into();
    attributes["currency_code"] = "USD".into();
    // A bank has few transactions, and more than one bridge tells of them.
    let transaction = dice.random_bool(0.6).then(|| format!("bank {}", dice.random_range(0..3)));
    if let Some(transaction) = &transaction {
        attributes["external_transaction_id"] = transaction.as_str().into();
    }
    (asked(Method::POST, document(payment), key, attributes), amount, transaction)
}

fn asked(method: Method, payment: String, key: String, attributes: Value) -> Asked {
    let path = PAYMENT.replace("{reseller_id}", &RESELLER.to_string());
    let path = path.replace("{payment_id}", &payment);
    let body = json!({"data": {"attributes": attributes}}).to_string();
    let right = Some(COMPLETING);
    Asked { method, path, token: TOKEN, media_type: MEDIA_TYPE, right, key, body, also: None }
}
