//! Workers and sweepers in each other's way.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::join_all;
use rand::seq::SliceRandom;
use tokio::sync::Barrier;
use wsa::domain::task::TaskKey;
use wsa::engine::store::{Settlement, Store};

use crate::support::ask::Ask;
use crate::support::reference::*;
use crate::support::stores::TestStore;

on_each_store![
    workers_with_overlapping_batches_pay_once,
    payments_of_one_order_by_many_workers_never_exceed_it,
    at_its_deadline_a_task_gets_one_answer_and_pays_only_if_that_is_done,
];

/// Settles as the worker does: again, when another was in the way. Gives the keys it answered.
async fn answered_by_me(store: &Store, keys: &[TaskKey]) -> Vec<TaskKey> {
    let settled = loop {
        match store.settle(keys).await {
            Ok(batch) => break batch.settled,
            Err(error) => assert!(error.is_passing(), "{error}"),
        }
    };
    let mine = |settled: &&_| {
        matches!(
            settled,
            wsa::engine::store::Settled { settlement: Settlement::Answered { .. }, .. }
        )
    };
    settled.iter().filter(mine).map(|settled| settled.key).collect()
}

/// Lets `workers` begin at the same moment and gives what all of them answered.
async fn race<W, F>(workers: Vec<W>) -> Vec<TaskKey>
where
    W: FnOnce() -> F + Send + 'static,
    F: Future<Output = Vec<TaskKey>> + Send,
{
    let start = Arc::new(Barrier::new(workers.len()));
    let running = workers.into_iter().map(|worker| {
        let start = Arc::clone(&start);
        tokio::spawn(async move {
            start.wait().await;
            worker().await
        })
    });
    join_all(running).await.into_iter().flat_map(Result::unwrap).collect()
}

fn assert_each_once(answered: &[TaskKey], keys: &[TaskKey]) {
    let mut times: HashMap<TaskKey, usize> = HashMap::new();
    answered.iter().for_each(|key| *times.entry(*key).or_default() += 1);
    for key in keys {
        assert_eq!(times.get(key), Some(&1), "answers of {key:?}");
    }
}

async fn workers_with_overlapping_batches_pay_once(store: &TestStore) {
    const ORDERS: usize = 60;
    let mut orders = Vec::new();
    let mut asks = Vec::new();
    for _ in 0..ORDERS {
        let order = store.order(V2, "10.00").await;
        orders.push(order);
        asks.push(Ask::pay(V2, order, &[("10.00", CASH)]));
        asks.push(Ask::pay(V2, order, &[("10.00", CARD)]));
    }
    let keys = store.all_registered(&asks).await;
    let workers = (0..8).map(|_| {
        let (store, mut mine) = (store.store.clone(), keys.clone());
        mine.shuffle(&mut rand::rng());
        move || async move {
            let mut answered = Vec::new();
            for batch in mine.chunks(17) {
                answered.extend(answered_by_me(&store, batch).await);
            }
            answered
        }
    });
    let answered = race(workers.collect()).await;
    assert_each_once(&answered, &keys);
    let books = store.books().await;
    books.assert_sound();
    books.assert_paid_once(&orders);
    assert_eq!((books.count(Some("done")), books.count(Some("refused"))), (ORDERS, ORDERS));
}

async fn payments_of_one_order_by_many_workers_never_exceed_it(store: &TestStore) {
    let order = store.order(V1, "100.00").await;
    let asks = vec![Ask::pay(V1, order, &[("7.00", CASH)]); 40];
    let keys = store.all_registered(&asks).await;
    let workers = keys.chunks(5).map(|batch| {
        let (store, batch) = (store.store.clone(), batch.to_vec());
        move || async move { answered_by_me(&store, &batch).await }
    });
    let answered = race(workers.collect()).await;
    assert_each_once(&answered, &keys);
    let books = store.books().await;
    books.assert_sound();
    assert_eq!(books.order(order).paid, 14 * 700, "as often as it fits");
    assert_eq!((books.count(Some("done")), books.count(Some("refused"))), (14, 26));
}

async fn at_its_deadline_a_task_gets_one_answer_and_pays_only_if_that_is_done(store: &TestStore) {
    const TASKS: usize = 300;
    let mut orders = Vec::new();
    let mut asks = Vec::new();
    for _ in 0..TASKS {
        let order = store.order(V2, "10.00").await;
        orders.push(order);
        asks.push(Ask::pay(V2, order, &[("10.00", CASH)]));
    }
    let keys = store.all_registered(&asks).await;
    // Deadlines before, during and after the race.
    for (n, key) in keys.iter().enumerate() {
        let (guid, moment) = (store.place.guid(key.guid.0), store.place.moment(n as i64 * 2 - 50));
        let sql = format!("UPDATE tasks SET deadline = {moment} WHERE task_guid = {guid}");
        assert_eq!(store.place.execute(&sql).await, Ok(1));
    }
    let mut workers: Vec<Box<dyn FnOnce() -> Racing + Send>> = Vec::new();
    for _ in 0..3 {
        let (settling, mut mine) = (store.store.clone(), keys.clone());
        mine.shuffle(&mut rand::rng());
        workers.push(Box::new(move || {
            Box::pin(async move {
                let mut answered = Vec::new();
                for batch in mine.chunks(8) {
                    answered.extend(answered_by_me(&settling, batch).await);
                }
                answered
            })
        }));
        let expiring = store.store.clone();
        workers.push(Box::new(move || {
            Box::pin(async move {
                let mut expired = Vec::new();
                for _ in 0..40 {
                    expired.extend(expiring.expire(7).await.unwrap().answered);
                }
                expired
            })
        }));
    }
    let answered = race(workers).await;
    assert_each_once(&answered, &keys);
    let books = store.books().await;
    books.assert_sound();
    for (key, order) in keys.iter().zip(orders) {
        match books.outcome(key.guid) {
            Some("done") => books.assert_paid_once(&[order]),
            Some("timeout") => books.assert_untouched(order),
            other => panic!("{other:?}"),
        }
    }
    assert!(books.count(Some("timeout")) > 0, "some were late");
}

type Racing = std::pin::Pin<Box<dyn Future<Output = Vec<TaskKey>> + Send>>;
