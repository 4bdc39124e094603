//! What a request must look like.

use reqwest::Method;
use serde_json::json;

use super::seller::*;
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_refused_and_is_no_task() {
    let app = TestApp::on(Stores::Sqlite, Queues::InProcess).await;
    let app = app.set("http.body_limit", 4096).start().await;
    seed(app.store()).await;
    let order = ordered(&app, 1).await;
    let to = async |method: Method, path: &str, body: &str| {
        send(request(&app, ORG, method, path).body(body.to_owned())).await
    };
    let own = path(&order);
    for body in ["", "{", "[]x", "{}", "null", "1", "{\"status\": \"paid\"}", "{\"status\": 1}"] {
        to(Method::PATCH, &own, body).await.error(400);
        to(Method::POST, ORDERS, body).await.error(400);
    }
    let deep = format!("{{\"x\": {}1{}}}", "[".repeat(1000), "]".repeat(1000));
    to(Method::PATCH, &own, &deep).await.error(400);
    let both = json!({"event": EVENT, "random": {SET: 1}, "tickets": [ticket(SET, 1)]});
    let told = to(Method::POST, ORDERS, &both.to_string()).await.error(400);
    assert!(told.contains("tickets and random"), "{told}");
    let many = json!({"event": EVENT, "random": {SET: 101}}).to_string();
    let told = to(Method::POST, ORDERS, &many).await.error(400);
    assert!(told.contains("1 to 100"), "{told}");
    to(Method::PATCH, &own, &" ".repeat(5000)).await.error(413);
    for bad in ["x", "56a76c72f06c5a77b593801", "%FF", "56a76c72f06c5a77b5938010"] {
        for method in [Method::GET, Method::PATCH, Method::DELETE] {
            to(method, &path(bad), "{\"status\": \"done\"}").await.error(404);
        }
    }
    let nothing = to(Method::GET, "/v1/resources/halls", "").await;
    assert!(nothing.error(404).contains("/v1/resources/halls"), "{nothing:?}");
    let put = to(Method::PUT, &own, "{}").await;
    put.error(405);
    assert_eq!(put.header("allow"), Some("DELETE, GET, HEAD, PATCH"));
    let put = to(Method::DELETE, ORDERS, "").await;
    put.error(405);
    assert_eq!(put.header("allow"), Some("GET, HEAD, POST"));
    let text =
        app.request(Method::PATCH, &own).header("Authorization", format!("key {}", key(ORG)));
    send(text.header("Content-Type", "text/plain").body("{}")).await.error(400);
    assert_eq!(app.finish().await.tasks.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_fast_is_told_when_to_ask_again() {
    let app = TestApp::on(Stores::Sqlite, Queues::InProcess).await;
    let app = app.set("limits.requests_per_s", 1).set("limits.burst", 1).start().await;
    seed(app.store()).await;
    look(&app, EVENT).await.error(404);
    let refused = look(&app, EVENT).await;
    refused.error(429);
    assert_eq!(refused.header("retry-after"), Some("1"));
    app.finish().await;
}
