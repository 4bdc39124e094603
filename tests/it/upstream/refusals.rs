//! What is no task is refused where its caller can read it.

use jiff::{SignedDuration, Timestamp};
use lapin::options::{BasicGetOptions, BasicNackOptions};
use lapin::{Connection, ConnectionProperties};
use wsa::boot::Role;

use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::client::poll;
use crate::support::kiosk::{self, Kiosk};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, UNLICENSED, V2};
use crate::support::{eventually, servers};
use wsa::domain::task::{OrderGuid, TaskGuid};

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_answered_as_over_http_and_bad_form_is_a_dead_letter_too() {
    let app =
        TestApp::on(Stores::Postgres, Queues::Amqp).await.set("http.body_limit", 2048).start();
    let app = app.await;
    kiosk::enable(&app).await;
    let mut kiosk = Kiosk::connect(&app).await;
    let order = OrderGuid::new();
    let pay = |object| Ask::pay(object, order, &[("10.00", CASH)]).asynchronous();
    let good = pay(V2).to_string();
    let cases: [(&str, Vec<u8>, &str, bool); 6] = [
        ("no JSON", b"{\"card\": 4111".to_vec(), "the body is not valid JSON", true),
        ("no text", b"\"\xff\"".to_vec(), "the body is not UTF-8 from byte 1 on", true),
        ("too large", vec![b' '; 2049], "the body is larger than 2048 bytes", true),
        (
            "unknown",
            good.replace("PayOrder", "Pay").into_bytes(),
            "taskType \"Pay\" is not known",
            true,
        ),
        ("a question", poll(TaskGuid::new(), 0).to_string().into_bytes(), "this is no task", true),
        ("no licence", pay(UNLICENSED).to_string().into_bytes(), "you have no licence", false),
    ];
    for (id, body, told, _) in &cases {
        kiosk.publish(kiosk.properties(id), body).await;
        let reply = kiosk.reply().await;
        assert_eq!(reply.correlation_id.as_deref(), Some(*id));
        let desc = reply.json["error"]["wsError"]["desc"].as_str().unwrap();
        assert!(desc.starts_with(told), "{id}: {desc}");
        assert_eq!(kiosk.result("main").await.text, reply.text);
        let over_http = app.create_text(&String::from_utf8_lossy(body)).await;
        if *told != "this is no task" && *id != "no text" && *id != "no licence" {
            assert_eq!(over_http.json(), reply.json, "{id}");
        }
    }
    let dead = app.dead_letters(5).await;
    for (_, body, told, _) in cases.iter().filter(|case| case.3) {
        let letter = dead.iter().find(|letter| letter.body == *body).unwrap();
        assert!(letter.reason.starts_with(told) && !letter.reason.contains("4111"), "{letter:?}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_not_sent_into_a_queue_that_is_not_the_callers() {
    let app = TestApp::on(Stores::Sqlite, Queues::Amqp).await.start().await;
    kiosk::enable(&app).await;
    let mut kiosk = Kiosk::connect(&app).await;
    let prefix = app.prefix.clone().unwrap();
    let order = app.order(V2, "10.00").await;
    let pay = Ask::pay(V2, order, &[("10.00", CASH)]).asynchronous().to_string();
    let stolen = format!("{}.tasks.0", prefix.0);
    kiosk.publish(kiosk.properties("c").with_reply_to(stolen.as_str().into()), &pay).await;
    let result = kiosk.result("main").await;
    assert_eq!(code(&result.json), "BadRequest");
    let dead = app.dead_letters(1).await;
    assert!(dead[0].reason.starts_with("reply_to is \""), "{dead:?}");

    // A queue of the caller's own name is fine.
    let own = format!("{}.replies.{}:till 7", prefix.0, kiosk::USER);
    kiosk.declare(&own).await;
    kiosk.publish(kiosk.properties("d").with_reply_to(own.as_str().into()), &pay).await;
    let waiting = format!("replies.{}:till 7", kiosk::USER);
    crate::support::eventually("the reply is there", async || {
        kiosk.waiting(&waiting).await == Some(1)
    })
    .await;
    schedules_and_cancels(&app, &mut kiosk).await;
    app.finish().await.assert_paid_once(&[order]);
}

/// A task that begins later is kept, and cancelled by another message.
async fn schedules_and_cancels(app: &TestApp, kiosk: &mut Kiosk) {
    let look = Ask::get_order(V2, OrderGuid::new());
    let days = |days: i64| Timestamp::now() + SignedDuration::from_hours(24 * days);
    let later = |at| look.clone().not_before(at).asynchronous().to_string();
    let tomorrow = TaskGuid::new();
    let named = kiosk.properties("e").with_message_id(tomorrow.to_string().into());
    kiosk.publish(named, &later(days(1))).await;
    eventually("the task is kept", async || {
        let (found, _) = app.store().find(&[tomorrow]).await.unwrap();
        found.contains_key(&tomorrow)
    })
    .await;
    let cancel = Ask::cancel_task(V2, tomorrow).asynchronous().to_string();
    kiosk.publish(kiosk.properties("f"), &cancel).await;
    let told = kiosk.replies(2).await;
    assert_eq!(code(&told["e"].json), "TaskCancelled");
    assert_eq!(code(&told["f"].json), "done");

    kiosk.publish(kiosk.properties("g"), &later(days(8))).await;
    kiosk.publish(kiosk.properties("h").with_expiration("9000".into()), &later(days(1))).await;
    let told = kiosk.replies(2).await;
    for (id, begins) in [("g", "params.async.notBefore is "), ("h", "expiration is \"9000\", and ")]
    {
        let desc = told[id].json["error"]["wsError"]["desc"].as_str().unwrap();
        assert!(desc.starts_with(begins) && code(&told[id].json) == "BadRequest", "{desc}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_that_no_store_keeps_spoil_nothing_for_their_neighbours() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.start().await;
    kiosk::enable(&app).await;
    let mut kiosk = Kiosk::connect(&app).await;
    let order = app.order(V2, "10.00").await;
    let get = Ask::get_order(V2, order).asynchronous().to_string();
    for n in 0..10 {
        kiosk.publish(kiosk.properties(&n.to_string()), &get).await;
        kiosk.publish(kiosk.properties(&format!("nul {n} \0")), &get).await;
    }
    let answers = kiosk.replies(20).await;
    for (id, answer) in answers {
        let right = if id.contains('\0') { "BadRequest" } else { "done" };
        assert_eq!(code(&answer.json), right, "{id:?}");
    }
    let user = kiosk::acting_for(kiosk.properties("c"), "a\0b");
    kiosk.publish(user, &get).await;
    assert_eq!(app.dead_letters(11).await.len(), 11);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_of_a_full_object_is_refused_and_holds_up_nobody() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp)
        .await
        .set("limits.open_tasks_per_object", 3)
        .set("tasks.republish_after_s", 3600)
        .start()
        .await;
    kiosk::enable(&app).await;
    let main = app.store().aggregators().await.unwrap().into_iter().find(|a| a.name == "main");
    let main = main.unwrap().id;
    // Registered past the queue: no worker hears of them.
    let open: Vec<_> =
        (0..3).map(|_| Ask::get_order(V2, OrderGuid::new()).within(3600).task(main)).collect();
    app.store().register(&open, crate::support::stores::DEFAULTS).await.unwrap();
    let mut kiosk = Kiosk::connect(&app).await;
    let get = |object| Ask::get_order(object, OrderGuid::new()).asynchronous().to_string();
    crate::support::eventually("it is full", async || {
        kiosk.publish(kiosk.properties("full"), get(V2)).await;
        code(&kiosk.reply().await.json) == "LimitExceeded"
    })
    .await;
    kiosk.publish(kiosk.properties("other"), get(crate::support::reference::V1)).await;
    assert_eq!(code(&kiosk.reply().await.json), "WsaOrderNotFound");
    app.finish_leaving_tasks().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_was_refused_stays_so_when_the_broker_delivers_it_again() {
    let api = TestApp::on(Stores::Postgres, Queues::Amqp).await.role(Role::Api).start().await;
    let main = kiosk::enable(&api).await;
    let worker = api.beside(Role::Worker).start().await;
    let mut kiosk = Kiosk::connect(&api).await;
    let get = Ask::get_order(UNLICENSED, OrderGuid::new()).asynchronous().to_string();
    let message = kiosk.properties("refused");
    kiosk.publish(message.clone(), &get).await;
    assert_eq!(code(&kiosk.reply().await.json), "License");
    worker.stop().await;

    // As after a broker that was killed before it had the acknowledgement on its disk: the message is there, and is
    // marked as delivered before.
    kiosk.publish(message.clone(), &get).await;
    let connection =
        Connection::connect(&servers::amqp_url(), ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let intake = format!("{}.tasks.in", api.prefix.as_ref().unwrap().0);
    let got = channel.basic_get(intake.into(), BasicGetOptions::default()).await.unwrap().unwrap();
    got.acker.nack(BasicNackOptions { requeue: true, multiple: false }).await.unwrap();
    api.store().add_licences(main, &[UNLICENSED]).await.unwrap();
    let worker = api.beside(Role::Worker).start().await;
    assert_eq!(code(&kiosk.reply().await.json), "License", "as it was told");

    // Its publisher asks once more.
    eventually("it is a new question", async || {
        kiosk.publish(message.clone(), &get).await;
        code(&kiosk.reply().await.json) == "WsaOrderNotFound"
    })
    .await;
    worker.stop().await;
    api.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_under_the_name_of_a_task_says_that_the_task_stays() {
    let app = TestApp::on(Stores::Sqlite, Queues::Amqp).await.start().await;
    kiosk::enable(&app).await;
    let mut kiosk = Kiosk::connect(&app).await;
    let order = app.order(V2, "10.00").await;
    let pay = Ask::pay(V2, order, &[("10.00", CASH)]).asynchronous().to_string();
    let message = kiosk.properties("bill");
    kiosk.publish(message.clone(), &pay).await;
    assert_eq!(code(&kiosk.reply().await.json), "done");
    for (message, body) in
        [(message.clone(), "{}"), (kiosk::acting_for(message.clone(), "main"), "no JSON")]
    {
        kiosk.publish(message, body).await;
        let reply = kiosk.reply().await;
        let stays = "this message_id is a task that was accepted, and stays one";
        assert_eq!(code(&reply.json), "IdempotencyMismatch", "{body}");
        assert!(reply.text.contains(stays), "{reply:?}");
    }
    // Another aggregator does not learn that there is such a task, and is not told that it were its own.
    kiosk.publish(kiosk::acting_for(message, "other"), "{}").await;
    let reply = kiosk.reply().await;
    assert!(code(&reply.json) == "BadRequest" && !reply.text.contains("accepted"), "{reply:?}");
    app.finish().await.assert_paid_once(&[order]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_larger_than_a_body_may_be_is_refused() {
    let app = TestApp::on(Stores::Sqlite, Queues::Amqp).await.set("http.body_limit", 4096);
    let app = app.start().await;
    kiosk::enable(&app).await;
    let mut kiosk = Kiosk::connect(&app).await;
    let get = Ask::get_order(V2, OrderGuid::new()).asynchronous().to_string();
    let padded = |size: usize| format!("{get}{}", " ".repeat(size - get.len()));
    kiosk.publish(kiosk.properties("fits"), padded(4096)).await;
    assert_eq!(code(&kiosk.reply().await.json), "WsaOrderNotFound");
    kiosk.publish(kiosk.properties("too large"), padded(4097)).await;
    let told = kiosk.reply().await;
    assert!(code(&told.json) == "BadRequest" && told.text.contains("4096 bytes"), "{told:?}");
    assert_eq!(app.dead_letters(1).await.len(), 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_value_as_long_as_a_body_may_be_is_a_dead_letter_like_any_other() {
    let app = TestApp::on(Stores::Sqlite, Queues::Amqp).await.start().await;
    kiosk::enable(&app).await;
    let mut kiosk = Kiosk::connect(&app).await;
    let mut pay = Ask::pay(V2, OrderGuid::new(), &[("10.00", CASH)]).asynchronous().to_string();
    let payments = pay.find("\"payments\":").unwrap() + "\"payments\":".len();
    // The reason travels in a header, for which a broker has less room than for a body.
    pay.insert_str(payments, &format!("\"{}\",\"x\":", "x".repeat(200_000)));
    kiosk.publish(kiosk.properties("long"), &pay).await;
    let reply = kiosk.reply().await;
    assert_eq!(code(&reply.json), "BadRequest");
    let dead = app.dead_letters(1).await;
    assert!(dead[0].body == pay.as_bytes() && dead[0].reason.len() < 2048, "{}", dead[0].reason);
    app.finish().await;
}
