//! What a till hears: everything, at least once, in order, and nothing late.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;
use wsa::protocols::whiteserver::sql::Tables;

use super::client::{Till, add, happened};
use crate::support::app::TestApp;
use crate::support::ask::Ask;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, V1, V2};

async fn events_stay_until_they_are_acknowledged(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    // Nobody is told before there is a till.
    let early = app.order(V1, "10").await;
    app.ask(&Ask::pay(V1, early, &[("1", CASH)])).await;
    add(app.store(), V1).await;
    add(app.store(), V2).await;
    let till = Till::of(&app, V1);
    assert!(till.events(0, 0).await.is_empty());
    app.ask(&Ask::pay(V1, early, &[("2", CASH)])).await;
    app.ask(&Ask::remove_prepay(V1, early)).await;
    app.ask(&Ask::cancel_order(V1, early)).await;
    let events = till.events(0, 0).await;
    assert_eq!(happened(&events), ["OrderPaid", "PaymentsRemoved", "OrderCanceled"]);
    let cursors: Vec<i64> = events.iter().map(|(cursor, _)| *cursor).collect();
    assert_eq!(cursors, [1, 2, 3]);
    assert_eq!(till.events(2, 0).await.len(), 1, "those after it");
    assert_eq!(till.events(0, 0).await.len(), 3, "and all are there still");
    assert_eq!(till.acknowledge(2).await.status, 200);
    assert_eq!(till.acknowledge(2).await.status, 200, "twice is as once");
    assert_eq!(till.acknowledge(1).await.status, 200, "and nothing goes back");
    assert_eq!(happened(&till.events(0, 0).await), ["OrderCanceled"]);
    let told = till.get("/events").await.json();
    assert_eq!(
        told["events"].as_array().unwrap().len(),
        1,
        "without a cursor: what is not acknowledged"
    );
    assert_eq!(told["cursor"], 3);
    assert!(Till::of(&app, V2).events(0, 0).await.is_empty(), "another restaurant hears nothing");

    // Old ones go, those that are younger than the till wants them stay.
    let kept = format!(
        "SELECT count(*) FROM till_events WHERE forget_at > {} AND forget_at < {}",
        app.place.moment(30 * 86_400_000 - 60_000),
        app.place.moment(30 * 86_400_000),
    );
    assert_eq!(app.place.number(&kept).await, 1);
    let forget = async || {
        let protocols = app.store().protocols();
        for protocol in protocols.all() {
            protocol.forget(app.store().db(), 100).await.unwrap();
        }
        till.events(0, 0).await.len()
    };
    assert_eq!(forget().await, 1);
    let aged = format!("UPDATE till_events SET forget_at = {}", app.place.moment(-1_000));
    app.place.execute(&aged).await.unwrap();
    assert_eq!(forget().await, 0);

    Tables::of(app.store()).remove_till(V1).await.unwrap();
    assert_eq!(till.get("/events").await.refused(401), "AuthFailed");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_stay_until_they_are_acknowledged_on_sqlite() {
    events_stay_until_they_are_acknowledged(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_stay_until_they_are_acknowledged_on_postgres() {
    events_stay_until_they_are_acknowledged(Stores::Postgres).await;
}

/// Many write at once, in batches of their own; one reads on from the last cursor all the time. Were a number taken by a
/// transaction that commits after one with a greater number, the reader would pass it by.
async fn nothing_comes_late(store: Stores) {
    const WRITERS: usize = 12;
    const EACH: usize = 25;
    let app =
        TestApp::on(store, Queues::InProcess).await.set("worker.lanes", 8).set("worker.batch", 4);
    let app = Arc::new(app.start().await);
    add(app.store(), V1).await;
    let orders = app.orders(V1, "1000", WRITERS).await;
    let ended = Arc::new(AtomicBool::new(false));
    let reading = {
        let (till, ended) = (Till::of(&app, V1), Arc::clone(&ended));
        tokio::spawn(async move {
            let mut heard: Vec<(i64, Value)> = Vec::new();
            loop {
                let last = ended.load(Ordering::SeqCst);
                let after = heard.last().map_or(0, |(cursor, _)| *cursor);
                let events = till.events(after, 0).await;
                let none = events.is_empty();
                heard.extend(events);
                if last && none {
                    return heard;
                }
            }
        })
    };
    let writing = orders.iter().map(|order| {
        let (app, order) = (Arc::clone(&app), *order);
        tokio::spawn(async move {
            for _ in 0..EACH {
                app.ask(&Ask::pay(V1, order, &[("1", CASH)])).await;
            }
        })
    });
    for writer in writing.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    ended.store(true, Ordering::SeqCst);
    let heard = reading.await.unwrap();
    let cursors: Vec<i64> = heard.iter().map(|(cursor, _)| *cursor).collect();
    assert_eq!(
        cursors,
        (1..=(WRITERS * EACH) as i64).collect::<Vec<_>>(),
        "each once, and in order"
    );
    let mut versions: HashMap<String, i64> = HashMap::new();
    for (_, event) in &heard {
        let (guid, version) = (&event["order"]["orderGuid"], event["order"]["version"].as_i64());
        let before = versions.insert(guid.to_string(), version.unwrap());
        assert!(before.is_none_or(|before| before < version.unwrap()), "{event}");
    }
    Arc::try_unwrap(app).ok().unwrap().finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_comes_late_on_sqlite() {
    nothing_comes_late(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_comes_late_on_postgres() {
    nothing_comes_late(Stores::Postgres).await;
}
