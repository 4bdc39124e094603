//! Answers and events are put into a callback again, from where they are kept.

use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;
use wsa::callback::outcome::{DeliveryOutcome, EndpointHealth};
use wsa::callback::sender::Attempt;
use wsa::domain::outbox::{Notification, SubscriptionId};
use wsa::domain::task::{ObjectId, OrderGuid, TaskKey};
use wsa::engine::store::callbacks::replaying::{Replay, ReplayFilter, Replayable};
use wsa::engine::store::callbacks::round::Round;

use crate::support::ask::Ask;
use crate::support::callbacks::{add, add_only, log};
use crate::support::reference::*;
use crate::support::stores::TestStore;

on_each_store!(
    what_was_delivered_is_put_in_again_in_its_order_and_once,
    a_filter_narrows_what_is_put_in_again,
    what_was_given_up_is_told_from_what_was_delivered,
    what_came_while_a_callback_was_off_is_found,
    a_callback_gets_only_what_is_its_own,
);

const URL: &str = "https://example.com/hook";

async fn paid(store: &TestStore, object: ObjectId, order: OrderGuid) -> TaskKey {
    let key = store.registered(&Ask::pay(object, order, &[("1.00", CASH)])).await;
    store.settle(&[key]).await.unwrap();
    key
}

/// Takes everything that is due until nothing is, with this end; what was taken, in that order.
async fn posted(store: &TestStore, callback: SubscriptionId, status: u16) -> Vec<Notification> {
    let mut all = Vec::new();
    loop {
        let taken = store.take_of_callback(callback, 100, 60).await.unwrap().notifications;
        if taken.is_empty() {
            return all;
        }
        let outcome = match status {
            200 => DeliveryOutcome::Delivered,
            _ => DeliveryOutcome::Failed,
        };
        let attempt = |taken: &Notification| {
            let ended = Attempt { at: Timestamp::now(), took: Duration::ZERO, ended: Ok(status) };
            (taken.clone(), ended, outcome)
        };
        let posted: Vec<_> = taken.iter().map(attempt).collect();
        let round =
            Round { callback, posted: &posted, put_back: &[], health: EndpointHealth::Well };
        store.write_round(&round).await.unwrap();
        all.extend(taken);
    }
}

async fn found(store: &TestStore, callback: SubscriptionId, filter: ReplayFilter) -> Vec<Replay> {
    store.replayable(callback, &filter, 1000).await.unwrap()
}

async fn count(
    store: &TestStore,
    callback: SubscriptionId,
    filter: ReplayFilter,
) -> (usize, usize) {
    let found = found(store, callback, filter).await;
    let answers = found.iter().filter(|replay| replay.kind == Replayable::Answer).count();
    (answers, found.len() - answers)
}

fn subjects(notifications: &[Notification]) -> Vec<Uuid> {
    notifications.iter().map(|notification| notification.subject).collect()
}

async fn what_was_delivered_is_put_in_again_in_its_order_and_once(store: &TestStore) {
    let (callback, _) = add(store, URL).await;
    let order = store.order(V1, "10.00").await;
    for _ in 0..3 {
        paid(store, V1, order).await;
    }
    let all = ReplayFilter::default;
    assert_eq!(count(store, callback, all()).await, (0, 0), "what waits is not put in twice");
    let first = posted(store, callback, 200).await;
    assert_eq!(first.len(), 6);
    let again = found(store, callback, all()).await;
    assert_eq!(count(store, callback, all()).await, (3, 3));
    store.replay(callback, &again).await.unwrap();
    assert_eq!(count(store, callback, all()).await, (0, 0), "they wait");
    let second = posted(store, callback, 200).await;
    let events = |notifications: &[Notification]| {
        let is_event =
            |n: &&Notification| matches!(n.content, wsa::domain::outbox::Content::Event { .. });
        notifications.iter().filter(is_event).map(|n| n.subject).collect::<Vec<_>>()
    };
    assert_eq!(events(&second), events(&first), "the events of an order in its order");
    let (mut before, mut after) = (subjects(&first), subjects(&second));
    before.sort_unstable();
    after.sort_unstable();
    assert_eq!(before, after);
    assert!(second.iter().all(|notification| notification.attempt == 1), "{second:?}");
    let attempts = log(store, callback).await;
    assert_eq!(attempts.len(), 12, "the log has both");
    let least = store.replayable(callback, &all(), 2).await.unwrap();
    assert_eq!(least, again[..2], "the oldest first");
}

async fn a_filter_narrows_what_is_put_in_again(store: &TestStore) {
    let (callback, _) = add(store, URL).await;
    let (one, two) = (store.order(V1, "10.00").await, store.order(V1, "10.00").await);
    let elsewhere = store.order(V2, "1.00").await;
    let first = paid(store, V1, one).await;
    let pause = Duration::from_millis(50);
    tokio::time::sleep(pause).await;
    let middle = Timestamp::now();
    tokio::time::sleep(pause).await;
    paid(store, V1, two).await;
    paid(store, V2, elsewhere).await;
    let all = posted(store, callback, 200).await;
    let event = all.iter().find(|n| n.subject != first.guid.0).unwrap().subject;
    let none = ReplayFilter::default;
    let of = |filter| count(store, callback, filter);
    assert_eq!(of(none()).await, (3, 3));
    assert_eq!(of(ReplayFilter { object: Some(V2), ..none() }).await, (1, 1));
    assert_eq!(of(ReplayFilter { order: Some(one), ..none() }).await, (0, 1));
    assert_eq!(of(ReplayFilter { only: Some(Replayable::Answer), ..none() }).await, (3, 0));
    assert_eq!(of(ReplayFilter { only: Some(Replayable::Event), ..none() }).await, (0, 3));
    assert_eq!(of(ReplayFilter { subject: Some(first.guid.0), ..none() }).await, (1, 0));
    let (answers, events) = of(ReplayFilter { subject: Some(event), ..none() }).await;
    assert_eq!(answers + events, 1);
    assert_eq!(of(ReplayFilter { subject: Some(Uuid::from_u128(1)), ..none() }).await, (0, 0));

    assert_eq!(of(ReplayFilter { since: Some(middle), ..none() }).await, (2, 2));
    assert_eq!(of(ReplayFilter { until: Some(middle), ..none() }).await, (1, 1));
    let hours = |hours: i64| Some(middle + jiff::SignedDuration::from_hours(hours));
    assert_eq!(of(ReplayFilter { since: hours(-1), until: hours(1), ..none() }).await, (3, 3));
    assert_eq!(of(ReplayFilter { since: hours(1), ..none() }).await, (0, 0));
    assert_eq!(of(ReplayFilter { until: hours(-1), ..none() }).await, (0, 0));
}

async fn what_was_given_up_is_told_from_what_was_delivered(store: &TestStore) {
    let (callback, _) = add(store, URL).await;
    let order = store.order(V1, "10.00").await;
    paid(store, V1, order).await;
    posted(store, callback, 200).await;
    let lost = paid(store, V1, order).await;
    let lost_posts = posted(store, callback, 500).await;
    let undelivered = || ReplayFilter { undelivered: true, ..ReplayFilter::default() };
    assert_eq!(count(store, callback, ReplayFilter::default()).await, (2, 2));
    assert_eq!(count(store, callback, undelivered()).await, (1, 1));
    let found = found(store, callback, undelivered()).await;
    store.replay(callback, &found).await.unwrap();
    let posts = posted(store, callback, 200).await;
    let (mut lost_posts, mut posts) = (subjects(&lost_posts), subjects(&posts));
    lost_posts.sort_unstable();
    posts.sort_unstable();
    assert!(posts.contains(&lost.guid.0));
    assert_eq!(posts, lost_posts);
    assert_eq!(count(store, callback, undelivered()).await, (0, 0));
}

async fn what_came_while_a_callback_was_off_is_found(store: &TestStore) {
    let (callback, _) = add(store, URL).await;
    store.set_callback_open(callback, false).await.unwrap();
    let order = store.order(V1, "10.00").await;
    paid(store, V1, order).await;
    store.set_callback_open(callback, true).await.unwrap();
    assert_eq!(posted(store, callback, 200).await, []);
    // The event queue of the aggregator listened, so there is an event.
    let found = found(store, callback, ReplayFilter::default()).await;
    assert_eq!(found.len(), 2);
    store.replay(callback, &found).await.unwrap();
    assert_eq!(posted(store, callback, 200).await.len(), 2);
}

async fn a_callback_gets_only_what_is_its_own(store: &TestStore) {
    let (events_only, _) = add_only(store, URL, false, true).await;
    let (answers_only, _) = add_only(store, "https://example.com/answers", true, false).await;
    let order = store.order(V1, "10.00").await;
    paid(store, V1, order).await;
    // Of another aggregator, and of a caller that waited for its answer.
    let theirs = Ask::pay(V1, order, &[("1.00", CASH)]).task(store.callers.other);
    let mut waited = store.task(&Ask::pay(V1, order, &[("1.00", CASH)]));
    waited.sync = true;
    for task in [theirs, waited] {
        store
            .register(std::slice::from_ref(&task), crate::support::stores::DEFAULTS)
            .await
            .unwrap();
        store.settle(&[task.key]).await.unwrap();
    }
    posted(store, events_only, 200).await;
    posted(store, answers_only, 200).await;
    assert_eq!(count(store, answers_only, ReplayFilter::default()).await, (1, 0));
    assert_eq!(count(store, events_only, ReplayFilter::default()).await, (0, 3));
}
