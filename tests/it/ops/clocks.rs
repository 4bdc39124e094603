//! A pause stops tasks and no clock; and what is cancelled while its message is with the broker stays so.

use reqwest::Method;
use serde_json::json;
use wsa::boot::Role as Part;
use wsa::ops::access::Role;

use super::{Ops, on};
use crate::activeplatform::bridge;
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::eventually;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, V2};
use crate::ticketscloud::seller;

async fn orders_of_tickets_expire(store: Stores) {
    let app = on(store).await;
    let ops = Ops::with(&app, Role::Operator).await;
    let event = seller::seed(app.store()).await;
    let free = seller::free(&app.place).await;
    let order = seller::ordered(&app, 2).await;
    let path = |what: &str| format!("/ops/v1/objects/{event}/{what}");
    ops.post(&path("pause"), json!({"reason": "a test"})).await.ok();
    let pay = || {
        let request = seller::request(&app, seller::ORG, Method::PATCH, &seller::path(&order));
        let request = request.header("Idempotency-Key", "pay").header("Prefer", "wait=600");
        request.body(json!({"status": "done"}).to_string())
    };
    let waits = tokio::spawn(seller::send(pay()));
    let held = "SELECT count(*) FROM tasks WHERE held";
    eventually("it waits", async || app.place.number(held).await == 1).await;
    let past = app.place.moment(-1_000);
    let sql = format!("UPDATE tc_orders SET reserved_till = {past} WHERE order_id = '{order}'");
    app.place.execute(&sql).await.unwrap();
    eventually("its tickets are back", async || seller::free(&app.place).await == free).await;
    assert_eq!(seller::look(&app, &order).await.json()["status"], "expired");
    ops.post(&path("resume"), json!({"reason": "a test"})).await.ok();
    assert!(waits.await.unwrap().error(400).contains("from expired to done"));
    app.finish().await;
}

async fn payments_expire_and_can_be_completed(store: Stores) {
    let app = on(store).await;
    let ops = Ops::with(&app, Role::Operator).await;
    bridge::seed(app.store()).await;
    let path = |what: &str| format!("/ops/v1/objects/{}/{what}", bridge::TOP);
    ops.post(&path("pause"), json!({"reason": "a test"})).await.ok();
    let mut payment = bridge::waiting(bridge::TOP, 6475, "2005258");
    payment.due_date = Some(jiff::Timestamp::now() - jiff::SignedDuration::from_secs(5));
    bridge::put(app.store(), &payment).await;
    let request = bridge::request(&app, Method::PATCH, &bridge::path(bridge::TOP, "6475"));
    let request = request.header("Prefer", "wait=600").body(bridge::EXAMPLE);
    let waits = tokio::spawn(bridge::send(request));
    let expired = "SELECT count(*) FROM ap_payments WHERE status = 'expired'";
    eventually("it has expired", async || app.place.number(expired).await == 1).await;
    let held = "SELECT count(*) FROM tasks WHERE held";
    eventually("it waits", async || app.place.number(held).await == 1).await;
    assert_eq!(bridge::balance(&app.place).await, 0);
    ops.post(&path("resume"), json!({"reason": "a test"})).await.ok();
    assert_eq!(waits.await.unwrap().status, 200);
    assert_eq!(bridge::balance(&app.place).await, 9_900);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_while_its_message_is_with_the_broker_stays_so() {
    let api = TestApp::on(Stores::Postgres, Queues::Amqp).await.role(Part::Api);
    let api = api.set("ops.listen", "127.0.0.1:0").start().await;
    let ops = Ops::with(&api, Role::Operator).await;
    let order = api.order(V2, "10.00").await;
    let pay = Ask::pay(V2, order, &[("10.00", CASH)]).within(600);
    let task = api.submit(&pay).await;
    eventually("its message waits", async || api.app().queue.depth().await.unwrap() > 0).await;
    let path = format!("/ops/v1/tasks/{task}/cancel");
    ops.post(&path, json!({"reason": "a test"})).await.ok();
    let worker = api.beside(Part::Worker).start().await;
    eventually("the worker has taken it", async || api.app().queue.depth().await.unwrap() == 0)
        .await;
    assert_eq!(code(&api.ask(&pay).await), "done", "another task pays");
    assert_eq!(code(&api.answer(task).await), "TaskCancelled");
    worker.stop().await;
    let books = api.finish().await;
    assert_eq!((books.count(Some("cancelled")), books.count(Some("done"))), (1, 1));
    books.assert_order(order, 1_000, "Complited");
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_of_tickets_expire_while_their_event_is_paused_on_sqlite() {
    orders_of_tickets_expire(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_of_tickets_expire_while_their_event_is_paused_on_postgres() {
    orders_of_tickets_expire(Stores::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_expire_while_their_reseller_is_paused_on_sqlite() {
    payments_expire_and_can_be_completed(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_expire_while_their_reseller_is_paused_on_postgres() {
    payments_expire_and_can_be_completed(Stores::Postgres).await;
}
