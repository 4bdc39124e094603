//! Bodies that are no requests: too large, of another kind, not JSON, or made to hurt.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::app::TestApp;
use crate::support::ask::code;
use crate::support::client::read;
use crate::support::reference::{TOKEN, V2};
use crate::support::soon;

/// `http.body_limit` of these tests.
const LIMIT: usize = 4096;

async fn small() -> TestApp {
    use crate::support::{place::Stores, queues::Queues};
    TestApp::on(Stores::Sqlite, Queues::InProcess).await.set("http.body_limit", LIMIT).start().await
}

/// Sends bytes as they are and reads until the server has said everything.
async fn exchange(app: &TestApp, head: &str, body: &[u8]) -> String {
    let address = app.url.strip_prefix("http://").unwrap();
    let mut wire = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: {address}\r\nAggregatorAuthentication: {TOKEN}\r\n\
         Content-Type: application/json\r\nConnection: close\r\n{head}\r\n\r\n",
        wsa::protocols::whiteserver::http::CREATE
    );
    wire.write_all(head.as_bytes()).await.unwrap();
    // The server may have answered and closed before it has read all of it.
    let _ = wire.write_all(body).await;
    let mut answer = Vec::new();
    let _ = soon("the answer", wire.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_declares_too_much_is_refused_before_it_is_sent() {
    let app = small().await;
    let answer = exchange(&app, &format!("Content-Length: {}", LIMIT + 1), b"").await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.ends_with(r#"{"error":{"wsError":{"code":"BadRequest","desc":"the body is larger than 4096 bytes, the most that is accepted"}}}"#), "{answer}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_turns_out_too_large_is_refused() {
    let app = small().await;
    let chunk = format!("{:x}\r\n{}\r\n", 1024, " ".repeat(1024));
    let body = chunk.repeat(LIMIT / 1024) + "1\r\n \r\n0\r\n\r\n";
    let answer = exchange(&app, "Transfer-Encoding: chunked", body.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("BadRequest"), "{answer}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_exactly_the_limit_is_read() {
    let app = small().await;
    let question = r#"{"taskType":"GetTaskResponse","params":{"taskGuid":"x"}}"#;
    let padded = format!("{question}{}", " ".repeat(LIMIT - question.len()));
    let reply = app.create_text(&padded).await;
    assert_eq!((reply.status.as_u16(), code(&reply.json())), (200, "BadRequest"));
    assert!(reply.text.contains("task guid"), "{}", reply.text);
    let refused = app.post().body(format!("{padded} ")).send().await.unwrap();
    assert_eq!(refused.status(), 413);
    assert_eq!(refused.headers()["connection"], "close", "nothing can follow on this connection");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_arrive_is_not_waited_for() {
    use crate::support::{place::Stores, queues::Queues};
    let app = TestApp::on(Stores::Sqlite, Queues::InProcess).await;
    let app = app.set("http.body_timeout_ms", 100).start().await;
    let answer = exchange(&app, "Content-Length: 100", b"{\"taskType\":").await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("within 100 ms"), "{answer}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_kind_of_content_is_refused() {
    let app = TestApp::embedded().await;
    let kind = async |kind: &str| {
        let post = app
            .request(reqwest::Method::POST, wsa::protocols::whiteserver::http::CREATE)
            .header("AggregatorAuthentication", TOKEN)
            .body("{}");
        let post = if kind.is_empty() { post } else { post.header("Content-Type", kind) };
        read(post).await.unwrap().shown()
    };
    insta::assert_snapshot!(kind("text/plain").await, @r#"200 {"error":{"wsError":{"code":"BadRequest","desc":"Content-Type is \"text/plain\": it must be application/json"}}}"#);
    for good in ["", "application/json", "Application/JSON; charset=utf-8", "application/x+json"] {
        let told = kind(good).await;
        assert!(told.contains("missing field `taskType`"), "{good:?}: {told}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_json_is_refused_with_its_place() {
    let app = TestApp::embedded().await;
    let told = async |body: &[u8]| {
        let reply = read(app.post().body(body.to_vec())).await.unwrap();
        assert_eq!((reply.status.as_u16(), code(&reply.json())), (200, "BadRequest"));
        reply.json()["error"]["wsError"]["desc"].as_str().unwrap().to_owned()
    };
    insta::assert_snapshot!(told(b"").await, @"the body is not valid JSON: EOF while parsing a value at line 1 column 0");
    insta::assert_snapshot!(told(br#"{"taskType": PayOrder}"#).await, @"the body is not valid JSON: expected value at line 1 column 14");
    insta::assert_snapshot!(told(b"{\"taskType\":\"\xff\"}").await, @"the body is not UTF-8 from byte 13 on: it must be JSON in UTF-8");
    insta::assert_snapshot!(told("{\"a\":".repeat(50_000).as_bytes()).await, @"the body is nested too deeply: at most 32 levels are accepted");
    let deep = json!({"taskType": "GetOrder", "params": "["}).to_string();
    let deep = deep.replace("\"[\"", &format!("{}{}", "[".repeat(40), "]".repeat(40)));
    insta::assert_snapshot!(told(deep.as_bytes()).await, @"the body is nested too deeply: at most 32 levels are accepted");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_token_learns_nothing_about_the_body() {
    let app = TestApp::embedded().await;
    let caller = app.with_token("nobody");
    for body in ["{", "", &json!({"taskType": "GetOrder", "object": V2.0}).to_string()] {
        assert_eq!(code(&caller.create_text(body).await.json()), "AuthFailed");
    }
    app.finish().await;
}
