//! Answers, deadlines and repetitions.

use reqwest::Method;
use serde_json::json;
use wsa::boot::Role;

use super::seller::*;
use crate::support::app::TestApp;
use crate::support::eventually;
use crate::support::place::Stores;
use crate::support::queues::Queues;

async fn what_is_not_executed_by_its_deadline_never_is(store: Stores, queue: Queues) {
    let api = TestApp::on(store, queue).await.role(Role::Api).start().await;
    seed(api.store()).await;
    let body = json!({"event": EVENT, "random": {SET: 2}}).to_string();
    let post = || request(&api, ORG, Method::POST, ORDERS).body(body.clone());
    let late = send(post().header("Prefer", "wait=1")).await;
    assert!(late.error(504).contains("never will be"), "{late:?}");
    assert!(late.header("x-task-guid").is_some());
    assert_eq!(late.header("preference-applied"), Some("wait=1"));
    assert_eq!(late.header("x-partner"), Some(ORG));

    let worker = api.beside(Role::Worker).start().await;
    eventually("the worker has taken the message", async || {
        api.app().queue.depth().await.unwrap() == 0
    })
    .await;
    assert_eq!(free(&api.place).await, 10, "and done nothing");
    let order = send(post()).await;
    order.ok(201);
    worker.stop().await;

    // A change that timed out is over: it keeps the next one from nothing, and has changed nothing.
    let patch = |status: &str| {
        request(&api, ORG, Method::PATCH, &path(&order.id()))
            .body(json!({"status": status}).to_string())
    };
    send(patch("canceled").header("Prefer", "wait=1")).await.error(504);
    assert_eq!(look(&api, &order.id()).await.text, order.text);
    let worker = api.beside(Role::Worker).start().await;
    assert_eq!(send(patch("done")).await.ok(200)["status"], "done");
    worker.stop().await;
    assert_office_agrees(&api.place).await;
    let books = api.finish().await;
    assert_eq!((books.count(Some("timeout")), books.count(Some("done"))), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_executed_by_its_deadline_never_is_on_servers() {
    what_is_not_executed_by_its_deadline_never_is(Stores::Postgres, Queues::Amqp).await;
}

async fn who_does_not_wait_is_told_the_task_and_looks_later(store: Stores, queue: Queues) {
    let app = TestApp::on(store, queue).await.start().await;
    seed(app.store()).await;
    let body = json!({"event": EVENT, "random": {SET: 1}}).to_string();
    let post = || {
        let post = request(&app, ORG, Method::POST, ORDERS).header("Idempotency-Key", "k1");
        post.body(body.clone())
    };
    let promised = send(post().header("Prefer", "respond-async, wait=60")).await;
    assert_eq!(promised.header("preference-applied"), Some("respond-async, wait=60"));
    assert_eq!(promised.header("retry-after"), Some("1"));
    let guid = promised.header("x-task-guid").unwrap();
    assert_eq!(promised.ok(202)["task_guid"], guid);
    // The same key and request: the same task, its answer, and one order.
    let answer = send(post()).await;
    answer.ok(201);
    assert_eq!(answer.header("x-task-guid"), Some(guid));
    assert_eq!(send(post()).await.text, answer.text);
    let other = request(&app, ORG, Method::POST, ORDERS).header("Idempotency-Key", "k1");
    let other = other.body(json!({"event": EVENT, "random": {SET: 2}}).to_string());
    assert!(send(other).await.error(400).contains("Idempotency-Key"));
    // Another caller's key is another task.
    let others = request(&app, SELLER, Method::POST, ORDERS).header("Idempotency-Key", "k1");
    let others = send(others.body(body.clone())).await;
    assert_eq!(others.ok(201)["vendor"], SELLER);
    assert_eq!(free(&app.place).await, 8);
    assert_office_agrees(&app.place).await;
    assert_eq!(app.finish().await.tasks.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_wait_is_told_the_task_and_looks_later_embedded() {
    who_does_not_wait_is_told_the_task_and_looks_later(Stores::Sqlite, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_wait_is_told_the_task_and_looks_later_on_servers() {
    who_does_not_wait_is_told_the_task_and_looks_later(Stores::Postgres, Queues::Amqp).await;
}
