//! Notifications: who gets which, leases, retention.

use wsa::domain::outbox::{
    Content, Notification, NotificationId, SubscriptionId, SubscriptionKind,
};
use wsa::domain::task::TaskKey;
use wsa::engine::store::queues::{Queue, Queues};

use crate::support::ask::Ask;
use crate::support::reference::*;
use crate::support::stores::TestStore;

on_each_store![
    an_answer_goes_to_who_asked_and_an_event_to_all_who_may,
    every_change_of_an_order_is_an_event_and_a_refusal_is_none,
    changes_in_one_batch_are_an_event_each,
    what_is_taken_is_nobody_elses_until_its_lease_ends,
    a_closed_mailbox_takes_nothing,
    an_answer_without_a_listener_is_read_by_nobody,
    a_timeout_and_a_failure_are_told_like_any_answer,
    old_letters_and_events_are_forgotten,
    a_mailbox_holds_so_many_letters_and_the_oldest_go,
    a_letter_about_what_is_forgotten_is_removed,
];

async fn queues(store: &TestStore) -> (Queues, Queues) {
    let ids = [store.callers.main, store.callers.other];
    let queues = store.find_queues(&ids).await.unwrap();
    (queues[&ids[0]], queues[&ids[1]])
}

async fn take(store: &TestStore, queue: Option<Queue>) -> Vec<Notification> {
    store.take_notifications(&[(queue.unwrap().subscription, 100)], 30).await.unwrap()
}

fn subjects(notifications: &[Notification]) -> Vec<uuid::Uuid> {
    notifications.iter().map(|notification| notification.subject).collect()
}

async fn paid(store: &TestStore, amount: &str) -> TaskKey {
    let order = store.order(V1, "10.00").await;
    let key = store.registered(&Ask::pay(V1, order, &[(amount, CASH)])).await;
    store.settle(&[key]).await.unwrap();
    key
}

async fn an_answer_goes_to_who_asked_and_an_event_to_all_who_may(store: &TestStore) {
    let (mine, theirs) = queues(store).await;
    let order = store.order(V1, "10.00").await;
    let key = store.registered(&Ask::pay(V1, order, &[("4.00", CASH)])).await;
    let announced = store.settle(&[key]).await.unwrap().mail;
    let told = [mine.tasks, mine.events, theirs.events].map(|queue| queue.unwrap().subscription);
    assert_eq!(announced.len(), 3);
    assert!(told.iter().all(|subscription| announced.contains(subscription)), "{announced:?}");

    let answers = take(store, mine.tasks).await;
    assert_eq!(subjects(&answers), [key.guid.0]);
    let Content::Answer { task_type, answer, reply_to, .. } = &answers[0].content else { panic!() };
    assert_eq!((task_type.as_str(), reply_to), ("PayOrder", &None));
    assert_eq!(*answer, store.answer_text(key).await);
    assert_eq!(take(store, theirs.tasks).await, []);

    for queue in [mine.events, theirs.events] {
        let events = take(store, queue).await;
        let [event] = events.as_slice() else { panic!("{events:?}") };
        let Content::Event { order: about, agent, order_json, .. } = &event.content else {
            panic!()
        };
        assert_eq!((*about, *agent, event.object), (order, Some(AGENT), V1));
        let shown: serde_json::Value = serde_json::from_str(order_json).unwrap();
        assert_eq!(shown["price"], serde_json::json!({"total": 10.0, "summToPay": 6.0}));
    }
}

async fn every_change_of_an_order_is_an_event_and_a_refusal_is_none(store: &TestStore) {
    let (mine, _) = queues(store).await;
    let order = store.order(V1, "10.00").await;
    let pay = |amount| Ask::pay(V1, order, &[(amount, CASH)]);
    for ask in [
        pay("4.00"),
        pay("7.00"),
        Ask::get_order(V1, order),
        Ask::complete_order(V1, order),
        pay("6.00"),
        Ask::complete_order(V1, order),
        pay("1.00"),
    ] {
        store.carried_out(&ask).await;
    }
    let events = take(store, mine.events).await;
    let shown: Vec<String> = events.iter().map(status).collect();
    assert_eq!(shown, ["Created 6.0", "Created 0.0", "Complited 0.0"]);
}

fn status(event: &Notification) -> String {
    let Content::Event { order_json, .. } = &event.content else { panic!("{event:?}") };
    let order: serde_json::Value = serde_json::from_str(order_json).unwrap();
    let status = order["status"]["value"].as_str().unwrap();
    format!("{status} {}", order["price"]["summToPay"])
}

async fn changes_in_one_batch_are_an_event_each(store: &TestStore) {
    let (mine, _) = queues(store).await;
    let order = store.order(V1, "3.00").await;
    let ask = Ask::pay(V1, order, &[("1.00", CASH)]);
    let keys = store.all_registered(&[ask.clone(), ask.clone(), ask]).await;
    store.settle(&keys).await.unwrap();
    let shown: Vec<String> = take(store, mine.events).await.iter().map(status).collect();
    assert_eq!(shown, ["Created 2.0", "Created 1.0", "Created 0.0"]);
}

async fn what_is_taken_is_nobody_elses_until_its_lease_ends(store: &TestStore) {
    let (mine, _) = queues(store).await;
    let (first, second) = (paid(store, "1.00").await, paid(store, "2.00").await);
    let subscription = mine.tasks.unwrap().subscription;
    assert_eq!(
        store.due_among(&[subscription, SubscriptionId(999)]).await.unwrap(),
        [subscription]
    );
    let one = store.take_notifications(&[(subscription, 1)], 1).await.unwrap();
    assert_eq!((subjects(&one), one[0].attempt), (vec![first.guid.0], 1), "the oldest first");
    let other = take(store, mine.tasks).await;
    assert_eq!(subjects(&other), [second.guid.0]);
    assert_eq!(store.due_among(&[subscription]).await.unwrap(), []);

    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let again = take(store, mine.tasks).await;
    assert_eq!((subjects(&again), again[0].attempt), (vec![first.guid.0], 2));
    store.postpone_notifications(&[(again[0].id, 0)]).await.unwrap();
    let again = take(store, mine.tasks).await;
    assert_eq!((subjects(&again), again[0].attempt), (vec![first.guid.0], 3));

    let ids: Vec<NotificationId> = vec![again[0].id, other[0].id];
    store.remove_notifications(&ids).await.unwrap();
    store.remove_notifications(&ids).await.unwrap();
    store.postpone_notifications(&[(ids[0], 0)]).await.unwrap();
    assert_eq!(take(store, mine.tasks).await, []);
}

async fn a_closed_mailbox_takes_nothing(store: &TestStore) {
    let (mine, theirs) = queues(store).await;
    let main = store.callers.main;
    paid(store, "1.00").await;
    for kind in [SubscriptionKind::TaskQueue, SubscriptionKind::EventQueue] {
        store.set_subscription(main, kind, false).await.unwrap();
    }
    paid(store, "2.00").await;
    assert_eq!(take(store, mine.tasks).await.len(), 1, "what was in it stays");
    assert_eq!(take(store, mine.events).await.len(), 1);
    assert_eq!(take(store, theirs.events).await.len(), 2, "others are not concerned");
    store.set_subscription(main, SubscriptionKind::TaskQueue, true).await.unwrap();
    paid(store, "3.00").await;
    assert_eq!(take(store, mine.tasks).await.len(), 1);
    let results = store.subscriptions().await.unwrap();
    assert!(!results.iter().any(|listed| listed.kind == SubscriptionKind::Results));
    store.set_subscription(main, SubscriptionKind::Results, true).await.unwrap();
    paid(store, "4.00").await;
    let due = store
        .due_subscriptions(&[SubscriptionKind::Results, SubscriptionKind::Replies])
        .await
        .unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(
        (due[0].kind, due[0].aggregator, due[0].name.as_str()),
        (SubscriptionKind::Results, main, "main")
    );
}

async fn an_answer_without_a_listener_is_read_by_nobody(store: &TestStore) {
    for caller in [store.callers.main, store.callers.other] {
        store.set_subscription(caller, SubscriptionKind::EventQueue, false).await.unwrap();
    }
    let (mine, _) = queues(store).await;
    let mut task = store.task(&Ask::get_order(V1, store.order(V1, "1.00").await));
    task.sync = true;
    store.register(std::slice::from_ref(&task), crate::support::stores::DEFAULTS).await.unwrap();
    assert_eq!(store.settle(&[task.key]).await.unwrap().mail, []);
    paid(store, "1.00").await;
    assert_eq!(
        take(store, mine.tasks).await.len(),
        1,
        "the synchronous one was told to its caller"
    );
    assert_eq!(store.place.number("SELECT count(*) FROM events").await, 0, "nobody listens");
}

async fn a_timeout_and_a_failure_are_told_like_any_answer(store: &TestStore) {
    let (mine, _) = queues(store).await;
    let ask = Ask::get_order(V1, wsa::domain::task::OrderGuid::new());
    let late = store.registered(&ask.clone().within(0)).await;
    let failed = store.registered(&ask).await;
    let announcement = store.expire(10).await.unwrap();
    assert_eq!(
        (announcement.answered, announcement.mail),
        (vec![late], vec![mine.tasks.unwrap().subscription])
    );
    assert_eq!(store.fail(failed).await.unwrap().mail, [mine.tasks.unwrap().subscription]);
    assert_eq!(subjects(&take(store, mine.tasks).await), [late.guid.0, failed.guid.0]);
}

async fn old_letters_and_events_are_forgotten(store: &TestStore) {
    let (mine, theirs) = queues(store).await;
    paid(store, "1.00").await;
    paid(store, "2.00").await;
    assert!(!store.forget_notifications(3600, 100).await.unwrap());
    assert!(!store.forget_events(3600, 100).await.unwrap());
    let old = "SELECT min(delivery_id) FROM deliveries WHERE NOT is_event";
    let old = store.place.number(old).await;
    let long_ago = store.place.moment(-7_200_000);
    for sql in [
        format!("UPDATE deliveries SET added_at = {long_ago} WHERE delivery_id = {old}"),
        format!("UPDATE events SET occurred_at = {long_ago}"),
    ] {
        store.place.execute(&sql).await.unwrap();
    }
    assert!(!store.forget_notifications(3600, 100).await.unwrap());
    assert_eq!(take(store, mine.tasks).await.len(), 1);
    assert!(store.forget_events(3600, 1).await.unwrap(), "there is more");
    assert!(store.forget_events(3600, 1).await.unwrap());
    assert!(!store.forget_events(3600, 1).await.unwrap());
    assert_eq!(take(store, theirs.events).await, [], "what is forgotten is not told");
}

async fn a_mailbox_holds_so_many_letters_and_the_oldest_go(store: &TestStore) {
    let (mine, theirs) = queues(store).await;
    let mut paid_for = Vec::new();
    for _ in 0..5 {
        paid_for.push(paid(store, "1.00").await.guid.0);
    }
    assert!(!store.trim_notifications(5, 100).await.unwrap(), "as many as there may be");
    assert!(store.trim_notifications(2, 1).await.unwrap(), "there is more");
    assert!(!store.trim_notifications(2, 100).await.unwrap());
    assert_eq!(subjects(&take(store, mine.tasks).await), paid_for[3..], "the newest stay");
    assert_eq!(take(store, theirs.events).await.len(), 2, "of each mailbox");
}

async fn a_letter_about_what_is_forgotten_is_removed(store: &TestStore) {
    let (mine, _) = queues(store).await;
    let (gone, kept) = (paid(store, "1.00").await, paid(store, "2.00").await);
    let sql = format!("DELETE FROM tasks WHERE task_guid = {}", store.place.guid(gone.guid.0));
    store.place.execute(&sql).await.unwrap();
    assert_eq!(subjects(&take(store, mine.tasks).await), [kept.guid.0]);
    let left = "SELECT count(*) FROM deliveries WHERE NOT is_event";
    assert_eq!(store.place.number(left).await, 1);
}
