//! `Timeout` means no: whoever finds a task overdue answers it, and nobody executes it afterwards.

use wsa::domain::task::{Outcome, TaskKey};
use wsa::engine::store::Settlement;

use crate::support::ask::{Ask, code};
use crate::support::place::Stores;
use crate::support::reference::*;
use crate::support::soon;
use crate::support::stores::TestStore;

on_each_store![
    an_overdue_task_that_was_expired_is_never_executed,
    an_overdue_task_is_answered_timeout_by_the_worker_that_gets_it,
    looking_for_an_overdue_task_answers_it_timeout,
    answered_and_early_tasks_do_not_expire,
    tasks_expire_in_batches_the_oldest_deadline_first,
    an_overdue_neighbour_changes_nothing_for_the_others,
    a_task_that_is_given_up_is_answered_an_internal_error,
];

/// Moves the deadline of an open task.
async fn deadline_in(store: &TestStore, key: TaskKey, ms: i64) {
    let (guid, moment) = (store.place.guid(key.guid.0), store.place.moment(ms));
    let sql = format!("UPDATE tasks SET deadline = {moment} WHERE task_guid = {guid}");
    assert_eq!(store.place.execute(&sql).await, Ok(1));
}

async fn an_overdue_task_that_was_expired_is_never_executed(store: &TestStore) {
    let order = store.order(V2, "10.00").await;
    let key = store.registered(&Ask::pay(V2, order, &[("10.00", CASH)]).within(0)).await;
    assert_eq!(store.expire(10).await.unwrap().answered, [key]);
    assert_eq!(code(&store.answer(key).await), "Timeout");
    assert_eq!(store.settled(&[key]).await, [Settlement::Repeated]);
    assert_eq!(store.expire(10).await.unwrap().answered, []);
    assert_eq!(store.expire_these(&[key]).await.unwrap().answered, []);
    let books = store.books().await;
    books.assert_untouched(order);
    books.assert_sound();
    assert_eq!(books.outcome(key.guid), Some("timeout"));
}

async fn an_overdue_task_is_answered_timeout_by_the_worker_that_gets_it(store: &TestStore) {
    let order = store.order(V2, "10.00").await;
    let key = store.registered(&Ask::pay(V2, order, &[("10.00", CASH)]).within(0)).await;
    let settled = store.settled(&[key]).await;
    let [Settlement::Answered { outcome: Outcome::TimedOut, .. }] = settled[..] else {
        panic!("{settled:?}")
    };
    assert_eq!(code(&store.answer(key).await), "Timeout");
    assert_eq!(store.settled(&[key]).await, [Settlement::Repeated]);
    let books = store.books().await;
    books.assert_untouched(order);
    books.assert_sound();
}

async fn looking_for_an_overdue_task_answers_it_timeout(store: &TestStore) {
    let order = store.order(V2, "10.00").await;
    let overdue = store.registered(&Ask::pay(V2, order, &[("10.00", CASH)]).within(-1)).await;
    let early = store.registered(&Ask::get_order(V2, order)).await;
    let found = store.find(&[overdue.guid, early.guid]).await.unwrap().0;
    assert!(found[&overdue.guid].answer.as_ref().unwrap().contains(r#""code":"Timeout""#));
    assert!(found[&overdue.guid].timed_out_now, "so that it is counted");
    assert_eq!(found[&early.guid].answer, None);
    assert_eq!(store.settled(&[overdue]).await, [Settlement::Repeated]);
    store.books().await.assert_untouched(order);
}

async fn answered_and_early_tasks_do_not_expire(store: &TestStore) {
    let order = store.order(V2, "10.00").await;
    let pay = Ask::pay(V2, order, &[("10.00", CASH)]);
    let (paid, refused, early) = (
        store.registered(&pay.clone().within(1)).await,
        store.registered(&pay.clone().within(1)).await,
        store.registered(&pay).await,
    );
    store.settle(&[paid, refused]).await.unwrap();
    let first = [store.answer_text(paid).await, store.answer_text(refused).await];
    // Until their deadlines are over for certain: there is no event to wait for.
    tokio::time::sleep(std::time::Duration::from_millis(1050)).await;
    assert_eq!(store.expire(10).await.unwrap().answered, []);
    assert_eq!(store.expire_these(&[paid, refused, early]).await.unwrap().answered, []);
    assert_eq!([store.answer_text(paid).await, store.answer_text(refused).await], first);
    let books = store.books().await;
    books.assert_sound();
    books.assert_paid_once(&[order]);
    assert_eq!(books.outcome(early.guid), None);
}

async fn tasks_expire_in_batches_the_oldest_deadline_first(store: &TestStore) {
    let order = store.order(V2, "10.00").await;
    let asks = vec![Ask::get_order(V2, order); 5];
    let keys = store.all_registered(&asks).await;
    for (key, ms) in keys.iter().zip([-30_000, -50_000, -10_000, 60_000, -40_000]) {
        deadline_in(store, *key, ms).await;
    }
    let mut first = store.expire(2).await.unwrap().answered;
    first.sort();
    assert_eq!(first, [keys[1], keys[4]]);
    let mut rest = store.expire(2).await.unwrap().answered;
    rest.sort();
    assert_eq!(rest, [keys[0], keys[2]]);
    assert_eq!(store.expire(2).await.unwrap().answered, []);
}

async fn an_overdue_neighbour_changes_nothing_for_the_others(store: &TestStore) {
    let (late, early) = (store.order(V2, "10.00").await, store.order(V2, "10.00").await);
    let pay = |order| Ask::pay(V2, order, &[("10.00", CASH)]);
    let keys = store.all_registered(&[pay(late).within(0), pay(early), pay(late).within(-5)]).await;
    store.settle(&keys).await.unwrap();
    let books = store.books().await;
    books.assert_sound();
    books.assert_untouched(late);
    books.assert_paid_once(&[early]);
}

async fn a_task_that_is_given_up_is_answered_an_internal_error(store: &TestStore) {
    let order = store.order(V2, "10.00").await;
    let key = store.registered(&Ask::pay(V2, order, &[("10.00", CASH)])).await;
    assert!(!store.fail(key).await.unwrap().is_empty());
    assert_eq!(code(&store.answer(key).await), "InternalError");
    assert!(store.fail(key).await.unwrap().is_empty());
    assert_eq!(store.settled(&[key]).await, [Settlement::Repeated]);
    let books = store.books().await;
    books.assert_sound();
    books.assert_untouched(order);
}

/// SQLite has no row locks to wait for.
#[tokio::test(flavor = "multi_thread")]
async fn looking_up_waits_for_no_worker_that_holds_an_overdue_task() {
    let store = TestStore::fresh(Stores::Postgres).await;
    let order = store.order(V2, "10.00").await;
    let held = store.registered(&Ask::pay(V2, order, &[("10.00", CASH)]).within(0)).await;
    let other = store.registered(&Ask::get_order(V2, order)).await;
    let (worker, connection) =
        tokio_postgres::connect(&store.place.settings().1, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    worker.batch_execute("BEGIN; SELECT 1 FROM tasks FOR UPDATE").await.unwrap();

    let found = soon("the look-up", store.find(&[held.guid, other.guid])).await.unwrap().0;
    assert!(found.values().all(|task| task.answer.is_none()), "the worker decides about it");
    worker.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(code(&store.answer(held).await), "Timeout");
}
