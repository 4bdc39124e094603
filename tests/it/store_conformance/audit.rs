//! The audit: it finds nothing where nothing is wrong, and each rule that is broken past the program, alone.

mod broken;
mod mail;
mod narrowed;
mod operators;
mod plans;
mod reading;

use wsa::domain::task::{OrderGuid, TaskKey};

use crate::support::ask::Ask;
use crate::support::audit::{Spoiler, audit, broken, terms};
use crate::support::reference::{CASH, V1};
use crate::support::stores::TestStore;

/// An order of 10.00 of which a task paid 4.00.
async fn paid(store: &TestStore) -> (OrderGuid, TaskKey) {
    let order = store.order(V1, "10.00").await;
    (order, done(store, &Ask::pay(V1, order, &[("4.00", CASH)])).await)
}

/// A task that was carried out.
async fn done(store: &TestStore, ask: &Ask) -> TaskKey {
    let key = store.registered(ask).await;
    store.settle(&[key]).await.unwrap();
    key
}
