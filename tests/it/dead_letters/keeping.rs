//! Whatever nothing can be made of is kept, once, by whichever way it came.

use lapin::BasicProperties;
use lapin::options::{BasicGetOptions, BasicNackOptions};
use lapin::{Connection, ConnectionProperties};
use wsa::boot::Role;
use wsa::domain::dead_letter::Door;
use wsa::domain::task::{TaskGuid, TaskKey};

use super::letters;
use crate::support::app::TestApp;
use crate::support::kiosk::{Kiosk, USER};
use crate::support::place::Stores;
use crate::support::queues::{Queues, message};
use crate::support::reference::V1;
use crate::support::{eventually, servers};

async fn each_task_of_nobody_is_a_letter_of_its_own(store: Stores, queue: Queues) {
    let app = TestApp::on(store, queue).await.start().await;
    // Together, so that on RabbitMQ they are one message.
    let mut keys = [(); 3].map(|()| TaskKey { object: V1, guid: TaskGuid::new() });
    keys.sort();
    for times in 1..=2 {
        app.app().queue.publish(keys.map(message).into()).await.unwrap();
        eventually("each has come so often", async || {
            let found = letters(&app, 3).await;
            found.iter().all(|letter| letter.times == times)
        })
        .await;
    }
    let mut found: Vec<TaskGuid> =
        letters(&app, 3).await.iter().map(|stored| stored.letter.guid.unwrap()).collect();
    found.sort();
    assert_eq!(found, keys.map(|key| key.guid));
    for stored in letters(&app, 3).await {
        assert_eq!(
            (stored.letter.object, stored.letter.door, stored.task),
            (Some(V1), Door::Work, None)
        );
        assert!(
            stored.letter.reason.ends_with("is registered in the store"),
            "{:?}",
            stored.letter
        );
    }
    let metrics = app.get("/metrics").await.unwrap().text;
    assert!(metrics.contains("wsa_dead_letters_total 6\n"), "{metrics}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_task_of_nobody_is_a_letter_of_its_own_embedded() {
    each_task_of_nobody_is_a_letter_of_its_own(Stores::Sqlite, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_task_of_nobody_is_a_letter_of_its_own_on_servers() {
    each_task_of_nobody_is_a_letter_of_its_own(Stores::Postgres, Queues::Amqp).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_broker_itself_gave_up_is_kept_with_its_message() {
    let api = TestApp::on(Stores::Postgres, Queues::Amqp).await.role(Role::Api).start().await;
    let prefix = &api.prefix.as_ref().unwrap().0;
    let kiosk = Kiosk::connect(&api).await;
    let named = BasicProperties::default().with_message_id("bill 7".into());
    kiosk.publish(named.with_user_id(USER.into()), r#"{"taskType":"GetOrder"}"#).await;
    // A consumer that falls over it again and again.
    let connection =
        Connection::connect(&servers::amqp_url(), ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    eventually("it was delivered too often", async || {
        let get =
            channel.basic_get(format!("{prefix}.tasks.in").into(), BasicGetOptions::default());
        if let Some(got) = get.await.unwrap() {
            let again = BasicNackOptions { requeue: true, multiple: false };
            got.acker.nack(again).await.unwrap();
        }
        kiosk.waiting("tasks.dead").await == Some(1)
    })
    .await;
    let worker = api.beside(Role::Worker).start().await;
    let stored = letters(&api, 1).await.remove(0);
    eventually("the broker has it no more", async || kiosk.waiting("tasks.dead").await == Some(0))
        .await;
    let letter = stored.letter;
    assert_eq!(letter.door, Door::Upstream);
    let told = format!("it was delivered too often from {prefix}.tasks.in (delivery_limit)");
    assert!(letter.reason.ends_with(&told), "{letter:?}");
    assert_eq!(letter.message_id.as_deref(), Some("bill 7"));
    assert_eq!(letter.publisher.as_deref(), Some(USER));
    assert_eq!(letter.task_type.as_deref(), Some("GetOrder"));
    let body = api.store().dead_body(stored.id).await.unwrap();
    assert_eq!(body.as_deref(), Some(&br#"{"taskType":"GetOrder"}"#[..]));
    worker.stop().await;
    api.finish().await;
}

async fn letters_are_kept_for_a_time_and_up_to_a_number(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    let key = || TaskKey { object: V1, guid: TaskGuid::new() };
    let keys: Vec<TaskKey> = (0..5).map(|_| key()).collect();
    for key in &keys {
        app.app().queue.publish(vec![message(*key)]).await.unwrap();
        eventually("it is kept", async || {
            let filter = wsa::engine::store::dead_letters::LetterFilter {
                most: 10,
                guid: Some(key.guid),
                ..Default::default()
            };
            app.store().dead_letters(&filter).await.unwrap().len() == 1
        })
        .await;
    }
    let old = app.place.guid(keys[4].guid.0);
    let month = app.place.moment(-31 * 86_400_000);
    let sql = format!("UPDATE dead_letters SET last_at = {month} WHERE task_guid = {old}");
    app.place.execute(&sql).await.unwrap();
    assert!(!app.store().forget_dead(30 * 86_400, 100, 100).await.unwrap());
    assert_eq!(letters(&app, 4).await[0].letter.guid, Some(keys[3].guid), "the newest first");
    assert!(app.store().forget_dead(30 * 86_400, 1, 2).await.unwrap(), "more may be to go");
    assert!(!app.store().forget_dead(30 * 86_400, 1, 2).await.unwrap());
    assert_eq!(letters(&app, 1).await[0].letter.guid, Some(keys[3].guid));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_are_kept_for_a_time_and_up_to_a_number_on_sqlite() {
    letters_are_kept_for_a_time_and_up_to_a_number(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_are_kept_for_a_time_and_up_to_a_number_on_postgres() {
    letters_are_kept_for_a_time_and_up_to_a_number(Stores::Postgres).await;
}
