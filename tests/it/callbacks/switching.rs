//! Switching a callback off: by its receiver, by time, by its operator.

use crate::support::callbacks::*;
use crate::support::eventually;
use crate::support::receiver::{Does, Receiver};

const DAY_MS: i64 = 86_400_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_answers_410_is_switched_off_at_once() {
    let app = app().await.start().await;
    let receiver = Receiver::does(Does::Says(410)).await;
    let (callback, _) = add(app.store(), &receiver.url()).await;
    put_event(&app.place, callback).await;
    eventually("it is off", async || !listed(app.store(), callback).await.open).await;
    let off = listed(app.store(), callback).await;
    assert_eq!(off.closed_because.as_deref(), Some("it answered 410 Gone"));
    assert_eq!(off.waiting, 0, "what it did not want is given up");
    assert_eq!(log(app.store(), callback).await[0].next_at, None);

    // What waits there comes when the operator switches it on again.
    let event = put_event(&app.place, callback).await;
    let order = app.order(crate::support::reference::V2, "1.00").await;
    let task = app.pay(crate::support::reference::V2, order, "1.00").await;
    app.answer(task).await;
    tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
    assert_eq!(receiver.posts().len(), 1);
    assert_eq!(listed(app.store(), callback).await.waiting, 1, "nothing new is put in");
    receiver.now(Does::Says(200));
    assert!(app.store().set_callback_open(callback, true).await.unwrap());
    assert_eq!(receiver.until(2).await[1].id(), event.to_string());
    let on = listed(app.store(), callback).await;
    assert_eq!((on.open, on.closed_because, on.failing_since), (true, None, None));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_410_nothing_more_is_posted_not_even_what_was_in_hand() {
    let app = app().await.set("callbacks.concurrency_per_url", 1).start().await;
    let receiver = Receiver::start().await.first([Does::Says(410)]);
    let (callback, _) = add(app.store(), &receiver.url()).await;
    app.store().set_callback_open(callback, false).await.unwrap();
    for _ in 0..10 {
        put_event(&app.place, callback).await;
    }
    app.store().set_callback_open(callback, true).await.unwrap();
    eventually("it is off", async || !listed(app.store(), callback).await.open).await;
    assert_eq!(receiver.posts().len(), 1);
    assert_eq!(listed(app.store(), callback).await.waiting, 9);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_fails_for_seven_days_is_switched_off_and_not_before() {
    let app = app().await.set("callbacks.retry_after_s", "0,0,0,0,0,0").start().await;
    let receiver = Receiver::does(Does::Says(500)).await;
    let (callback, _) = add(app.store(), &receiver.url()).await;
    let failing_since = async |ms: i64| {
        let set = format!("UPDATE mailboxes SET failing_since = {}", app.place.moment(ms));
        app.place.execute(&format!("{set} WHERE kind = 'callback'")).await.unwrap();
    };
    failing_since(-7 * DAY_MS + 60_000).await;
    put_event(&app.place, callback).await;
    eventually("it is given up", async || listed(app.store(), callback).await.waiting == 0).await;
    assert!(listed(app.store(), callback).await.open);

    failing_since(-7 * DAY_MS - 1000).await;
    put_event(&app.place, callback).await;
    eventually("it is off", async || !listed(app.store(), callback).await.open).await;
    let off = listed(app.store(), callback).await;
    let reason = "it has been failing for 7 days; the last time: status 500";
    assert_eq!(off.closed_because.as_deref(), Some(reason));
    assert_eq!(off.waiting, 1, "it waits for an operator");
    let metrics = app.get("/metrics").await.unwrap().text;
    assert!(metrics.contains("wsa_callbacks_switched_off_total 1"));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_success_begins_the_seven_days_anew() {
    let app = app().await.start().await;
    let receiver = Receiver::start().await;
    let (callback, _) = add(app.store(), &receiver.url()).await;
    let set = format!("UPDATE mailboxes SET failing_since = {}", app.place.moment(-30 * DAY_MS));
    app.place.execute(&format!("{set} WHERE kind = 'callback'")).await.unwrap();
    put_event(&app.place, callback).await;
    eventually("it is well", async || listed(app.store(), callback).await.failing_since.is_none())
        .await;
    assert!(listed(app.store(), callback).await.open);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_switches_a_callback_off_and_on_and_removes_it() {
    let app = app().await.start().await;
    let receiver = Receiver::start().await;
    let (callback, secret) = add(app.store(), &receiver.url()).await;
    let store = app.store();
    assert!(store.set_callback_open(callback, false).await.unwrap());
    put_event(&app.place, callback).await;
    tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
    assert_eq!(receiver.posts().len(), 0);
    assert!(store.set_callback_open(callback, true).await.unwrap());
    receiver.until(1).await;
    eventually("it is delivered", async || listed(store, callback).await.waiting == 0).await;

    assert!(store.remove_callback(callback).await.unwrap());
    assert!(!store.remove_callback(callback).await.unwrap());
    assert!(!store.set_callback_open(callback, true).await.unwrap());
    assert!(!store.rotate_callback_secret(callback, &secret, 0).await.unwrap());
    for table in ["delivery_log", "deliveries"] {
        let count = format!("SELECT count(*) FROM {table} WHERE mailbox_id = {}", callback.0);
        assert_eq!(app.place.number(&count).await, 0);
    }
    app.finish().await;
}
