//! How many connections there may be, how slow they may be, and how much comes before a body.

use std::time::{Duration, Instant};

use wsa::boot::Role;
use wsa::domain::task::OrderGuid;

use crate::support::app::{Builder, TestApp};
use crate::support::ask::Ask;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::V2;
use crate::support::soon;
use crate::support::wire::{Wire, request, statuses};

const ALIVE: &str = "GET /healthz HTTP/1.1\r\nHost: wsa\r\n\r\n";

async fn app() -> Builder {
    TestApp::on(Stores::Sqlite, Queues::InProcess).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_its_head_a_byte_at_a_time_is_not_waited_for() {
    let app = app().await.set("http.idle_timeout_ms", 500).start().await;
    let mut wire = Wire::connect(&app.url).await;
    let started = Instant::now();
    let feeding = async {
        for byte in ALIVE.repeat(100).as_bytes() {
            wire.send([*byte]).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
            if started.elapsed() > Duration::from_secs(5) {
                break;
            }
        }
    };
    feeding.await;
    let answers = wire.statuses().await;
    assert!(answers.iter().all(|status| *status == 408), "{answers:?}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_is_closed_and_a_busy_one_is_not() {
    let app = app().await.set("http.idle_timeout_ms", 1000).start().await;
    let started = Instant::now();
    let mut silent = Wire::connect(&app.url).await;
    let mut idle = Wire::connect(&app.url).await;
    idle.send(ALIVE).await;
    assert_eq!(statuses(&idle.some().await), [200]);
    let mut busy = Wire::connect(&app.url).await;
    for _ in 0..6 {
        busy.send(ALIVE).await;
        assert_eq!(statuses(&busy.some().await), [200]);
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    assert_eq!(idle.rest().await, "", "closed without a word");
    assert_eq!(silent.rest().await, "");
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_an_answer_is_not_idle() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.role(Role::Api);
    let app = app.set("http.idle_timeout_ms", 300).start().await;
    // Nobody carries it out: it is answered at its deadline.
    let ask = Ask::get_order(V2, OrderGuid::new()).within(2).synchronous().to_string();
    let mut wire = Wire::connect(&app.url).await;
    wire.send(request(&format!("Content-Length: {}\r\n", ask.len()), &ask)).await;
    let answer = wire.some().await;
    assert!(answer.contains(r#""code":"Timeout""#), "{answer}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_has_a_size_and_a_number_of_lines() {
    let app = app().await.set("http.head_limit", 2048).start().await;
    for (name, head, status) in [
        (
            "a long line",
            format!("GET /healthz HTTP/1.1\r\nHost: wsa\r\nX: {}\r\n\r\n", "x".repeat(4096)),
            431,
        ),
        ("a long path", format!("GET /{} HTTP/1.1\r\nHost: wsa\r\n\r\n", "x".repeat(4096)), 431),
        (
            "a long query",
            format!("GET /healthz?{} HTTP/1.1\r\nHost: wsa\r\n\r\n", "x".repeat(4096)),
            431,
        ),
        (
            "101 headers",
            format!("GET /healthz HTTP/1.1\r\nHost: wsa\r\n{}\r\n", "X: y\r\n".repeat(100)),
            431,
        ),
        (
            "100 headers",
            format!("GET /healthz HTTP/1.1\r\nConnection: close\r\n{}\r\n", "X: y\r\n".repeat(99)),
            200,
        ),
        (
            "a head that never ends",
            format!("GET /healthz HTTP/1.1\r\nX: {}", "x".repeat(1_000_000)),
            431,
        ),
    ] {
        let mut wire = Wire::connect(&app.url).await;
        wire.send(head).await;
        let answers = wire.statuses().await;
        // A server that closes with bytes unread resets the connection, and the answer may be lost by that.
        assert!(
            answers == [status] || (status != 200 && answers.is_empty()),
            "{name}: {answers:?}"
        );
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_the_number_of_connections_the_next_one_waits_for_its_turn() {
    let app =
        app().await.set("http.connections", 3).set("http.idle_timeout_ms", 5000).start().await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut wire = Wire::connect(&app.url).await;
        wire.send(ALIVE).await;
        assert_eq!(statuses(&wire.some().await), [200]);
        held.push(wire);
    }
    let mut late = Wire::connect(&app.url).await;
    late.send(ALIVE).await;
    let early = tokio::time::timeout(Duration::from_millis(500), late.some()).await;
    assert!(early.is_err(), "served beyond the limit: {early:?}");
    drop(held.pop());
    assert_eq!(statuses(&soon("its turn", late.some()).await), [200]);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_take_its_answers_is_not_waited_for() {
    let app =
        app().await.set("http.connections", 1).set("http.write_timeout_ms", 500).start().await;
    let mut greedy = Wire::connect(&app.url).await;
    // Far more than a socket holds, and nobody reads.
    greedy.send("GET /openapi.json HTTP/1.1\r\nHost: wsa\r\n\r\n".repeat(400)).await;
    assert_eq!(statuses(&greedy.some().await)[..1], [200], "it has its place");
    let mut next = Wire::connect(&app.url).await;
    next.send(ALIVE).await;
    assert_eq!(statuses(&soon("the place is free again", next.some()).await), [200]);
    drop(greedy);
    app.finish().await;
}
