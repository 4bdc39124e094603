//! What a publisher was told is not done stays so, whatever a broker delivers again.

use std::collections::HashSet;
use std::slice;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Barrier;
use wsa::domain::task::{NewTask, OrderGuid};
use wsa::engine::store::Registration;
use wsa::engine::store::denials::{Denial, DenialKey};

use crate::support::ask::Ask;
use crate::support::reference::*;
use crate::support::stores::{DEFAULTS, TestStore};

on_each_store![
    a_denial_holds_for_every_copy_that_was_handed_out_before,
    a_denial_holds_for_its_publisher_alone,
    what_is_a_task_is_denied_no_more,
    a_message_that_is_denied_and_accepted_at_once_is_one_of_both,
    old_denials_are_forgotten,
];

/// A message that was handed out at this moment.
fn copy(store: &TestStore, handed_out: Timestamp) -> NewTask {
    let task = store.task(&Ask::get_order(V2, OrderGuid::new()));
    NewTask { named: true, denials_since: Some(handed_out), ..task }
}

fn denial(task: &NewTask) -> (DenialKey, Denial) {
    let (code, description) = ("License".to_owned(), "you have no licence".to_owned());
    ((task.aggregator, task.key.guid), Denial { code, description })
}

async fn register(store: &TestStore, task: &NewTask) -> Registration {
    store.register(slice::from_ref(task), DEFAULTS).await.unwrap()[0]
}

async fn a_denial_holds_for_every_copy_that_was_handed_out_before(store: &TestStore) {
    let before = store.clock().await.unwrap();
    let cut_off = copy(store, before);
    let (key, told) = denial(&cut_off);
    assert_eq!(store.deny(vec![(key, told.clone())]).await.unwrap(), HashSet::from([key]));
    assert_eq!(store.denied(&[key]).await.unwrap().remove(&key), Some(told));

    assert_eq!(register(store, &cut_off).await, Registration::Denied);
    let again = NewTask { denials_since: Some(Timestamp::UNIX_EPOCH), ..cut_off.clone() };
    assert_eq!(register(store, &again).await, Registration::Denied, "delivered again");
    let neighbour = copy(store, before);
    let both = store.register(&[again.clone(), neighbour], DEFAULTS).await.unwrap();
    assert_eq!(both[0], Registration::Denied);
    assert!(matches!(both[1], Registration::Accepted(_)), "{both:?}");

    let later = store.clock().await.unwrap() + SignedDuration::from_secs(1);
    let sent_again = NewTask { denials_since: Some(later), ..cut_off.clone() };
    assert!(matches!(register(store, &sent_again).await, Registration::Accepted(_)));
    assert!(matches!(register(store, &again).await, Registration::Repeated(_)), "it is a task now");
}

async fn a_denial_holds_for_its_publisher_alone(store: &TestStore) {
    let task = copy(store, Timestamp::UNIX_EPOCH);
    let ((_, guid), told) = denial(&task);
    let another = store.aggregators().await.unwrap();
    let another = another.iter().find(|one| one.id != task.aggregator).unwrap().id;
    store.deny(vec![((another, guid), told)]).await.unwrap();
    assert!(matches!(register(store, &task).await, Registration::Accepted(_)));
}

async fn what_is_a_task_is_denied_no_more(store: &TestStore) {
    let task = copy(store, Timestamp::UNIX_EPOCH);
    assert!(matches!(register(store, &task).await, Registration::Accepted(_)));
    let neighbour = copy(store, Timestamp::UNIX_EPOCH);
    let holding = store.deny(vec![denial(&task), denial(&neighbour)]).await.unwrap();
    assert_eq!(holding, HashSet::from([denial(&neighbour).0]));
    assert!(matches!(register(store, &task).await, Registration::Repeated(_)));
}

async fn a_message_that_is_denied_and_accepted_at_once_is_one_of_both(store: &TestStore) {
    let (mut accepted, mut denied) = (0, 0);
    for _ in 0..60 {
        let task = copy(store, Timestamp::UNIX_EPOCH);
        let start = Arc::new(Barrier::new(2));
        let (accepting, denying) = (store.store.clone(), store.store.clone());
        let accepting = {
            let (start, task) = (Arc::clone(&start), task.clone());
            tokio::spawn(async move {
                start.wait().await;
                accepting.register(&[task], DEFAULTS).await.unwrap()[0]
            })
        };
        let denying = {
            let asked = denial(&task);
            tokio::spawn(async move {
                start.wait().await;
                !denying.deny(vec![asked]).await.unwrap().is_empty()
            })
        };
        match (accepting.await.unwrap(), denying.await.unwrap()) {
            (Registration::Accepted(_), false) => accepted += 1,
            (Registration::Denied, true) => denied += 1,
            both => panic!("{both:?}"),
        }
    }
    assert!(accepted + denied == 60, "{accepted} accepted, {denied} denied");
}

async fn old_denials_are_forgotten(store: &TestStore) {
    let tasks: Vec<NewTask> = (0..3).map(|_| copy(store, Timestamp::UNIX_EPOCH)).collect();
    let keys: Vec<DenialKey> = tasks.iter().map(|task| denial(task).0).collect();
    store.deny(tasks.iter().map(denial).collect()).await.unwrap();
    assert!(!store.forget_denials(3600, 2).await.unwrap());
    assert_eq!(store.denied(&keys).await.unwrap().len(), 3);
    assert!(store.forget_denials(-1, 2).await.unwrap(), "there is one more");
    assert!(!store.forget_denials(-1, 2).await.unwrap());
    assert!(store.denied(&keys).await.unwrap().is_empty());
}
