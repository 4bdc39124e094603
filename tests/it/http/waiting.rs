//! Synchronous requests, and their deadlines.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use wsa::boot::Role;
use wsa::domain::task::TaskGuid;

use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::*;

/// How late an answer may be: a look into the store on a machine that is busy with other tests.
const LATE: Duration = Duration::from_millis(500);

#[tokio::test(flavor = "multi_thread")]
async fn a_synchronous_request_that_nobody_carries_out_is_answered_at_its_deadline() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.role(Role::Api).start().await;
    let order = app.order(V2, "10.00").await;
    let pay = Ask::pay(V2, order, &[("10.00", CASH)]).within(1);
    let started = Instant::now();
    let reply = app.create(&pay.synchronous()).await;
    let took = started.elapsed();
    insta::assert_snapshot!(reply.shown(), @r#"200 {"responseCommon":{"taskGuid":"<guid 1>","taskType":"PayOrder","objectId":199990246,"agentGuid":"<agent>"},"error":{"wsError":{"code":"Timeout","desc":"the task was not executed by its deadline <time> and never will be"}}}"#);
    assert!(took >= Duration::from_secs(1) && took < Duration::from_secs(1) + LATE, "{took:?}");
    app.finish().await.assert_untouched(order);
}

#[tokio::test(flavor = "multi_thread")]
async fn synchronous_requests_are_answered_when_a_worker_has_answered() {
    let app = TestApp::embedded().await;
    let orders = app.orders(V2, "10.00", 40).await;
    let started = Instant::now();
    let asks: Vec<Ask> =
        orders.iter().map(|order| Ask::pay(V2, *order, &[("10.00", CASH)])).collect();
    let answers = join_all(asks.iter().map(|ask| app.ask(ask))).await;
    assert!(answers.iter().all(|answer| code(answer) == "done"), "{answers:?}");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    app.finish().await.assert_paid_once(&orders);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_goes_away_stops_nothing() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.role(Role::Api).start().await;
    let order = app.order(V2, "10.00").await;
    let pay = Ask::pay(V2, order, &[("10.00", CASH)]);
    let client = (*app).clone();
    let calling = tokio::spawn(async move { client.ask(&pay).await });
    crate::support::eventually("the task is accepted", async || {
        app.store().backlog().await.unwrap().open == 1
    })
    .await;
    calling.abort();
    let worker = app.beside(Role::Worker).start().await;
    let books = app.finish().await;
    worker.stop().await;
    books.assert_paid_once(&[order]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_ends_says_that_the_task_is_in_progress() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.role(Role::Api).start().await;
    let order = app.order(V2, "10.00").await;
    let pay = Ask::pay(V2, order, &[("10.00", CASH)]);
    let client = (*app).clone();
    let calling = tokio::spawn(async move { client.create(&pay.synchronous()).await });
    crate::support::eventually("the task is accepted", async || {
        app.store().backlog().await.unwrap().open == 1
    })
    .await;
    let next = app.beside(Role::Up).start().await;
    // Whichever comes first, the answer or the end.
    app.stop().await;
    let reply = calling.await.unwrap();
    let guid = reply.json()["responseCommon"]["taskGuid"].as_str().unwrap().to_owned();
    let guid: TaskGuid = guid.parse().unwrap();
    assert!(["done", "TaskInProgress"].contains(&code(&reply.json())), "{reply:?}");
    assert_eq!(code(&next.answer(guid).await), "done");
    next.finish().await.assert_paid_once(&[order]);
}
