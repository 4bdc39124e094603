//! An upstream service with a RabbitMQ user of its own, which may do what it needs to and nothing else.

use futures_util::StreamExt;
use lapin::options::{
    BasicConsumeOptions, BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions,
    QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Connection, ConnectionProperties};

use super::example::example;
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::broker::{User, admin};
use crate::support::kiosk::{Kiosk, acting_for};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, V2};
use crate::support::soon;

#[tokio::test(flavor = "multi_thread")]
async fn a_service_with_narrow_permissions_pays_and_reads_its_answers() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.start().await;
    let user = User::enabled(&app, "main").await;
    let prefix = app.prefix.clone().unwrap().0.clone();
    let orders = app.orders(V2, "10.00", 3).await;
    let pay = |order| Ask::pay(V2, order, &[("10.00", CASH)]).asynchronous().to_string();
    let named = |properties: BasicProperties| properties.with_user_id(user.name.as_str().into());

    // A queue that the broker named, and one of its own name.
    let mut kiosk = Kiosk::with(&user.url(), &prefix).await;
    kiosk.publish(named(kiosk.properties("1")), pay(orders[0])).await;
    assert_eq!(code(&kiosk.reply().await.json), "done");
    assert_eq!(code(&kiosk.result("main").await.json), "done");
    let own = format!("{prefix}.replies.{}:till 7", user.name);
    kiosk.declare(&own).await;
    kiosk
        .publish(named(kiosk.properties("2")).with_reply_to(own.as_str().into()), pay(orders[1]))
        .await;
    let queue = format!("replies.{}:till 7", user.name);
    crate::support::eventually("the reply is there", async || {
        kiosk.waiting(&queue).await == Some(1)
    })
    .await;

    // Direct reply-to, as the example does.
    let (object, order) = (V2.to_string(), orders[2].to_string());
    let currency = CASH.to_string();
    let arguments =
        ["--object", &object, "--order", &order, "--amount", "10.00", "--currency", &currency];
    let (answer, paid) = example(&user.url(), &prefix, &arguments).await;
    assert!(paid, "{answer}");

    // Another's identity: the broker refuses the one, the service the other.
    let forged = acting_for(named(kiosk.properties("4")), "other");
    kiosk.publish(forged, pay(orders[0])).await;
    assert_eq!(code(&kiosk.reply().await.json), "AccessDenied");
    let dead = app.dead_letters(1).await;
    assert!(dead[0].reason.contains("may act for nobody but itself"), "{dead:?}");
    app.finish().await.assert_paid_once(&orders);
}

#[tokio::test(flavor = "multi_thread")]
async fn such_a_service_can_do_nothing_else() {
    let app = TestApp::on(Stores::Sqlite, Queues::Amqp).await.start().await;
    let user = User::enabled(&app, "main").await;
    let prefix = app.prefix.clone().unwrap().0.clone();
    let connection =
        Connection::connect(&user.url(), ConnectionProperties::default()).await.unwrap();
    for queue in ["tasks.in", "tasks.0", "tasks.dead", "results.other", "replies.other"] {
        let channel = connection.create_channel().await.unwrap();
        let queue = format!("{prefix}.{queue}");
        let got = channel.basic_get(queue.as_str().into(), BasicGetOptions::default()).await;
        let told = got.unwrap_err().to_string();
        assert!(told.contains("refused for user"), "{queue}: {told}");
        let channel = connection.create_channel().await.unwrap();
        let options = QueueDeclareOptions::default();
        let declared = channel.queue_declare(queue.as_str().into(), options, FieldTable::default());
        let told = declared.await.unwrap_err().to_string();
        assert!(told.contains("refused for user"), "{queue}: {told}");
    }
    let publish = async |exchange: &str, key: &str, properties: BasicProperties| {
        let channel = connection.create_channel().await.unwrap();
        channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
        let options = BasicPublishOptions::default();
        let confirm =
            channel.basic_publish(exchange.into(), key.into(), options, b"{}", properties);
        match confirm.await {
            Ok(confirm) => confirm.await.map(drop),
            Err(error) => Err(error),
        }
    };
    let plain = BasicProperties::default;
    for exchange in ["", "work", "results", "dead", "answered"] {
        let name = if exchange.is_empty() { String::new() } else { format!("{prefix}.{exchange}") };
        let told = publish(&name, "main", plain()).await.unwrap_err().to_string();
        assert!(told.contains("refused for user"), "{exchange}: {told}");
    }
    let tasks = format!("{prefix}.tasks");
    publish(&tasks, "0", plain()).await.unwrap();
    let none = app.store().backlog().await.unwrap().open;
    let lost = Kiosk::connect(&app).await.waiting("tasks.dead").await;
    assert_eq!((none, lost), (0, Some(0)), "what is published for a worker reaches none");
    let told = publish(&tasks, "in", plain().with_user_id("guest".into())).await.unwrap_err();
    assert!(told.to_string().contains("user_id property set to 'guest'"), "{told}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_reply_comes_from_another_connection_and_needs_no_permission() {
    let app = TestApp::on(Stores::Sqlite, Queues::Amqp).await.start().await;
    let user = User::enabled(&app, "main").await;
    let order = app.order(V2, "10.00").await;
    let connection =
        Connection::connect(&user.url(), ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let direct = "amq.rabbitmq.reply-to";
    let options = BasicConsumeOptions { no_ack: true, ..Default::default() };
    let consumer = channel.basic_consume(direct.into(), "".into(), options, FieldTable::default());
    let mut replies = consumer.await.unwrap();
    let properties = BasicProperties::default()
        .with_user_id(user.name.as_str().into())
        .with_reply_to(direct.into());
    let exchange = format!("{}.tasks", app.prefix.as_ref().unwrap().0);
    let body = Ask::get_order(V2, order).asynchronous().to_string();
    let options = BasicPublishOptions::default();
    channel
        .basic_publish(exchange.into(), "in".into(), options, body.as_bytes(), properties)
        .await
        .unwrap();
    let reply = soon("a reply", replies.next()).await.unwrap().unwrap();
    assert_eq!(code(&serde_json::from_slice(&reply.data).unwrap()), "done");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_says_what_is_wrong_and_can_be_repeated() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.start().await;
    let refused = async |arguments: &[&str]| {
        let (told, good) = admin(&app, arguments).await;
        assert!(!good, "{told}");
        told
    };
    let told = refused(&["show", "--name", "main"]).await;
    assert!(
        told.contains("does not publish: `wsa admin aggregator amqp enable --name main`"),
        "{told}"
    );
    let away = ["--apply", "--management", "http://u:hunter2@127.0.0.1:9"];
    let told = refused(&[&["enable", "--name", "main"][..], &away].concat()).await;
    assert!(told.contains("management API at http://127.0.0.1:9 cannot be reached"), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
    let told = refused(&["enable", "--name", "other", "--user", "main"]).await;
    assert!(told.contains("publishes for another aggregator"), "{told}");
    let told = refused(&["enable", "--name", "main", "--user", "a b"]).await;
    assert!(told.contains("letters, digits, dots"), "{told}");
    let told =
        refused(&[&["enable", "--name", "other", "--user", "guest"][..], &away].concat()).await;
    assert!(told.contains("this service's own user"), "{told}");

    let (told, good) = admin(&app, &["show", "--name", "main"]).await;
    assert!(good && told.contains("rabbitmqctl set_permissions -p '/' 'main' '^("), "{told}");
    let (told, good) = admin(&app, &["disable", "--name", "main"]).await;
    assert!(good && told.contains("rabbitmqctl delete_user 'main'"), "{told}");
    refused(&["show", "--name", "main"]).await;
    assert!(app.store().results_queues().await.unwrap().is_empty());
    app.finish().await;
}
