//! Callers that are gone: whatever they were at, the next one is not touched by it.

use std::task::Poll;
use std::time::Duration;

use futures_util::future::join_all;
use wsa::database::{PoolMode, StoreSettings};
use wsa::engine::store::Store;
use wsa::protocols;
use wsa::runtime::tls::ClientTls;

use crate::support::ask::Ask;
use crate::support::place::Place;
use crate::support::reference::*;
use crate::support::stores::{DEFAULTS, TestStore};

on_each_store![
    a_transaction_given_up_at_any_moment_leaves_nothing_behind,
    a_look_or_a_single_write_given_up_at_any_moment_leaves_nothing_behind,
];

/// More than anything here is polled.
const MOST: usize = 500;
/// Connections of a store that is given up on; as many readers as the embedded one has.
const CONNECTIONS: usize = 4;

/// Polls `work` so many times, then drops it; tells whether it was done by then.
async fn given_up<F: Future>(work: F, after: usize) -> bool {
    let (mut work, mut left) = (Box::pin(work), after);
    std::future::poll_fn(|context| {
        if left > 0 {
            left -= 1;
            if work.as_mut().poll(context).is_ready() {
                return Poll::Ready(true);
            }
        }
        if left == 0 { Poll::Ready(false) } else { Poll::Pending }
    })
    .await
}

/// A store in this place that has few connections and does not wait long for one.
fn small(place: &Place) -> Store {
    let Place::Postgres(database) = place else { return place.open() };
    let settings = StoreSettings {
        pool_size: CONNECTIONS,
        pool_mode: PoolMode::Session,
        connect_timeout: Duration::from_secs(5),
        statement_timeout: Duration::from_secs(10),
        lock_timeout: Duration::from_secs(5),
        tls: ClientTls::default(),
    };
    Store::postgres(&database.url(), &settings, protocols::ALL.protocols()).unwrap()
}

/// Both this store and another process can write and read at once, on each connection there is.
async fn assert_usable(given_up: &Store, store: &TestStore) {
    let order = store.order(V1, "10.00").await;
    let tasks: Vec<_> =
        (0..2 * CONNECTIONS).map(|_| store.task(&Ask::add_prepay(V1, order, "1.00"))).collect();
    let all = join_all(tasks.iter().map(|task| async {
        given_up.register(std::slice::from_ref(task), DEFAULTS).await.unwrap();
        given_up.find(&[task.key.guid]).await.unwrap().0.len()
    }));
    assert!(all.await.into_iter().all(|found| found == 1));
    let keys: Vec<_> = tasks.iter().map(|task| task.key).collect();
    store.settle(&keys).await.unwrap();
}

async fn a_transaction_given_up_at_any_moment_leaves_nothing_behind(store: &TestStore) {
    let small = small(&store.place);
    let (mut registered, mut settled) = (false, false);
    let mut orders = Vec::new();
    for polls in 0..MOST {
        let order = store.order(V2, "10.00").await;
        orders.push(order);
        let pays = [CASH, CARD].map(|by| store.task(&Ask::pay(V2, order, &[("10.00", by)])));
        let keys = pays.each_ref().map(|task| task.key);
        registered |= given_up(small.register(&pays, DEFAULTS), polls).await;
        // Whole, or not at all; another process is not kept from the same.
        let found = store.find(&keys.map(|key| key.guid)).await.unwrap().0.len();
        assert!(found == 0 || found == 2, "{found} of 2 are registered after {polls} polls");
        store.register(&pays, DEFAULTS).await.unwrap();
        settled |= given_up(small.settle(&keys), polls).await;
        store.settle(&keys).await.unwrap();
        if polls % 8 == 0 || (registered && settled) {
            assert_usable(&small, store).await;
        }
        if registered && settled {
            break;
        }
    }
    assert!(registered && settled, "never done");
    let books = store.books().await;
    books.assert_sound();
    books.assert_paid_once(&orders);
}

async fn a_look_or_a_single_write_given_up_at_any_moment_leaves_nothing_behind(store: &TestStore) {
    let small = small(&store.place);
    let order = store.order(V2, "10.00").await;
    let key = store.registered(&Ask::pay(V2, order, &[("10.00", CASH)])).await;
    let (mut found, mut forgotten) = (false, false);
    for polls in 0..MOST {
        found |= given_up(small.find(&[key.guid]), polls).await;
        forgotten |= given_up(small.forget(1_000_000, 10), polls).await;
        assert_usable(&small, store).await;
        if found && forgotten {
            break;
        }
    }
    assert!(found && forgotten, "never done");
    store.books().await.assert_sound();
}
