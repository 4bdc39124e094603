//! `Timeout` means no, across processes: what was answered so is never executed by whoever comes later.

use futures_util::future::join_all;
use wsa::boot::Role;

use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::eventually;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_no_worker_got_in_time_is_answered_timeout_and_never_executed() {
    let api = TestApp::on(Stores::Postgres, Queues::Amqp).await.role(Role::Api).start().await;
    let order = api.order(V2, "10.00").await;
    let pay = Ask::pay(V2, order, &[("10.00", CASH)]);
    let late = api.submit(&pay.clone().within(1)).await;
    let row = format!("SELECT outcome FROM tasks WHERE task_guid = {}", api.place.guid(late.0));
    // Not by asking for it: that would answer it.
    eventually("the sweeper has answered it", async || {
        api.place.rows(&row).await[0][0].as_deref() == Some("timeout")
    })
    .await;
    assert_eq!(code(&api.answer(late).await), "Timeout");
    eventually("its message still waits", async || api.app().queue.depth().await.unwrap() == 1)
        .await;

    let worker = api.beside(Role::Worker).start().await;
    eventually("the worker has taken the message", async || {
        api.app().queue.depth().await.unwrap() == 0
    })
    .await;
    // Stopping finishes what is in hand.
    worker.stop().await;
    assert_eq!(code(&api.answer(late).await), "Timeout");

    let worker = api.beside(Role::Worker).start().await;
    assert_eq!(code(&api.ask(&pay).await), "done", "the order could be paid by another task");
    worker.stop().await;
    let books = api.finish().await;
    assert_eq!(books.outcome(late), Some("timeout"));
    books.assert_paid_once(&[order]);
    assert_ne!(books.payments_of(order)[0].task, late.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_that_the_queue_has_lost_are_published_again() {
    let api = TestApp::on(Stores::Postgres, Queues::Amqp).await.role(Role::Api);
    let api = api.set("tasks.republish_after_s", 1).start().await;
    let orders = api.orders(V2, "10.00", 20).await;
    let mut guids = Vec::new();
    for order in &orders {
        guids.push(api.pay(V2, *order, "10.00").await);
    }
    // A caller does not wait until the queue has its task, and a message may carry several.
    eventually("the queue has all of them", async || {
        let metrics = api.get("/metrics").await.unwrap().text;
        metrics.contains("wsa_batch_tasks_sum{stage=\"publish\"} 20")
    })
    .await;
    // All of it, as a broker that comes back without its disk.
    assert!(api.prefix.as_ref().unwrap().purge().await > 0);
    let worker = api.beside(Role::Worker).start().await;
    for guid in guids {
        assert_eq!(code(&api.answer(guid).await), "done");
    }
    worker.stop().await;
    api.finish().await.assert_paid_once(&orders);
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_that_wait_in_the_queue_are_not_published_again() {
    let api = TestApp::on(Stores::Postgres, Queues::Amqp).await.role(Role::Api);
    let api = api.set("tasks.republish_after_s", 1).start().await;
    let orders = api.orders(V2, "10.00", 200).await;
    let guids = join_all(orders.iter().map(|order| api.pay(V2, *order, "10.00"))).await;
    eventually("they are due to be published again, were they lost", async || {
        api.store().backlog().await.unwrap().unpublished == 200
    })
    .await;
    // The sweeper looks once a second: nothing must come of three looks.
    tokio::time::sleep(std::time::Duration::from_millis(3500)).await;
    let metrics = api.get("/metrics").await.unwrap().text;
    let again = metrics.lines().find(|line| line.starts_with("wsa_tasks_republished_total "));
    assert_eq!(again, Some("wsa_tasks_republished_total 0"));

    let worker = api.beside(Role::Worker).start().await;
    for guid in guids {
        assert_eq!(code(&api.answer(guid).await), "done");
    }
    worker.stop().await;
    api.finish().await.assert_paid_once(&orders);
}
