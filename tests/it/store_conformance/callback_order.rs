//! Of the events of an order the earliest is taken from a callback, once none before it is left.

use std::time::Duration;

use jiff::Timestamp;
use wsa::callback::outcome::{DeliveryOutcome, EndpointHealth};
use wsa::callback::sender::Attempt;
use wsa::domain::outbox::{Content, Notification, SubscriptionId};
use wsa::domain::task::OrderGuid;
use wsa::engine::store::callbacks::round::Round;

use crate::support::ask::Ask;
use crate::support::callbacks::add_only;
use crate::support::reference::*;
use crate::support::stores::TestStore;

on_each_store!(
    changes_in_one_batch_have_a_number_each_and_are_taken_one_after_the_other,
    an_event_waits_for_the_one_that_is_tried_again_and_for_no_other_order,
    an_event_that_was_put_back_goes_before_its_successors,
    successors_fill_no_round_in_which_others_are_due,
    an_order_that_is_opened_and_changed_in_one_batch_counts_on,
);

const LEASE_S: i64 = 60;

async fn callback(store: &TestStore) -> SubscriptionId {
    add_only(store, "https://example.com/hook", false, true).await.0
}

async fn take(store: &TestStore, callback: SubscriptionId, most: usize) -> Vec<Notification> {
    store.take_of_callback(callback, most, LEASE_S).await.unwrap().notifications
}

fn told(notification: &Notification) -> (OrderGuid, i64) {
    let Content::Event { order, version, .. } = &notification.content else {
        panic!("{notification:?}")
    };
    (*order, version.unwrap())
}

async fn pay(store: &TestStore, order: OrderGuid, times: usize) {
    let asks = vec![Ask::pay(V1, order, &[("1.00", CASH)]); times];
    let keys = store.all_registered(&asks).await;
    store.settle(&keys).await.unwrap();
}

/// Writes down what became of a post; returns how many became due by it.
async fn ended(
    store: &TestStore,
    callback: SubscriptionId,
    notification: &Notification,
    outcome: DeliveryOutcome,
) -> usize {
    let attempt = Attempt { at: Timestamp::now(), took: Duration::ZERO, ended: Ok(200) };
    let posted = [(notification.clone(), attempt, outcome)];
    let round = Round { callback, posted: &posted, put_back: &[], health: EndpointHealth::Well };
    store.write_round(&round).await.unwrap()
}

async fn changes_in_one_batch_have_a_number_each_and_are_taken_one_after_the_other(
    store: &TestStore,
) {
    let callback = callback(store).await;
    let order = store.order(V1, "10.00").await;
    pay(store, order, 3).await;
    pay(store, order, 1).await;
    for version in [2, 3, 4, 5] {
        let taken = take(store, callback, 10).await;
        assert_eq!(taken.iter().map(told).collect::<Vec<_>>(), [(order, version)]);
        assert_eq!(taken[0].attempt, 1, "waiting is no attempt");
        assert_eq!(take(store, callback, 10).await, [], "one is in hand");
        let released = ended(store, callback, &taken[0], DeliveryOutcome::Delivered).await;
        assert_eq!(released, usize::from(version < 5));
    }
    let stored = "SELECT max(version) FROM orders";
    assert_eq!(store.place.number(stored).await, 5, "the order counts the same changes");
}

async fn an_event_waits_for_the_one_that_is_tried_again_and_for_no_other_order(store: &TestStore) {
    let callback = callback(store).await;
    let (stuck, other) = (store.order(V1, "10.00").await, store.order(V1, "10.00").await);
    pay(store, stuck, 2).await;
    pay(store, other, 1).await;
    let taken = take(store, callback, 10).await;
    assert_eq!(taken.iter().map(told).collect::<Vec<_>>(), [(stuck, 2), (other, 2)]);
    assert_eq!(ended(store, callback, &taken[0], DeliveryOutcome::Again(3600)).await, 0);
    // Its successor is due as if nobody had ever seen it.
    let now = store.place.moment(0);
    let due = format!("UPDATE deliveries SET due_at = {now} WHERE attempts = 0");
    store.place.execute(&due).await.unwrap();
    assert_eq!(take(store, callback, 10).await, []);
    let waits = store.place.micros_between(&now, "due_at");
    let of = format!("attempts = 0 AND mailbox_id = {}", callback.0);
    let waits = format!("SELECT min({waits}) FROM deliveries WHERE {of}");
    assert!(store.place.number(&waits).await > 3_500_000_000, "as long as the other");
    assert_eq!(ended(store, callback, &taken[1], DeliveryOutcome::Delivered).await, 0);
    pay(store, other, 1).await;
    let taken = take(store, callback, 10).await;
    assert_eq!(taken.iter().map(told).collect::<Vec<_>>(), [(other, 3)]);
}

async fn an_event_that_was_put_back_goes_before_its_successors(store: &TestStore) {
    let callback = callback(store).await;
    let order = store.order(V1, "10.00").await;
    pay(store, order, 2).await;
    let first = take(store, callback, 10).await.remove(0);
    let put_back = [(first.id, first.attempt)];
    let health = EndpointHealth::Well;
    let round = Round { callback, posted: &[], put_back: &put_back, health };
    assert_eq!(store.write_round(&round).await.unwrap(), 0);
    let again = take(store, callback, 10).await;
    assert_eq!(again, [first]);
    assert_eq!(ended(store, callback, &again[0], DeliveryOutcome::Failed).await, 1);
    assert_eq!(told(&take(store, callback, 10).await[0]), (order, 3), "what is given up is over");
}

async fn successors_fill_no_round_in_which_others_are_due(store: &TestStore) {
    let callback = callback(store).await;
    let (busy, other) = (store.order(V1, "300.00").await, store.order(V1, "10.00").await);
    pay(store, busy, 200).await;
    pay(store, other, 1).await;
    let first = store.take_of_callback(callback, 1, LEASE_S).await.unwrap();
    assert_eq!(first.notifications.iter().map(told).collect::<Vec<_>>(), [(busy, 2)]);
    let mut rounds = 0;
    let found = loop {
        rounds += 1;
        let round = store.take_of_callback(callback, 1, LEASE_S).await.unwrap();
        match round.notifications.first() {
            Some(notification) => break told(notification),
            None => assert!(round.more, "there is more to look at"),
        }
    };
    assert_eq!(found, (other, 2));
    assert!(rounds <= 4, "{rounds}");
}

async fn an_order_that_is_opened_and_changed_in_one_batch_counts_on(store: &TestStore) {
    let callback = callback(store).await;
    let create = Ask::create_order(V1, serde_json::json!({"price": {"total": 10}}));
    let created = store.registered(&create).await;
    let order = OrderGuid(created.guid.0);
    let paid = store.registered(&Ask::pay(V1, order, &[("1.00", CASH)])).await;
    store.settle(&[created, paid]).await.unwrap();
    pay(store, order, 1).await;
    for version in [1, 2, 3] {
        let taken = take(store, callback, 10).await;
        assert_eq!(taken.iter().map(told).collect::<Vec<_>>(), [(order, version)]);
        ended(store, callback, &taken[0], DeliveryOutcome::Delivered).await;
    }
}
