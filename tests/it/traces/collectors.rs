//! A collector that is away, or takes nothing, stops nothing.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use tokio::net::TcpListener;

use super::payments::{TRACE, pay_with, traceparent};
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::collector::Collector;
use crate::support::place::{Place, Stores};
use crate::support::process::Process;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, V2};
use crate::support::{eventually, reference, stores};

/// The longest that a process may take to end after its last request, with a collector that answers nothing: two
/// seconds for it, and what ending takes anyway.
const ENDED_WITHIN: Duration = Duration::from_secs(8);

async fn payments_go_on_and_the_end_is_in_time(endpoint: &str) {
    let place = Place::migrated(Stores::Sqlite).await;
    let store = place.open();
    reference::seed(&store).await;
    let orders = stores::open_orders(&store, V2, "10.00", 20).await;
    let (_, directory) = place.settings();
    let variables = [("WSA__OTEL__ENDPOINT", endpoint), ("WSA__OTEL__SAMPLE_RATIO", "1")];
    let process = Process::start(&["up", "--data-dir", &directory], &variables).await;
    process.until_ready_says(200).await;
    let mut slowest = Duration::ZERO;
    for order in orders {
        let began = Instant::now();
        let answer = process.client.ask(&Ask::pay(V2, order, &[("10.00", CASH)])).await;
        assert_eq!(code(&answer), "done", "{answer}");
        slowest = slowest.max(began.elapsed());
    }
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
    process.until_ready_says(200).await;
    let began = Instant::now();
    assert!(process.terminate().await.success());
    assert!(began.elapsed() < ENDED_WITHIN, "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_stops_nothing() {
    payments_go_on_and_the_end_is_in_time("http://127.0.0.1:9").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_answers_nothing_stops_nothing() {
    // It takes connections, and that is all.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    payments_go_on_and_the_end_is_in_time(&endpoint).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_are_sent_when_the_collector_is_back_and_counted_when_it_refuses() {
    let collector = Collector::start().await;
    let app = TestApp::on(Stores::Sqlite, Queues::InProcess).await;
    let app = app.set("otel.endpoint", collector.url()).set("otel.sample_ratio", 0).start().await;
    let orders = app.orders(V2, "10.00", 2).await;
    collector.answers(Some(StatusCode::SERVICE_UNAVAILABLE));
    pay_with(&app, &Ask::get_order(V2, orders[0]), &traceparent(true)).await;
    eventually("it was tried", async || collector.headers().len() > 1).await;
    assert!(collector.all().is_empty());
    collector.answers(None);
    collector.until(TRACE, "settle").await;
    let metrics = &app.app().metrics;
    eventually("they are counted", async || metrics.spans_exported.get() >= 5).await;
    assert_eq!(metrics.spans_dropped.get(), 0);

    collector.answers(Some(StatusCode::BAD_REQUEST));
    pay_with(&app, &Ask::get_order(V2, orders[1]), &traceparent(true)).await;
    eventually("those are dropped", async || metrics.spans_dropped.get() >= 5).await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_spans_are_sent_before_the_process_ends() {
    let collector = Collector::start().await;
    let app = TestApp::on(Stores::Sqlite, Queues::InProcess).await;
    let app = app.set("otel.endpoint", collector.url()).set("otel.sample_ratio", 0).start().await;
    let order = app.order(V2, "10.00").await;
    let guid = pay_with(&app, &Ask::get_order(V2, order), &traceparent(true)).await;
    app.answer(guid).await;
    app.finish().await;
    let spans = collector.of(TRACE);
    assert!(spans.iter().any(|span| span.name == "settle"), "{spans:#?}");
}
