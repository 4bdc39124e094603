//! Who a message is from.

use lapin::BasicProperties;

use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::kiosk::{self, Kiosk, USER};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, OTHER_TOKEN, V2};

#[tokio::test(flavor = "multi_thread")]
async fn the_services_own_user_acts_for_whom_it_names_and_else_for_itself() {
    let app = TestApp::on(Stores::Sqlite, Queues::Amqp).await.start().await;
    kiosk::enable(&app).await;
    let mut kiosk = Kiosk::connect(&app).await;
    let orders = app.orders(V2, "10.00", 2).await;
    let pay = |order| Ask::pay(V2, order, &[("10.00", CASH)]).asynchronous().to_string();
    kiosk.publish(kiosk.properties("own"), pay(orders[0])).await;
    let own = kiosk.reply().await;
    kiosk.publish(kiosk::acting_for(kiosk.properties("for"), "other"), pay(orders[1])).await;
    let other = kiosk.reply().await;
    assert_eq!((code(&own.json), code(&other.json)), ("done", "done"));

    let guid = |answer: &kiosk::Answer| answer.message_id.as_ref().unwrap().parse().unwrap();
    let neighbour = app.with_token(OTHER_TOKEN);
    assert_eq!(code(&app.poll(guid(&own), 0).await.json()), "done");
    assert_eq!(code(&neighbour.poll(guid(&own), 0).await.json()), "AccessDenied");
    assert_eq!(code(&neighbour.poll(guid(&other), 0).await.json()), "done");
    assert_eq!(code(&app.poll(guid(&other), 0).await.json()), "AccessDenied");
    app.finish().await.assert_paid_once(&orders);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_nobody_is_a_dead_letter() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.start().await;
    let kiosk = Kiosk::connect(&app).await;
    let order = app.order(V2, "10.00").await;
    let pay = Ask::pay(V2, order, &[("10.00", CASH)]).asynchronous().to_string();
    let properties = |id: &str| kiosk.properties("c").with_message_id(id.into());
    let without_user = BasicProperties::default().with_message_id("1".into());
    kiosk.publish(without_user, &pay).await;
    kiosk.publish(properties("2"), &pay).await;
    kiosk.publish(kiosk::acting_for(properties("3"), "nobody"), &pay).await;
    let mut dead = app.dead_letters(3).await;
    dead.sort_by(|a, b| a.id.cmp(&b.id));
    let reasons: Vec<&str> = dead.iter().map(|letter| letter.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "user_id is missing: it must be the RabbitMQ user that publishes the message",
            "user \"guest\" publishes for no aggregator",
            "there is no aggregator \"nobody\"",
        ]
    );
    assert!(dead.iter().all(|letter| letter.body == pay.as_bytes()));

    // Switched on, and off again, it counts from that moment.
    kiosk::enable(&app).await;
    let mut kiosk = Kiosk::connect(&app).await;
    kiosk.publish(kiosk.properties("on"), &pay).await;
    assert_eq!(code(&kiosk.reply().await.json), "done");
    let main = app.store().aggregators().await.unwrap()[0].id;
    app.store().set_amqp_user(main, None).await.unwrap();
    kiosk.publish(kiosk.properties("off"), &pay).await;
    assert_eq!(app.dead_letters(1).await.len(), 1);
    app.finish().await.assert_paid_once(&[order]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_publishes_for_one_aggregator() {
    let app = TestApp::on(Stores::Sqlite, Queues::Amqp).await.start().await;
    let main = kiosk::enable(&app).await;
    let others = app.store().aggregators().await.unwrap();
    let other = others.iter().find(|a| a.name == "other").unwrap();
    assert!(!app.store().set_amqp_user(other.id, Some(USER)).await.unwrap());
    assert!(app.store().set_amqp_user(main, Some(USER)).await.unwrap(), "it has it already");
    assert!(app.store().set_amqp_user(main, None).await.unwrap());
    assert!(app.store().set_amqp_user(other.id, Some(USER)).await.unwrap());
    app.finish().await;
}
