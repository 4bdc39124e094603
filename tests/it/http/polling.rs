//! `GetTaskResponse`, in every state of its task.

use std::time::{Duration, Instant};

use serde_json::json;
use uuid::Uuid;
use wsa::boot::Role;
use wsa::domain::task::{OrderGuid, TaskGuid};

use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::*;

/// An API without a worker: its tasks stay open.
async fn without_a_worker() -> TestApp {
    TestApp::on(Stores::Postgres, Queues::Amqp).await.role(Role::Api).start().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_without_a_guid_is_a_bad_request() {
    let app = TestApp::embedded().await;
    for params in [
        json!({}),
        json!({"taskGuid": "1"}),
        json!({"taskGuid": null}),
        json!({"taskGuid": TaskGuid::new(), "wait": 21}),
        json!({"taskGuid": TaskGuid::new(), "wait": -1}),
        json!([]),
    ] {
        let reply = app.create(&json!({"taskType": "GetTaskResponse", "params": params})).await;
        assert_eq!((reply.status.as_u16(), code(&reply.json())), (200, "BadRequest"), "{params}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_task_and_a_foreign_one_differ_by_their_code_alone() {
    let app = TestApp::embedded().await;
    let unknown = app.poll(TaskGuid::new(), 0).await;
    insta::assert_snapshot!(unknown.shown(), @r#"200 {"responseCommon":{"taskGuid":"<guid 1>"},"error":{"wsError":{"code":"TaskNotFound","desc":"you have no task with this guid"}}}"#);

    let order = app.order(V2, "10.00").await;
    let guid = app.pay(V2, order, "10.00").await;
    app.answer(guid).await;
    let foreign = app.with_token(OTHER_TOKEN).poll(guid, 20).await;
    assert_eq!(foreign.shown().replace("AccessDenied", "TaskNotFound"), unknown.shown());
    assert_eq!(code(&foreign.json()), "AccessDenied");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_open_task_is_not_waited_for() {
    let app = without_a_worker().await;
    let guid = app.submit(&Ask::get_order(V2, OrderGuid::new())).await;
    let started = Instant::now();
    let foreign = app.with_token(OTHER_TOKEN).poll(guid, 20).await;
    assert_eq!(code(&foreign.json()), "AccessDenied");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    app.finish_leaving_tasks().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_older_than_answers_are_kept_is_told_from_one_that_never_was() {
    let app = TestApp::embedded().await;
    let long_ago = uuid::Timestamp::from_unix(uuid::NoContext, 1_600_000_000, 0);
    let old = TaskGuid(Uuid::new_v7(long_ago));
    let never = app.poll(old, 0).await;
    assert!(
        never.text.contains("you have no task with this guid"),
        "nothing was deleted: {never:?}"
    );
    let guid = app.submit(&Ask::get_order(V2, OrderGuid::new())).await;
    app.answer(guid).await;
    app.store().forget_notifications(0, 10).await.unwrap();
    assert_eq!(app.store().forget(0, 10).await.unwrap(), 1);
    let forgotten = app.poll(guid, 0).await;
    insta::assert_snapshot!(forgotten.shown(), @r#"200 {"responseCommon":{"taskGuid":"<guid 1>"},"error":{"wsError":{"code":"TaskNotFound","desc":"answers are kept for 30 days, and this guid is older than that"}}}"#);
    let older = app.poll(old, 0).await;
    assert_eq!(older.shown(), forgotten.shown(), "whose it was is not known any more");
    let new = app.poll(TaskGuid::new(), 0).await;
    assert!(new.text.contains("you have no task with this guid"), "{new:?}");
    app.finish_forgotten().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_task_is_in_progress_with_its_deadline() {
    let app = without_a_worker().await;
    let guid = app.submit(&Ask::get_order(V2, OrderGuid::new())).await;
    let reply = app.poll(guid, 0).await;
    insta::assert_snapshot!(reply.shown(), @r#"200 {"responseCommon":{"taskGuid":"<guid 1>"},"error":{"wsError":{"code":"TaskInProgress","desc":"the task is not answered yet; it will be by its deadline <time>"}}}"#);
    let started = Instant::now();
    let waited = app.poll(guid, 1).await;
    assert_eq!(waited.shown(), reply.shown());
    assert!(started.elapsed() >= Duration::from_secs(1), "{:?}", started.elapsed());
    app.finish_leaving_tasks().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_the_stored_one_however_often_it_is_asked_for() {
    let app = TestApp::embedded().await;
    let order = app.order(V1, "10.00").await;
    let guid = app.pay(V1, order, "4.00").await;
    app.answer(guid).await;
    let first = app.poll(guid, 0).await;
    let second = app.pay(V1, order, "6.00").await;
    app.answer(second).await;
    for _ in 0..3 {
        assert_eq!(app.poll(guid, 5).await.text, first.text);
    }
    let books = app.finish().await;
    assert_eq!(books.task(guid).answer.as_ref(), Some(&first.text));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_poll_ends_as_soon_as_the_task_is_answered() {
    let app = without_a_worker().await;
    let order = app.order(V2, "10.00").await;
    let guid = app.pay(V2, order, "10.00").await;
    let (client, started) = ((*app).clone(), Instant::now());
    let polling = tokio::spawn(async move { client.poll(guid, 20).await });
    // It waits by now, or it will look after the answer is there: both must do.
    crate::support::eventually("somebody waits", async || {
        app.get("/metrics").await.unwrap().text.contains("wsa_requests_waiting 1\n")
    })
    .await;
    let worker = app.beside(Role::Worker).start().await;
    let reply = polling.await.unwrap();
    assert_eq!(code(&reply.json()), "done", "{reply:?}");
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    worker.stop().await;
    app.finish().await.assert_paid_once(&[order]);
}
