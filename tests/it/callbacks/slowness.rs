//! A receiver that is slow keeps only its own deliveries waiting; the end waits for what is in hand.

use std::time::{Duration, Instant};

use crate::support::callbacks::*;
use crate::support::eventually;
use crate::support::receiver::{Does, Receiver};

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_hangs_slows_no_other() {
    let app = app().await.set("callbacks.timeout_ms", 10_000);
    let app = app.set("shutdown.drain_s", 1).start().await;
    let slow = Receiver::does(Does::Hangs).await;
    let (slow_callback, _) = add(app.store(), &slow.url()).await;
    for _ in 0..100 {
        put_event(&app.place, slow_callback).await;
    }
    let at_once = slow.until(4).await;
    let quick = Receiver::start().await;
    let (callback, _) = add(app.store(), &quick.url()).await;
    let began = Instant::now();
    for _ in 0..100 {
        put_event(&app.place, callback).await;
    }
    quick.until(100).await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(slow.posts().len(), at_once.len(), "4 at once and no more");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receivers_that_fail_do_not_take_all_the_places() {
    // Four places for all, of which one URL may take four.
    let app = app().await.set("callbacks.timeout_ms", 1000).set("callbacks.concurrency", 4);
    let app = app.set("shutdown.drain_s", 3).start().await;
    let mut hanging = Vec::new();
    for _ in 0..3 {
        let receiver = Receiver::does(Does::Hangs).await;
        let (callback, _) = add(app.store(), &receiver.url()).await;
        for _ in 0..50 {
            put_event(&app.place, callback).await;
        }
        hanging.push((receiver, callback));
    }
    eventually("each was seen to fail", async || {
        let all = app.store().callbacks().await.unwrap();
        all.iter().all(|callback| callback.failing_since.is_some())
    })
    .await;
    let quick = Receiver::start().await;
    let (callback, _) = add(app.store(), &quick.url()).await;
    let began = Instant::now();
    for _ in 0..20 {
        put_event(&app.place, callback).await;
    }
    quick.until(20).await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_posted_as_soon_as_it_is_put_in() {
    let app = app().await.start().await;
    let receiver = Receiver::start().await;
    add_only(app.store(), &receiver.url(), true, false).await;
    let orders = app.orders(crate::support::reference::V2, "1.00", 5).await;
    let mut longest = Duration::ZERO;
    for (n, order) in orders.into_iter().enumerate() {
        let task = app.pay(crate::support::reference::V2, order, "1.00").await;
        app.answer(task).await;
        let answered = Instant::now();
        let posts = receiver.until(n + 1).await;
        longest = longest.max(posts[n].at.saturating_duration_since(answered));
    }
    assert!(longest < Duration::from_millis(500), "news wake the dispatcher: {longest:?}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_waits_for_the_post_in_hand_and_leaves_the_rest() {
    let app = app().await.set("callbacks.concurrency_per_url", 1).start().await;
    let receiver = Receiver::does(Does::Dawdles(Duration::from_millis(700))).await;
    let (callback, _) = add(app.store(), &receiver.url()).await;
    for _ in 0..10 {
        put_event(&app.place, callback).await;
    }
    receiver.until(1).await;
    let place = app.place.clone();
    app.finish().await;
    let store = place.open();
    assert_eq!(receiver.posts().len(), 1);
    assert_eq!(results(&store, callback).await, ["200"]);
    assert_eq!(listed(&store, callback).await.waiting, 9);
    let fresh = format!(
        "SELECT count(*) FROM deliveries WHERE attempts = 0 AND due_at <= {}",
        place.moment(0)
    );
    assert_eq!(place.number(&fresh).await, 9, "they were put back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lot_of_letters_is_posted_each_once() {
    let app = app().await.start().await;
    let receiver = Receiver::start().await;
    let (callback, _) = add(app.store(), &receiver.url()).await;
    let mut events = std::collections::HashSet::new();
    for _ in 0..300 {
        events.insert(put_event(&app.place, callback).await.to_string());
    }
    eventually("all are delivered", async || listed(app.store(), callback).await.waiting == 0)
        .await;
    let posts = receiver.posts();
    assert_eq!(posts.len(), 300);
    assert_eq!(
        posts.iter().map(|post| post.id().to_owned()).collect::<std::collections::HashSet<_>>(),
        events
    );
    app.finish().await;
}
