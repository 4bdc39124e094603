//! Clients that close their half of the connection behind a request: they get the answer. Whoever is gone
//! looks like one of them at first, holds no place for long and takes no notification along.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Method;
use rustls::pki_types::ServerName;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use wsa::boot::Role;

use crate::activeplatform::bridge;
use crate::billmanager::shop;
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::certificates::{Authority, Valid};
use crate::support::client::poll;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, TOKEN, V1, V2};
use crate::support::wire::{Wire, request, statuses};
use crate::support::{eventually, soon};
use crate::ticketscloud::seller;

const ALIVE: &str = "GET /healthz HTTP/1.1\r\nHost: wsa\r\n\r\n";
/// For how long a worker waits for more tasks before it begins, in the tests that need an answer to take time.
const LINGER_MS: u64 = 1000;

/// A request to `Create`, byte for byte.
fn create(body: &Value) -> String {
    let body = body.to_string();
    request(&format!("Content-Length: {}\r\n", body.len()), &body)
}

fn listen(queue_type: &str) -> String {
    let body = json!({"queueType": queue_type}).to_string();
    format!(
        "POST {} HTTP/1.1\r\nHost: wsa\r\nAggregatorAuthentication: {TOKEN}\r\nContent-Length: {}\r\n\r\n{body}",
        wsa::protocols::whiteserver::http::LISTEN_QUEUE,
        body.len()
    )
}

/// A request of any protocol, byte for byte.
fn bytes(request: reqwest::RequestBuilder) -> String {
    let request = request.build().unwrap();
    let body = request.body().and_then(|body| body.as_bytes()).unwrap_or_default();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let lines = request.headers().iter();
    let lines: String =
        lines.map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap())).collect();
    let (method, path) = (request.method(), request.url().path());
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: wsa\r\n{lines}Content-Length: {length}\r\n\r\n{body}"
    )
}

/// Sends it, closes the sending half, and reads all that comes.
async fn half_closing(app: &TestApp, sent: impl AsRef<[u8]>) -> String {
    let mut wire = Wire::connect(&app.url).await;
    wire.send(sent).await;
    wire.0.shutdown().await.unwrap();
    wire.rest().await
}

/// The body of an answer with status 200 and a length.
fn json_of(answer: &str) -> Value {
    assert_eq!(statuses(answer), [200], "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap_or_else(|_| panic!("no JSON: {answer}"))
}

/// The body of an answer from a queue: a notification comes in one chunk.
fn heard_of(answer: &str) -> Value {
    if !answer.contains("transfer-encoding: chunked") {
        return json_of(answer);
    }
    assert!(answer.ends_with("\r\n0\r\n\r\n"), "it is whole: {answer}");
    let text = answer.split("\r\n").find(|line| line.starts_with('{')).unwrap();
    serde_json::from_str(text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_closes_its_half_is_answered_however_long_it_takes() {
    let app = TestApp::on(Stores::Sqlite, Queues::InProcess).await;
    let app = app.set("worker.linger_ms", LINGER_MS).start().await;
    let orders = app.orders(V2, "10.00", 3).await;
    let pay = |number: usize| Ask::pay(V2, orders[number], &[("10.00", CASH)]);

    let promised = json_of(&half_closing(&app, create(&pay(0).asynchronous())).await);
    let guid = promised["responseCommon"]["taskGuid"].as_str().unwrap().parse().unwrap();
    let polled = json_of(&half_closing(&app, create(&poll(guid, 20))).await);
    assert_eq!(code(&polled), "done", "{polled}");
    assert_eq!(polled, app.answer(guid).await);

    let started = Instant::now();
    let waited = json_of(&half_closing(&app, create(&pay(1).synchronous())).await);
    assert_eq!(code(&waited), "done", "{waited}");
    let took = started.elapsed();
    assert!(took > Duration::from_millis(LINGER_MS / 2), "nothing had to be waited for: {took:?}");

    // Several in one go: each is answered, and then the connection ends.
    let all = [ALIVE, &create(&pay(2).synchronous()), ALIVE].concat();
    assert_eq!(statuses(&half_closing(&app, all).await), [200, 200, 200]);
    app.finish().await.assert_paid_once(&orders);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_closes_its_half_too_early_has_asked_for_nothing() {
    let app = TestApp::embedded().await;
    let order = app.order(V2, "10.00").await;
    let whole = create(&Ask::pay(V2, order, &[("10.00", CASH)]).synchronous());
    for size in [10, whole.find("\r\n\r\n").unwrap() + 4, whole.len() - 1] {
        let answer = half_closing(&app, &whole[..size]).await;
        assert!(!answer.contains("taskGuid"), "{size} bytes: {answer}");
    }
    assert!(app.finish().await.tasks.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_closes_its_half_is_answered_in_every_protocol() {
    let app = TestApp::embedded().await;
    bridge::seed(app.store()).await;
    bridge::put(app.store(), &bridge::waiting(bridge::TOP, 6475, "2005258")).await;
    seller::seed(app.store()).await;
    let shop = shop::seed(app.store()).await;
    shop::deposit(&app, shop.anna, "20").await;

    let payment = bridge::path(bridge::TOP, "6475");
    let patch = bridge::request(&app, Method::PATCH, &payment).body(bridge::EXAMPLE);
    let answer = half_closing(&app, bytes(patch)).await;
    assert_eq!(statuses(&answer), [200], "{answer}");
    let body = json!({"event": seller::EVENT, "random": {seller::SET: 2}}).to_string();
    let post = seller::request(&app, seller::ORG, Method::POST, seller::ORDERS).body(body);
    let answer = half_closing(&app, bytes(post)).await;
    assert_eq!(statuses(&answer), [201], "{answer}");
    let order = [("sok", "ok"), ("pricelist", "2"), ("order_period", "1"), ("skipbasket", "on")];
    let body = shop::body_of(shop::ANNA, "v2.vds.order.param", &order);
    let answer = half_closing(&app, bytes(shop::post(&app, body))).await;
    assert!(statuses(&answer) == [200] && answer.contains("billorder"), "{answer}");
    assert_eq!(app.finish().await.count(Some("done")), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_closes_its_half_of_tls_is_answered() {
    let authority = Authority::new();
    let app = crate::tls::api::with(&authority.server("api", "127.0.0.1", Valid::Now)).await;
    let app = app.set("worker.linger_ms", LINGER_MS).start().await;
    let orders = app.orders(V2, "10.00", 2).await;
    let config = wsa::runtime::tls::config("", &authority.trusted()).unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    for (order, and_tcp) in orders.iter().zip([true, false]) {
        let stream = TcpStream::connect(app.url.strip_prefix("https://").unwrap()).await.unwrap();
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let mut stream = connector.connect(name, stream).await.unwrap();
        let pay = Ask::pay(V2, *order, &[("10.00", CASH)]).synchronous();
        stream.write_all(create(&pay).as_bytes()).await.unwrap();
        if and_tcp {
            stream.shutdown().await.unwrap();
        } else {
            // `close_notify`, and the connection below it stays open.
            let (tcp, session) = stream.get_mut();
            session.send_close_notify();
            let mut last = Vec::new();
            while session.wants_write() {
                session.write_tls(&mut last).unwrap();
            }
            tcp.write_all(&last).await.unwrap();
        }
        let mut answer = Vec::new();
        soon("the answer", stream.read_to_end(&mut answer)).await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        assert_eq!(code(&json_of(&answer)), "done", "{answer}");
    }
    app.finish().await.assert_paid_once(&orders);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_that_closes_its_half_hears_what_is_there_and_is_not_held() {
    let app = TestApp::embedded().await;
    let order = app.order(V1, "10.00").await;
    let guid = app.pay(V1, order, "1.00").await;
    app.answer(guid).await;
    let answer = half_closing(&app, listen("TaskQueue")).await;
    let heard = heard_of(&answer);
    assert_eq!(heard["responseCommon"]["taskGuid"], guid.to_string(), "{answer}");
    eventually("it has left its queue", async || {
        app.place.number("SELECT count(*) FROM deliveries WHERE NOT is_event").await == 0
    })
    .await;
    let started = Instant::now();
    let heard = heard_of(&half_closing(&app, listen("TaskQueue")).await);
    assert_eq!(heard, json!({"responseCommon": {"asyncCode": "NoOperations"}}));
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_that_closes_its_half_and_then_all_takes_nothing_with_it() {
    let app = TestApp::embedded().await;
    let order = app.order(V1, "10.00").await;
    for round in 0..6_u64 {
        let mut gone = Vec::new();
        for _ in 0..5 {
            let mut wire = Wire::connect(&app.url).await;
            wire.send(listen("TaskQueue")).await;
            wire.0.shutdown().await.unwrap();
            gone.push(wire);
        }
        // It waits by then, or its request has not been read.
        tokio::time::sleep(Duration::from_millis(round * 10)).await;
        drop(gone);
        let guid = app.pay(V1, order, "1.00").await;
        app.answer(guid).await;
        let heard = crate::support::client::read(
            app.post_to(wsa::protocols::whiteserver::http::LISTEN_QUEUE)
                .body(r#"{"queueType":"TaskQueue"}"#),
        );
        let heard = heard.await.unwrap().json();
        assert_eq!(heard["responseCommon"]["taskGuid"], guid.to_string(), "{round}: {heard}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_gone_holds_no_place_for_long() {
    let app = TestApp::on(Stores::Sqlite, Queues::InProcess).await;
    let app = app.set("http.connections", 1).start().await;
    // As one that exits, and as one that is killed.
    for reset in [false, true] {
        let mut gone = Wire::connect(&app.url).await;
        gone.send(listen("AllQueues")).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        if reset {
            gone.0.set_zero_linger().unwrap();
        }
        drop(gone);
        let started = Instant::now();
        let mut next = Wire::connect(&app.url).await;
        next.send(ALIVE).await;
        assert_eq!(statuses(&soon("its turn", next.some()).await), [200]);
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "reset: {reset}, {:?}",
            started.elapsed()
        );
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_killed_while_it_waits_for_an_answer_holds_no_place() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.role(Role::Api);
    let app = app.set("http.connections", 2).start().await;
    let order = app.order(V2, "10.00").await;
    let mut gone = Wire::connect(&app.url).await;
    let pay = Ask::pay(V2, order, &[("10.00", CASH)]).within(60);
    gone.send(create(&pay.synchronous())).await;
    eventually("it is accepted", async || app.store().backlog().await.unwrap().open == 1).await;
    // Half-closed first: the rest of its end has to be noticed all the same.
    gone.0.shutdown().await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    gone.0.set_zero_linger().unwrap();
    drop(gone);
    let started = Instant::now();
    let mut others = [Wire::connect(&app.url).await, Wire::connect(&app.url).await];
    for other in &mut others {
        other.send(ALIVE).await;
        assert_eq!(statuses(&soon("its turn", other.some()).await), [200]);
    }
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    let worker = app.beside(Role::Worker).start().await;
    let books = app.finish().await;
    worker.stop().await;
    books.assert_paid_once(&[order]);
}
