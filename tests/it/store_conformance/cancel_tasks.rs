//! A task that cancels another: whoever holds both decides, and each has one outcome.

use futures_util::future::join_all;
use wsa::domain::outbox::Content;
use wsa::domain::task::{Outcome, TaskGuid, TaskKey};
use wsa::engine::store::{Batch, Settlement};

use crate::support::ask::{Ask, code};
use crate::support::reference::*;
use crate::support::stores::{DEFAULTS, TestStore};

on_each_store![
    an_open_task_is_cancelled_beside_the_batch_and_in_it,
    what_cannot_be_cancelled_stays_as_it_is,
    a_worker_and_who_cancels_agree,
];

/// A payment that is not settled.
async fn open(store: &TestStore) -> TaskKey {
    let order = store.order(V1, "10.00").await;
    store.registered(&Ask::pay(V1, order, &[("4.00", CASH)])).await
}

async fn cancel(store: &TestStore, target: TaskKey) -> TaskKey {
    store.registered(&Ask::cancel_task(V1, target.guid)).await
}

async fn codes(store: &TestStore, keys: &[TaskKey]) -> Vec<String> {
    let mut codes = Vec::new();
    for key in keys {
        codes.push(code(&store.answer(*key).await).to_owned());
    }
    codes
}

fn outcomes(batch: &Batch) -> Vec<(TaskKey, Option<Outcome>)> {
    let outcome = |settlement| match settlement {
        Settlement::Answered { outcome, .. } => Some(outcome),
        Settlement::Repeated | Settlement::PutOff | Settlement::Unknown => None,
    };
    batch.settled.iter().map(|settled| (settled.key, outcome(settled.settlement))).collect()
}

async fn an_open_task_is_cancelled_beside_the_batch_and_in_it(store: &TestStore) {
    let target = open(store).await;
    let by = cancel(store, target).await;
    let queues = store.find_queues(&[store.callers.main]).await.unwrap();
    let queue = queues[&store.callers.main].tasks.unwrap().subscription;
    let batch = store.settle(&[by]).await.unwrap();
    let expected = [(by, Some(Outcome::Done)), (target, Some(Outcome::Cancelled))];
    assert_eq!(outcomes(&batch), expected, "what is cancelled is told with the batch");
    assert_eq!(batch.mail, [queue]);
    assert_eq!(codes(store, &[by, target]).await, ["done", "TaskCancelled"]);
    assert_eq!(store.settled(&[target]).await, [Settlement::Repeated]);
    let letters = store.take_notifications(&[(queue, 9)], 30).await.unwrap();
    assert_eq!(letters.len(), 2, "delivered like any answer");
    assert!(letters.iter().all(|letter| matches!(letter.content, Content::Answer { .. })));

    // Delivered together, in either order; and one of two that cancel each other.
    for order in [[0, 1], [1, 0]] {
        let target = open(store).await;
        let by = cancel(store, target).await;
        let keys = order.map(|n| [target, by][n]);
        assert_eq!(outcomes(&store.settle(&keys).await.unwrap()).len(), 2);
        assert_eq!(codes(store, &[by, target]).await, ["done", "TaskCancelled"]);
    }
    let target = open(store).await;
    let first = cancel(store, target).await;
    let second = cancel(store, first).await;
    store.settle(&[first, second, target]).await.unwrap();
    let told = codes(store, &[first, second, target]).await;
    assert_eq!(told, ["done", "WsaTaskAnswered", "TaskCancelled"]);
    let target = open(store).await;
    let first = cancel(store, target).await;
    let second = cancel(store, first).await;
    store.settle(&[second, first, target]).await.unwrap();
    assert_eq!(codes(store, &[first, second, target]).await, ["TaskCancelled", "done", "done"]);
    let books = store.books().await;
    assert_eq!(books.payments.len(), 1, "cancelled means not paid");
    assert_eq!(books.payments[0].task, target.guid.0);
}

async fn what_cannot_be_cancelled_stays_as_it_is(store: &TestStore) {
    let done = open(store).await;
    store.settle(&[done]).await.unwrap();
    let before = store.answer_text(done).await;
    let late = store.registered(&Ask::get_order(V1, store.order(V1, "1.00").await).within(0)).await;
    let foreign = Ask::get_order(V1, store.order(V1, "1.00").await).task(store.callers.other);
    store.register(std::slice::from_ref(&foreign), DEFAULTS).await.unwrap();
    let elsewhere = store.registered(&Ask::get_order(V2, store.order(V2, "1.00").await)).await;
    let unknown = TaskKey { object: V1, guid: TaskGuid::new() };
    let mut told = Vec::new();
    for target in [done, late, foreign.key, elsewhere, unknown] {
        let by = cancel(store, target).await;
        store.settle(&[by]).await.unwrap();
        let answer = store.answer(by).await;
        told.push(code(&answer).to_owned());
        if target == done {
            let desc = answer["error"]["agentError"]["desc"].as_str().unwrap();
            assert!(desc.contains("is answered already (outcome: done)"), "{desc}");
        }
    }
    assert_eq!(
        told,
        [
            "WsaTaskAnswered",
            "WsaTaskAnswered",
            "WsaTaskNotFound",
            "WsaTaskNotFound",
            "WsaTaskNotFound"
        ]
    );
    assert_eq!(store.answer_text(done).await, before);
    assert_eq!(codes(store, &[late]).await, ["Timeout"]);
    assert_eq!(store.settled(&[foreign.key, elsewhere]).await.len(), 2);
    assert_eq!(codes(store, &[foreign.key, elsewhere]).await, ["done", "done"]);
    // Who comes too late cancels nothing.
    let target = open(store).await;
    let by = store.registered(&Ask::cancel_task(V1, target.guid).within(0)).await;
    store.settle(&[by]).await.unwrap();
    store.settle(&[target]).await.unwrap();
    assert_eq!(codes(store, &[by, target]).await, ["Timeout", "done"]);
}

async fn a_worker_and_who_cancels_agree(store: &TestStore) {
    let mut pairs = Vec::new();
    for _ in 0..12 {
        let target = open(store).await;
        pairs.push((target, cancel(store, target).await));
    }
    // Batches that overlap, in orders of their own.
    let settle = async |keys: Vec<TaskKey>| loop {
        match store.settle(&keys).await {
            Ok(_) => return,
            Err(error) => assert!(error.is_passing(), "{error}"),
        }
    };
    let batches = pairs.chunks(4).flat_map(|pairs| {
        let targets: Vec<_> = pairs.iter().map(|(target, _)| *target).collect();
        let by: Vec<_> = pairs.iter().rev().map(|(_, by)| *by).collect();
        [targets, by]
    });
    join_all(batches.map(settle)).await;
    let books = store.books().await;
    for (target, by) in pairs {
        let paid = books.payments.iter().any(|payment| payment.task == target.guid.0);
        let told = codes(store, &[by, target]).await;
        let expected = match paid {
            true => ["WsaTaskAnswered", "done"],
            false => ["done", "TaskCancelled"],
        };
        assert_eq!(told, expected);
    }
}
