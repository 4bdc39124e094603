//! Messages wait for what is away, and none is lost.

use std::time::Duration;

use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::kiosk::{self, Kiosk};
use crate::support::place::{Place, Stores};
use crate::support::proxy::Proxy;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, V2};

#[tokio::test(flavor = "multi_thread")]
async fn tasks_wait_for_a_store_that_is_away_and_none_is_a_dead_letter() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.start().await;
    kiosk::enable(&app).await;
    let mut kiosk = Kiosk::connect(&app).await;
    let orders = app.orders(V2, "10.00", 20).await;
    let Place::Postgres(database) = &*app.place else { panic!() };
    database.shut().await;
    for (n, order) in orders.iter().enumerate() {
        let pay = Ask::pay(V2, *order, &[("10.00", CASH)]).asynchronous().to_string();
        kiosk.publish(kiosk.properties(&n.to_string()), pay).await;
    }
    // Longer than a request over HTTP is kept waiting.
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(kiosk.waiting("tasks.dead").await, Some(0));
    database.open_again().await;
    let answers = kiosk.replies(20).await;
    assert!(answers.values().all(|answer| code(&answer.json) == "done"));
    app.finish().await.assert_paid_once(&orders);
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_over_wires_that_are_cut_are_answered_once_each() {
    let proxy = Proxy::start().await;
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.set("amqp.url", proxy.url());
    let app = app.start().await;
    kiosk::enable(&app).await;
    let mut kiosk = Kiosk::connect(&app).await;
    let orders = app.orders(V2, "10.00", 60).await;
    for (n, order) in orders.iter().enumerate() {
        let pay = Ask::pay(V2, *order, &[("10.00", CASH)]).asynchronous().to_string();
        kiosk.publish(kiosk.properties(&n.to_string()), pay).await;
        if n % 20 == 10 {
            proxy.cut(Duration::from_millis(3)).await;
        }
    }
    let answers = kiosk.replies(60).await;
    assert!(answers.values().all(|answer| code(&answer.json) == "done"), "{answers:?}");
    assert_eq!(kiosk.waiting("tasks.dead").await, Some(0));
    app.finish().await.assert_paid_once(&orders);
}
