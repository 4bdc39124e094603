//! The events of one order are posted one after the other, and wait for nothing but each other.

use std::time::Duration;

use serde_json::Value;
use wsa::domain::task::OrderGuid;

use crate::support::app::TestApp;
use crate::support::ask::Ask;
use crate::support::callbacks::*;
use crate::support::eventually;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::receiver::{Does, Post, Receiver};
use crate::support::reference::*;

/// The number of the change, and what is due after it, of each post about this order.
fn versions(posts: &[Post], order: OrderGuid) -> Vec<(i64, f64)> {
    let read = |post: &Post| serde_json::from_str::<Value>(&post.body).unwrap();
    let bodies = posts.iter().map(read);
    bodies
        .filter(|body| body["response"]["orderGuid"] == order.to_string())
        .map(|body| {
            let version = body["responseEventCommon"]["orderVersion"].as_i64().unwrap();
            (version, body["response"]["price"]["summToPay"].as_f64().unwrap())
        })
        .collect()
}

async fn start(store: Stores, queue: Queues, retry_after_s: &str) -> TestApp {
    let app = TestApp::on(store, queue).await.set("callbacks.allow_private_addresses", true);
    app.set("callbacks.retry_after_s", retry_after_s).start().await
}

async fn pays(app: &TestApp, order: OrderGuid, times: usize) {
    let mut tasks = Vec::new();
    for _ in 0..times {
        tasks.push(app.submit(&Ask::pay(V1, order, &[("1.00", CASH)])).await);
    }
    for task in tasks {
        app.answer(task).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_events_of_an_order_come_one_at_a_time_in_the_order_of_its_changes() {
    const CHANGES: usize = 20;
    const TAKES: Duration = Duration::from_millis(15);
    for (store, queue) in [(Stores::Sqlite, Queues::InProcess), (Stores::Postgres, Queues::Amqp)] {
        let app = start(store, queue, "0").await;
        let receiver = Receiver::does(Does::Dawdles(TAKES)).await;
        let (callback, _) = add_only(app.store(), &receiver.url(), false, true).await;
        let order = app.order(V1, "100.00").await;
        pays(&app, order, CHANGES).await;
        eventually("all are posted", async || listed(app.store(), callback).await.waiting == 0)
            .await;
        let posts = receiver.posts();
        let expected: Vec<(i64, f64)> =
            (1..=CHANGES).map(|n| (n as i64 + 1, 100.0 - n as f64)).collect();
        assert_eq!(versions(&posts, order), expected, "each once, in order, by number");
        let one_at_a_time = posts.windows(2).all(|pair| pair[1].at - pair[0].at >= TAKES);
        assert!(one_at_a_time, "none is posted before the one before it was taken");
        app.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_the_receiver_does_not_take_holds_up_no_other() {
    for (store, queue) in [(Stores::Sqlite, Queues::InProcess), (Stores::Postgres, Queues::Amqp)] {
        let app = start(store, queue, "0,3600").await;
        let (stuck, other) = (app.order(V1, "10.00").await, app.order(V1, "20.00").await);
        let receiver = Receiver::does(Does::Refuses(stuck.to_string())).await;
        let (callback, _) = add_only(app.store(), &receiver.url(), false, true).await;
        pays(&app, stuck, 3).await;
        eventually("it failed twice", async || log(app.store(), callback).await.len() == 2).await;
        pays(&app, other, 5).await;
        eventually("the other is told", async || versions(&receiver.posts(), other).len() == 5)
            .await;
        let told = versions(&receiver.posts(), other);
        assert_eq!(told.iter().map(|(version, _)| *version).collect::<Vec<_>>(), [2, 3, 4, 5, 6]);
        let tried = versions(&receiver.posts(), stuck);
        assert_eq!(tried, [(2, 9.0), (2, 9.0)], "its later changes wait");
        let waiting = async || listed(app.store(), callback).await.waiting;
        eventually("only the stuck ones wait", async || waiting().await == 3).await;
        assert!(listed(app.store(), callback).await.open);

        receiver.now(Does::Says(200));
        // An hour later.
        let now = format!("UPDATE deliveries SET due_at = {}", app.place.moment(0));
        app.place.execute(&now).await.unwrap();
        eventually("all are told", async || listed(app.store(), callback).await.waiting == 0).await;
        let tried = versions(&receiver.posts(), stuck);
        assert_eq!(tried[2..], [(2, 9.0), (3, 8.0), (4, 7.0)]);
        app.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_an_event_is_given_up_the_next_of_its_order_goes_out() {
    let app = start(Stores::Sqlite, Queues::InProcess, "").await;
    let receiver = Receiver::start().await.first([Does::Says(500)]);
    let (callback, _) = add_only(app.store(), &receiver.url(), false, true).await;
    let order = app.order(V1, "10.00").await;
    pays(&app, order, 2).await;
    eventually("both were tried", async || listed(app.store(), callback).await.waiting == 0).await;
    assert_eq!(versions(&receiver.posts(), order), [(2, 9.0), (3, 8.0)]);
    assert_eq!(results(app.store(), callback).await, ["500", "200"]);
    app.finish().await;
}
