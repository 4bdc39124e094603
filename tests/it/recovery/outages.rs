//! How soon a service is back to work.

use std::time::Duration;

use super::until_paid;
use crate::support::app::TestApp;
use crate::support::eventually;
use crate::support::place::{Place, Stores};
use crate::support::proxy::Proxy;
use crate::support::queues::Queues;
use crate::support::reference::V2;

/// How long each outage lasts: long enough for pauses to have grown.
const OUTAGE: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_back_to_work_soon_after_its_database() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.start().await;
    let orders = app.orders(V2, "10.00", 100).await;
    let Place::Postgres(database) = &*app.place else { unreachable!() };
    database.shut().await;
    eventually("it is not ready", async || app.get("/readyz").await.unwrap().status == 503).await;
    tokio::time::sleep(OUTAGE).await;
    database.open_again().await;
    until_paid("the database was away", &app, &orders).await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_back_to_work_soon_after_its_connections_to_rabbitmq() {
    let proxy = Proxy::start().await;
    let app = TestApp::on(Stores::Postgres, Queues::Amqp)
        .await
        .set("amqp.url", proxy.url())
        .start()
        .await;
    let orders = app.orders(V2, "10.00", 100).await;
    for _ in 0..20 {
        proxy.cut(OUTAGE / 20).await;
    }
    until_paid("connections to RabbitMQ were cut", &app, &orders).await;
    app.finish().await;
}
