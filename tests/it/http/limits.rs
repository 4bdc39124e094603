//! Limits: what is answered 429, and what is not.

use std::time::Duration;

use reqwest::{Response, StatusCode};
use wsa::boot::Role;
use wsa::domain::task::{OrderGuid, TaskGuid};

use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::client::{Client, poll};
use crate::support::eventually;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::*;
use crate::support::shown::shown;

async fn poll_nothing(client: &Client) -> Response {
    let body = poll(TaskGuid::new(), 0).to_string();
    client.post().body(body).send().await.unwrap()
}

/// Asks until it is told to wait.
async fn ask_too_fast(client: &Client) -> Response {
    for _ in 0..200 {
        let response = poll_nothing(client).await;
        if response.status() != StatusCode::OK {
            return response;
        }
    }
    panic!("200 requests in a row were accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_fast_is_told_when_to_come_back_and_others_are_not() {
    let app = TestApp::on(Stores::Sqlite, Queues::InProcess)
        .await
        .set("limits.requests_per_s", 2)
        .set("limits.burst", 3)
        .start()
        .await;
    let limited = ask_too_fast(&app).await;
    assert_eq!(limited.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(limited.headers()["Retry-After"], "1");
    let text = limited.text().await.unwrap();
    insta::assert_snapshot!(shown(&text), @r#"{"error":{"wsError":{"code":"LimitExceeded","desc":"you ask faster than you may: the limit is 2 requests a second"}}}"#);
    let metrics = app.get("/metrics").await.unwrap().text;
    assert!(metrics.contains(r#"wsa_requests_limited_total{limit="rate"} 1"#), "{metrics}");

    let listening =
        app.request(reqwest::Method::POST, wsa::protocols::whiteserver::http::LISTEN_QUEUE);
    let listening = listening.header("AggregatorAuthentication", TOKEN).send().await.unwrap();
    assert_eq!(listening.status(), StatusCode::TOO_MANY_REQUESTS, "whatever it asks for");

    let other = app.with_token(OTHER_TOKEN);
    assert_eq!(poll_nothing(&other).await.status(), StatusCode::OK, "nobody else is slowed down");
    tokio::time::sleep(Duration::from_millis(1050)).await;
    assert_eq!(poll_nothing(&app).await.status(), StatusCode::OK, "after the time it was told");

    // A rate of its own counts from the next request on.
    app.store().set_rate("main", Some(1000)).await.unwrap().unwrap();
    for _ in 0..50 {
        assert_eq!(poll_nothing(&app).await.status(), StatusCode::OK);
    }
    app.store().set_rate("main", None).await.unwrap().unwrap();
    assert_eq!(ask_too_fast(&app).await.status(), StatusCode::TOO_MANY_REQUESTS);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_with_as_many_open_tasks_as_it_may_have_gets_no_more_until_some_are_answered() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp)
        .await
        .role(Role::Api)
        .set("limits.open_tasks_per_object", 3)
        .start()
        .await;
    let ask = |object| Ask::get_order(object, OrderGuid::new()).asynchronous();
    for _ in 0..3 {
        assert!(app.create(&ask(V2)).await.accepted().is_some());
    }
    let full = app.post().body(ask(V2).to_string()).send().await.unwrap();
    assert_eq!(full.headers()["Retry-After"], "1");
    assert_eq!(full.status(), StatusCode::TOO_MANY_REQUESTS);
    insta::assert_snapshot!(shown(&full.text().await.unwrap()), @r#"{"responseCommon":{"taskType":"GetOrder","objectId":199990246},"error":{"wsError":{"code":"LimitExceeded","desc":"object 199990246 has as many open tasks as it may have, 3: please try again when some of them are answered"}}}"#);
    let other = app.with_token(OTHER_TOKEN);
    let reply = other.create(&ask(V2)).await;
    assert_eq!(code(&reply.json()), "LimitExceeded", "it is the object's limit, not a caller's");
    assert!(app.create(&ask(V1)).await.accepted().is_some(), "other objects are served");

    // Another process learns of them from the store.
    let beside = app.beside(Role::Api).set("limits.open_tasks_per_object", 3).start().await;
    eventually("the other process knows", async || {
        beside.create(&ask(V2)).await.status == StatusCode::TOO_MANY_REQUESTS
    })
    .await;
    beside.stop().await;

    let worker = app.beside(Role::Worker).start().await;
    eventually("some are answered", async || app.create(&ask(V2)).await.accepted().is_some()).await;
    app.finish().await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_object_looks_like_any_other_to_who_has_no_licence_for_it() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp)
        .await
        .role(Role::Api)
        .set("limits.open_tasks_per_object", 1)
        .start()
        .await;
    let body = Ask::get_order(V2, OrderGuid::new()).asynchronous();
    assert!(app.create(&body).await.accepted().is_some());
    assert_eq!(code(&app.create(&body).await.json()), "LimitExceeded");
    let stranger = app.store().aggregators().await.unwrap();
    let other = stranger.iter().find(|aggregator| aggregator.name == "other").unwrap();
    app.store().remove_licence(other.id, V2).await.unwrap();
    let reply = app.with_token(OTHER_TOKEN).create(&body).await;
    assert_eq!((reply.status, code(&reply.json())), (StatusCode::OK, "License"));
    app.finish_leaving_tasks().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_kept_is_not_told_that_its_object_is_full() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp)
        .await
        .role(Role::Api)
        .set("limits.open_tasks_per_object", 1)
        .start()
        .await;
    let body = Ask::get_order(V2, OrderGuid::new()).asynchronous().to_string();
    let ask = async |key: &'static str| {
        let asked = app.post().header("Idempotency-Key", key).body(body.clone());
        let reply = asked.send().await.unwrap();
        (reply.status(), reply.text().await.unwrap())
    };
    let first = ask("first").await;
    assert_eq!(first.0, StatusCode::OK);
    assert_eq!(ask("second").await.0, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(ask("first").await, first, "the same task");
    app.finish_leaving_tasks().await;
}
