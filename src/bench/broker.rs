//! The broker by itself: messages published, confirmed, consumed and acknowledged.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::Rate;
use super::orders::{Payable, pay_request};
use crate::domain::task::{CurrencyGuid, TaskGuid, TaskKey};
use crate::queue::amqp::{AmqpQueue, AmqpSettings};
use crate::queue::{Class, Gather, Message, Queue};

/// Each sends one message at a time.
const PUBLISHERS: usize = 64;
const LANES: usize = 2;
const GATHER: Gather = Gather { most: 256, linger: Duration::from_millis(1) };
const PATIENCE: Duration = Duration::from_secs(120);

/// Sends `count` tasks through queues of its own, so many in a message, and takes the queues away again.
pub async fn run(settings: &AmqpSettings, count: usize, at_once: usize) -> anyhow::Result<Rate> {
    let prefix = format!("{}-bench-{:08x}", settings.prefix, rand::random::<u32>());
    let settings = AmqpSettings { prefix: prefix.clone(), shards: 1, ..settings.clone() };
    let queue = Arc::new(Queue::new(AmqpQueue::start(settings.clone())));
    let rate = timeout(PATIENCE, round_trips(&queue, count, at_once.max(1))).await;
    queue.close().await;
    remove(&settings, &prefix).await?;
    rate.with_context(|| format!("the broker did not finish within {PATIENCE:?}"))?
}

async fn round_trips(queue: &Arc<Queue>, count: usize, at_once: usize) -> anyhow::Result<Rate> {
    let (received, mut counted) = tokio::sync::mpsc::unbounded_channel();
    let mut consuming = JoinSet::new();
    for _ in 0..LANES {
        let mut lane = queue.lane(GATHER);
        let received = received.clone();
        consuming.spawn(async move {
            loop {
                let batch = lane.next().await;
                let size = batch.len();
                lane.ack(batch).await;
                if received.send(size).is_err() {
                    return;
                }
            }
        });
    }
    while !queue.is_connected() {
        sleep(Duration::from_millis(20)).await;
    }
    let started = Instant::now();
    let mut publishing = JoinSet::new();
    for publisher in 0..PUBLISHERS {
        let queue = Arc::clone(queue);
        let share = count / PUBLISHERS + usize::from(publisher < count % PUBLISHERS);
        publishing.spawn(async move {
            for sent in (0..share).step_by(at_once) {
                let messages = (sent..share.min(sent + at_once)).map(|_| message()).collect();
                queue.publish(messages).await?;
            }
            anyhow::Ok(())
        });
    }
    let mut total = 0;
    while total < count {
        total += counted.recv().await.unwrap_or_default();
    }
    let rate = Rate::since(started, count as u64);
    while let Some(published) = publishing.join_next().await {
        published??;
    }
    Ok(rate)
}

fn message() -> Message {
    let guid = TaskGuid::new();
    let key = TaskKey { object: crate::domain::task::ObjectId(1), guid };
    let order = Payable {
        key: crate::domain::task::OrderKey {
            object: key.object,
            guid: crate::domain::task::OrderGuid(guid.0),
        },
        total: crate::domain::money::Money::KOPECK,
    };
    let request = pay_request(&order, CurrencyGuid(guid.0), false).into();
    Message {
        key,
        task_type: "PayOrder".into(),
        request,
        class: Class::Ordinary,
        fresh: true,
        trace: None,
    }
}

/// Deletes what the queue declared: it has names that nobody else uses.
async fn remove(settings: &AmqpSettings, prefix: &str) -> anyhow::Result<()> {
    let (connection, _wire) = settings.connect("wsa bench").await?;
    let channel = connection.create_channel().await?;
    for queue in ["tasks.0", "tasks.0.bulk", "tasks.0.express", "tasks.in", "tasks.dead"] {
        channel.queue_delete(format!("{prefix}.{queue}").into(), Default::default()).await?;
    }
    for exchange in ["tasks", "work", "results", "dead", "answered"] {
        channel.exchange_delete(format!("{prefix}.{exchange}").into(), Default::default()).await?;
    }
    connection.close(200, "done".into()).await?;
    Ok(())
}
