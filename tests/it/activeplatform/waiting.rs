//! Answers, deadlines and repetitions.

use reqwest::Method;
use wsa::boot::Role;

use super::bridge::*;
use crate::support::app::TestApp;
use crate::support::eventually;
use crate::support::place::Stores;
use crate::support::queues::Queues;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_executed_by_its_deadline_never_is() {
    let api = TestApp::on(Stores::Postgres, Queues::Amqp).await.role(Role::Api).start().await;
    seed(api.store()).await;
    put(api.store(), &waiting(TOP, 6475, "2005258")).await;
    let path = path(TOP, "6475");
    let patch = request(&api, Method::PATCH, &path).header("Prefer", "wait=1").body(EXAMPLE);
    let late = send(patch).await;
    assert!(late.error(504).contains("never will be"), "{late:?}");
    assert!(late.header("x-task-guid").is_some());
    assert_eq!(late.header("preference-applied"), Some("wait=1"));

    let worker = api.beside(Role::Worker).start().await;
    eventually("the worker has taken the message", async || {
        api.app().queue.depth().await.unwrap() == 0
    })
    .await;
    worker.stop().await;
    let payment = look(&api, TOP, "6475").await.json();
    assert_eq!(payment["data"]["attributes"]["status"], "waiting_for_payment");
    assert_eq!(balance(&api.place).await, 0);
    let worker = api.beside(Role::Worker).start().await;
    assert_eq!(complete(&api, TOP, "6475").await.status, 200);
    worker.stop().await;
    assert_books_agree(&api.place).await;
    let books = api.finish().await;
    assert_eq!((books.count(Some("timeout")), books.count(Some("done"))), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_wait_is_told_the_task_and_looks_later() {
    let app = TestApp::embedded().await;
    seed(app.store()).await;
    put(app.store(), &waiting(TOP, 6475, "2005258")).await;
    let path = path(TOP, "6475");
    let patch = || request(&app, Method::PATCH, &path).header("Idempotency-Key", "k1");
    let promised = send(patch().header("Prefer", "respond-async, wait=60").body(EXAMPLE)).await;
    assert_eq!(promised.status, 202);
    assert_eq!(promised.header("preference-applied"), Some("respond-async, wait=60"));
    let guid = promised.header("x-task-guid").unwrap();
    assert_eq!(promised.json()["meta"]["task_guid"], guid);
    eventually("it is completed", async || {
        look(&app, TOP, "6475").await.json()["data"]["attributes"]["status"] == "completed"
    })
    .await;
    // The same key and request: the same task, whose answer is there now.
    let answer = send(patch().body(EXAMPLE)).await;
    assert_eq!((answer.status.as_u16(), answer.header("x-task-guid")), (200, Some(guid)));
    let other = r#"{"data": {"attributes": {"payment_method_id": 3}}}"#;
    let refused = send(patch().body(other)).await;
    assert!(refused.error(422).contains("Idempotency-Key"));
    assert_eq!(balance(&app.place).await, 9_900);
    assert_eq!(app.finish().await.tasks.len(), 1);
}
