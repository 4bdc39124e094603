//! What a lane reads from: a consumer on each queue of tasks, by shard and class, on one channel.

use std::sync::Arc;

use futures_util::stream::{self, BoxStream, SelectAll, StreamExt};
use lapin::message::Delivery as Raw;
use lapin::options::{BasicConsumeOptions, BasicQosOptions};

use super::bundle;
use super::connection::Link;
use super::consuming::ConsumingChannel;
use super::topology::Names;
use crate::queue::{Class, Gather};

/// The least that a lane has on its way of each queue, in messages.
const MIN_PREFETCH: usize = 16;
/// The same of bulk.
const MIN_BULK_PREFETCH: usize = 4;

/// What one consumer yields; `None` at its end, which a merged stream would pass over in silence.
type Received = Option<lapin::Result<Raw>>;

/// The consumers of a channel.
pub(super) struct Sources {
    ordinary: SelectAll<BoxStream<'static, Received>>,
    bulk: SelectAll<BoxStream<'static, Received>>,
}

impl Sources {
    /// Subscribes to every task queue.
    pub(super) async fn open(
        channel: &ConsumingChannel,
        link: &Arc<Link>,
        names: &Names,
        gather: Gather,
    ) -> lapin::Result<Sources> {
        // Enough that the worker never waits for the network, and no more: what this lane cannot get
        // to, another shall find. Under load a message is a bundle, so half as many messages as a batch
        // has tasks fill several batches; of single tasks they fill half of one.
        let ordinary = (gather.most / 2).max(MIN_PREFETCH);
        // Bulk comes in bundles: about two batches of it. What is more would fill the wire to this
        // process before an ordinary task.
        let bulk = (2 * gather.most / bundle::MOST).max(MIN_BULK_PREFETCH);
        let mut sources = subscribe(channel, names, Class::Ordinary, ordinary).await?;
        subscribe_express(channel, link, names, &mut sources).await?;
        Ok(Sources { ordinary: sources, bulk: subscribe(channel, names, Class::Bulk, bulk).await? })
    }

    /// Waits for the next message of either class; when both are there, of the one to take `first`.
    /// An error is a sentence for people: the channel is over. Cancel-safe.
    pub(super) async fn next(&mut self, first: Class) -> Result<(Class, Raw), String> {
        let (preferred, other) = match first {
            Class::Ordinary => (&mut self.ordinary, &mut self.bulk),
            Class::Bulk => (&mut self.bulk, &mut self.ordinary),
        };
        let (class, received) = tokio::select! {
            biased;
            received = preferred.next() => (first, received),
            received = other.next() => (first.other(), received),
        };
        match received.flatten() {
            Some(Ok(raw)) => Ok((class, raw)),
            Some(Err(error)) => Err(format!("a consumer failed: {error}")),
            None => Err("the broker ended a consumer of a task queue".to_owned()),
        }
    }
}

async fn subscribe(
    channel: &ConsumingChannel,
    names: &Names,
    class: Class,
    prefetch: usize,
) -> lapin::Result<SelectAll<BoxStream<'static, Received>>> {
    // Not for the channel: it counts for each consumer that is opened from now on.
    let prefetch = u16::try_from(prefetch).unwrap_or(u16::MAX);
    channel.basic_qos(prefetch, BasicQosOptions { global: false }).await?;
    let mut received = SelectAll::new();
    for (queue, _) in names.task_queues(class) {
        let options = BasicConsumeOptions::default();
        let consumer = channel.consume(queue, options).await?;
        received.push(consumer.map(Some).chain(stream::iter([None])).boxed());
    }
    Ok(received)
}

/// As the queues before. That one of these ends is no fault: the ordinary ones go on.
async fn subscribe_express(
    channel: &ConsumingChannel,
    link: &Arc<Link>,
    names: &Names,
    received: &mut SelectAll<BoxStream<'static, Received>>,
) -> lapin::Result<()> {
    for (shard, queue) in link.express.queues(names) {
        let options = BasicConsumeOptions::default();
        let consumer = channel.consume(queue, options).await?;
        let link = Arc::clone(link);
        let end = stream::once(async move { link.express.lose(shard) }).filter_map(async |()| None);
        received.push(consumer.map(Some).chain(end).boxed());
    }
    Ok(())
}
