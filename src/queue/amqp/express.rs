//! The express queues: the short way of a fresh task to a worker that is free.
//!
//! A quorum queue writes a message to disk before anybody gets it, and once more when it is acknowledged. That keeps
//! what waits through the loss of a node. What does not wait needs none of it: the store has the task, so a fresh one
//! goes by a queue in memory, at a third of the cost and half a millisecond sooner.
//!
//! An express queue holds little, and nothing for longer than a second. What waits longer, what nobody takes and what a
//! worker has ended with goes to the ordinary queue of its shard, and the broker takes it there by itself. A process
//! looks each second whether there is somebody to take it; what the sweeper publishes again never goes this way.
//! A shard whose express queue cannot be used (its node is away: it is on one) does without.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lapin::options::QueueDeclareOptions;
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{Channel, Connection, Queue};
use tokio::time::{sleep, timeout};

use super::connection::Link;
use super::declaring::{TopologyError, bind, express_queue, text};
use super::publisher::{self, Fate, Publisher, Way};
use super::topology::{Names, routing_key, shard};
use crate::queue::{Class, Message, QueueError};

/// How often it is looked whether messages can go this way.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The first look, when those who connect together have subscribed.
const FIRST_LOOK: Duration = Duration::from_millis(100);
/// How often a queue that cannot be used is declared again.
const LOOKS_A_DECLARATION: u32 = 5;
/// How long a look may take.
const PATIENCE: Duration = Duration::from_secs(1);
/// For how long the queue keeps a message, in milliseconds.
const KEEPS_MS: i64 = 1000;
/// How many messages it holds.
const HOLDS: i64 = 1000;
/// How many messages may wait, there or in the ordinary queue: what comes now would pass them.
const MOST_WAITING: u32 = 64;

/// The express queues of a link.
#[derive(Debug)]
pub(super) struct Express {
    shards: Box<[Shard]>,
}

#[derive(Debug, Default)]
struct Shard {
    /// Whether lanes consume it, as far as it is known.
    there: AtomicBool,
    /// Whether messages go by it.
    open: AtomicBool,
    /// Whether a message came back: it is full, or its binding is gone.
    came_back: AtomicBool,
}

impl Express {
    /// Finds them, or declares them; each on a channel of its own, because the broker closes one that asks for what it
    /// cannot give.
    pub(super) async fn declare(connection: &Connection, names: &Names) -> lapin::Result<Express> {
        let mut shards = Vec::with_capacity(usize::from(names.shards));
        for number in 0..names.shards {
            let shard = Shard::default();
            let found =
                find(&connection.create_channel().await?, names.express_queue(number)).await;
            let there = match found {
                Ok(_) => Ok(()),
                Err(_) => declare(&connection.create_channel().await?, names, number).await,
            };
            match there {
                Ok(()) => shard.there.store(true, Ordering::Relaxed),
                Err(error) => tracing::warn!("tasks take the longer way: {error}"),
            }
            shards.push(shard);
        }
        Ok(Express { shards: shards.into() })
    }

    /// The queues that lanes can consume, with their shards.
    pub(super) fn queues<'a>(
        &'a self,
        names: &'a Names,
    ) -> impl Iterator<Item = (u16, ShortString)> + 'a {
        let there = |number: &u16| self.is(*number, |shard| &shard.there);
        (0..names.shards).filter(there).map(|number| (number, names.express_queue(number)))
    }

    /// The broker has ended a consumer of this shard's.
    pub(super) fn lose(&self, number: u16) {
        if let Some(shard) = self.shards.get(usize::from(number)) {
            shard.there.store(false, Ordering::Relaxed);
            shard.open.store(false, Ordering::Relaxed);
        }
    }

    /// Publishes what can go this way, and gives back everything else.
    pub(super) async fn publish(
        &self,
        publisher: &Publisher,
        names: &Names,
        messages: Vec<Message>,
        within: Duration,
    ) -> Result<Vec<Message>, QueueError> {
        let shard_of = |message: &Message| shard(message.key.object, names.shards);
        let goes = |message: &Message| {
            message.fresh
                && message.class == Class::Ordinary
                && self.is(shard_of(message), |shard| &shard.open)
        };
        let (fresh, mut rest): (Vec<Message>, Vec<Message>) = messages.into_iter().partition(goes);
        if fresh.is_empty() {
            return Ok(rest);
        }
        let outgoing = publisher::outgoing(&fresh, names, Way::Express);
        let fates = publisher.send_each(outgoing, within).await?;
        if fates.iter().any(|fate| *fate != Fate::Taken) {
            // Full, or not bound any more. A task that is published twice is done once.
            for message in &fresh {
                if let Some(shard) = self.shards.get(usize::from(shard_of(message))) {
                    shard.open.store(false, Ordering::Relaxed);
                    shard.came_back.store(true, Ordering::Relaxed);
                }
            }
            rest.extend(fresh);
        }
        Ok(rest)
    }

    /// Looks again and again whether messages can go this way; never completes. When a queue is there again that lanes
    /// have lost, the link is built anew for them.
    pub(super) async fn keep(&self, link: &Link, names: &Names) {
        let mut channel = None;
        sleep(FIRST_LOOK).await;
        for looks in 1_u32.. {
            for (number, shard) in (0..).zip(&self.shards) {
                let there = shard.there.load(Ordering::Relaxed);
                if !there && !looks.is_multiple_of(LOOKS_A_DECLARATION) {
                    continue;
                }
                let declares = !there || shard.came_back.swap(false, Ordering::Relaxed);
                let looking = look(link, &mut channel, names, number, declares);
                match timeout(PATIENCE, looking).await {
                    Ok(Ok(_)) if !there => {
                        link.fault().raise("an express queue can be used again");
                    }
                    Ok(Ok(free)) => shard.open.store(free, Ordering::Relaxed),
                    Ok(Err(_)) | Err(_) => {
                        channel = None;
                        shard.open.store(false, Ordering::Relaxed);
                    }
                }
            }
            sleep(LOOK_EVERY).await;
        }
    }

    fn is(&self, number: u16, what: impl Fn(&Shard) -> &AtomicBool) -> bool {
        self.shards
            .get(usize::from(number))
            .is_some_and(|shard| what(shard).load(Ordering::Relaxed))
    }
}

/// Whether messages of this shard can go by its express queue: somebody takes them, and hardly any wait.
async fn look(
    link: &Link,
    channel: &mut Option<Channel>,
    names: &Names,
    number: u16,
    declares: bool,
) -> Result<bool, TopologyError> {
    let failed = |source| TopologyError::Failed { what: "an express queue".to_owned(), source };
    let channel = match channel.take().filter(|channel| channel.status().connected()) {
        Some(open) => channel.insert(open),
        None => channel.insert(link.consuming_channel().await.map_err(failed)?),
    };
    if declares {
        declare(channel, names, number).await?;
    }
    let express = find(channel, names.express_queue(number)).await.map_err(failed)?;
    let ordinary =
        find(channel, names.task_queue(number, Class::Ordinary)).await.map_err(failed)?;
    Ok(express.consumer_count() > 0
        && express.message_count() + ordinary.message_count() <= MOST_WAITING)
}

async fn find(channel: &Channel, name: ShortString) -> lapin::Result<Queue> {
    let options = QueueDeclareOptions { passive: true, ..Default::default() };
    channel.queue_declare(name, options, FieldTable::default()).await
}

async fn declare(channel: &Channel, names: &Names, number: u16) -> Result<(), TopologyError> {
    let name = names.express_queue(number);
    let with: [(&str, AMQPValue); 5] = [
        ("x-message-ttl", KEEPS_MS.into()),
        ("x-max-length", HOLDS.into()),
        ("x-overflow", text("reject-publish")),
        ("x-dead-letter-exchange", text(names.work.as_str())),
        ("x-dead-letter-routing-key", text(routing_key(number, Class::Ordinary).as_str())),
    ];
    express_queue(channel, &name, &with).await?;
    bind(channel, &name, &names.work, names.express_key(number)).await
}
