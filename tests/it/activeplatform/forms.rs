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
    for wrong in [
        "application/json",
        "text/plain",
        "application/json; charset=utf-8",
        "application/vnd.api+json; charset=latin1",
    ] {
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
    let added = "application/vnd.api+json; charset=utf-8";
    let done = send(bare(Method::PATCH).header("Content-Type", added)).await;
    assert_eq!(done.status, 200, "{done:?}");
    assert_eq!(app.finish().await.tasks.len(), 1);
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

/// A body with more in `data` than the attributes, and with more attributes than the method.
fn body(data: &str, attributes: &str) -> String {
    let comma = |text: &str| if text.is_empty() { String::new() } else { format!(", {text}") };
    let (data, attributes) = (comma(data), comma(attributes));
    format!(r#"{{"data": {{"attributes": {{"payment_method_id": 2{attributes}}}{data}}}}}"#)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_contradicts_its_path_is_409_and_changes_nothing() {
    let app = TestApp::embedded().await;
    seed(app.store()).await;
    put(app.store(), &waiting(TOP, 6475, "2005258")).await;
    for (data, told) in [
        (r#""type": "orders""#, "data.type"),
        (r#""type": "payment", "id": "6475""#, "data.type"),
        (r#""id": "6476""#, "data.id"),
        (r#""relationships": {"reseller": {"data": {"id": "2"}}}"#, "data.relationships.reseller"),
        (
            r#""relationships": {"payment_method": {"data": {"id": "3"}}}"#,
            "data.relationships.payment_method",
        ),
    ] {
        for (method, to) in [(Method::PATCH, "6475"), (Method::POST, "2005258")] {
            let asked = request(&app, method, &path(TOP, to)).body(body(data, ""));
            let answer = send(asked).await;
            let title = answer.error(409);
            assert!(title.starts_with(told), "{title}");
            assert_eq!(answer.header("x-task-guid"), None);
        }
    }
    // What is a payment's id at one path is no document's number at the other.
    let wrong = request(&app, Method::POST, &path(TOP, "2005258"));
    send(wrong.body(body(r#""id": "6475""#, ""))).await.error(409);
    assert_eq!(balance(&app.place).await, 0);
    let right = request(&app, Method::PATCH, &path(TOP, "6475"));
    let right = send(right.body(body(r#""id": "6475", "type": "payments""#, ""))).await;
    assert_eq!(right.status, 200, "{right:?}");
    assert_eq!(app.finish().await.tasks.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_says_how_much_for_whom_or_when_is_honoured_or_refused_by_its_name() {
    let app = TestApp::embedded().await;
    seed(app.store()).await;
    put(app.store(), &waiting(TOP, 6475, "2005258")).await;
    let refused = [
        ("", r#""status": "cancelled""#, "data.attributes.status"),
        ("", r#""account_id": 506"#, "data.attributes.account_id"),
        ("", r#""manager_id": 11"#, "data.attributes.manager_id"),
        ("", r#""discount_amount": "5.0""#, "data.attributes.discount_amount"),
        ("", r#""closed_at": "2019-11-01T04:34:42+0300""#, "data.attributes.closed_at"),
        ("", r#""amount": 1, "total": 2"#, "data.attributes."),
        (r#""amount": 1"#, "", "data.amount"),
        (
            r#""relationships": {"account": {"data": {"id": "506"}}}"#,
            "",
            "data.relationships.account",
        ),
    ];
    let by_id_alone = [
        ("", r#""amount": "99.00""#, "data.attributes.amount"),
        ("", r#""total": 1"#, "data.attributes.total"),
        ("", r#""currency_code": "EUR""#, "data.attributes.currency_code"),
        ("", r#""external_transaction_id": "bank-1""#, "data.attributes.external_transaction_id"),
    ];
    let cases = refused.iter().map(|case| (Method::POST, "2005258", case));
    let cases =
        cases.chain(refused.iter().chain(&by_id_alone).map(|case| (Method::PATCH, "6475", case)));
    for (method, to, (data, attributes, told)) in cases {
        let asked = request(&app, method, &path(TOP, to)).body(body(data, attributes));
        let title = send(asked).await.error(422);
        assert!(title.starts_with(told), "{title}");
    }
    for (method, to) in [(Method::PATCH, "6475?amount=5"), (Method::POST, "2005258?amount=5")] {
        let title = send(request(&app, method, &path(TOP, to)).body(EXAMPLE)).await.error(400);
        assert!(title.starts_with("amount: it is not known here"), "{title}");
    }
    assert_eq!(balance(&app.place).await, 0);
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
