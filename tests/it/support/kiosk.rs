//! An upstream service that speaks AMQP.

use std::collections::HashMap;

use futures_util::{FutureExt, StreamExt};
use lapin::options::{
    BasicConsumeOptions, BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions,
    QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, Consumer};
use serde_json::Value;
use wsa::domain::outbox::SubscriptionKind;
use wsa::domain::task::AggregatorId;

use super::app::TestApp;
use super::{eventually, servers, soon};

/// The RabbitMQ user of the tests, which is the service's as well.
pub const USER: &str = "guest";

/// One connection, with a reply queue of its own.
pub struct Kiosk {
    connection: Connection,
    channel: Channel,
    replies: Consumer,
    pub reply_to: String,
    url: String,
    prefix: String,
}

/// An answer as it came.
#[derive(Debug, Clone)]
pub struct Answer {
    pub json: Value,
    pub text: String,
    pub correlation_id: Option<String>,
    pub message_id: Option<String>,
    pub kind: Option<String>,
    pub traceparent: Option<String>,
}

impl Kiosk {
    pub async fn connect(app: &TestApp) -> Kiosk {
        Kiosk::with(&servers::amqp_url(), &app.prefix.as_ref().unwrap().0).await
    }

    /// As whoever the URL names.
    pub async fn with(url: &str, prefix: &str) -> Kiosk {
        let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
        let exclusive = QueueDeclareOptions { exclusive: true, ..Default::default() };
        let queue =
            channel.queue_declare("".into(), exclusive, FieldTable::default()).await.unwrap();
        let reply_to = queue.name().to_string();
        let replies = consume(&channel, &reply_to).await;
        let prefix = prefix.to_owned();
        let url = url.to_owned();
        Kiosk { connection, channel, replies, reply_to, url, prefix }
    }

    /// What a well-behaved service sets.
    pub fn properties(&self, correlation_id: &str) -> BasicProperties {
        let message_id = uuid::Uuid::new_v4().to_string();
        self.nameless(correlation_id).with_message_id(message_id.into())
    }

    /// The same without a name for the task.
    pub fn nameless(&self, correlation_id: &str) -> BasicProperties {
        BasicProperties::default()
            .with_user_id(USER.into())
            .with_reply_to(self.reply_to.as_str().into())
            .with_correlation_id(correlation_id.into())
    }

    pub async fn publish(&self, properties: BasicProperties, body: impl AsRef<[u8]>) {
        self.publish_to(&format!("{}.tasks", self.prefix), "in", properties, body).await;
    }

    /// The same to a place that somebody else named.
    pub async fn publish_to(
        &self,
        exchange: &str,
        key: &str,
        properties: BasicProperties,
        body: impl AsRef<[u8]>,
    ) {
        let options = BasicPublishOptions { mandatory: true, immediate: false };
        let (exchange, key) = (exchange.into(), key.into());
        let confirm = self.channel.basic_publish(exchange, key, options, body.as_ref(), properties);
        let confirm = confirm.await.unwrap().await.unwrap();
        assert!(confirm.is_ack() && confirm.take_message().is_none(), "nobody took the message");
    }

    /// The next answer in the reply queue.
    pub async fn reply(&mut self) -> Answer {
        let delivery = soon("a reply", self.replies.next()).await.unwrap().unwrap();
        read(&delivery.properties, &delivery.data)
    }

    /// So many answers, by correlation id.
    pub async fn replies(&mut self, count: usize) -> HashMap<String, Answer> {
        let mut answers = HashMap::new();
        while answers.len() < count {
            let answer = self.reply().await;
            answers.insert(answer.correlation_id.clone().unwrap(), answer);
        }
        answers
    }

    /// The next answer in a results queue.
    pub async fn result(&self, aggregator: &str) -> Answer {
        let mut found = None;
        let results = format!("results.{aggregator}");
        eventually("the results queue is there", async || self.waiting(&results).await.is_some())
            .await;
        eventually("an answer is in the results queue", async || {
            let queue = format!("{}.results.{aggregator}", self.prefix);
            found = get(&self.url, &queue).await.unwrap_or_default();
            found.is_some()
        })
        .await;
        found.unwrap()
    }

    /// How many messages wait in a queue of the installation; `None` when it is not there.
    pub async fn waiting(&self, queue: &str) -> Option<u32> {
        let channel = self.connection.create_channel().await.unwrap();
        let passive = QueueDeclareOptions { passive: true, ..Default::default() };
        let queue = format!("{}.{queue}", self.prefix).into();
        let declared = channel.queue_declare(queue, passive, FieldTable::default()).await;
        declared.ok().map(|queue| queue.message_count())
    }

    /// Declares a queue that goes with the connection.
    pub async fn declare(&self, queue: &str) {
        let exclusive = QueueDeclareOptions { exclusive: true, ..Default::default() };
        self.channel.queue_declare(queue.into(), exclusive, FieldTable::default()).await.unwrap();
    }
}

impl Drop for Kiosk {
    fn drop(&mut self) {
        // With a handle of ours on its channel lapin does not wait for itself; see `queue/amqp/consuming.rs`.
        std::mem::forget(self.channel.clone());
        // That handle would keep the connection open.
        let _ = self.connection.close(200, "OK".into()).now_or_never();
    }
}

/// The header that only the service's own user may send.
pub fn acting_for(properties: BasicProperties, aggregator: &str) -> BasicProperties {
    let mut headers = FieldTable::default();
    headers.insert("x-wsa-aggregator".into(), AMQPValue::LongString(aggregator.into()));
    properties.with_headers(headers)
}

/// Has the aggregator `main` publish as [`USER`], with a results queue.
pub async fn enable(app: &TestApp) -> AggregatorId {
    let store = app.store();
    let main = store.aggregators().await.unwrap().into_iter().find(|a| a.name == "main").unwrap();
    assert!(store.set_amqp_user(main.id, Some(USER)).await.unwrap());
    store.set_subscription(main.id, SubscriptionKind::Results, true).await.unwrap();
    main.id
}

async fn consume(channel: &Channel, queue: &str) -> Consumer {
    let options = BasicConsumeOptions { no_ack: true, ..Default::default() };
    channel.basic_consume(queue.into(), "".into(), options, FieldTable::default()).await.unwrap()
}

fn read(properties: &BasicProperties, body: &[u8]) -> Answer {
    let text = String::from_utf8(body.to_vec()).unwrap();
    let headers = properties.headers().as_ref();
    let traceparent = headers.and_then(|headers| headers.inner().get("traceparent"));
    Answer {
        json: serde_json::from_str(&text).unwrap(),
        text,
        correlation_id: properties.correlation_id().as_ref().map(ToString::to_string),
        message_id: properties.message_id().as_ref().map(ToString::to_string),
        kind: properties.kind().as_ref().map(ToString::to_string),
        traceparent: traceparent.map(|value| value.as_long_string().unwrap().to_string()),
    }
}

/// The next message of a queue, on a connection of its own: a broker that is just removing the queue ends the
/// connection that asks.
async fn get(url: &str, queue: &str) -> Result<Option<Answer>, lapin::Error> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    let got = channel.basic_get(queue.into(), BasicGetOptions { no_ack: true }).await?;
    Ok(got.map(|got| read(&got.properties, &got.data)))
}
