//! A fresh queue for a test: in the process, or on the broker under names of its own.

use std::time::Duration;

use lapin::options::{
    BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, ExchangeDeleteOptions,
    QueueDeleteOptions, QueuePurgeOptions,
};
use lapin::types::AMQPValue;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use uuid::Uuid;
use wsa::domain::task::{ObjectId, TaskGuid, TaskKey};
use wsa::queue::amqp::{AmqpQueue, AmqpSettings};
use wsa::queue::in_process::InProcessQueue;
use wsa::queue::{Class, Gather, Message, Queue};

use super::{eventually, servers, to_its_end};

/// What the tests declare of them.
const QUEUES: [&str; 13] = [
    "tasks.0",
    "tasks.0.bulk",
    "tasks.0.express",
    "tasks.1",
    "tasks.1.bulk",
    "tasks.1.express",
    "tasks.2",
    "tasks.2.bulk",
    "tasks.2.express",
    "tasks.in",
    "tasks.dead",
    "results.main",
    "results.other",
];

/// Which queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queues {
    InProcess,
    Amqp,
}

/// Names on the broker that nobody else uses; what has them is deleted with this.
#[derive(Debug)]
pub struct Prefix(pub String);

/// A dead letter: its `message_id`, body and reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    pub id: Option<String>,
    pub body: Vec<u8>,
    pub reason: String,
}

impl Prefix {
    pub fn fresh() -> Prefix {
        Prefix(format!("it-{}", Uuid::new_v4().simple()))
    }

    /// The settings of a queue with these names.
    pub fn settings(&self) -> AmqpSettings {
        let mut settings = AmqpSettings::new(servers::amqp_url());
        settings.prefix = self.0.clone();
        settings
    }

    /// Publishes a message past the program to the queue of the first shard.
    pub async fn publish_raw(&self, properties: BasicProperties, body: &[u8]) {
        let (_connection, channel) = channel().await;
        channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
        let exchange = format!("{}.work", self.0).into();
        let options = BasicPublishOptions { mandatory: true, immediate: false };
        let confirm = channel.basic_publish(exchange, "0".into(), options, body, properties).await;
        let confirm = confirm.unwrap().await.unwrap();
        assert!(confirm.is_ack() && confirm.take_message().is_none(), "nobody took the message");
    }

    /// Loses what is in the queue of the first shard, and tells how many messages that were.
    pub async fn purge(&self) -> u32 {
        let (_connection, channel) = channel().await;
        let queue = format!("{}.tasks.0", self.0).into();
        channel.queue_purge(queue, QueuePurgeOptions::default()).await.unwrap()
    }

    /// Waits for so many dead letters and takes them out.
    pub async fn dead_letters(&self, count: usize) -> Vec<DeadLetter> {
        let (_connection, channel) = channel().await;
        let mut letters = Vec::new();
        eventually("the dead letters are there", async || {
            while let Some(letter) = self.next_dead_letter(&channel).await {
                letters.push(letter);
            }
            letters.len() >= count
        })
        .await;
        assert_eq!(letters.len(), count, "{letters:?}");
        letters
    }

    async fn next_dead_letter(&self, channel: &Channel) -> Option<DeadLetter> {
        let queue = format!("{}.tasks.dead", self.0).into();
        let got = channel.basic_get(queue, BasicGetOptions { no_ack: true }).await.unwrap()?;
        let id = got.properties.message_id().as_ref().map(ToString::to_string);
        let headers = got.properties.headers().as_ref().expect("headers");
        let reason = match headers.inner().get("x-wsa-reason") {
            Some(AMQPValue::LongString(reason)) => reason.to_string(),
            other => panic!("x-wsa-reason is {other:?}"),
        };
        Some(DeadLetter { id, body: got.data.clone(), reason })
    }
}

impl Drop for Prefix {
    fn drop(&mut self) {
        let prefix = self.0.clone();
        to_its_end(async move {
            let (connection, channel) = channel().await;
            for queue in QUEUES {
                let name = format!("{prefix}.{queue}").into();
                let _ = channel.queue_delete(name, QueueDeleteOptions::default()).await;
            }
            for exchange in ["tasks", "work", "dead", "answered", "results"] {
                let name = format!("{prefix}.{exchange}").into();
                let _ = channel.exchange_delete(name, ExchangeDeleteOptions::default()).await;
            }
            let _ = connection.close(200, "done".into()).await;
        });
    }
}

async fn channel() -> (Connection, Channel) {
    let properties = ConnectionProperties::default();
    let connection = Connection::connect(&servers::amqp_url(), properties).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    (connection, channel)
}

/// A queue that is ready.
#[derive(Debug)]
pub struct TestQueue {
    pub queue: Queue,
    /// Its names; `None` in process.
    pub prefix: Option<Prefix>,
}

impl TestQueue {
    pub async fn fresh(kind: Queues) -> TestQueue {
        match kind {
            Queues::InProcess => {
                TestQueue { queue: Queue::new(InProcessQueue::new()), prefix: None }
            }
            Queues::Amqp => TestQueue::on(Prefix::fresh(), |_| ()).await,
        }
    }

    /// On the broker, with settings of its own.
    pub async fn on(prefix: Prefix, change: impl FnOnce(&mut AmqpSettings)) -> TestQueue {
        let mut settings = prefix.settings();
        change(&mut settings);
        let queue = Queue::new(AmqpQueue::start(settings));
        eventually("the queue is connected", async || queue.is_connected()).await;
        TestQueue { queue, prefix: Some(prefix) }
    }

    /// Publishes tasks of an object one after the other.
    pub async fn publish(&self, object: ObjectId, count: usize) -> Vec<TaskKey> {
        let mut keys = Vec::new();
        for _ in 0..count {
            keys.extend(self.publish_together(object, 1).await);
        }
        keys
    }

    /// Publishes tasks of an object in one call, which may make bundles of them.
    pub async fn publish_together(&self, object: ObjectId, count: usize) -> Vec<TaskKey> {
        let keys: Vec<TaskKey> =
            (0..count).map(|_| TaskKey { object, guid: TaskGuid::new() }).collect();
        self.queue.publish(keys.iter().copied().map(message).collect()).await.unwrap();
        keys
    }

    /// Closes it as a process that ends in order does.
    pub async fn close(&self) {
        self.queue.close().await;
    }
}

/// A task for the queue; what it asks for is nobody's business here.
pub fn message(key: TaskKey) -> Message {
    let (task_type, request) = ("GetOrder".into(), "{}".into());
    Message { key, task_type, request, class: Class::Ordinary, fresh: true, trace: None }
}

/// Batches of at most so many.
pub fn at_most(most: usize) -> Gather {
    Gather { most, linger: Duration::from_millis(20) }
}
