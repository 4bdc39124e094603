//! What callers of each protocol are told of a pause and of a cancellation.

use reqwest::Method;
use serde_json::{Value, json};
use wsa::domain::dead_letter::DeadLetter;
use wsa::domain::task::ObjectId;
use wsa::ops::access::Role;

use super::{Ops, on};
use crate::activeplatform::bridge;
use crate::billmanager::shop;
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::client::read;
use crate::support::place::Stores;
use crate::support::reference::{CASH, V2};
use crate::support::{eventually, soon};
use crate::ticketscloud::seller;

macro_rules! on_both {
    ($($case:ident: $sqlite:ident, $postgres:ident;)*) => {
        $(#[tokio::test(flavor = "multi_thread")]
        async fn $sqlite() {
            $case(Stores::Sqlite).await;
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn $postgres() {
            $case(Stores::Postgres).await;
        })*
    };
}

on_both! {
    white_server: white_server_on_sqlite, white_server_on_postgres;
    ticketscloud: ticketscloud_on_sqlite, ticketscloud_on_postgres;
    activeplatform: activeplatform_on_sqlite, activeplatform_on_postgres;
    billmanager: billmanager_on_sqlite, billmanager_on_postgres;
    a_replay_leaves_an_entry: a_replay_leaves_an_entry_on_sqlite, a_replay_leaves_an_entry_on_postgres;
}

fn why() -> Value {
    json!({"reason": "a test"})
}

/// Pauses an object, and waits until callers can be told.
async fn pause(app: &TestApp, ops: &Ops, object: ObjectId) {
    ops.post(&format!("/ops/v1/objects/{object}/pause"), why()).await.ok();
    eventually("callers can be told", async || app.app().pauses.is_paused(object)).await;
}

/// Lets it go on, and waits until callers are told so.
async fn resume(app: &TestApp, ops: &Ops, object: ObjectId) {
    ops.post(&format!("/ops/v1/objects/{object}/resume"), why()).await.ok();
    eventually("callers are told", async || !app.app().pauses.is_paused(object)).await;
}

/// Cancels the one task that is open, once there is one; gives its guid.
async fn cancel(ops: &Ops) -> String {
    let mut open = Value::Null;
    eventually("a task is open", async || {
        open = ops.get("/ops/v1/tasks?state=open").await.ok()["items"].clone();
        open.as_array().unwrap().len() == 1
    })
    .await;
    let guid = open[0]["taskGuid"].as_str().unwrap().to_owned();
    let told = ops.post(&format!("/ops/v1/tasks/{guid}/cancel"), why()).await.ok();
    assert_eq!(told["state"], "cancelled");
    let entry = ops.get("/ops/v1/journal?limit=1").await.ok()["items"][0].clone();
    assert_eq!(
        (&entry["action"], &entry["subject"]),
        (&"task.cancel".into(), &guid.as_str().into())
    );
    guid
}

async fn white_server(store: Stores) {
    let app = on(store).await;
    let ops = Ops::with(&app, Role::Operator).await;
    let order = app.order(V2, "10.00").await;
    let pay = Ask::pay(V2, order, &[("10.00", CASH)]);
    pause(&app, &ops, V2).await;

    // Past its deadline it is told why, by a request that waits as by a poll.
    let late = app.ask(&pay.clone().within(1)).await;
    assert_eq!(code(&late), "Timeout");
    assert!(late.to_string().contains("paused by the operator"), "{late}");

    let post = || app.post().header("Idempotency-Key", "k1").body(pay.synchronous().to_string());
    let waits = tokio::spawn(read(post()));
    let guid = cancel(&ops).await;
    let told = waits.await.unwrap().unwrap();
    assert_eq!(code(&told.json()), "TaskCancelled");
    let guid = guid.parse().unwrap();
    assert_eq!(app.poll(guid, 0).await.text, told.text, "polled");
    // The same request under the same key is the same task, paused or not.
    assert_eq!(read(post()).await.unwrap().text, told.text);
    // Who listens hears it like any other answer.
    let asked = app.submit(&pay.clone().within(600)).await;
    let listen = app
        .post_to(wsa::protocols::whiteserver::http::LISTEN_QUEUE)
        .body(json!({"queueType": "TaskQueue"}).to_string());
    let listens = tokio::spawn(async move {
        loop {
            let heard = read(listen.try_clone().unwrap()).await.unwrap().text;
            if heard.contains(&asked.to_string()) {
                return heard;
            }
        }
    });
    cancel(&ops).await;
    assert!(soon("it is heard", listens).await.unwrap().contains("TaskCancelled"));
    assert_eq!(code(&app.answer(asked).await), "TaskCancelled");
    resume(&app, &ops, V2).await;
    assert_eq!(read(post()).await.unwrap().text, told.text);
    let again =
        read(app.post().header("Idempotency-Key", "k2").body(pay.synchronous().to_string()));
    assert_eq!(code(&again.await.unwrap().json()), "done", "what was never paid can be");
    let books = app.finish().await;
    assert_eq!((books.count(Some("cancelled")), books.count(Some("done"))), (2, 1));
}

async fn ticketscloud(store: Stores) {
    let app = on(store).await;
    let ops = Ops::with(&app, Role::Operator).await;
    let event = seller::seed(app.store()).await;
    let order = seller::ordered(&app, 1).await;
    let free = seller::free(&app.place).await;
    let body = json!({"random": {seller::SET: 2}}).to_string();
    let patch = |key: &str, prefer: &str| {
        let request = seller::request(&app, seller::ORG, Method::PATCH, &seller::path(&order));
        request.header("Idempotency-Key", key).header("Prefer", prefer).body(body.clone())
    };
    pause(&app, &ops, event).await;
    let late = seller::send(patch("k1", "wait=1")).await;
    assert!(late.error(504).contains("The event is paused by the operator"), "{late:?}");
    let promised = seller::send(patch("k2", "respond-async, wait=600")).await;
    assert_eq!(
        (promised.ok(202)["paused"].clone(), promised.header("retry-after")),
        (true.into(), Some("5"))
    );
    let busy = seller::send(patch("k3", "wait=600")).await;
    assert!(busy.error(409).contains("The event is paused by the operator"), "{busy:?}");

    let waits = tokio::spawn(seller::send(patch("k2", "wait=600")));
    let guid = cancel(&ops).await;
    let told = waits.await.unwrap();
    assert!(told.error(409).contains("was cancelled before it was executed"), "{told:?}");
    assert_eq!(told.header("x-task-guid"), Some(&*guid));
    for prefer in ["wait=5", "wait=600"] {
        let again = seller::send(patch("k2", prefer)).await;
        assert_eq!((again.status, again.text), (told.status, told.text.clone()));
    }
    assert_eq!(seller::free(&app.place).await, free);
    resume(&app, &ops, event).await;
    assert_eq!(seller::send(patch("k2", "wait=5")).await.text, told.text);
    // The order is not held by what was cancelled.
    seller::send(patch("k3", "wait=60")).await.ok(200);
    assert_eq!(seller::free(&app.place).await, free - 1);
    let promised = seller::send(patch("k4", "respond-async")).await;
    assert_eq!((promised.ok(202).get("paused"), promised.header("retry-after")), (None, Some("1")));
    app.finish().await;
}

async fn activeplatform(store: Stores) {
    let app = on(store).await;
    let ops = Ops::with(&app, Role::Operator).await;
    bridge::seed(app.store()).await;
    bridge::put(app.store(), &bridge::waiting(bridge::TOP, 6475, "2005258")).await;
    let path = bridge::path(bridge::TOP, "6475");
    let patch = |key: &str, prefer: &str| {
        let request = bridge::request(&app, Method::PATCH, &path);
        request.header("Idempotency-Key", key).header("Prefer", prefer).body(bridge::EXAMPLE)
    };
    pause(&app, &ops, bridge::TOP).await;
    let late = bridge::send(patch("k1", "wait=1")).await;
    assert!(late.error(504).contains("The reseller is paused by the operator"), "{late:?}");
    let promised = bridge::send(patch("k2", "respond-async, wait=600")).await;
    assert_eq!(promised.json()["meta"]["paused"], true);
    assert_eq!(promised.header("retry-after"), Some("5"));
    let waits = tokio::spawn(bridge::send(patch("k2", "wait=600")));
    let guid = cancel(&ops).await;
    let told = waits.await.unwrap();
    assert!(told.error(409).contains("was cancelled before it was executed"), "{told:?}");
    assert_eq!(told.header("x-task-guid"), Some(&*guid));
    assert_eq!(bridge::send(patch("k2", "wait=5")).await.text, told.text);
    resume(&app, &ops, bridge::TOP).await;
    assert_eq!(bridge::send(patch("k2", "wait=5")).await.text, told.text);
    assert_eq!(bridge::balance(&app.place).await, 0);
    assert_eq!(bridge::send(patch("k3", "wait=60")).await.status, 200);
    assert_eq!(bridge::balance(&app.place).await, 9_900);
    app.finish().await;
}

async fn billmanager(store: Stores) {
    let app = TestApp::on(store, crate::support::queues::Queues::InProcess).await;
    let app = app.set("ops.listen", "127.0.0.1:0").set("tasks.timeout_s", 4).start().await;
    let ops = Ops::with(&app, Role::Operator).await;
    let account = shop::seed(app.store()).await.anna;
    shop::deposit(&app, account, "20").await;
    let order = |key: &str, out: &str| {
        let params =
            [("sok", "ok"), ("pricelist", "2"), ("order_period", "1"), ("skipbasket", "on")];
        let body = shop::body_of(shop::ANNA, "v2.vds.order.param", &params);
        let request = shop::post(&app, body.replace("out=json", out));
        shop::send(request.header("Idempotency-Key", key))
    };
    pause(&app, &ops, account).await;
    let late = order("k1", "out=json").await;
    assert_eq!(late.error(), "timeout -");
    assert!(late.sentence().contains("the account is paused by the operator"), "{late:?}");
    let in_russian = order("k1", "lang=ru&out=json").await;
    assert!(in_russian.sentence().contains("приостановлена оператором"), "{in_russian:?}");

    let waits = tokio::spawn(order("k2", "out=json"));
    let guid = cancel(&ops).await;
    let told = waits.await.unwrap();
    assert_eq!((told.status.as_u16(), &*told.error()), (200, "failed cancelled"));
    assert!(told.sentence().contains("cancelled by the operator"), "{told:?}");
    assert_eq!(told.header("x-task-guid"), Some(&*guid));
    assert_eq!(order("k2", "out=json").await.text, told.text);
    let xml = order("k2", "out=xml").await.text;
    assert!(xml.contains("<error type=\"failed\" object=\"cancelled\" lang=\"en\">"), "{xml}");
    resume(&app, &ops, account).await;
    assert_eq!(order("k2", "out=json").await.text, told.text);
    assert_eq!(shop::balance(&app.place, account).await, 2_000);
    assert!(order("k3", "out=json").await.number("billorder") > 0);
    assert_eq!(shop::balance(&app.place, account).await, 1_000);
    app.finish().await;
}

async fn a_replay_leaves_an_entry(store: Stores) {
    let app = on(store).await;
    let ops = Ops::with(&app, Role::Operator).await;
    let order = app.order(V2, "10.00").await;
    let done = app.pay(V2, order, "10.00").await;
    assert_eq!(code(&app.answer(done).await), "done");
    ops.post(&format!("/ops/v1/objects/{V2}/pause"), why()).await.ok();
    let open = app.submit(&Ask::get_order(V2, order).within(600)).await;
    let key = |guid| wsa::domain::task::TaskKey { object: V2, guid };
    let letters = [done, wsa::domain::task::TaskGuid::new(), open]
        .map(|guid| DeadLetter::of_task(key(guid), "a test"));
    app.store().keep_dead(letters.to_vec()).await.unwrap();
    let kept = ops.get("/ops/v1/letters").await.ok();
    let mut seen = Vec::new();
    for letter in kept["items"].as_array().unwrap() {
        let id = letter["id"].as_i64().unwrap();
        let before = ops.get("/ops/v1/journal?action=letter.replay").await.ok();
        let told = ops.post(&format!("/ops/v1/letters/{id}/replay"), why()).await.ok();
        let after = ops.get("/ops/v1/journal?action=letter.replay").await.ok();
        let entries = |page: &Value| page["items"].as_array().unwrap().len();
        assert_eq!(entries(&after), entries(&before) + 1, "one entry for one replay");
        let entry = &after["items"][0];
        assert_eq!(
            (&entry["subject"], &entry["reason"]),
            (&id.to_string().into(), &"a test".into())
        );
        let outcome = entry["after"]["outcome"].as_str().unwrap().to_owned();
        seen.push((told["outcome"].as_str().unwrap().to_owned(), outcome));
    }
    seen.sort_unstable();
    let expected = [
        ("answered", "nothing: it is answered"),
        ("impossible", "nothing: it cannot be replayed"),
        ("published", "published"),
    ];
    assert_eq!(seen, expected.map(|(one, other)| (one.to_owned(), other.to_owned())));
    ops.post(&format!("/ops/v1/objects/{V2}/resume"), why()).await.ok();
    assert_eq!(code(&app.answer(open).await), "done");
    app.finish().await;
}
