//! What the sweeper does to a store, and the reference data.

use jiff::Timestamp;
use wsa::domain::task::{NewTask, OrderGuid, Outcome, TaskKey};
use wsa::domain::token::TokenHash;
use wsa::engine::protocol::Protocol;
use wsa::engine::store::{Backlog, Registration};
use wsa::protocols::whiteserver::WhiteServer;

use crate::support::ask::Ask;
use crate::support::reference::*;
use crate::support::stores::{DEFAULTS, TestStore};

on_each_store![
    the_backlog_counts_open_tasks,
    one_process_counts_for_all,
    what_is_due_is_published_again_and_then_later_and_later,
    a_queue_that_starts_empty_gets_every_open_task,
    old_answers_go_and_orders_and_payments_stay,
    a_named_task_that_is_deleted_is_never_registered_again,
    a_rotated_token_is_valid_at_once_and_the_old_one_is_not,
];

async fn set(store: &TestStore, key: TaskKey, column: &str, from_now_ms: i64) {
    let (guid, moment) = (store.place.guid(key.guid.0), store.place.moment(from_now_ms));
    let sql = format!("UPDATE tasks SET {column} = {moment} WHERE task_guid = {guid}");
    assert_eq!(store.place.execute(&sql).await, Ok(1));
}

async fn three_open(store: &TestStore) -> Vec<TaskKey> {
    store.all_registered(&vec![Ask::get_order(V1, OrderGuid::new()); 3]).await
}

async fn the_backlog_counts_open_tasks(store: &TestStore) {
    assert_eq!(store.backlog().await.unwrap(), Backlog::default());
    let keys = three_open(store).await;
    set(store, keys[0], "registered_at", -10_000).await;
    set(store, keys[1], "publish_at", -1).await;
    // Nobody can do anything about one that is overdue.
    set(store, keys[2], "publish_at", -1).await;
    set(store, keys[2], "deadline", -1).await;
    let backlog = store.backlog().await.unwrap();
    assert_eq!((backlog.open, backlog.unpublished), (3, 1));
    assert!((10_000..40_000).contains(&backlog.oldest_ms), "{backlog:?}");
    store.settle(&keys).await.unwrap();
    assert_eq!(store.backlog().await.unwrap(), Backlog::default());
}

async fn one_process_counts_for_all(store: &TestStore) {
    let keys = three_open(store).await;
    let look = store.look_at_count(Timestamp::UNIX_EPOCH).await.unwrap();
    assert!(look.due.is_some() && look.news.is_none(), "nobody has counted: {look:?}");
    assert!(store.claim_count(30).await.unwrap());
    assert!(!store.claim_count(30).await.unwrap(), "another does it");
    assert_eq!(store.look_at_count(Timestamp::UNIX_EPOCH).await.unwrap().due, None);

    let (now, mut counted) = (store.clock().await.unwrap(), store.backlog().await.unwrap());
    counted.scheduled.insert(V2, 7);
    store.keep_count(&counted, now, 20).await.unwrap();
    store.settle(&keys).await.unwrap();
    let look = store.look_at_count(Timestamp::UNIX_EPOCH).await.unwrap();
    let (age, at, seen) = look.news.expect("what was counted");
    assert_eq!((look.due, at), (None, now));
    assert!(age.as_secs() < 10 && seen.oldest_ms >= counted.oldest_ms, "{age:?} {seen:?}");
    assert_eq!((seen.open, &seen.objects), (3, &counted.objects), "until it is counted again");
    assert_eq!(seen.scheduled, counted.scheduled);
    assert_eq!(store.look_at_count(now).await.unwrap().news, None, "it is known");

    // Whoever was slow does not undo a newer count.
    let earlier = now - std::time::Duration::from_secs(5);
    store.keep_count(&Backlog::default(), earlier, 20).await.unwrap();
    let news = store.look_at_count(Timestamp::UNIX_EPOCH).await.unwrap().news;
    assert_eq!(news.unwrap().2.open, 3);
    // A clock that was put back makes no count the last one.
    let future = store.place.moment(3_600_000);
    let ahead = format!("UPDATE backlog_counts SET counted_at = {future}");
    store.place.execute(&ahead).await.unwrap();
    store.keep_count(&Backlog::default(), now, 20).await.unwrap();
    let news = store.look_at_count(Timestamp::UNIX_EPOCH).await.unwrap().news;
    assert_eq!(news.map(|(_, at, seen)| (at, seen.open)), Some((now, 0)));
    store.keep_count(&counted, store.clock().await.unwrap(), 0).await.unwrap();
    assert!(store.claim_count(30).await.unwrap(), "its time is over");
}

async fn what_is_due_is_published_again_and_then_later_and_later(store: &TestStore) {
    let keys = three_open(store).await;
    assert_eq!(store.take_unpublished(10, 0, 5, 30).await.unwrap(), [], "not yet");
    set(store, keys[1], "publish_at", -20_000).await;
    set(store, keys[2], "publish_at", -10_000).await;
    let first = store.take_unpublished(1, 0, 5, 30).await.unwrap();
    assert_eq!(first[0].key, keys[1], "the longest due first");
    assert_eq!(first[0].task_type, "GetOrder");
    let ask: serde_json::Value = serde_json::from_str(&first[0].request).unwrap();
    assert_eq!(ask["params"]["async"]["objectId"], V1.0);
    assert_eq!(store.take_unpublished(10, 0, 5, 30).await.unwrap()[0].key, keys[2]);
    assert_eq!(store.take_unpublished(10, 0, 5, 30).await.unwrap(), []);

    let first_wait = wait_of(store, keys[1]).await;
    assert!((5_000_001..=10_000_000).contains(&first_wait), "{first_wait}");
    for _ in 0..8 {
        set(store, keys[1], "publish_at", -1).await;
        assert_eq!(store.take_unpublished(10, 0, 5, 30).await.unwrap().len(), 1);
    }
    let longest = wait_of(store, keys[1]).await;
    assert!((first_wait..=30_000_000).contains(&longest), "{longest}");
}

/// Microseconds until a task is due to be published again.
async fn wait_of(store: &TestStore, key: TaskKey) -> i64 {
    let (guid, now) = (store.place.guid(key.guid.0), store.place.moment(0));
    let wait = store.place.micros_between(&now, "publish_at");
    store.place.number(&format!("SELECT {wait} FROM tasks WHERE task_guid = {guid}")).await
}

async fn a_queue_that_starts_empty_gets_every_open_task(store: &TestStore) {
    let keys = three_open(store).await;
    store.settle(&keys[..1]).await.unwrap();
    store.publish_all_again().await.unwrap();
    assert_eq!(store.backlog().await.unwrap().unpublished, 2);
    let mut due: Vec<TaskKey> =
        store.take_unpublished(10, 0, 5, 30).await.unwrap().iter().map(|due| due.key).collect();
    due.sort();
    assert_eq!(due, keys[1..]);
}

async fn old_answers_go_and_orders_and_payments_stay(store: &TestStore) {
    let order = store.order(V2, "10.00").await;
    let pay = Ask::pay(V2, order, &[("10.00", CASH)]);
    let keys = store.all_registered(&vec![pay; 4]).await;
    // Three are older than an hour, one of them is not answered.
    for key in &keys[..3] {
        set(store, *key, "registered_at", -3_600_000).await;
    }
    store.settle(&[keys[0], keys[1], keys[3]]).await.unwrap();
    assert_eq!(store.forget(7200, 10).await.unwrap(), 0);
    assert_eq!(store.forget(3600, 1).await.unwrap(), 1);
    assert_eq!(store.forget(3600, 10).await.unwrap(), 1);
    assert_eq!(store.forget(3600, 10).await.unwrap(), 0);
    let books = store.books().await;
    let mut kept: Vec<_> = books.tasks.keys().copied().collect();
    kept.sort();
    assert_eq!(kept, [keys[2].guid.0, keys[3].guid.0]);
    books.assert_paid_once(&[order]);
}

/// Whatever became of it: also what timed out never will be carried out.
async fn a_named_task_that_is_deleted_is_never_registered_again(store: &TestStore) {
    let order = store.order(V2, "10.00").await;
    let pay = Ask::pay(V2, order, &[("10.00", CASH)]);
    let tasks: Vec<NewTask> = (0..3).map(|_| NewTask { named: true, ..store.task(&pay) }).collect();
    let drawn = store.registered(&pay).await;
    let registered = store.register(&tasks, DEFAULTS).await.unwrap();
    assert!(registered.iter().all(|one| matches!(one, Registration::Accepted(_))));
    set(store, tasks[0].key, "deadline", -1).await;
    let keys: Vec<TaskKey> = tasks.iter().map(|task| task.key).chain([drawn]).collect();
    store.settle(&keys).await.unwrap();
    assert_eq!(store.forget(0, 10).await.unwrap(), 4);

    let outcomes = [Outcome::TimedOut, Outcome::Done, Outcome::Refused];
    let used = outcomes.map(|outcome| Registration::Used(Some(outcome)));
    assert_eq!(store.register(&tasks, DEFAULTS).await.unwrap(), used);
    // In no other object, and for nobody else.
    let elsewhere = NewTask { key: TaskKey { object: V1, ..tasks[1].key }, ..tasks[1].clone() };
    let others = NewTask { aggregator: store.callers.other, ..tasks[1].clone() };
    let told = store.register(&[elsewhere, others], DEFAULTS).await.unwrap();
    assert_eq!(told, [used[1], Registration::GuidTaken]);
    // One that was drawn here leaves nothing behind but its age.
    let again = NewTask { key: drawn, named: true, ..store.task(&pay) };
    assert_eq!(store.register(&[again], DEFAULTS).await.unwrap(), [Registration::Used(None)]);
    assert_eq!(store.place.number("SELECT count(*) FROM retired_tasks").await, 3);
    assert_eq!(store.place.number("SELECT count(*) FROM tasks").await, 0);
}

async fn a_rotated_token_is_valid_at_once_and_the_old_one_is_not(store: &TestStore) {
    let (old, new) = (TokenHash::of(TOKEN), TokenHash::of("another"));
    let main = store.callers.main;
    let all = [old, new].map(|hash| (hash, WhiteServer::NAME));
    let found = store.find_aggregators(&all).await.unwrap();
    assert_eq!((found[&all[0]].id, found.get(&all[1])), (main, None));
    store.rotate_token("main", new).await.unwrap().unwrap();
    let found = store.find_aggregators(&all).await.unwrap();
    assert_eq!((found.get(&all[0]), found[&all[1]].id), (None, main));
    assert_eq!(store.rotate_token("nobody", old).await.unwrap(), None);
    assert_eq!(store.add_aggregator("main", old).await.unwrap(), None, "the name is taken");
}
