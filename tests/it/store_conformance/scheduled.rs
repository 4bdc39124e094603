//! Tasks that are not to begin before a time of their caller's.

use jiff::{SignedDuration, Timestamp};
use wsa::domain::task::TaskKey;
use wsa::engine::store::{Backlog, Registration, Settlement};

use crate::support::ask::{Ask, code};
use crate::support::reference::*;
use crate::support::stores::{DEFAULTS, TestStore};

on_each_store![a_scheduled_task_begins_at_its_time_and_not_before];

fn ahead(s: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_secs(s)
}

/// Has an hour pass for a task.
async fn bring_forward(store: &TestStore, key: TaskKey) {
    let (past, later) = (store.place.moment(-1_000), store.place.moment(60_000));
    let guid = store.place.guid(key.guid.0);
    let sql = format!(
        "UPDATE tasks SET not_before = {past}, registered_at = {past}, deadline = {later},
                publish_at = CASE WHEN published = 0 THEN {past} ELSE publish_at END
         WHERE task_guid = {guid}"
    );
    store.place.execute(&sql).await.unwrap();
}

async fn a_scheduled_task_begins_at_its_time_and_not_before(store: &TestStore) {
    let order = store.order(V1, "10.00").await;
    let ask = Ask::pay(V1, order, &[("4.00", CASH)]).within(60).not_before(ahead(3600));
    let task = store.task(&ask);
    let accept = async || store.register(std::slice::from_ref(&task), DEFAULTS).await.unwrap();
    let [Registration::Accepted(accepted)] = accept().await[..] else { panic!() };
    assert!(accepted.scheduled);
    let allowed = accepted.deadline - ask.not_before.unwrap();
    assert!((allowed.get_seconds() - 60).abs() <= 1, "its timeout counts from its time: {allowed}");
    assert!(matches!(accept().await[..], [Registration::Repeated(again)] if again.scheduled));

    // No backlog, nothing to publish, nothing to carry out.
    let waiting = Backlog { scheduled: [(V1, 1)].into(), ..Backlog::default() };
    assert_eq!(store.backlog().await.unwrap(), waiting);
    store.publish_all_again().await.unwrap();
    assert_eq!(store.take_unpublished(9, 0, 5, 30).await.unwrap(), []);
    assert_eq!(store.take_to_begin(9, 5).await.unwrap(), []);
    assert_eq!(store.settled(&[task.key]).await, [Settlement::PutOff]);
    // Somebody published it all the same: it is put off, and published when its time comes.
    store
        .place
        .execute("UPDATE tasks SET published = 3, publish_at = registered_at")
        .await
        .unwrap();
    assert_eq!(store.settled(&[task.key]).await, [Settlement::PutOff]);
    let (found, _) = store.find(&[task.key.guid]).await.unwrap();
    assert_eq!(found[&task.key.guid].answer, None, "open as any other");
    assert_eq!(store.books().await.payments.len(), 0);

    bring_forward(store, task.key).await;
    let backlog = store.backlog().await.unwrap();
    assert_eq!(
        (backlog.open, backlog.objects.get(&V1)),
        (1, Some(&1)),
        "its age counts from now on"
    );
    assert!(backlog.scheduled.is_empty() && backlog.oldest_ms < 60_000, "{backlog:?}");
    let due = store.take_to_begin(9, 5).await.unwrap();
    assert_eq!(due.iter().map(|due| due.key).collect::<Vec<_>>(), [task.key]);
    assert_eq!(store.take_to_begin(9, 5).await.unwrap(), [], "once; then like any other");
    store.settle(&[task.key]).await.unwrap();
    assert_eq!(code(&store.answer(task.key).await), "done");

    // A time that is past means now; one that is too far ahead is no time.
    let past = ask.clone().not_before(Timestamp::UNIX_EPOCH);
    let too_far = ask.clone().not_before(ahead(DEFAULTS.furthest_s + 60));
    let unlicensed = Ask::pay(UNLICENSED, order, &[("4.00", CASH)]);
    let tasks = [&past, &too_far, &unlicensed].map(|ask| store.task(ask));
    let registered = store.register(&tasks, DEFAULTS).await.unwrap();
    let [Registration::Accepted(now), Registration::TooFar, Registration::NoLicence] =
        registered[..]
    else {
        panic!("{registered:?}")
    };
    assert!(!now.scheduled);
    let (found, _) = store.find(&[tasks[1].key.guid]).await.unwrap();
    assert!(found.is_empty(), "nothing is kept of it");

    // One that waits can be cancelled.
    let waits = store.registered(&ask).await;
    let by = store.registered(&Ask::cancel_task(V1, waits.guid)).await;
    store.settle(&[by]).await.unwrap();
    assert_eq!(code(&store.answer(waits).await), "TaskCancelled");
    assert!(store.backlog().await.unwrap().scheduled.is_empty());
    crate::support::audit::assert_sound(store).await;
}
