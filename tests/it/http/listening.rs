//! `ListenQueue`: answers and events, each at least once, to whoever of the aggregator listens.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wsa::boot::Role;

use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::client::{Client, Reply};
use crate::support::eventually;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::*;

impl Client {
    async fn listen(&self, queue_type: &str) -> Reply {
        let body = json!({"queueType": queue_type}).to_string();
        crate::support::client::read(
            self.post_to(wsa::protocols::whiteserver::http::LISTEN_QUEUE).body(body),
        )
        .await
        .unwrap()
    }
}

fn is_nothing(reply: &Value) -> bool {
    *reply == json!({"responseCommon": {"asyncCode": "NoOperations"}})
}

/// How many notifications wait in all subscriptions.
async fn notifications(app: &TestApp) -> i64 {
    app.place.number("SELECT count(*) FROM deliveries").await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_listened_to_is_a_bad_request() {
    let app = TestApp::embedded().await;
    for (body, told) in [
        ("", "the body is not JSON"),
        ("{}", "queueType"),
        (r#"{"queueType":"Tasks"}"#, r#"queueType \"Tasks\" is not known: it must be one of"#),
    ] {
        let request = app.post_to(wsa::protocols::whiteserver::http::LISTEN_QUEUE).body(body);
        let reply = crate::support::client::read(request).await.unwrap();
        assert_eq!((reply.status.as_u16(), code(&reply.json())), (200, "BadRequest"), "{body}");
        assert!(reply.text.contains(told), "{reply:?}");
    }
    let stranger = app.with_token("nobody's").listen("TaskQueue").await;
    assert_eq!(code(&stranger.json()), "AuthFailed");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_and_an_event_have_the_published_form_on_sqlite() {
    an_answer_and_an_event_have_the_published_form(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_and_an_event_have_the_published_form_on_postgres() {
    an_answer_and_an_event_have_the_published_form(Stores::Postgres).await;
}

async fn an_answer_and_an_event_have_the_published_form(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    let order = app.order(V2, "10.00").await;
    let guid = app.pay(V2, order, "10.00").await;
    let answer = app.answer(guid).await;
    let heard = app.listen("TaskQueue").await;
    assert_eq!(heard.json(), answer, "the answer as it is polled");

    let event = app.listen("EventQueue").await;
    insta::allow_duplicates! {
        insta::assert_snapshot!(event.shown(), @r#"200 {"responseCommon":{"taskType":"Event","objectId":199990246,"agentGuid":"<agent>"},"eventResponse":{"eventGuid":"<guid 1>","eventType":"OrderChanged","dateTimeServerReceiveEventFromAgent":"<time>","orderVersion":2,"order":{"orderGuid":"<guid 2>","originalOrderId":null,"createdAt":"<time>","status":{"value":"Complited","isBillPrinted":false},"delivery":{"expectedTime":null},"products":[],"comment":null,"personsQuantity":null,"price":{"total":10.00,"summToPay":0.00}}}}"#);
    }
    // The other aggregator has the same licences, and hears of the order but not of the task.
    let other = app.with_token(OTHER_TOKEN);
    let theirs = other.listen("AllQueues").await;
    assert_eq!(theirs.json()["eventResponse"]["order"]["orderGuid"], order.to_string());
    eventually("all letters have left", async || notifications(&app).await == 0).await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_is_told_at_once_and_a_synchronous_answer_is_not_told_again() {
    for queue in [Queues::InProcess, Queues::Amqp] {
        let app = TestApp::on(Stores::Sqlite, queue).await.start().await;
        let (client, order) = ((*app).clone(), app.order(V1, "10.00").await);
        let listening = tokio::spawn(async move { client.listen("TaskQueue").await });
        eventually("somebody listens", async || {
            app.get("/metrics").await.unwrap().text.contains("wsa_requests_waiting 1\n")
        })
        .await;
        let cash = |amount| Ask::pay(V1, order, &[(amount, CASH)]);
        assert_eq!(code(&app.ask(&cash("1.00")).await), "done");
        let started = Instant::now();
        let guid = app.submit(&cash("2.00")).await;
        let heard = listening.await.unwrap().json();
        assert_eq!(heard["responseCommon"]["taskGuid"], guid.to_string(), "{heard}");
        assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
        app.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_comes_in_twenty_seconds() {
    let app = TestApp::embedded().await;
    let started = Instant::now();
    let heard = app.listen("AllQueues").await.json();
    assert!(is_nothing(&heard), "{heard}");
    let took = started.elapsed();
    assert!((Duration::from_secs(20)..Duration::from_secs(25)).contains(&took), "{took:?}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_listeners_share_the_letters_and_each_comes_once() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.start().await;
    let second = app.beside(Role::Api).start().await;
    let orders = app.orders(V1, "10.00", 40).await;
    let listeners = (0..20).map(|number| {
        let client = if number % 2 == 0 { (*app).clone() } else { (*second).clone() };
        tokio::spawn(async move {
            let mut heard = Vec::new();
            // Two notifications a listener, if they share as they should.
            while heard.len() < 2 {
                heard.push(client.listen("TaskQueue").await.json());
            }
            heard
        })
    });
    let listeners: Vec<_> = listeners.collect();
    let mut guids = Vec::new();
    for order in &orders {
        guids.push(app.pay(V1, *order, "1.00").await.to_string());
    }
    let mut heard: HashMap<String, usize> = HashMap::new();
    for notifications in join_all(listeners).await {
        for notification in notifications.unwrap() {
            let guid =
                notification["responseCommon"]["taskGuid"].as_str().unwrap_or("none").to_owned();
            *heard.entry(guid).or_default() += 1;
        }
    }
    assert!(guids.iter().all(|guid| heard.get(guid) == Some(&1)), "{heard:?}");
    eventually("only events are left", async || {
        app.place.number("SELECT count(*) FROM deliveries WHERE NOT is_event").await == 0
    })
    .await;
    second.stop().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_that_goes_away_takes_nothing_with_it() {
    let app = TestApp::embedded().await;
    let order = app.order(V1, "10.00").await;
    let request = format!(
        "POST {} HTTP/1.1\r\nHost: x\r\nAggregatorAuthentication: {TOKEN}\r\nContent-Length: {}\r\n\r\n{}",
        wsa::protocols::whiteserver::http::LISTEN_QUEUE,
        25,
        r#"{"queueType":"TaskQueue"}"#
    );
    let place = app.url.strip_prefix("http://").unwrap();
    for round in 0..10 {
        let mut gone = tokio::net::TcpStream::connect(place).await.unwrap();
        gone.write_all(request.as_bytes()).await.unwrap();
        if round % 2 == 0 {
            // Sometimes it waits by then, sometimes it has not begun.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        drop(gone);
    }
    let guid = app.pay(V1, order, "1.00").await;
    let heard = app.listen("TaskQueue").await.json();
    assert_eq!(heard["responseCommon"]["taskGuid"], guid.to_string(), "{heard}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_survives_a_restart_and_leaves_only_when_it_was_written_out() {
    let app = TestApp::on(Stores::Sqlite, Queues::InProcess).await.start().await;
    let order = app.order(V1, "10.00").await;
    let guid = app.pay(V1, order, "1.00").await;
    app.answer(guid).await;
    // In the hands of a process that dies: leased, and never removed.
    let subscription =
        app.place.number("SELECT mailbox_id FROM deliveries WHERE NOT is_event").await;
    let taken = app
        .store()
        .take_notifications(&[(wsa::domain::outbox::SubscriptionId(subscription), 5)], 1)
        .await
        .unwrap();
    assert_eq!(taken.len(), 1);
    let again = app.beside(Role::Up);
    app.stop().await;
    let app = again.start().await;
    let heard = app.listen("TaskQueue").await.json();
    assert_eq!(heard["responseCommon"]["taskGuid"], guid.to_string(), "{heard}");
    eventually("it has left", async || {
        app.place.number("SELECT count(*) FROM deliveries WHERE NOT is_event").await == 0
    })
    .await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_service_ends_listeners_are_sent_away() {
    let app = TestApp::embedded().await;
    let client = (*app).clone();
    let listening = tokio::spawn(async move { client.listen("AllQueues").await.json() });
    eventually("somebody listens", async || {
        app.get("/metrics").await.unwrap().text.contains("wsa_requests_waiting 1\n")
    })
    .await;
    let started = Instant::now();
    app.finish().await;
    assert!(is_nothing(&listening.await.unwrap()));
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_gets_its_letter_whole() {
    let app = TestApp::embedded().await;
    let order = app.order(V1, "10.00").await;
    let guid = app.pay(V1, order, "1.00").await;
    app.answer(guid).await;
    let body = r#"{"queueType":"TaskQueue"}"#;
    let request = format!(
        "POST {} HTTP/1.1\r\nHost: x\r\nAggregatorAuthentication: {TOKEN}\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{body}",
        wsa::protocols::whiteserver::http::LISTEN_QUEUE,
        body.len()
    );
    let place = app.url.strip_prefix("http://").unwrap();
    let mut slow = tokio::net::TcpStream::connect(place).await.unwrap();
    slow.write_all(request.as_bytes()).await.unwrap();
    let mut text = Vec::new();
    let mut byte = [0];
    while slow.read(&mut byte).await.unwrap() == 1 {
        text.push(byte[0]);
    }
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains(&guid.to_string()) && text.ends_with("0\r\n\r\n"), "{text}");
    app.finish().await;
}
