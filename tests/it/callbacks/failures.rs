//! What fails is tried again, and every attempt is written down.

use std::sync::atomic::Ordering;

use crate::support::callbacks::*;
use crate::support::eventually;
use crate::support::place::{Place, Stores};
use crate::support::process::Process;
use crate::support::receiver::{Does, Receiver};
use crate::support::reference::{V2, seed};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_by_an_error_is_tried_again_until_it_is_taken() {
    let app = app().await.start().await;
    let receiver = Receiver::start().await.first([Does::Says(500), Does::Says(404)]);
    let (callback, _) = add(app.store(), &receiver.url()).await;
    let event = put_event(&app.place, callback).await;
    let posts = receiver.until(3).await;
    assert!(posts.iter().all(|post| post.id() == event.to_string() && post.body == posts[0].body));
    eventually("it is delivered", async || listed(app.store(), callback).await.waiting == 0).await;

    let log = log(app.store(), callback).await;
    let shown: Vec<_> = log.iter().map(|a| (a.attempt, a.status, a.next_at.is_some())).collect();
    assert_eq!(shown, [(3, Some(200), false), (2, Some(404), true), (1, Some(500), true)]);
    for attempt in &log {
        assert_eq!((attempt.subject, attempt.object, attempt.is_event), (event, V2, true));
        assert_eq!((attempt.aggregator.as_str(), attempt.url.as_str()), ("main", &*receiver.url()));
        assert!(attempt.error.is_none() && (0..10_000).contains(&attempt.took_ms));
    }
    assert_eq!(listed(app.store(), callback).await.failing_since, None, "it is well again");
    let metrics = app.get("/metrics").await.unwrap().text;
    for line in [
        "wsa_callback_attempts_total{result=\"again\"} 2",
        "wsa_callback_attempts_total{result=\"delivered\"} 1",
    ] {
        assert!(metrics.contains(line), "{line}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_last_attempt_a_delivery_is_given_up() {
    let app = app().await.set("callbacks.retry_after_s", "0").start().await;
    let receiver = Receiver::does(Does::Says(503)).await;
    let (callback, _) = add(app.store(), &receiver.url()).await;
    put_event(&app.place, callback).await;
    eventually("it is given up", async || listed(app.store(), callback).await.waiting == 0).await;
    assert_eq!(results(app.store(), callback).await, ["503", "503"]);
    let listed = listed(app.store(), callback).await;
    assert!(listed.open && listed.failing_since.is_some());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_attempt_waits_as_long_as_the_schedule_says() {
    let app = app().await.set("callbacks.retry_after_s", "300,1800").start().await;
    let receiver = Receiver::does(Does::Says(500)).await;
    let (callback, _) = add(app.store(), &receiver.url()).await;
    put_event(&app.place, callback).await;
    eventually("it failed", async || log(app.store(), callback).await.len() == 1).await;
    let attempt = log(app.store(), callback).await.remove(0);
    let pause = attempt.next_at.unwrap().as_second() - attempt.attempted_at.as_second();
    assert!((299..=340).contains(&pause), "{pause}");
    let due = app.place.micros_between(&app.place.moment(0), "due_at");
    let due = app.place.number(&format!("SELECT {due} FROM deliveries")).await / 1_000_000;
    assert!((290..=340).contains(&due), "{due}");

    let now = format!("UPDATE deliveries SET due_at = {}", app.place.moment(0));
    app.place.execute(&now).await.unwrap();
    eventually("it failed again", async || log(app.store(), callback).await.len() == 2).await;
    let attempt = log(app.store(), callback).await.remove(0);
    let pause = attempt.next_at.unwrap().as_second() - attempt.attempted_at.as_second();
    assert!((1799..=2000).contains(&pause), "{pause}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_was_away_gets_it_when_it_is_back() {
    let app = app().await.set("callbacks.retry_after_s", "0,1,1,1,1,1,1,1").start().await;
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (callback, _) = add(app.store(), &format!("http://127.0.0.1:{port}/hook")).await;
    let event = put_event(&app.place, callback).await;
    eventually("it failed", async || log(app.store(), callback).await.len() >= 2).await;
    let receiver = Receiver::at(&format!("127.0.0.1:{port}"), Does::Says(204)).await;
    assert_eq!(receiver.until(1).await[0].id(), event.to_string());
    eventually("it is delivered", async || listed(app.store(), callback).await.waiting == 0).await;
    let results = results(app.store(), callback).await;
    assert!(results[0].starts_with("no connection"), "{results:?}");
    assert_eq!(results.last().unwrap(), "204");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_does_not_answer_in_time_has_failed() {
    let app = app().await.set("callbacks.timeout_ms", 300).start().await;
    let receiver = Receiver::start().await.first([Does::Hangs]);
    let (callback, _) = add(app.store(), &receiver.url()).await;
    put_event(&app.place, callback).await;
    receiver.until(2).await;
    eventually("it is delivered", async || listed(app.store(), callback).await.waiting == 0).await;
    assert_eq!(results(app.store(), callback).await, ["no answer within 300 ms", "200"]);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_a_failure_and_nobody_calls_where_it_leads() {
    let app = app().await.set("callbacks.retry_after_s", "").start().await;
    let target = Receiver::start().await;
    let receiver = Receiver::does(Does::Redirects(target.url())).await;
    let (callback, _) = add(app.store(), &receiver.url()).await;
    put_event(&app.place, callback).await;
    eventually("it failed", async || log(app.store(), callback).await.len() == 1).await;
    assert_eq!(results(app.store(), callback).await, ["302"]);
    app.finish().await;
    assert_eq!(target.posts().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_an_end_is_cut_off_and_its_status_counts() {
    let app = app().await.start().await;
    let receiver = Receiver::does(Does::Babbles).await;
    let (callback, _) = add(app.store(), &receiver.url()).await;
    put_event(&app.place, callback).await;
    eventually("it is delivered", async || listed(app.store(), callback).await.waiting == 0).await;
    assert_eq!(results(app.store(), callback).await, ["200"]);
    let mut sent = receiver.babbled.load(Ordering::Relaxed);
    eventually("nobody listens any more", async || {
        let before = std::mem::replace(&mut sent, receiver.babbled.load(Ordering::Relaxed));
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        before == receiver.babbled.load(Ordering::Relaxed)
    })
    .await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_posted_but_not_written_down_before_a_crash_is_posted_again() {
    let place = Place::migrated(Stores::Sqlite).await;
    let store = place.open();
    seed(&store).await;
    let receiver = Receiver::start().await.first([Does::Hangs]);
    let (callback, _) = add(&store, &receiver.url()).await;
    let event = put_event(&place, callback).await;
    let (_, directory) = place.settings();
    let variables = [("WSA__CALLBACKS__ALLOW_PRIVATE_ADDRESSES", "true")];
    let process = Process::start(&["up", "--data-dir", &directory], &variables).await;
    receiver.until(1).await;
    process.kill().await;
    assert_eq!(log(&store, callback).await, []);

    let process = Process::start(&["up", "--data-dir", &directory], &variables).await;
    process.until_ready_says(200).await;
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    assert_eq!(receiver.posts().len(), 1, "it is in somebody's hands until its lease ends");
    place.execute(&format!("UPDATE deliveries SET due_at = {}", place.moment(0))).await.unwrap();
    let posts = receiver.until(2).await;
    assert!(posts.iter().all(|post| post.id() == event.to_string()));
    eventually("it is delivered", async || listed(&store, callback).await.waiting == 0).await;
    assert_eq!(log(&store, callback).await[0].attempt, 2);
    assert!(process.terminate().await.success());
}
