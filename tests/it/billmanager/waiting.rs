//! Deadlines and repetitions.

use wsa::boot::Role;

use super::shop::*;
use crate::support::app::TestApp;
use crate::support::eventually;
use crate::support::place::Stores;
use crate::support::queues::Queues;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_executed_by_its_deadline_never_is() {
    let api = TestApp::on(Stores::Postgres, Queues::Amqp).await.role(Role::Api);
    let api = api.set("tasks.timeout_s", 1).start().await;
    let shop = seed(api.store()).await;
    deposit(&api, shop.anna, "20").await;
    let skip = [("pricelist", "2"), ("order_period", "1"), ("skipbasket", "on")];
    let late = ok(&api, ANNA, "v2.vds.order.param", &skip).await;
    assert_eq!(late.error(), "timeout -");
    assert!(late.sentence().contains("never will be") && late.header("x-task-guid").is_some());
    let body = body_of(ANNA, "v2.vds.order.param", &[&[("sok", "ok")], &skip[..]].concat());
    let xml = send(post(&api, body.replace("out=json", "lang=ru"))).await;
    assert!(xml.text.contains("<error type=\"timeout\" lang=\"ru\"><msg>"), "{xml:?}");

    let worker = api.beside(Role::Worker).start().await;
    eventually("the worker has taken the messages", async || {
        api.app().queue.depth().await.unwrap() == 0
    })
    .await;
    worker.stop().await;
    assert_eq!(balance(&api.place, shop.anna).await, 2_000);
    assert_eq!(api.place.number("SELECT count(*) FROM bm_items").await, 0);
    let books = api.finish().await;
    assert_eq!((books.count(Some("timeout")), books.count(Some("done"))), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_is_the_same_order_on_sqlite() {
    the_same_key_is_the_same_order(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_is_the_same_order_on_postgres() {
    the_same_key_is_the_same_order(Stores::Postgres).await;
}

async fn the_same_key_is_the_same_order(store: Stores) {
    let (app, shop) = shop_on(store, Queues::InProcess).await;
    deposit(&app, shop.anna, "100").await;
    let ask = |period: &'static str, out: &'static str| {
        let skip = [("pricelist", "2"), ("order_period", period), ("skipbasket", "on")];
        let body = body_of(ANNA, "v2.vds.order.param", &[&[("sok", "ok")], &skip[..]].concat());
        let request = post(&app, body.replace("out=json", out));
        send(request.header("Idempotency-Key", "order-1"))
    };
    let first = ask("1", "out=json").await;
    let again = ask("1", "out=json").await;
    assert_eq!(first.text, again.text);
    assert_eq!(first.header("x-task-guid"), again.header("x-task-guid"));
    // In another form it is the same answer.
    let order = first.number("billorder");
    let xml = ask("1", "out=xml").await;
    assert!(xml.text.contains(&format!("<billorder saveoutput=\"yes\">{order}</billorder>")));
    assert_eq!(ask("3", "out=json").await.error(), "exists Idempotency-Key");
    assert_eq!(balance(&app.place, shop.anna).await, 9_000);
    let promocode = [("sok", "ok"), ("clicked_button", "apply_promocode"), ("promocode", "ALL")];
    let unreadable = post(&app, body_of(ANNA, "cart", &promocode));
    let unreadable = send(unreadable.header("Idempotency-Key", "k".repeat(256))).await;
    assert_eq!(unreadable.error(), "value Idempotency-Key");
    assert_eq!(app.finish().await.tasks.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_worker_left_is_done_once() {
    let api = TestApp::on(Stores::Postgres, Queues::Amqp).await.role(Role::Api).start().await;
    let shop = seed(api.store()).await;
    deposit(&api, shop.anna, "100").await;
    let skip = [("pricelist", "2"), ("order_period", "1"), ("skipbasket", "on")];
    let asking = ok(&api, ANNA, "v2.vds.order.param", &skip);
    // Nobody works while it waits; its message is lost, and comes again.
    let working = async {
        eventually("it is accepted", async || {
            api.place.number("SELECT count(*) FROM tasks").await == 1
        })
        .await;
        api.prefix.as_ref().unwrap().purge().await;
        api.beside(Role::Worker).start().await
    };
    let (answer, worker) = tokio::join!(asking, working);
    assert!(answer.number("billorder") > 0);
    assert_eq!(balance(&api.place, shop.anna).await, 9_000);
    worker.stop().await;
    api.finish().await;
}
