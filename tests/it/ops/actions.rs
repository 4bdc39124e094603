//! What operators do: the effect, the journal's entry, and what stays as it is.

use reqwest::StatusCode;
use serde_json::{Value, json};
use wsa::ops::access::Role;

use super::{Ops, on};
use crate::support::ask::{Ask, code};
use crate::support::eventually;
use crate::support::place::Stores;
use crate::support::reference::{CASH, TOKEN, V1, V2};

fn why() -> Value {
    json!({"reason": "a test"})
}

async fn last(ops: &Ops) -> Value {
    ops.get("/ops/v1/journal?limit=1").await.ok()["items"][0].clone()
}

async fn tasks_of_a_paused_object_wait_and_go_on(kind: Stores) {
    let app = on(kind).await;
    let ops = Ops::with(&app, Role::Operator).await;
    let (order, other) = (app.order(V1, "10.00").await, app.order(V2, "10.00").await);
    let path = |what: &str| format!("/ops/v1/objects/{V1}/{what}");
    ops.post(&path("pause"), why()).await.ok();
    assert!(ops.post(&path("pause"), why()).await.refused(409).contains("paused already"));
    let entry = last(&ops).await;
    assert_eq!(
        (&entry["action"], &entry["before"]["paused"]),
        (&"object.pause".into(), &false.into())
    );
    let paused = ops.get("/ops/v1/pauses").await.ok();
    assert_eq!(paused["items"][0]["objectId"], V1.0);

    let waits = app.pay(V1, order, "10.00").await;
    let late = app.submit(&Ask::pay(V1, order, &[("10.00", CASH)]).within(1)).await;
    // Another object's go on.
    assert_eq!(code(&app.answer(app.pay(V2, other, "10.00").await).await), "done");
    assert_eq!(code(&app.answer(late).await), "Timeout", "deadlines hold");
    let told = app.poll(waits, 0).await.json();
    assert_eq!(code(&told), "TaskInProgress");
    assert!(told.to_string().contains("paused"), "{told}");
    let task = ops.get(&format!("/ops/v1/tasks/{waits}")).await.ok();
    assert!(task["pausedSince"].is_string() && task["state"] == "open", "{task}");

    ops.post(&path("resume"), why()).await.ok();
    assert_eq!(code(&app.answer(waits).await), "done");
    assert!(ops.post(&path("resume"), why()).await.refused(409).contains("not paused"));
    app.finish().await;
}

async fn a_cancelled_task_is_never_carried_out(kind: Stores) {
    let app = on(kind).await;
    let ops = Ops::with(&app, Role::Operator).await;
    let order = app.order(V2, "10.00").await;
    ops.post(&format!("/ops/v1/objects/{V2}/pause"), why()).await.ok();
    let guid = app.pay(V2, order, "10.00").await;
    let path = format!("/ops/v1/tasks/{guid}/cancel");
    assert_eq!(ops.post(&path, why()).await.ok()["state"], "cancelled");
    let entry = last(&ops).await;
    assert_eq!(
        (&entry["action"], &entry["before"]["state"], &entry["after"]["state"]),
        (&"task.cancel".into(), &"open".into(), &"cancelled".into())
    );
    assert_eq!(code(&app.answer(guid).await), "TaskCancelled");
    ops.post(&format!("/ops/v1/objects/{V2}/resume"), why()).await.ok();
    assert!(ops.post(&path, why()).await.refused(409).contains("it stays as it is"));
    // What was never paid by it can be paid by another.
    let again = app.pay(V2, order, "10.00").await;
    assert_eq!(code(&app.answer(again).await), "done");
    let done = ops.post(&format!("/ops/v1/tasks/{again}/cancel"), why()).await;
    assert!(done.refused(409).contains("has its answer"));
    let books = app.finish().await;
    drop(books);
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_that_are_cancelled_while_they_are_paid_are_one_or_the_other() {
    let app = on(Stores::Postgres).await;
    let ops = Ops::with(&app, Role::Operator).await;
    let orders = app.orders(V2, "10.00", 40).await;
    let mut told = Vec::new();
    for order in orders {
        let guid = app.pay(V2, order, "10.00").await;
        told.push((guid, ops.post(&format!("/ops/v1/tasks/{guid}/cancel"), why()).await.status));
    }
    for (guid, status) in told {
        let answer = app.answer(guid).await;
        let expected = if status == 200 { "TaskCancelled" } else { "done" };
        assert_eq!(code(&answer), expected, "{status} {answer}");
    }
    // The audit looks for payments of what was cancelled.
    app.finish().await;
}

async fn tokens_are_rotated_and_licences_withdrawn(kind: Stores) {
    let app = on(kind).await;
    let ops = Ops::with(&app, Role::Admin).await;
    let token = ops.post("/ops/v1/callers/main/rotate-token", why()).await.ok();
    let token = token["token"].as_str().unwrap();
    assert!(!last(&ops).await.to_string().contains(token));
    let order = app.order(V1, "10.00").await;
    let pay = Ask::pay(V1, order, &[("10.00", CASH)]).asynchronous();
    let old = app.with_token(TOKEN).create(&pay).await;
    assert_eq!(code(&old.json()), "AuthFailed");
    let new = app.with_token(token);
    assert_eq!(new.create(&pay).await.status, StatusCode::OK);
    let withdraw = json!({"reason": "the contract has ended", "object": V1.0});
    ops.post("/ops/v1/callers/main/withdraw-licence", withdraw.clone()).await.ok();
    let entry = last(&ops).await;
    assert_eq!(
        (&entry["after"]["licensed"], &entry["after"]["objectId"]),
        (&false.into(), &V1.0.into())
    );
    ops.post("/ops/v1/callers/main/withdraw-licence", withdraw).await.refused(404);
    assert_eq!(code(&new.create(&pay).await.json()), "License");
    ops.post("/ops/v1/callers/nobody/rotate-token", why()).await.refused(404);
    app.finish().await;
}

async fn an_audit_runs_in_the_background(kind: Stores) {
    let app = on(kind).await;
    let ops = Ops::with(&app, Role::Operator).await;
    let id = ops.post("/ops/v1/audits", why()).await.ok()["id"].clone();
    let mut run = Value::Null;
    eventually("the audit has ended", async || {
        run = ops.get("/ops/v1/audits").await.ok()["items"][0].clone();
        run["state"] != "running"
    })
    .await;
    assert_eq!(
        (&run["id"], &run["state"], &run["askedBy"]),
        (&id, &"sound".into(), &"operator".into())
    );
    assert_eq!(run["report"]["sound"], true, "{run}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_are_kept_by_administrators() {
    let app = on(Stores::Sqlite).await;
    let ops = Ops::with(&app, Role::Admin).await;
    let added = json!({"reason": "a new colleague", "name": "anna", "role": "viewer"});
    let token = ops.post("/ops/v1/operators", added.clone()).await.ok()["token"].clone();
    let anna = Ops::of(&app, token.as_str().unwrap().to_owned());
    assert_eq!(anna.get("/ops/v1/me").await.ok()["role"], "viewer");
    ops.post("/ops/v1/operators", added).await.refused(409);
    let role = json!({"reason": "she pays now", "role": "finance"});
    ops.post("/ops/v1/operators/anna/role", role).await.ok();
    assert_eq!(anna.get("/ops/v1/me").await.ok()["role"], "finance");
    ops.post("/ops/v1/operators/anna/disable", why()).await.ok();
    anna.get("/ops/v1/me").await.refused(401);
    ops.post("/ops/v1/operators/anna/enable", why()).await.ok();
    let new = ops.post("/ops/v1/operators/anna/rotate-token", why()).await.ok()["token"].clone();
    anna.get("/ops/v1/me").await.refused(401);
    Ops::of(&app, new.as_str().unwrap().to_owned()).get("/ops/v1/me").await.ok();
    let listed = ops.get("/ops/v1/operators").await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_of_a_paused_object_wait_and_go_on_on_sqlite() {
    tasks_of_a_paused_object_wait_and_go_on(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_of_a_paused_object_wait_and_go_on_on_postgres() {
    tasks_of_a_paused_object_wait_and_go_on(Stores::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_task_is_never_carried_out_on_sqlite() {
    a_cancelled_task_is_never_carried_out(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_task_is_never_carried_out_on_postgres() {
    a_cancelled_task_is_never_carried_out(Stores::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_rotated_and_licences_withdrawn_on_sqlite() {
    tokens_are_rotated_and_licences_withdrawn(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_rotated_and_licences_withdrawn_on_postgres() {
    tokens_are_rotated_and_licences_withdrawn(Stores::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_runs_in_the_background_on_sqlite() {
    an_audit_runs_in_the_background(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_runs_in_the_background_on_postgres() {
    an_audit_runs_in_the_background(Stores::Postgres).await;
}
