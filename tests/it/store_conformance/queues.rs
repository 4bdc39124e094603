//! Queues begin with whoever listens first, and nothing is lost by that.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use wsa::domain::outbox::SubscriptionKind;
use wsa::domain::task::{AggregatorId, NewTask, TaskKey};
use wsa::domain::token::TokenHash;
use wsa::engine::store::queues::Queue;

use crate::support::ask::Ask;
use crate::support::reference::{CASH, V1, V2};
use crate::support::stores::{DEFAULTS, TestStore};

on_each_store![
    a_queue_begins_with_whoever_listens_first,
    an_operator_may_begin_a_queue,
    no_answer_is_lost_while_a_queue_begins,
];

/// Somebody new, and its queues: of answers, of events.
async fn newcomer(store: &TestStore) -> (AggregatorId, Queue, Queue) {
    let added = store.add_aggregator("newcomer", TokenHash::of("a new token")).await;
    let id = added.unwrap().unwrap().id;
    store.add_licences(id, &[V1, V2]).await.unwrap();
    let (tasks, events) = queues(store, id).await;
    assert!(!tasks.begun && !events.begun);
    (id, tasks, events)
}

async fn queues(store: &TestStore, id: AggregatorId) -> (Queue, Queue) {
    let found = store.find_queues(&[id]).await.unwrap()[&id];
    (found.tasks.unwrap(), found.events.unwrap())
}

async fn subjects(store: &TestStore, queue: Queue) -> Vec<uuid::Uuid> {
    let taken = store.take_notifications(&[(queue.subscription, 500)], 30).await.unwrap();
    taken.iter().map(|notification| notification.subject).collect()
}

async fn pay(store: &TestStore, caller: AggregatorId) -> TaskKey {
    pay_as(store, caller, None).await
}

/// As [`pay`], for a task that is changed by this before it is settled.
async fn pay_as(store: &TestStore, caller: AggregatorId, change: Option<String>) -> TaskKey {
    let order = store.order(V1, "10.00").await;
    let task = Ask::pay(V1, order, &[("1.00", CASH)]).task(caller);
    store.register(std::slice::from_ref(&task), DEFAULTS).await.unwrap();
    if let Some(change) = change {
        let guid = store.place.guid(task.key.guid.0);
        store.place.force(&format!("UPDATE tasks SET {change} WHERE task_guid = {guid}")).await;
    }
    store.settle(&[task.key]).await.unwrap();
    task.key
}

async fn a_queue_begins_with_whoever_listens_first(store: &TestStore) {
    let (id, tasks, events) = newcomer(store).await;
    for listener in [store.callers.main, store.callers.other] {
        store.set_subscription(listener, SubscriptionKind::EventQueue, false).await.unwrap();
    }
    let long_ago = format!("registered_at = {}", store.place.moment(-601_000));
    pay_as(store, id, Some(long_ago)).await;
    pay_as(store, id, Some("sync = true".to_owned())).await;
    let first = pay(store, id).await;
    let count = |table| format!("SELECT count(*) FROM {table}");
    assert_eq!(store.place.number(&count("deliveries")).await, 0, "nobody listens");
    assert_eq!(store.place.number(&count("events")).await, 0, "nobody listens");

    let queues_of_both = [tasks.subscription, events.subscription];
    store.begin_queues(&queues_of_both).await.unwrap();
    let (tasks, events) = queues(store, id).await;
    assert!(tasks.begun && events.begun);
    assert_eq!(
        subjects(store, tasks).await,
        [first.guid.0],
        "not the old one, nor the one waited for"
    );
    assert_eq!(subjects(store, events).await, [] as [uuid::Uuid; 0], "events from now on");

    let next = pay(store, id).await;
    store.begin_queues(&queues_of_both).await.unwrap();
    assert_eq!(subjects(store, tasks).await, [next.guid.0], "once");
    assert_eq!(subjects(store, events).await.len(), 1);
}

async fn an_operator_may_begin_a_queue(store: &TestStore) {
    let (id, tasks, _) = newcomer(store).await;
    store.set_subscription(id, SubscriptionKind::TaskQueue, false).await.unwrap();
    store.begin_queues(&[tasks.subscription]).await.unwrap();
    let unheard = pay(store, id).await;
    assert_eq!(subjects(store, tasks).await, [] as [uuid::Uuid; 0], "it is closed");
    store.set_subscription(id, SubscriptionKind::TaskQueue, true).await.unwrap();
    assert!(queues(store, id).await.0.begun);
    let heard = pay(store, id).await;
    assert_eq!(subjects(store, tasks).await, [heard.guid.0], "not {unheard:?}");
}

async fn no_answer_is_lost_while_a_queue_begins(store: &TestStore) {
    let (id, tasks, _) = newcomer(store).await;
    let order = store.order(V1, "1000.00").await;
    let other = store.order(V2, "1000.00").await;
    let asks: Vec<Ask> = (0..120)
        .map(|n| match n % 2 {
            0 => Ask::pay(V1, order, &[("1.00", CASH)]),
            _ => Ask::pay(V2, other, &[("1.00", CASH)]),
        })
        .collect();
    let asked: Vec<NewTask> = asks.iter().map(|ask| ask.task(id)).collect();
    store.register(&asked, DEFAULTS).await.unwrap();
    let keys: Vec<TaskKey> = asked.iter().map(|task| task.key).collect();
    let settling = async |keys: Vec<TaskKey>| {
        for key in keys {
            store.settle(&[key]).await.unwrap();
        }
    };
    let lanes: Vec<Vec<TaskKey>> =
        (0..4).map(|lane| keys.iter().skip(lane).step_by(4).copied().collect()).collect();
    let begin = async {
        let answered = "SELECT count(*) FROM tasks WHERE outcome IS NOT NULL";
        while store.place.number(answered).await < 30 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        store.begin_queues(&[tasks.subscription]).await.unwrap();
    };
    tokio::join!(join_all(lanes.into_iter().map(settling)), begin);
    let heard = subjects(store, tasks).await;
    assert_eq!(heard.len(), 120, "each once");
    let all: BTreeSet<_> = keys.iter().map(|key| key.guid.0).collect();
    assert_eq!(heard.into_iter().collect::<BTreeSet<_>>(), all);
}
