//! From a published task to its answer.

use wsa::domain::task::TaskGuid;

use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::kiosk::{self, Kiosk};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, HASTY, V2};

async fn app(store: Stores) -> TestApp {
    let app = TestApp::on(store, Queues::Amqp).await.start().await;
    kiosk::enable(&app).await;
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn a_published_task_is_answered_to_reply_to_and_in_the_results_queue() {
    for store in [Stores::Sqlite, Stores::Postgres] {
        let app = app(store).await;
        let mut kiosk = Kiosk::connect(&app).await;
        let order = app.order(V2, "449.35").await;
        let guid = TaskGuid::new();
        let pay = Ask::pay(V2, order, &[("449.35", CASH)]).asynchronous().to_string();
        let properties = kiosk.properties("till 7").with_message_id(guid.to_string().into());
        kiosk.publish(properties, &pay).await;

        let reply = kiosk.reply().await;
        assert_eq!(code(&reply.json), "done", "{reply:?}");
        assert_eq!(reply.correlation_id.as_deref(), Some("till 7"));
        assert_eq!(reply.message_id, Some(guid.to_string()));
        assert_eq!(reply.kind.as_deref(), Some("PayOrder"));
        let result = kiosk.result("main").await;
        assert_eq!((&result.text, &result.correlation_id), (&reply.text, &reply.correlation_id));
        assert_eq!(app.answer(guid).await, reply.json, "and to be asked for over HTTP");
        app.finish().await.assert_paid_once(&[order]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_message_again_gives_the_same_answer_where_it_is_asked_for_now() {
    let app = app(Stores::Postgres).await;
    let order = app.order(V2, "10.00").await;
    let pay = Ask::pay(V2, order, &[("10.00", CASH)]).asynchronous().to_string();
    let mut answers = Vec::new();
    for _ in 0..3 {
        // Each time from another connection: the reply queue of the one before is gone.
        let mut kiosk = Kiosk::connect(&app).await;
        kiosk.publish(kiosk.properties("c").with_message_id("my order 7".into()), &pay).await;
        answers.push(kiosk.reply().await.text);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");

    let mut kiosk = Kiosk::connect(&app).await;
    let other = Ask::get_order(V2, order).asynchronous().to_string();
    kiosk.publish(kiosk.properties("d").with_message_id("my order 7".into()), &other).await;
    assert_eq!(code(&kiosk.reply().await.json), "IdempotencyMismatch");
    let books = app.finish().await;
    assert_eq!(books.tasks.len(), 1);
    books.assert_paid_once(&[order]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_without_a_name_is_asked_each_time_and_named_by_its_answer() {
    let app = app(Stores::Sqlite).await;
    let mut kiosk = Kiosk::connect(&app).await;
    let order = app.order(V2, "10.00").await;
    let get = Ask::get_order(V2, order).asynchronous().to_string();
    for _ in 0..2 {
        kiosk.publish(kiosk.nameless("c").with_timestamp(1_700_000_000), &get).await;
    }
    let (first, second) = (kiosk.reply().await, kiosk.reply().await);
    assert_ne!(first.message_id, second.message_id);
    let guid = first.json["responseCommon"]["taskGuid"].as_str().map(str::to_owned);
    assert!(guid.is_some() && guid == first.message_id, "a guid is given back: {first:?}");
    assert_eq!(app.finish().await.tasks.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expiration_is_a_deadline_and_sync_makes_no_difference() {
    let app = app(Stores::Postgres).await;
    let mut kiosk = Kiosk::connect(&app).await;
    let order = app.order(HASTY, "10.00").await;
    for (n, expiration, timeout) in
        [(0, "9001", None), (1, "60000", Some(7)), (2, "5000", Some(60))]
    {
        let get = Ask::get_order(HASTY, order);
        let get = timeout.map_or(get.clone(), |timeout| get.within(timeout)).synchronous();
        let properties = kiosk.properties(&n.to_string()).with_expiration(expiration.into());
        kiosk.publish(properties, get.to_string()).await;
        assert_eq!(code(&kiosk.reply().await.json), "done");
    }
    let span = app.place.micros_between("registered_at", "deadline");
    let spans = app.place.rows(&format!("SELECT {span} FROM tasks ORDER BY registered_at")).await;
    let spans: Vec<i64> =
        spans.iter().map(|row| row[0].as_deref().unwrap().parse().unwrap()).collect();
    // An expiration is counted from a moment before the broker handed the message out.
    let (most, second) = ([9_001_000, 7_000_000, 5_000_000], 1_000_000);
    for (span, most) in spans.iter().zip(most) {
        assert!((most - second..=most).contains(span), "{spans:?}");
    }
    assert_eq!((spans.len(), spans[1]), (3, 7_000_000));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_for_nobody_holds_up_no_other() {
    let app = app(Stores::Postgres).await;
    let order = app.order(V2, "10.00").await;
    let get = Ask::get_order(V2, order).asynchronous().to_string();
    let gone = Kiosk::connect(&app).await.reply_to.clone();
    let mut kiosk = Kiosk::connect(&app).await;
    for n in 0..20 {
        let lost = kiosk.properties(&format!("lost {n}")).with_reply_to(gone.as_str().into());
        kiosk.publish(lost, &get).await;
        kiosk.publish(kiosk.properties(&n.to_string()), &get).await;
    }
    let answers = kiosk.replies(20).await;
    assert!(answers.values().all(|answer| code(&answer.json) == "done"), "{answers:?}");
    crate::support::eventually("no letter is left", async || {
        app.place
            .number(
                "SELECT count(*) FROM deliveries d JOIN mailboxes m ON \
                          m.mailbox_id = d.mailbox_id WHERE m.kind IN ('replies', 'results')",
            )
            .await
            == 0
    })
    .await;
    let metrics = app.get("/metrics").await.unwrap().text;
    assert!(
        metrics.contains(r#"wsa_amqp_answers_total{to="reply_to",result="nobody"} 20"#),
        "{metrics}"
    );
    app.finish().await;
}
