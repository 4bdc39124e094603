//! What an integrator uses: `wsa-client` and `wsa listen`, on a real service.

mod demo;
mod generated;
mod listening;
mod lost;
mod outcomes;

use uuid::Uuid;
use wsa::domain::task::{ObjectId, OrderGuid};
use wsa_client::{Client, Payment, Task};

use crate::support::app::TestApp;
use crate::support::reference::{CASH, TOKEN};

/// A client of a service.
fn client(app: &TestApp) -> Client {
    Client::new(&app.url, TOKEN).unwrap()
}

/// A payment of an order.
fn pay(object: ObjectId, order: OrderGuid, amount: &str) -> Task {
    Task::pay_order(object.0, order.0, [Payment::new(amount.parse().unwrap(), CASH)])
}

/// A guid that no task has.
fn nobody() -> Uuid {
    Uuid::new_v4()
}
