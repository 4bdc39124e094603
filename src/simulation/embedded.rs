//! The embedded store as it is: its own writer, guard, BEGIN, COMMIT and ROLLBACK, on the threads that carry its
//! calls out. The simulated database has transactions of its own, so what leaves this one's writer inside a
//! transaction shows here: several clients at once, each of which leaves at some await of its call.

use crate::protocols::billmanager::sql::Tables;
use futures_util::future::{BoxFuture, join_all};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use uuid::Uuid;

use super::network::Polled;
use super::protocols;
use crate::database::StoreError;
use crate::domain::task::{NewTask, TaskGuid};
use crate::domain::token::TokenHash;
use crate::engine::store::register::RegisterDefaults;
use crate::engine::store::{Registration, Store};
use crate::protocols::whiteserver::testkit::embedded_task;

/// How many seeds are run with every test run.
const SEEDS: u64 = 30;
/// Rounds of a seed; in each, some clients call at once.
const ROUNDS: usize = 6;
const CLIENTS: usize = 4;
/// More than any call is polled.
const MOST_POLLS: usize = 12;
const DEFAULTS: RegisterDefaults =
    RegisterDefaults { timeout_s: 60, republish_after_s: 60, furthest_s: 604_800 };

/// What was registered in one call.
type Pair = [NewTask; 2];

async fn store(directory: &tempfile::TempDir) -> Store {
    let path = directory.path().join("wsa.sqlite3");
    let store = Store::sqlite(&path, crate::protocols::ALL.protocols()).unwrap();
    store.migrate().await.unwrap();
    let database = rusqlite::Connection::open(&path).unwrap();
    protocols::set(&database).unwrap();
    store
}

fn pair(dice: &mut SmallRng) -> Pair {
    [(); 2].map(|()| {
        let guid = TaskGuid(Uuid::from_u128(dice.random()));
        embedded_task(guid, &json!({"taskType": "GetOrderList", "params": {}}).to_string())
    })
}

/// A call of one client.
fn call<'a>(store: &'a Store, pair: &'a Pair, which: u8) -> BoxFuture<'a, Result<(), StoreError>> {
    Box::pin(async move {
        let keys = [pair[0].key, pair[1].key];
        match which {
            0 => store.register(pair, DEFAULTS).await.map(drop),
            1 => {
                store.register(pair, DEFAULTS).await?;
                store.settle(&keys).await.map(drop)
            }
            2 => Tables::of(store).open_session(TokenHash::of("a session"), 5, "").await.map(drop),
            3 => store.forget(1_000_000, 10).await.map(drop),
            _ => store.find(&[keys[0].guid]).await.map(drop),
        }
    })
}

#[tokio::test]
async fn a_caller_that_leaves_at_any_await_leaves_the_embedded_store_as_it_was() {
    for seed in 0..SEEDS {
        let mut dice = SmallRng::seed_from_u64(seed);
        let directory = tempfile::tempdir().unwrap();
        let store = store(&directory).await;
        for _ in 0..ROUNDS {
            let clients: Vec<(Pair, u8, usize)> = (0..CLIENTS)
                .map(|_| {
                    (pair(&mut dice), dice.random_range(0..5), dice.random_range(1..MOST_POLLS))
                })
                .collect();
            let calls = clients
                .iter()
                .map(|(pair, which, polls)| Polled::new(call(&store, pair, *which), *polls));
            for told in join_all(calls).await {
                // Whoever stayed is told nothing but that it is done.
                assert!(!matches!(told, Some(Err(_))), "seed {seed}: {told:?}");
            }
            // The next caller has a clean connection.
            let next = pair(&mut dice);
            let registered = store.register(&next, DEFAULTS).await;
            let registered = registered.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            let accepted = |one: &Registration| matches!(one, Registration::Accepted(_));
            assert!(registered.iter().all(accepted), "seed {seed}: {registered:?}");
            // It came after all that still went on: what is read now stays.
            for (pair, ..) in &clients {
                let found = store.find(&pair.each_ref().map(|task| task.key.guid)).await.unwrap().0;
                assert!(found.is_empty() || found.len() == 2, "seed {seed}: half a transaction");
            }
        }
    }
}
