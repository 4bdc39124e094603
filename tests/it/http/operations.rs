//! Health, metrics, and what is not there.

use reqwest::Method;

use crate::support::app::TestApp;
use crate::support::ask::Ask;
use crate::support::client::read;
use crate::support::reference::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_not_found_in_the_protocols_form() {
    let app = TestApp::embedded().await;
    let told =
        async |method: Method, path: &str| read(app.request(method, path)).await.unwrap().shown();
    insta::assert_snapshot!(told(Method::GET, "/nothing").await, @r#"404 {"error":{"wsError":{"code":"BadRequest","desc":"there is nothing at /nothing: tasks go to /wsserverlp/api/v2/aggregators/Create"}}}"#);
    insta::assert_snapshot!(told(Method::GET, wsa::protocols::whiteserver::http::CREATE).await, @r#"405 {"error":{"wsError":{"code":"BadRequest","desc":"GET is not accepted here: tasks are sent by POST to /wsserverlp/api/v2/aggregators/Create"}}}"#);
    assert!(told(Method::POST, "/healthz").await.starts_with("405 "));
    assert!(told(Method::PUT, wsa::protocols::whiteserver::http::CREATE).await.starts_with("405 "));
    assert!(told(Method::POST, "/").await.starts_with("404 "));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_told_without_a_token() {
    let app = TestApp::embedded().await;
    assert_eq!(app.get("/healthz").await.unwrap().shown(), "200 ok\n");
    let ready = app.get("/readyz").await.unwrap().shown();
    insta::assert_snapshot!(ready, @r#"200 {"store":"ok","queue":"ok","consuming":"ok"}"#);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_count_and_give_nothing_away() {
    let app = TestApp::embedded().await;
    let order = app.order(V2, "10.00").await;
    let line = serde_json::json!({"amount": 10, "currency": CARD, "cardCode": "card-7001"});
    let guid = app.submit(&Ask::pay(V2, order, &[]).with("payments", vec![line])).await;
    app.answer(guid).await;
    app.ask(&Ask::pay(V2, order, &[("10.00", CASH)])).await;
    app.with_token("nobody-has-this").create_text("{}").await;
    let metrics = app.get("/metrics").await.unwrap();
    assert_eq!(metrics.status, 200);
    let text = metrics.text;
    for line in [
        "wsa_tasks_accepted_total 2",
        "wsa_tasks_answered_total{outcome=\"done\"} 1",
        "wsa_tasks_answered_total{outcome=\"refused\"} 1",
        "wsa_dead_letters_total 0",
        "wsa_tasks_in_flight 0",
        "wsa_answer_seconds_count 2",
        "wsa_request_seconds_count{task_type=\"PayOrder\",result=\"ok\"} 2",
        "wsa_request_seconds_count{task_type=\"unknown\",result=\"AuthFailed\"} 1",
        "# EOF",
    ] {
        assert!(text.lines().any(|there| there == line), "{line} is not in:\n{text}");
    }
    let (guid, order, object) = (guid.to_string(), order.to_string(), V2.to_string());
    for secret in [TOKEN, "nobody-has-this", "card-7001", &guid, &order, &object] {
        assert!(!text.contains(secret), "{secret} is in:\n{text}");
    }
    app.finish().await;
}
