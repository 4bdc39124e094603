//! A task that the database refuses, among others.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use wsa::domain::task::OrderGuid;

use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::*;

/// How long neighbours may be without any answer here, where other tests run beside; 0.2 s by itself. A pause for
/// each attempt was 3 s and more.
const GAP: Duration = Duration::from_millis(1500);
const SPOILT: usize = 6;

#[tokio::test(flavor = "multi_thread")]
async fn a_spoilt_task_every_two_seconds_holds_up_nobody_on_postgres_and_rabbitmq() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.start().await;
    let orders = app.orders(V2, "10.00", 4000).await;
    let spoilt = app.orders(V1, "10.00", SPOILT).await;
    app.place.spoil_payments_of(V1).await;
    let until = Instant::now() + Duration::from_secs(2 * SPOILT as u64);
    let neighbours = join_all(orders.chunks(1000).map(|orders| neighbour(&app, orders, until)));
    let spoil = async {
        let mut guids = Vec::new();
        for order in &spoilt {
            guids.push(app.submit(&Ask::add_prepay(V1, *order, "1.00")).await);
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
        guids
    };
    let (mut answers, guids) = tokio::join!(async { neighbours.await.concat() }, spoil);
    answers.sort_unstable();
    let longest = answers.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    println!("{} neighbours, longest gap {longest:?}", answers.len());
    assert!(longest < GAP, "{longest:?} without an answer");
    for guid in guids {
        assert_eq!(code(&app.answer(guid).await), "InternalError");
    }
    app.dead_letters(SPOILT).await;
    app.finish().await;
}

/// Pays one order after the other, each within three seconds; tells when each was answered.
async fn neighbour(app: &TestApp, orders: &[OrderGuid], until: Instant) -> Vec<Instant> {
    let mut answered = Vec::new();
    for order in orders {
        if Instant::now() > until {
            break;
        }
        let pay = Ask::pay(V2, *order, &[("10.00", CASH)]).within(3);
        assert_eq!(code(&app.ask(&pay).await), "done", "a neighbour");
        answered.push(Instant::now());
    }
    answered
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_batch_only_the_spoilt_task_fails_on_sqlite_in_process() {
    in_a_batch_only_the_spoilt_task_fails(Stores::Sqlite, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_batch_only_the_spoilt_task_fails_on_sqlite_and_rabbitmq() {
    in_a_batch_only_the_spoilt_task_fails(Stores::Sqlite, Queues::Amqp).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_batch_only_the_spoilt_task_fails_on_postgres_in_process() {
    in_a_batch_only_the_spoilt_task_fails(Stores::Postgres, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_batch_only_the_spoilt_task_fails_on_postgres_and_rabbitmq() {
    in_a_batch_only_the_spoilt_task_fails(Stores::Postgres, Queues::Amqp).await;
}

async fn in_a_batch_only_the_spoilt_task_fails(store: Stores, queue: Queues) {
    let app = TestApp::on(store, queue).await.start().await;
    let orders = app.orders(V2, "10.00", 60).await;
    let spoilt = app.orders(V1, "10.00", 3).await;
    app.place.spoil_payments_of(V1).await;
    let good = orders.iter().map(|order| Ask::pay(V2, *order, &[("10.00", CASH)]));
    let bad = spoilt.iter().map(|order| Ask::add_prepay(V1, *order, "1.00"));
    let asks: Vec<Ask> = good.chain(bad).collect();
    let since = Instant::now();
    let answers = join_all(asks.iter().map(|ask| app.ask(ask))).await;
    let (good, bad) = answers.split_at(60);
    assert!(good.iter().all(|answer| code(answer) == "done"), "{good:?}");
    assert!(bad.iter().all(|answer| code(answer) == "InternalError"), "{bad:?}");
    assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
    app.dead_letters(3).await;
    app.finish().await.assert_paid_once(&orders);
}
