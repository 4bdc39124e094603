//! What is lost or runs out comes back: nothing is accepted meanwhile that cannot be kept, and nobody has to help.

mod broker_lost;
mod disk;
mod files;
mod leisure;
mod locks;
mod outages;
mod readiness;
mod silence;
mod spoilt;
mod tasks;

use std::time::{Duration, Instant};

use wsa::domain::task::OrderGuid;

use crate::support::ask::{Ask, code};
use crate::support::client::Client;
use crate::support::reference::{CASH, V2};

/// Within which a service is back to work after the end of any fault: what `docs/operations.md` promises.
const BACK_WITHIN: Duration = Duration::from_secs(15);

fn payment(order: OrderGuid) -> Ask {
    Ask::pay(V2, order, &[("10.00", CASH)])
}

/// Hands in payments until one is done at once, and tells how long that took.
async fn until_paid(what: &str, client: &Client, orders: &[OrderGuid]) -> Duration {
    let since = Instant::now();
    let mut last = String::new();
    for order in orders.iter().cycle() {
        assert!(since.elapsed() < BACK_WITHIN, "after {what}: {last}");
        match client.try_create(&payment(*order).synchronous().to_string()).await {
            Ok(reply) if reply.status == 200 && code(&reply.json()) == "done" => break,
            // Paid by an attempt of which nobody knew.
            Ok(reply) if reply.status == 200 && code(&reply.json()) == "WsaOrderClosed" => break,
            Ok(reply) => last = reply.shown(),
            Err(error) => last = error.to_string(),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let took = since.elapsed();
    println!("back to work after {what}: {took:?}");
    took
}
