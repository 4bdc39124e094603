//! Accepting tasks.

use std::slice;

use futures_util::future::join_all;
use wsa::domain::task::{Accepted, OrderGuid};
use wsa::engine::store::Registration;

use crate::support::ask::Ask;
use crate::support::reference::*;
use crate::support::stores::{DEFAULTS, TestStore};

on_each_store![
    a_task_is_registered_once_by_its_guid,
    a_guid_stands_for_one_request,
    a_guid_belongs_to_the_aggregator_that_brought_it_first,
    a_guid_that_two_aggregators_bring_in_one_batch_belongs_to_the_first,
    a_guid_that_many_bring_at_once_is_registered_once,
    a_subject_has_one_open_task,
    of_many_tasks_about_a_subject_that_come_at_once_one_is_registered,
    without_a_licence_nothing_is_registered,
    a_licence_that_is_withdrawn_stops_new_tasks_only,
    the_deadline_is_the_requests_else_the_objects_else_the_default,
    an_empty_batch_is_an_empty_result,
];

fn some_ask() -> Ask {
    Ask::get_order(V2, OrderGuid::new())
}

fn accepted(registration: Registration) -> Accepted {
    match registration {
        Registration::Accepted(accepted) => accepted,
        other => panic!("{other:?}"),
    }
}

async fn a_task_is_registered_once_by_its_guid(store: &TestStore) {
    let task = store.task(&some_ask());
    let first = store.register(slice::from_ref(&task), DEFAULTS).await.unwrap();
    let first = accepted(first[0]);
    let again = store.register(&[task.clone(), task.clone()], DEFAULTS).await.unwrap();
    for repeated in again {
        let Registration::Repeated(known) = repeated else { panic!("{repeated:?}") };
        assert_eq!(known.deadline, first.deadline, "the first one counts");
        assert!((0..first.remaining_us).contains(&known.remaining_us), "{known:?} of {first:?}");
    }
    assert_eq!(store.books().await.tasks.len(), 1);

    let twice = store.task(&some_ask());
    let both = store.register(&[twice.clone(), twice.clone()], DEFAULTS).await.unwrap();
    assert_eq!(
        accepted(both[0]).deadline,
        both[1].accepted().unwrap().deadline,
        "in one batch, too"
    );
    assert!(matches!(both[1], Registration::Repeated(_)), "{both:?}");
    assert_eq!(store.books().await.tasks.len(), 2);
}

async fn a_guid_stands_for_one_request(store: &TestStore) {
    let task = store.task(&some_ask());
    let digest = wsa::protocols::whiteserver::wire::digest("{}");
    let other_request = wsa::domain::task::NewTask { request: "{}".into(), digest, ..task.clone() };
    let mut other_object = task.clone();
    other_object.key.object = V1;
    let batch = [task.clone(), other_request.clone(), other_object.clone(), task];
    for first_time in [true, false] {
        let registered = store.register(&batch, DEFAULTS).await.unwrap();
        assert_eq!(matches!(registered[0], Registration::Accepted(_)), first_time);
        assert_eq!(registered[1..3], [Registration::Different; 2]);
        assert!(matches!(registered[3], Registration::Repeated(_)), "{registered:?}");
    }
    assert_eq!(store.books().await.tasks.len(), 1);
}

async fn a_guid_belongs_to_the_aggregator_that_brought_it_first(store: &TestStore) {
    let task = store.task(&some_ask());
    accepted(store.register(slice::from_ref(&task), DEFAULTS).await.unwrap()[0]);
    let mut foreign = task.clone();
    foreign.aggregator = store.callers.other;
    let registered = store.register(&[foreign], DEFAULTS).await.unwrap();
    assert_eq!(registered, [Registration::GuidTaken]);
    let found = store.find(&[task.key.guid]).await.unwrap().0;
    assert_eq!(found[&task.key.guid].aggregator, store.callers.main);
}

async fn a_guid_that_two_aggregators_bring_in_one_batch_belongs_to_the_first(store: &TestStore) {
    let task = store.task(&some_ask());
    let mut foreign = task.clone();
    foreign.aggregator = store.callers.other;
    let registered = store.register(&[task.clone(), foreign], DEFAULTS).await.unwrap();
    accepted(registered[0]);
    assert_eq!(registered[1], Registration::GuidTaken);
    let found = store.find(&[task.key.guid]).await.unwrap().0;
    assert_eq!(found[&task.key.guid].aggregator, store.callers.main);
}

async fn a_guid_that_many_bring_at_once_is_registered_once(store: &TestStore) {
    let task = store.task(&some_ask());
    let calls = (0..8).map(|_| {
        let (store, task) = (store.store.clone(), task.clone());
        tokio::spawn(async move { store.register(&[task], DEFAULTS).await.unwrap()[0] })
    });
    let results: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    let firsts = results.iter().filter(|r| matches!(r, Registration::Accepted(_))).count();
    let again = results.iter().filter(|r| matches!(r, Registration::Repeated(_))).count();
    assert_eq!((firsts, again), (1, 7), "{results:?}");
}

async fn a_subject_has_one_open_task(store: &TestStore) {
    let about = |object, subject: &str| {
        let mut task = store.task(&Ask::get_order(object, OrderGuid::new()));
        task.subject = Some(subject.to_owned());
        task
    };
    let (first, second) = (about(V2, "a"), about(V2, "a"));
    let batch = [first.clone(), second.clone(), about(V2, "b"), about(V1, "a"), first.clone()];
    let registered = store.register(&batch, DEFAULTS).await.unwrap();
    accepted(registered[0]);
    assert_eq!(registered[1], Registration::Busy, "in one batch, too");
    accepted(registered[2]);
    accepted(registered[3]);
    assert!(matches!(registered[4], Registration::Repeated(_)), "it is no second task");
    let [again, met] =
        store.register(&[first.clone(), second.clone()], DEFAULTS).await.unwrap()[..]
    else {
        panic!("as many as there were tasks")
    };
    assert!(matches!(again, Registration::Repeated(_)), "{again:?}");
    assert_eq!(met, Registration::Busy);
    store.fail(first.key).await.unwrap();
    let registered = store.register(&[first, second], DEFAULTS).await.unwrap();
    assert!(matches!(registered[0], Registration::Repeated(_)), "answered, and still the same");
    accepted(registered[1]);
}

async fn of_many_tasks_about_a_subject_that_come_at_once_one_is_registered(store: &TestStore) {
    // In either order: two batches must not wait for each other in a circle.
    let calls = (0..8).map(|n| {
        let store_of = store.store.clone();
        let mut batch = ["a", "b"].map(|subject| {
            let mut task = store.task(&Ask::get_order(V2, OrderGuid::new()));
            task.subject = Some(subject.to_owned());
            task
        });
        if n % 2 == 0 {
            batch.reverse();
        }
        tokio::spawn(async move { store_of.register(&batch, DEFAULTS).await.unwrap() })
    });
    let results: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    let all = results.concat();
    let firsts = all.iter().filter(|r| matches!(r, Registration::Accepted(_))).count();
    let busy = all.iter().filter(|r| **r == Registration::Busy).count();
    assert_eq!((firsts, busy), (2, 14), "{results:?}");
}

async fn without_a_licence_nothing_is_registered(store: &TestStore) {
    let order = OrderGuid::new();
    let asks = [V1, UNLICENSED, V2, UNKNOWN, HASTY].map(|object| Ask::get_order(object, order));
    let tasks = asks.map(|ask| store.task(&ask));
    let registered = store.register(&tasks, DEFAULTS).await.unwrap();
    let refused = registered.iter().map(|r| *r == Registration::NoLicence).collect::<Vec<_>>();
    assert_eq!(refused, [false, true, false, true, false], "neighbours are not concerned");
    let books = store.books().await;
    assert_eq!(books.tasks.len(), 3);
    assert!(books.tasks.values().all(|task| [V1.0, V2.0, HASTY.0].contains(&task.object)));
}

async fn a_licence_that_is_withdrawn_stops_new_tasks_only(store: &TestStore) {
    let before = store.task(&some_ask());
    accepted(store.register(slice::from_ref(&before), DEFAULTS).await.unwrap()[0]);
    assert!(store.remove_licence(store.callers.main, V2).await.unwrap());
    assert!(!store.remove_licence(store.callers.main, V2).await.unwrap());
    let after = store.task(&some_ask());
    let mut neighbour = store.task(&some_ask());
    neighbour.aggregator = store.callers.other;
    let tasks = [before.clone(), after, neighbour];
    let registered = store.register(&tasks, DEFAULTS).await.unwrap();
    assert!(matches!(registered[0], Registration::Repeated(_)), "{registered:?}");
    assert_eq!(registered[1], Registration::NoLicence);
    accepted(registered[2]);
    store.settle(&[before.key]).await.unwrap();
    assert_eq!(store.answer(before.key).await["error"]["agentError"]["code"], "WsaOrderNotFound");
}

async fn the_deadline_is_the_requests_else_the_objects_else_the_default(store: &TestStore) {
    let ask = |object| Ask::get_order(object, OrderGuid::new());
    let asks = [ask(V1).within(7), ask(HASTY), ask(V1), ask(HASTY).within(3600)];
    let tasks: Vec<_> = asks.iter().map(|ask| store.task(ask)).collect();
    let registered = store.register(&tasks, DEFAULTS).await.unwrap();
    let between = store.place.micros_between("registered_at", "deadline");
    for ((task, registration), seconds) in tasks.iter().zip(registered).zip([7, HASTY_S, 120, 3600])
    {
        let accepted = accepted(registration);
        assert_eq!(accepted.remaining_us, seconds * 1_000_000);
        let guid = store.place.guid(task.key.guid.0);
        let kept = format!("SELECT {between} FROM tasks WHERE task_guid = {guid}");
        assert_eq!(store.place.number(&kept).await, seconds * 1_000_000);
        assert_eq!(
            store.find(&[task.key.guid]).await.unwrap().0[&task.key.guid].deadline,
            accepted.deadline
        );
    }
}

async fn an_empty_batch_is_an_empty_result(store: &TestStore) {
    assert_eq!(store.register(&[], DEFAULTS).await.unwrap(), []);
    assert_eq!(store.settle(&[]).await.unwrap().settled, []);
    assert!(store.find(&[]).await.unwrap().0.is_empty());
    assert_eq!(store.expire_these(&[]).await.unwrap().answered, []);
}
