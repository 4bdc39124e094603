//! What somebody removes from the broker while the service runs is there again within seconds, or the
//! service says that it is not.

use std::time::{Duration, Instant};

use lapin::options::{
    BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions, ExchangeDeleteOptions,
    QueueDeleteOptions,
};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties, ExchangeKind};
use wsa::domain::task::OrderGuid;

use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::kiosk::{self, Kiosk};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, V2};
use crate::support::{eventually, eventually_within, servers};

/// Within which what was removed is there again.
const HEALED: Duration = Duration::from_secs(6);
/// Within which readiness tells what is wrong; debug build, busy machine.
const TOLD: Duration = Duration::from_secs(3);

/// An administrator with heavy hands.
struct Hands {
    connection: Connection,
    prefix: String,
}

impl Hands {
    async fn on(app: &TestApp) -> Hands {
        let properties = ConnectionProperties::default();
        let connection = Connection::connect(&servers::amqp_url(), properties).await.unwrap();
        Hands { connection, prefix: app.prefix.as_ref().unwrap().0.clone() }
    }

    fn name(&self, what: &str) -> lapin::types::ShortString {
        format!("{}.{what}", self.prefix).as_str().into()
    }

    async fn channel(&self) -> Channel {
        self.connection.create_channel().await.unwrap()
    }

    async fn unbind(&self, queue: &str, exchange: &str, key: &str) {
        let (queue, exchange) = (self.name(queue), self.name(exchange));
        let arguments = FieldTable::default();
        self.channel().await.queue_unbind(queue, exchange, key.into(), arguments).await.unwrap();
    }

    async fn delete_exchange(&self, exchange: &str) {
        let options = ExchangeDeleteOptions::default();
        self.channel().await.exchange_delete(self.name(exchange), options).await.unwrap();
    }

    async fn delete_queue(&self, queue: &str) {
        let options = QueueDeleteOptions::default();
        self.channel().await.queue_delete(self.name(queue), options).await.unwrap();
    }

    /// Publishes a payment as an upstream service does; whether a queue has it.
    async fn published(&self, kiosk: &Kiosk, order: OrderGuid) -> bool {
        let channel = self.channel().await;
        channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
        let pay = Ask::pay(V2, order, &[("10.00", CASH)]).asynchronous().to_string();
        let options = BasicPublishOptions { mandatory: true, immediate: false };
        let properties = kiosk.properties("c").with_message_id(format!("pay {order}").into());
        let (exchange, body) = (self.name("tasks"), pay.as_bytes());
        match channel.basic_publish(exchange, "in".into(), options, body, properties).await {
            Ok(confirm) => confirm
                .await
                .is_ok_and(|confirmed| confirmed.is_ack() && confirmed.take_message().is_none()),
            Err(_) => false,
        }
    }
}

async fn app() -> (TestApp, Hands) {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await;
    let app = app.set("tasks.republish_after_s", 2).start().await;
    kiosk::enable(&app).await;
    let hands = Hands::on(&app).await;
    (app, hands)
}

async fn ready(app: &TestApp) {
    eventually("it is ready", async || app.get("/readyz").await.unwrap().status == 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_upstream_services_publish_to_is_there_again_within_seconds() {
    let (app, hands) = app().await;
    let mut kiosk = Kiosk::connect(&app).await;
    let mut orders = Vec::new();
    for removed in ["binding", "exchange", "queue"] {
        match removed {
            "binding" => hands.unbind("tasks.in", "tasks", "in").await,
            "exchange" => hands.delete_exchange("tasks").await,
            _ => hands.delete_queue("tasks.in").await,
        }
        let order = app.order(V2, "10.00").await;
        orders.push(order);
        let since = Instant::now();
        eventually_within(HEALED, removed, async || hands.published(&kiosk, order).await).await;
        println!("{removed}: there again after {:?}", since.elapsed());
        assert_eq!(code(&kiosk.reply().await.json), "done", "{removed}");
        ready(&app).await;
    }
    app.finish().await.assert_paid_once(&orders);
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_done_whatever_of_their_way_is_removed() {
    let (app, hands) = app().await;
    let mut kiosk = Kiosk::connect(&app).await;
    let mut orders = Vec::new();
    let all = [
        "binding",
        "work",
        "tasks.0",
        "tasks.0.bulk",
        "tasks.0.express",
        "dead",
        "answered",
        "results",
    ];
    for removed in all {
        match removed {
            "binding" => hands.unbind("tasks.0", "work", "0").await,
            "tasks.0" | "tasks.0.bulk" | "tasks.0.express" => hands.delete_queue(removed).await,
            exchange => hands.delete_exchange(exchange).await,
        }
        let order = app.order(V2, "10.00").await;
        orders.push(order);
        let guid = app.pay(V2, order, "10.00").await;
        assert_eq!(code(&app.answer(guid).await), "done", "{removed}");
        assert_eq!(kiosk.result("main").await.message_id, Some(guid.to_string()), "{removed}");
        let order = app.order(V2, "10.00").await;
        orders.push(order);
        eventually(removed, async || hands.published(&kiosk, order).await).await;
        assert_eq!(code(&kiosk.reply().await.json), "done", "{removed}");
        kiosk.result("main").await;
        ready(&app).await;
    }
    app.finish().await.assert_paid_once(&orders);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intake_that_cannot_be_healed_is_named_until_it_is() {
    let (app, hands) = app().await;
    hands.delete_exchange("tasks").await;
    // Before the service does, and otherwise than it needs it.
    let options = ExchangeDeclareOptions { durable: true, ..Default::default() };
    let other = hands.channel().await;
    let declared = other.exchange_declare(
        hands.name("tasks"),
        ExchangeKind::Topic,
        options,
        FieldTable::default(),
    );
    declared.await.unwrap();
    let mut said = String::new();
    eventually_within(TOLD, "it says so", async || {
        let reply = app.get("/readyz").await.unwrap();
        said = reply.text.clone();
        reply.status == 503
    })
    .await;
    assert!(said.contains(r#""intake":"an exchange or queue is declared differently""#), "{said}");
    hands.delete_exchange("tasks").await;
    ready(&app).await;
    let mut kiosk = Kiosk::connect(&app).await;
    let order = app.order(V2, "10.00").await;
    assert!(hands.published(&kiosk, order).await);
    assert_eq!(code(&kiosk.reply().await.json), "done");
    app.finish().await.assert_paid_once(&[order]);
}
