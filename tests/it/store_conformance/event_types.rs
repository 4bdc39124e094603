//! Which events a subscription takes, and that nothing else is written.

use serde_json::{Value, json};
use wsa::callback::outcome::{DeliveryOutcome, EndpointHealth};
use wsa::callback::sender::Attempt;
use wsa::callback::signature::{Secret, SignatureForm};
use wsa::domain::outbox::{Content, EventTypes, Notification, SubscriptionId, SubscriptionKind};
use wsa::engine::store::callbacks::NewCallback;
use wsa::engine::store::callbacks::replaying::ReplayFilter;
use wsa::engine::store::callbacks::round::Round;

use crate::support::ask::Ask;
use crate::support::reference::*;
use crate::support::stores::TestStore;

on_each_store![each_subscription_takes_its_types_and_nothing_else_is_written];

const BOTH: EventTypes = EventTypes { changes: true, statuses: true };
const STATUSES: EventTypes = EventTypes { changes: false, statuses: true };

async fn callback(store: &TestStore, url: &str, events: EventTypes) -> SubscriptionId {
    let secret = Secret::generate();
    let (aggregator, signature) = (store.callers.main, SignatureForm::Base64);
    let new = NewCallback { aggregator, url, answers: false, events, secret: &secret, signature };
    store.add_callback(&new).await.unwrap().unwrap()
}

fn shown(notification: &Notification) -> String {
    let Content::Event { event_type, version, order_json, .. } = &notification.content else {
        panic!("{notification:?}")
    };
    let order: Value = serde_json::from_str(order_json).unwrap();
    let status = order["status"]["value"].as_str().unwrap();
    format!("{event_type} {} {status}", version.unwrap())
}

/// Everything of a callback, each when its turn comes.
async fn all_of(store: &TestStore, callback: SubscriptionId) -> Vec<String> {
    let mut all = Vec::new();
    loop {
        let taken = store.take_of_callback(callback, 100, 60).await.unwrap().notifications;
        let Some(first) = taken.first() else { return all };
        all.push(shown(first));
        let took = std::time::Duration::ZERO;
        let attempt = Attempt { at: jiff::Timestamp::now(), took, ended: Ok(200) };
        let posted = [(first.clone(), attempt, DeliveryOutcome::Delivered)];
        let health = EndpointHealth::Well;
        store
            .write_round(&Round { callback, posted: &posted, put_back: &[], health })
            .await
            .unwrap();
    }
}

async fn each_subscription_takes_its_types_and_nothing_else_is_written(store: &TestStore) {
    let both = callback(store, "https://example.com/both", BOTH).await;
    let statuses = callback(store, "https://example.com/statuses", STATUSES).await;
    let usual = callback(store, "https://example.com/usual", EventTypes::USUAL).await;
    let key = store.registered(&Ask::create_order(V1, json!({"price": {"total": "10.00"}}))).await;
    store.settle(&[key]).await.unwrap();
    let order = wsa::domain::task::OrderGuid(key.guid.0);
    for ask in [Ask::pay(V1, order, &[("10.00", CASH)]), Ask::complete_order(V1, order)] {
        store.carried_out(&ask).await;
    }
    let changes = ["OrderChanged 1 Created", "OrderChanged 2 Created", "OrderChanged 3 Complited"];
    let stands = ["OrderStatusChanged 1 Created", "OrderStatusChanged 3 Complited"];
    assert_eq!(all_of(store, usual).await, changes);
    assert_eq!(all_of(store, statuses).await, stands);
    let in_turn = [changes[0], stands[0], changes[1], changes[2], stands[1]];
    assert_eq!(all_of(store, both).await, in_turn);

    // Found again by type, in the same order.
    let found = async |callback| store.replayable(callback, &ReplayFilter::default(), 100).await;
    for (callback, told) in [(statuses, &stands[..]), (both, &in_turn), (usual, &changes)] {
        let found = found(callback).await.unwrap();
        store.replay(callback, &found).await.unwrap();
        assert_eq!(all_of(store, callback).await, told);
    }
    // A change of the types counts for what comes, and for what is found again.
    assert!(store.set_callback_events(usual, STATUSES).await.unwrap());
    assert!(!store.set_callback_events(SubscriptionId(4242), STATUSES).await.unwrap());
    assert_eq!(found(usual).await.unwrap().len(), stands.len());

    // Who listens takes what it took before, until its operator says something else.
    let (main, other) = (store.callers.main, store.callers.other);
    let events = store.find_queues(&[main]).await.unwrap()[&main].events.unwrap().subscription;
    let queue = store.take_notifications(&[(events, 100)], 60).await.unwrap();
    assert_eq!(queue.iter().map(shown).collect::<Vec<_>>(), changes);
    store.set_event_types(main, STATUSES).await.unwrap();
    store.set_subscription(other, SubscriptionKind::EventQueue, false).await.unwrap();
    store.set_callback_events(both, STATUSES).await.unwrap();
    store.place.execute("DELETE FROM events").await.unwrap();
    let order = store.order(V1, "5.00").await;
    for ask in [Ask::pay(V1, order, &[("5.00", CASH)]), Ask::get_order(V1, order)] {
        store.carried_out(&ask).await;
    }
    let kept = "SELECT count(*) FROM events";
    assert_eq!(
        store.place.number(kept).await,
        0,
        "it stands where it stood, and nobody asks for more"
    );
    store.carried_out(&Ask::complete_order(V1, order)).await;
    assert_eq!(store.place.number(kept).await, 1);
    let told = store.take_notifications(&[(events, 100)], 60).await.unwrap();
    assert_eq!(told.iter().map(shown).collect::<Vec<_>>(), ["OrderStatusChanged 3 Complited"]);
    let listed = store.subscriptions().await.unwrap();
    assert!(listed.iter().any(|s| s.aggregator == main && s.events == STATUSES));
}
