//! Many who want the same.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use super::seller::{Answer, *};
use crate::support::app::TestApp;
use crate::support::eventually;
use crate::support::place::Stores;
use crate::support::queues::Queues;

/// 200 clients for 50 tickets; then half of those that were sold are left to expire, and are bought again.
async fn tickets_are_sold_once_and_again_when_they_are_given_back(store: Stores, queue: Queues) {
    let app = TestApp::on(store, queue).await.set("ticketscloud.reserve_s", 4).start().await;
    seed_with(app.store(), 50).await;
    let all = join_all((0..200).map(|_| create(&app, ORG, json!({"random": {SET: 1}})))).await;
    let (sold, refused): (Vec<_>, Vec<_>) = all.iter().partition(|answer| answer.status == 201);
    assert_eq!((sold.len(), refused.len()), (50, 150));
    for answer in &refused {
        assert!(answer.error(400).contains("free"), "{answer:?}");
        assert!(answer.header("x-task-guid").is_some());
    }
    let mut tickets: Vec<String> = sold.iter().flat_map(|answer| answer.tickets()).collect();
    tickets.sort_unstable();
    tickets.dedup();
    assert_eq!(tickets.len(), 50, "each ticket has one order");
    let mut numbers: Vec<u64> =
        sold.iter().map(|answer| answer.json()["number"].as_u64().unwrap()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 50, "each order has its number");

    let (kept, left) = sold.split_at(25);
    let paid = join_all(kept.iter().map(async |answer| step(&app, &answer.id(), "done").await));
    assert!(paid.await.iter().all(|answer| answer.status == 200));
    eventually("the rest has expired", async || free(&app.place).await == 25).await;
    for order in left {
        assert_eq!(look(&app, &order.id()).await.json()["status"], "expired");
    }
    let again = join_all((0..60).map(|_| create(&app, ORG, json!({"random": {SET: 1}})))).await;
    assert_eq!(again.iter().filter(|answer| answer.status == 201).count(), 25);
    let taken = "SELECT count(*) FROM tc_lines WHERE held";
    assert_eq!(app.place.number(taken).await, 50);
    let sum = app.place.in_kopecks("sum(amount)");
    let sum = app.place.number(&format!("SELECT {sum} FROM tc_entries WHERE kind = 'sale'")).await;
    assert_eq!(sum, 25 * 10_000);

    // Whoever has paid gives back while others buy: each ticket goes back once, and is sold at most once more.
    let back = async |order: &Answer| {
        let asked = super::refunds::ask(&app, &order.id(), "user", &order.tickets()).await;
        asked.ok(201);
        let refund = asked.id();
        let settled = [
            super::refunds::settle(&app, &refund, "approved"),
            super::refunds::settle(&app, &refund, "approved"),
        ];
        let settled = join_all(settled).await;
        settled.iter().filter(|answer| answer.status == 200).count()
    };
    let buy = async || create(&app, ORG, json!({"random": {SET: 1}})).await.status == 201;
    let (back, bought) = futures_util::join!(
        join_all(kept.iter().map(|order| back(order))),
        join_all((0..60).map(|_| buy())),
    );
    assert_eq!(back, vec![1; 25]);
    let bought = bought.into_iter().filter(|bought| *bought).count() as i64;
    assert_eq!(app.place.number(taken).await, 25 + bought);
    assert_eq!(free(&app.place).await, 25 - bought);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_are_sold_once_and_again_when_they_are_given_back_embedded() {
    tickets_are_sold_once_and_again_when_they_are_given_back(Stores::Sqlite, Queues::InProcess)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_are_sold_once_and_again_when_they_are_given_back_on_servers() {
    tickets_are_sold_once_and_again_when_they_are_given_back(Stores::Postgres, Queues::Amqp).await;
}

/// Everybody changes everything, through two processes with two lanes each; whatever comes of it, it agrees.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_done_at_once_the_tables_agree() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.set("worker.lanes", 2);
    let app = app.set("worker.batch", 4).start().await;
    seed(app.store()).await;
    let other = app.beside(wsa::boot::Role::Up).set("worker.lanes", 2).start().await;
    let one = async |n: usize| {
        let app = if n.is_multiple_of(2) { &app } else { &other };
        let set = if n.is_multiple_of(3) { BALCONY } else { SET };
        let made = create(app, ORG, json!({"random": {set: 1 + n % 3}})).await;
        if made.status != 201 {
            made.error(400);
            return;
        }
        let order = made.id();
        let wanted = json!({"tickets": [ticket(SET, n % 10), ticket(BALCONY, (n + 1) % 10)]});
        let answers = match n % 4 {
            0 => vec![delete(app, &order).await],
            1 => vec![change(app, &order, wanted).await, step(app, &order, "canceled").await],
            2 => vec![
                step(app, &order, "in_progress").await,
                step(app, &order, "done").await,
                step(app, &order, "refunded").await,
            ],
            _ => vec![change(app, &order, wanted).await, delete(app, &order).await],
        };
        for answer in answers {
            assert!([200, 400].contains(&answer.status.as_u16()), "{answer:?}");
        }
    };
    join_all((0..60).map(one)).await;
    assert_eq!(free(&app.place).await, 10, "everybody has given back what he had");
    other.stop().await;
    app.finish().await;
}

async fn one_change_of_an_order_at_a_time(store: Stores, queue: Queues) {
    let api = TestApp::on(store, queue).await.role(wsa::boot::Role::Api).start().await;
    seed(api.store()).await;
    let worker = api.beside(wsa::boot::Role::Worker).start().await;
    let (order, another) = (ordered(&api, 1).await, ordered(&api, 1).await);
    worker.stop().await;

    // Nobody works: the first change stays open, and whatever comes for the same order meets it.
    let patch = |order: &str, status: &str| {
        request(&api, ORG, Method::PATCH, &path(order))
            .header("Prefer", "respond-async")
            .body(json!({"status": status}).to_string())
    };
    let first = send(patch(&order, "in_progress").header("Idempotency-Key", "a")).await;
    assert_eq!(first.status, 202, "{first:?}");
    let met = join_all((0..8).map(|_| send(patch(&order, "canceled")))).await;
    for answer in &met {
        assert!(answer.error(409).contains("earlier change"), "{answer:?}");
    }
    send(request(&api, ORG, Method::DELETE, &path(&order))).await.error(409);
    // The very same request again is no second change, and another order is none of this one's business.
    let again = send(patch(&order, "in_progress").header("Idempotency-Key", "a")).await;
    assert_eq!((again.status.as_u16(), &again.text), (202, &first.text));
    assert_eq!(send(patch(&another, "canceled")).await.status, 202);

    let worker = api.beside(wsa::boot::Role::Worker).start().await;
    eventually("the first is done", async || {
        look(&api, &order).await.json()["status"] == "in_progress"
    })
    .await;
    let next = step(&api, &order, "done").await;
    assert_eq!(next.ok(200)["status"], "done");
    worker.stop().await;
    // Two orders, the first change, the other order's, and the last: those that met it are no tasks.
    assert_eq!(api.finish().await.tasks.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_change_of_an_order_at_a_time_on_servers() {
    one_change_of_an_order_at_a_time(Stores::Postgres, Queues::Amqp).await;
}

/// Of changes that come at once, those that are not refused with 409 are carried out one after the other.
#[tokio::test(flavor = "multi_thread")]
async fn changes_that_come_at_once_are_carried_out_or_refused() {
    let app = TestApp::embedded().await;
    seed(app.store()).await;
    let order = ordered(&app, 1).await;
    let all = join_all((1..=20).map(|n| change(&app, &order, json!({"random": {SET: 1 + n % 5}}))));
    let all = all.await;
    let done = all.iter().filter(|answer| answer.status == 200).count();
    let busy = all.iter().filter(|answer| answer.status == 409).count();
    assert!(done >= 1 && done + busy == 20, "{done} + {busy}");
    let version = format!("SELECT version FROM tc_orders WHERE order_id = '{order}'");
    assert_eq!(app.place.number(&version).await, 1 + done as i64);
    app.finish().await;
}
