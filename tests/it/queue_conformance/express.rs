//! RabbitMQ: a fresh task goes by the express queue of its shard while somebody takes it there, and by the ordinary
//! queue when nobody does.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicNackOptions, QueueDeclareOptions,
    QueueDeleteOptions, QueuePurgeOptions,
};
use lapin::types::{FieldTable, ShortString};
use lapin::{Channel, Connection, ConnectionProperties, Consumer};
use wsa::domain::task::{TaskGuid, TaskKey};
use wsa::queue::Message;

use crate::support::queues::{Queues, TestQueue, at_most, message};
use crate::support::reference::V1;
use crate::support::{eventually, servers, soon};

/// A consumer of the express queue that is no lane.
struct Taker {
    connection: Connection,
    channel: Channel,
    name: ShortString,
    taken: Consumer,
}

impl Taker {
    async fn at(queue: &TestQueue) -> Taker {
        let properties = ConnectionProperties::default();
        let connection = Connection::connect(&servers::amqp_url(), properties).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        let name = name(queue, "express");
        let (options, with) = (BasicConsumeOptions::default(), FieldTable::default());
        let taken = channel.basic_consume(name.clone(), "".into(), options, with).await.unwrap();
        Taker { connection, channel, name, taken }
    }

    async fn next(&mut self) -> Delivery {
        soon("a message", self.taken.next()).await.unwrap().unwrap()
    }

    /// Publishes until a task comes this way.
    async fn first(&mut self, queue: &TestQueue) -> Delivery {
        let since = Instant::now();
        loop {
            queue.publish(V1, 1).await;
            let next = tokio::time::timeout(Duration::from_millis(100), self.taken.next()).await;
            if let Ok(first) = next {
                return first.unwrap().unwrap();
            }
            assert!(since.elapsed() < Duration::from_secs(10), "no task comes by {}", self.name);
            self.channel.queue_purge(name(queue, ""), QueuePurgeOptions::default()).await.unwrap();
        }
    }
}

/// The ordinary queue, or another of the first shard.
fn name(queue: &TestQueue, which: &str) -> ShortString {
    let dot = if which.is_empty() { "" } else { "." };
    format!("{}.tasks.0{dot}{which}", queue.prefix.as_ref().unwrap().0).into()
}

/// How many wait in a queue of the first shard.
async fn waiting(channel: &Channel, name: ShortString) -> u32 {
    let options = QueueDeclareOptions { passive: true, ..Default::default() };
    let found = channel.queue_declare(name, options, FieldTable::default()).await;
    found.unwrap().message_count()
}

fn id(delivery: &Delivery) -> String {
    delivery.properties.message_id().as_ref().unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_task_goes_by_the_express_queue_and_one_that_is_published_again_does_not() {
    let queue = TestQueue::fresh(Queues::Amqp).await;
    let mut taker = Taker::at(&queue).await;
    let first = taker.first(&queue).await;
    assert_eq!(*first.properties.delivery_mode(), Some(1), "it is not written to disk");
    first.ack(BasicAckOptions::default()).await.unwrap();
    let keys = queue.publish_together(V1, 3).await;
    assert_eq!(taker.next().await.properties.kind().as_ref().unwrap().as_str(), "wsa.tasks.v1");
    assert_eq!(keys.len(), 3, "several go together");

    let again = TaskKey { object: V1, guid: TaskGuid::new() };
    let messages = vec![Message { fresh: false, ..message(again) }];
    queue.queue.publish(messages).await.unwrap();
    assert_eq!(waiting(&taker.channel, name(&queue, "")).await, 1);
    queue.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_settles_goes_to_the_ordinary_queue_within_a_second_or_two() {
    let queue = TestQueue::fresh(Queues::Amqp).await;
    let mut taker = Taker::at(&queue).await;
    let first = taker.first(&queue).await;
    // Handed back again and again, as by workers that end with it.
    let (mut last, since) = (first, Instant::now());
    let guid = id(&last);
    let back = loop {
        assert_eq!(id(&last), guid);
        last.nack(BasicNackOptions { requeue: true, multiple: false }).await.unwrap();
        match tokio::time::timeout(Duration::from_millis(500), taker.taken.next()).await {
            Ok(next) => last = next.unwrap().unwrap(),
            Err(_) => break since.elapsed(),
        }
    };
    assert!(back < Duration::from_secs(3), "it stayed {back:?}");
    let mut lane = queue.queue.lane(at_most(1));
    let batch = soon("a batch", lane.next()).await;
    assert_eq!(batch[0].key.guid.to_string(), guid);
    assert!(lane.message(&batch[0]).is_some(), "as it was published");
    lane.ack(batch).await;
    queue.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_takes_tasks_they_are_kept() {
    let queue = TestQueue::fresh(Queues::Amqp).await;
    let keys = queue.publish(V1, 3).await;
    let taker = Taker::at(&queue).await;
    assert_eq!(waiting(&taker.channel, name(&queue, "")).await, 3);
    drop(taker);
    let mut lane = queue.queue.lane(at_most(3));
    let mut taken = Vec::new();
    while taken.len() < keys.len() {
        let batch = soon("a batch", lane.next()).await;
        taken.extend(batch.iter().map(|delivery| delivery.key));
        lane.ack(batch).await;
    }
    assert_eq!(taken, keys);
    queue.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_longer_is_not_passed() {
    let queue = TestQueue::fresh(Queues::Amqp).await;
    for _ in 0..100 {
        queue.publish(V1, 1).await;
    }
    let mut taker = Taker::at(&queue).await;
    // Longer than a process takes to see that there is somebody.
    tokio::time::sleep(Duration::from_millis(2500)).await;
    queue.publish(V1, 1).await;
    assert_eq!(waiting(&taker.channel, name(&queue, "")).await, 101);
    taker.channel.queue_purge(name(&queue, ""), QueuePurgeOptions::default()).await.unwrap();
    taker.first(&queue).await;
    queue.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lanes_go_on_without_it_and_use_it_again_when_it_is_back() {
    let queue = TestQueue::fresh(Queues::Amqp).await;
    let mut lane = queue.queue.lane(at_most(1));
    let taking = tokio::spawn(async move {
        loop {
            let batch = lane.next().await;
            lane.ack(batch).await;
        }
    });
    let taker = Taker::at(&queue).await;
    let consumers = async || {
        let options = QueueDeclareOptions { passive: true, ..Default::default() };
        let channel = taker.connection.create_channel().await.unwrap();
        let found = channel.queue_declare(taker.name.clone(), options, FieldTable::default()).await;
        found.ok().map(|queue| queue.consumer_count())
    };
    eventually("the lane has subscribed", async || consumers().await == Some(2)).await;
    let options = QueueDeleteOptions::default();
    taker.channel.queue_delete(taker.name.clone(), options).await.unwrap();
    let messages = || vec![message(TaskKey { object: V1, guid: TaskGuid::new() })];
    eventually("tasks go on", async || queue.queue.publish(messages()).await.is_ok()).await;
    eventually("the lane consumes it again", async || consumers().await == Some(1)).await;
    eventually("nothing waits", async || queue.queue.depth().await.is_ok_and(|n| n == 0)).await;
    taking.abort();
    queue.close().await;
}
