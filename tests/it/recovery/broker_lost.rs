//! RabbitMQ loses all that it has, or has something else under our names.

use lapin::options::{QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Connection, ConnectionProperties};
use wsa::boot::Role;

use crate::support::app::TestApp;
use crate::support::ask::code;
use crate::support::database::Database;
use crate::support::place::Stores;
use crate::support::process::Process;
use crate::support::queues::{Prefix, Queues};
use crate::support::reference::V2;
use crate::support::servers;

async fn broker() -> Connection {
    Connection::connect(&servers::amqp_url(), ConnectionProperties::default()).await.unwrap()
}

/// Tasks that wait in queues which go with the broker's disk.
#[tokio::test(flavor = "multi_thread")]
async fn tasks_outlive_the_queues_that_they_wait_in() {
    let api = TestApp::on(Stores::Postgres, Queues::Amqp)
        .await
        .set("tasks.republish_after_s", 2)
        .role(Role::Api)
        .start()
        .await;
    let orders = api.orders(V2, "10.00", 50).await;
    let mut tasks = Vec::new();
    for order in &orders {
        tasks.push(api.pay(V2, *order, "10.00").await);
    }
    let prefix = api.prefix.as_ref().unwrap().0.clone();
    let connection = broker().await;
    let mut lost = 0;
    for queue in ["tasks.0", "tasks.0.bulk", "tasks.in", "tasks.dead"] {
        let name = format!("{prefix}.{queue}").into();
        let channel = connection.create_channel().await.unwrap();
        lost += channel.queue_delete(name, QueueDeleteOptions::default()).await.unwrap();
    }
    assert!(lost > 0, "tasks were in them");
    let worker = api.beside(Role::Worker).set("tasks.republish_after_s", 2).start().await;
    for task in tasks {
        assert_eq!(code(&api.answer(task).await), "done");
    }
    worker.stop().await;
    api.finish().await.assert_paid_once(&orders);
}

/// A queue that another version made, or somebody by hand.
#[tokio::test(flavor = "multi_thread")]
async fn a_queue_with_other_arguments_is_named_with_the_way_out() {
    let (database, prefix) = (Database::migrated().await, Prefix::fresh());
    let connection = broker().await;
    let name = format!("{}.tasks.0", prefix.0);
    let mut other = FieldTable::default();
    for (argument, value) in [
        ("x-queue-type", "quorum"),
        ("x-dead-letter-exchange", &*format!("{}.dead", prefix.0)),
        ("x-dead-letter-strategy", "at-least-once"),
        ("x-overflow", "reject-publish"),
    ] {
        other.insert(argument.into(), AMQPValue::LongString(value.into()));
    }
    // All as it must be, but for this.
    other.insert("x-delivery-limit".into(), AMQPValue::LongLongInt(7));
    let options = QueueDeclareOptions { durable: true, ..Default::default() };
    let channel = connection.create_channel().await.unwrap();
    channel.queue_declare(name.as_str().into(), options, other).await.unwrap();

    let variables = [
        ("WSA__STORE__DATABASE_URL", &*database.url()),
        ("WSA__AMQP__URL", &*servers::amqp_url()),
        ("WSA__AMQP__PREFIX", &*prefix.0),
    ];
    let worker = Process::start(&["worker"], &variables).await;
    let line = worker.until_logged("is there with another").await;
    for part in [
        format!("queue {name} is there with another x-delivery-limit than this version needs"),
        format!("delete it by `rabbitmqctl --vhost / delete_queue {name}`"),
    ] {
        assert!(line.contains(&part), "{line}");
    }
    worker.until_ready_says(503).await;
    channel.queue_delete(name.as_str().into(), QueueDeleteOptions::default()).await.unwrap();
    worker.until_ready_says(200).await;
    assert!(worker.terminate().await.success());
}
