//! What a request must look like.

use reqwest::Method;

use super::bridge::*;
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;

#[tokio::test(flavor = "multi_thread")]
async fn media_types_are_negotiated() {
    let app = TestApp::embedded().await;
    seed(app.store()).await;
    put(app.store(), &waiting(TOP, 6475, "2005258")).await;
    let bare = |method| {
        app.request(method, &path(TOP, "6475")).header("X-Api-Token", token(ANNA)).body(EXAMPLE)
    };
    send(bare(Method::PATCH)).await.error(415);
    for wrong in ["application/json", "text/plain", "application/vnd.api+json; charset=utf-8"] {
        send(bare(Method::PATCH).header("Content-Type", wrong)).await.error(415);
    }
    for wrong in ["application/json", "text/html", "application/vnd.api+json; version=2"] {
        let patch = bare(Method::PATCH).header("Content-Type", MEDIA).header("Accept", wrong);
        send(patch).await.error(406);
        send(bare(Method::GET).header("Accept", wrong)).await.error(406);
    }
    for fine in ["*/*", MEDIA, "application/json, application/vnd.api+json"] {
        assert_eq!(send(bare(Method::GET).header("Accept", fine)).await.status, 200, "{fine}");
    }
    assert!(app.finish().await.tasks.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_refused_and_is_no_task() {
    let app = TestApp::on(Stores::Sqlite, Queues::InProcess).await;
    let app = app.set("http.body_limit", 2048).start().await;
    seed(app.store()).await;
    put(app.store(), &waiting(TOP, 6475, "2005258")).await;
    let to = |method, path: &str, body: String| send(request(&app, method, path).body(body));
    let payment = path(TOP, "6475");
    let patch = |body: &str| to(Method::PATCH, &payment, body.to_owned());
    patch("").await.error(400);
    patch("{").await.error(400);
    patch("{}").await.error(422);
    patch(r#"{"data": {"attributes": {}}}"#).await.error(422);
    let title = patch(r#"{"data": {"attributes": {"payment_method_id": "x"}}}"#).await.error(422);
    assert!(title.contains("payment_method_id"), "{title}");
    patch(&format!("{EXAMPLE}{}", " ".repeat(2048))).await.error(413);
    for bad in ["0", "-1", "x", "99999999999999999999", "1%2F2", "%FF"] {
        to(Method::PATCH, &path(TOP, bad), EXAMPLE.into()).await.error(404);
        to(Method::GET, &path(TOP, bad), String::new()).await.error(404);
    }
    to(Method::POST, &path(TOP, "%00"), EXAMPLE.into()).await.error(404);
    to(Method::PATCH, "/api/v3/resellers/x/payments/1", EXAMPLE.into()).await.error(404);
    to(Method::GET, "/api/v3/resellers", String::new()).await.error(404);
    let put = to(Method::PUT, &payment, EXAMPLE.into()).await;
    put.error(405);
    assert_eq!(put.header("allow"), Some("GET, HEAD, PATCH, POST"));
    to(Method::DELETE, &payment, String::new()).await.error(405);
    assert!(app.finish().await.tasks.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_fast_is_told_when_to_ask_again() {
    let app = TestApp::on(Stores::Sqlite, Queues::InProcess).await;
    let app = app.set("limits.requests_per_s", 1).set("limits.burst", 1).start().await;
    seed(app.store()).await;
    look(&app, TOP, "1").await.error(404);
    let refused = look(&app, TOP, "1").await;
    refused.error(429);
    assert_eq!(refused.header("retry-after"), Some("1"));
    app.finish().await;
}
