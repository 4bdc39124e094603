//! `Idempotency-Key`: the same key and body are the same task.

use std::collections::HashSet;

use futures_util::future::join_all;
use serde_json::Value;

use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::client::{Client, Reply, read};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::*;

impl Client {
    async fn create_with_key(&self, key: &str, body: &Value) -> Reply {
        read(self.post().header("Idempotency-Key", key).body(body.to_string())).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_many_send_at_once_with_one_key_is_one_task_on_sqlite() {
    a_request_that_many_send_at_once_with_one_key_is_one_task(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_many_send_at_once_with_one_key_is_one_task_on_postgres() {
    a_request_that_many_send_at_once_with_one_key_is_one_task(Stores::Postgres).await;
}

async fn a_request_that_many_send_at_once_with_one_key_is_one_task(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    let order = app.order(V1, "10.00").await;
    let body = Ask::pay(V1, order, &[("1.00", CASH)]).asynchronous();
    let replies = join_all((0..16).map(|_| app.create_with_key("order 7, first try", &body))).await;
    let guids: HashSet<_> = replies.iter().map(|reply| reply.accepted().unwrap()).collect();
    assert_eq!(guids.len(), 1, "{replies:?}");

    // Synchronously it is another body; with a key of its own all who wait get the same answer.
    let body = Ask::pay(V1, order, &[("2.00", CASH)]).synchronous();
    let replies = join_all((0..16).map(|_| app.create_with_key("order 7, second", &body))).await;
    let answers: HashSet<_> = replies.iter().map(|reply| reply.text.as_str()).collect();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(code(&replies[0].json()), "done");
    let late = app.create_with_key("order 7, second", &body).await;
    assert_eq!(late.text, replies[0].text, "later, too");

    let books = app.finish().await;
    assert_eq!((books.tasks.len(), books.order(order).paid), (2, 300));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_belongs_to_one_request_of_one_aggregator() {
    let app = TestApp::embedded().await;
    let order = app.order(V1, "10.00").await;
    let body = |amount| Ask::pay(V1, order, &[(amount, CASH)]).asynchronous();
    let first = app.create_with_key("k", &body("1.00")).await.accepted().unwrap();
    let other = app.create_with_key("k", &body("2.00")).await;
    insta::assert_snapshot!(other.shown(), @r#"200 {"responseCommon":{"taskGuid":"<guid 1>","taskType":"PayOrder","objectId":199990245},"error":{"wsError":{"code":"IdempotencyMismatch","desc":"this Idempotency-Key came with another request before: a key belongs to one request, byte for byte"}}}"#);
    assert!(other.text.contains(&first.to_string()));
    let elsewhere = app.with_token(OTHER_TOKEN).create_with_key("k", &body("1.00")).await;
    assert_ne!(elsewhere.accepted().unwrap(), first);
    // A refused request does not use its key up.
    let unlicensed = Ask::get_order(UNLICENSED, order).asynchronous();
    assert_eq!(code(&app.create_with_key("u", &unlicensed).await.json()), "License");
    assert!(app.create_with_key("u", &body("3.00")).await.accepted().is_some());
    let books = app.finish().await;
    assert_eq!((books.tasks.len(), books.order(order).paid), (3, 500));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_has_1_to_255_visible_characters() {
    let app = TestApp::embedded().await;
    let order = app.order(V1, "10.00").await;
    let body = Ask::get_order(V1, order).asynchronous();
    for key in ["", " ", &"k".repeat(256)] {
        let reply = app.create_with_key(key, &body).await;
        assert_eq!(code(&reply.json()), "BadRequest", "{key:?}");
        assert!(reply.text.contains("Idempotency-Key"), "{reply:?}");
    }
    let twice = app.post().header("Idempotency-Key", "a").header("Idempotency-Key", "b");
    let reply = read(twice.body(body.to_string())).await.unwrap();
    assert!(reply.text.contains("more than once"), "{reply:?}");
    assert!(app.create_with_key(&"k".repeat(255), &body).await.accepted().is_some());
    app.finish().await;
}
