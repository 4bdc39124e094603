//! A worker that is subscribed and hears nothing.

use crate::support::app::TestApp;
use crate::support::eventually;
use crate::support::place::Stores;
use crate::support::proxy::Proxy;
use crate::support::queues::Queues;
use crate::support::reference::V2;
use wsa::boot::Role;

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_hears_nothing_says_so_and_connects_anew() {
    let proxy = Proxy::start().await;
    let api = TestApp::on(Stores::Postgres, Queues::Amqp).await.role(Role::Api).start().await;
    let worker = api
        .beside(Role::Worker)
        .set("amqp.url", proxy.url())
        .set("amqp.heartbeat_s", 1)
        .set("tasks.republish_after_s", 1)
        .start()
        .await;
    let order = api.order(V2, "10.00").await;
    api.answer(api.pay(V2, order, "10.00").await).await;
    proxy.deafen();
    let order = api.order(V2, "10.00").await;
    let guid = api.pay(V2, order, "10.00").await;
    eventually("the worker is not ready", async || {
        worker.get("/readyz").await.unwrap().status == 503
    })
    .await;
    // On new connections, which nobody had to make for it.
    api.answer(guid).await;
    eventually("it is ready again", async || worker.get("/readyz").await.unwrap().status == 200)
        .await;
    worker.stop().await;
    api.finish().await.assert_paid_once(&[order]);
}
