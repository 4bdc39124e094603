//! Where operators are served.

use reqwest::Method;
use wsa::boot::Role;
use wsa::ops::access;

use super::{Ops, app, told};
use crate::support::app::TestApp;
use crate::support::client::http;
use crate::support::eventually;
use crate::support::place::Stores;
use crate::support::queues::Queues;

#[tokio::test(flavor = "multi_thread")]
async fn health_and_metrics_are_there_and_the_api_of_callers_is_not() {
    let app = app().await;
    let ops = Ops::of(&app, "none".into());
    for (path, status) in [("/healthz", 200), ("/readyz", 200), ("/metrics", 200), ("/docs", 404)] {
        assert_eq!(ops.get(path).await.status, status, "{path}");
    }
    let document = ops.get("/ops/v1/openapi.json").await.ok();
    assert_eq!(document, wsa::ops::contract::document(), "it needs no token");
    let lost = ops.get("/wsserverlp/api/v2/aggregators/GetTaskResponse/").await;
    assert!(lost.refused(404).contains("there is no /wsserverlp"));
    let answer = told(ops.send(Method::DELETE, "/ops/v1/tasks", None).await).await;
    assert!(answer.refused(405).contains("DELETE is not possible on /ops/v1/tasks"));
    assert_eq!(app.get("/ops/v1/tasks").await.unwrap().status, 404, "callers have no such door");
    assert_eq!(app.get("/metrics").await.unwrap().status, 200, "scraping goes on as before");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_leave_the_public_listener_where_that_is_set() {
    let builder = TestApp::on(Stores::Sqlite, Queues::InProcess).await;
    let builder = builder.set("ops.listen", "127.0.0.1:0").set("ops.public_metrics", "false");
    let app = builder.start().await;
    assert_eq!(app.get("/metrics").await.unwrap().status, 404);
    assert_eq!(app.get("/readyz").await.unwrap().status, 200);
    assert_eq!(Ops::of(&app, "none".into()).get("/metrics").await.status, 200);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_keeps_no_caller_waiting() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let builder = TestApp::on(Stores::Sqlite, Queues::InProcess).await;
    let app = builder.role(Role::Up).set("ops.listen", address).start().await;
    assert_eq!(app.get("/readyz").await.unwrap().status, 200);
    drop(taken);
    let http = http();
    eventually("operators are served when the address is free", async || {
        http.get(format!("http://{address}/healthz")).send().await.is_ok()
    })
    .await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_is_kept_by_anybody_between() {
    let app = app().await;
    let ops = Ops::with(&app, access::Role::Viewer).await;
    let response = ops.send(Method::GET, "/ops/v1/me", None).await;
    assert_eq!(response.headers()["cache-control"], "no-store");
    app.finish().await;
}
