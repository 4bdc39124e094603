//! Background tasks that end: none goes unnoticed, and each is started again.

use std::time::Duration;

use wsa::boot::Role;

use crate::support::app::TestApp;
use crate::support::ask::code;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::receiver::Receiver;
use crate::support::reference::V2;
use crate::support::{callbacks, eventually};

use super::payment;

/// Ends each task of a process in turn, as a fault in it would.
async fn each_task_comes_back(
    app: &TestApp,
    receiver: &Receiver,
    orders: &[wsa::domain::task::OrderGuid],
) {
    let tasks = &app.app().tasks;
    let before = receiver.posts().len();
    for (n, (name, order)) in tasks.names().iter().zip(orders).enumerate() {
        assert!(tasks.abort(name), "{name}");
        eventually("it is told", async || {
            let ready = app.get("/readyz").await.unwrap();
            let told = ready.json()["tasks"].as_str().is_some_and(|told| told.contains(&**name));
            ready.status == 503 && told
        })
        .await;
        eventually("the process is ready again", async || {
            app.get("/readyz").await.unwrap().status == 200
        })
        .await;
        assert_eq!(code(&app.ask(&payment(*order)).await), "done", "after the end of {name}");
        let guid = app.pay(V2, *order, "10.00").await;
        app.answer(guid).await;
        eventually(&format!("the callback is posted after the end of {name}"), async || {
            receiver.posts().len() > before + n
        })
        .await;
    }
    let metrics = app.get("/metrics").await.unwrap().text;
    for name in tasks.names() {
        // Several of one name are counted together.
        let name = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim();
        let counted = format!("wsa_background_failures_total{{task=\"{name}\"}} ");
        assert!(metrics.contains(&counted), "{counted} is not in:\n{metrics}");
    }
}

async fn every_background_task_that_ends_is_named_and_comes_back(store: Stores, queue: Queues) {
    let app = TestApp::on(store, queue).await;
    let app = app.set("callbacks.allow_private_addresses", true).set("worker.lanes", 2);
    let app = app.start().await;
    let receiver = Receiver::start().await;
    callbacks::add_only(app.store(), &receiver.url(), true, false).await;
    let orders = app.orders(V2, "10.00", 60).await;
    let names = app.app().tasks.names();
    for name in ["callbacks", "http server", "lane 1", "lane 2", "listeners", "sweeper"] {
        assert!(names.iter().any(|there| there == name), "{name} is not in {names:?}");
    }
    each_task_comes_back(&app, &receiver, &orders).await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_background_task_that_ends_is_named_and_comes_back_embedded() {
    every_background_task_that_ends_is_named_and_comes_back(Stores::Sqlite, Queues::InProcess)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_background_task_that_ends_is_named_and_comes_back_on_servers() {
    every_background_task_that_ends_is_named_and_comes_back(Stores::Postgres, Queues::Amqp).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_that_ends_with_tasks_in_hand_loses_none() {
    for (store, queue) in [(Stores::Sqlite, Queues::InProcess), (Stores::Postgres, Queues::Amqp)] {
        let app = TestApp::on(store, queue).await.set("worker.lanes", 1);
        let app = app.set("tasks.republish_after_s", 1).start().await;
        let orders = app.orders(V2, "10.00", 200).await;
        let mut guids = Vec::new();
        for (n, order) in orders.iter().enumerate() {
            guids.push(app.pay(V2, *order, "10.00").await);
            if n % 50 == 25 {
                app.app().tasks.abort("lane 1");
            }
        }
        for guid in guids {
            app.answer(guid).await;
        }
        app.finish().await.assert_paid_once(&orders);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orderly_end_counts_no_failure() {
    let app = TestApp::on(Stores::Sqlite, Queues::InProcess).await.role(Role::Up).start().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let metrics = std::sync::Arc::clone(&app.app().metrics);
    app.finish().await;
    let text = metrics.text();
    assert!(!text.contains("wsa_background_failures_total{"), "{text}");
}
