//! What is compared under a key is what the caller sent, whatever the settings were.

use reqwest::Method;
use serde_json::{Value, json};

use crate::activeplatform::bridge;
use crate::support::app::TestApp;
use crate::support::client::{Reply, read};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::ticketscloud::seller;

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_the_same_after_a_restart_with_other_settings_on_sqlite() {
    a_request_is_the_same_after_a_restart_with_other_settings(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_the_same_after_a_restart_with_other_settings_on_postgres() {
    a_request_is_the_same_after_a_restart_with_other_settings(Stores::Postgres).await;
}

async fn reserve(app: &TestApp, body: &Value) -> Reply {
    let request = seller::request(app, seller::ORG, Method::POST, seller::ORDERS);
    read(request.header("Idempotency-Key", "r").body(body.to_string())).await.unwrap()
}

async fn complete(app: &TestApp, body: &str) -> Reply {
    let request = bridge::request(app, Method::PATCH, &bridge::path(bridge::TOP, "6475"));
    read(request.header("Idempotency-Key", "c").body(body.to_owned())).await.unwrap()
}

async fn a_request_is_the_same_after_a_restart_with_other_settings(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    bridge::seed(app.store()).await;
    bridge::put(app.store(), &bridge::waiting(bridge::TOP, 6475, "2005258")).await;
    seller::seed(app.store()).await;
    let body = json!({"event": seller::EVENT, "random": {seller::SET: 1}});
    let first = (reserve(&app, &body).await, complete(&app, bridge::EXAMPLE).await);
    assert_eq!((first.0.status.as_u16(), first.1.status.as_u16()), (201, 200), "{first:?}");

    let other = app
        .beside(wsa::boot::Role::Up)
        .set("ticketscloud.reserve_s", 900)
        .set("ticketscloud.payment_s", 100)
        .set("activeplatform.utc_offset", "+0500");
    app.stop().await;
    let app = other.start().await;
    assert_eq!(reserve(&app, &body).await.text, first.0.text);
    let again = complete(&app, bridge::EXAMPLE).await;
    assert_eq!((again.status, again.text), (first.1.status, first.1.text));

    let otherwise = json!({"event": seller::EVENT, "random": {seller::SET: 2}});
    let told = reserve(&app, &otherwise).await;
    assert_eq!(told.status, 400, "{told:?}");
    assert!(told.text.contains("another request"), "{told:?}");
    let told = complete(&app, r#"{"data": {"attributes": {"payment_method_id": 3}}}"#).await;
    assert_eq!(told.status, 422, "{told:?}");
    app.finish().await;
}
