//! `wsa dead replay`.

use serde_json::json;
use wsa::domain::task::{NewTask, TaskKey};

use super::{dead, json_lines, letters};
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::eventually;
use crate::support::kiosk::{self, Kiosk};
use crate::support::place::Stores;
use crate::support::queues::{Queues, message};
use crate::support::reference::{CASH, V2};
use crate::support::stores::DEFAULTS;

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_nobody_could_publish_is_paid_once_when_its_publisher_is_known() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.start().await;
    let kiosk = Kiosk::connect(&app).await;
    let orders = app.orders(V2, "10.00", 2).await;
    for (n, order) in orders.iter().enumerate() {
        let pay = Ask::pay(V2, *order, &[("10.00", CASH)]).asynchronous().to_string();
        kiosk.publish(kiosk.properties("c").with_message_id(format!("bill {n}").into()), pay).await;
    }
    letters(&app, 2).await;
    let nobody = ["replay", "--reason", "publishes for no aggregator", "--json"];
    let (told, code) = dead(&app, &nobody).await;
    assert_eq!((told.as_str(), code), ("2 letters match: --yes replays them\n", Some(1)));
    let yes = [&nobody[..], &["--yes"]].concat();
    let (told, code) = dead(&app, &yes).await;
    assert_eq!(code, Some(1), "{told}");
    assert!(json_lines(&told).iter().all(|line| line["outcome"] == "impossible"), "{told}");

    kiosk::enable(&app).await;
    for _ in 0..2 {
        // The second time it is the same task.
        let (told, code) = dead(&app, &yes).await;
        assert_eq!(code, Some(0), "{told}");
        assert!(json_lines(&told).iter().all(|line| line["outcome"] == "sent"), "{told}");
    }
    eventually("both are paid", async || {
        let backlog = app.store().backlog().await.unwrap().open;
        let paid = app.place.number("SELECT count(*) FROM payments").await;
        (backlog, paid) == (0, 2)
    })
    .await;
    assert!(letters(&app, 2).await.iter().all(|letter| letter.replayed_at.is_some()));
    let books = app.finish().await;
    books.assert_paid_once(&orders);
    assert_eq!(books.tasks.len(), 2);
}

/// A broker that is wiped loses the dead letter that says what the publisher received; the store has it.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_not_replayed_whose_publisher_was_refused_in_a_copy_that_is_lost() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.start().await;
    let kiosk = Kiosk::connect(&app).await;
    let order = app.order(V2, "10.00").await;
    let pay = Ask::pay(V2, order, &[("10.00", CASH)]).asynchronous().to_string();
    let message = kiosk.properties("bill").with_reply_to("somebody.elses".into());
    kiosk.publish(message.clone(), &pay).await;
    letters(&app, 1).await;
    kiosk::enable(&app).await;
    kiosk.publish(message, &pay).await;
    assert_eq!(code(&kiosk.result("main").await.json), "BadRequest");
    letters(&app, 2).await;
    let lost = "DELETE FROM dead_letters WHERE denied IS NOT NULL";
    assert_eq!(app.place.execute(lost).await, Ok(1));

    let (told, code) = dead(&app, &["replay", "--all", "--json", "--yes"]).await;
    assert!(told.contains("its publisher was told BadRequest") && code == Some(1), "{told}");
    app.finish().await.assert_paid_once(&[]);
}

async fn a_task_is_carried_out_once_however_often_it_is_replayed(store: Stores, queue: Queues) {
    let app = TestApp::on(store, queue).await.start().await;
    let order = app.order(V2, "10.00").await;
    let main = app.store().aggregators().await.unwrap()[0].id;
    let task: NewTask = Ask::pay(V2, order, &[("10.00", CASH)]).task(main);
    let TaskKey { guid, .. } = task.key;
    app.app().queue.publish(vec![message(task.key)]).await.unwrap();
    let id = letters(&app, 1).await[0].id.to_string();
    let replay = ["replay", &id, "--json"];
    let (told, code) = dead(&app, &replay).await;
    assert_eq!(code, Some(1), "{told}");
    assert_eq!(json_lines(&told)[0]["outcome"], "impossible", "nobody registered it");

    app.store().register(&[task], DEFAULTS).await.unwrap();
    let (told, code) = dead(&app, &replay).await;
    assert_eq!((json_lines(&told)[0]["outcome"].clone(), code), (json!("published"), Some(0)));
    eventually("it is carried out", async || app.store().backlog().await.unwrap().open == 0).await;
    let answer = app.store().find(&[guid]).await.unwrap().0[&guid].answer.clone();
    let (told, code) = dead(&app, &["replay", "--guid", &guid.to_string(), "--yes"]).await;
    assert_eq!(code, Some(0));
    assert!(told.contains("already answered (done): nothing is changed"), "{told}");
    assert_eq!(app.store().find(&[guid]).await.unwrap().0[&guid].answer, answer);
    let (told, code) = dead(&app, &["replay"]).await;
    assert_eq!(code, Some(1));
    assert!(told.contains("--all"), "{told}");
    app.finish().await.assert_paid_once(&[order]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_carried_out_once_however_often_it_is_replayed_embedded() {
    a_task_is_carried_out_once_however_often_it_is_replayed(Stores::Sqlite, Queues::InProcess)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_carried_out_once_however_often_it_is_replayed_on_servers() {
    a_task_is_carried_out_once_however_often_it_is_replayed(Stores::Postgres, Queues::Amqp).await;
}
