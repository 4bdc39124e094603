//! The exchanges and queues of an installation, declared on every connect. Declaring what is already
//! there changes nothing; RabbitMQ 3.10 and later know all of it.
//!
//! ```text
//! <prefix>.tasks    direct -> <prefix>.tasks.in            -- over the delivery limit --v
//! <prefix>.work     direct -> <prefix>.tasks.<shard>       -- over the delivery limit --v
//!                          -> <prefix>.tasks.<shard>.bulk  -- over the delivery limit --v
//!                          -> <prefix>.tasks.<shard>.express  -- after a second --> <prefix>.tasks.<shard>
//! <prefix>.dead     fanout -> <prefix>.tasks.dead          <-- what cannot be read -- worker
//! <prefix>.answered fanout -> one queue for each process that is running
//! <prefix>.results  direct -> <prefix>.results.<aggregator>, for those that ask for one
//! ```
//!
//! What upstream services publish has an exchange and a queue of its own: only what was checked and
//! registered gets to the workers. Permissions are given by exchange, not by routing key, so whoever may
//! write to `<prefix>.tasks` must not reach a queue of the workers by it.

use std::time::Duration;

use lapin::options::QueueDeclareOptions;
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{Channel, ExchangeKind};

use super::connection::Link;
use super::declaring::{
    TopologyError, arguments, bind, exchange, find_exchange, find_queue, queue, text, unbind,
};
use crate::domain::task::ObjectId;
use crate::queue::Class;

/// How often a task may be handed out before the broker takes it for a poisonous one. Explicit, because
/// the default differs between versions (none, then 20), and generous: a worker that crashes on one
/// message gives back everything it had prefetched, so innocent neighbours count too. What is over the
/// limit goes to the dead letters; while its task is open, the sweeper publishes it again.
const DELIVERY_LIMIT: i64 = 100;
/// More dead letters than people will read; the oldest make room, because a full queue that refused
/// would block the task queues behind it. The store still has the tasks.
const MOST_DEAD: i64 = 100_000;
/// Announcements that a stalled process may pile up in the broker; it looks into the store instead.
const MOST_ANNOUNCED: i64 = 10_000;

/// Each has queues of its own.
const CLASSES: [Class; 2] = [Class::Ordinary, Class::Bulk];
/// The same for what upstream services publish. Lower: what ends a connection by being delivered is a
/// message that the client library cannot parse, and the rest of the queue waits for it meanwhile.
const UPSTREAM_DELIVERY_LIMIT: i64 = 20;
/// The routing key of what upstream services publish.
pub(super) const UPSTREAM_KEY: &str = "in";

/// The names of everything that is declared.
#[derive(Debug)]
pub(super) struct Names {
    /// The exchange that upstream services publish to.
    pub(super) tasks: ShortString,
    /// The exchange by which accepted tasks get to the workers.
    pub(super) work: ShortString,
    /// The exchange of dead letters.
    pub(super) dead: ShortString,
    /// The exchange that tells of answered tasks.
    pub(super) answered: ShortString,
    /// The exchange of answers for the queues of aggregators.
    pub(super) results: ShortString,
    /// The queue of what upstream services publish.
    pub(super) upstream: ShortString,
    /// Into how many queues the tasks go.
    pub(super) shards: u16,
    /// The queue of dead letters.
    pub(super) dead_queue: ShortString,
}

impl Names {
    /// The names of the installation with this prefix.
    pub(super) fn new(prefix: &str, shards: u16) -> Names {
        let name = |what: &str| {
            // Too long a prefix is refused with the settings, before this name is used.
            ShortString::try_new(format!("{prefix}.{what}")).unwrap_or_else(|_| "".into())
        };
        Names {
            tasks: name("tasks"),
            work: name("work"),
            dead: name("dead"),
            answered: name("answered"),
            results: name("results"),
            upstream: name("tasks.in"),
            shards,
            dead_queue: name("tasks.dead"),
        }
    }

    /// The queue of each shard for a class, with its routing key.
    pub(super) fn task_queues(
        &self,
        class: Class,
    ) -> impl Iterator<Item = (ShortString, ShortString)> + '_ {
        (0..self.shards)
            .map(move |shard| (self.task_queue(shard, class), routing_key(shard, class)))
    }

    /// The queue of a shard for a class.
    pub(super) fn task_queue(&self, shard: u16, class: Class) -> ShortString {
        format!("{}.{}", self.tasks, routing_key(shard, class)).into()
    }

    /// The express queue of a shard.
    pub(super) fn express_queue(&self, shard: u16) -> ShortString {
        format!("{}.{}", self.tasks, self.express_key(shard)).into()
    }

    /// Its routing key.
    pub(super) fn express_key(&self, shard: u16) -> ShortString {
        format!("{shard}.express").into()
    }
}

/// The shard of an object, from 0 to `shards - 1`: always the same for the same object, so that its
/// tasks meet in one queue. Services that publish themselves compute it too, and processes of two
/// versions run side by side: the function must never change.
///
/// It is the finaliser of SplitMix64 over the objectId as an unsigned 64-bit number, modulo `shards`.
pub(super) fn shard(object: ObjectId, shards: u16) -> u16 {
    let mut mixed = object.0.cast_unsigned();
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    // The remainder is below a u16; zero shards are refused with the settings.
    u16::try_from(mixed % u64::from(shards.max(1))).unwrap_or(0)
}

/// Where a task of a shard is published to.
pub(super) fn routing_key(shard: u16, class: Class) -> ShortString {
    match class {
        Class::Ordinary => shard.to_string().into(),
        Class::Bulk => format!("{shard}.bulk").into(),
    }
}

/// Declares everything that outlives a connection.
pub(super) async fn declare(channel: &Channel, names: &Names) -> Result<(), TopologyError> {
    exchange(channel, &names.tasks, ExchangeKind::Direct).await?;
    exchange(channel, &names.work, ExchangeKind::Direct).await?;
    exchange(channel, &names.dead, ExchangeKind::Fanout).await?;
    exchange(channel, &names.answered, ExchangeKind::Fanout).await?;
    exchange(channel, &names.results, ExchangeKind::Direct).await?;

    let dead = [("x-max-length", MOST_DEAD.into()), ("x-overflow", text("drop-head"))];
    queue(channel, &names.dead_queue, &dead).await?;
    bind(channel, &names.dead_queue, &names.dead, "".into()).await?;

    for (name, routing_key) in CLASSES.into_iter().flat_map(|class| names.task_queues(class)) {
        queue(channel, &name, &task_queue(names, DELIVERY_LIMIT)).await?;
        bind(channel, &name, &names.work, routing_key.clone()).await?;
        // As earlier versions had it.
        unbind(channel, &name, &names.tasks, routing_key).await?;
    }
    declare_intake(channel, names).await
}

/// Declares what upstream services publish to: they reach nobody without it, and nobody here would notice.
pub(super) async fn declare_intake(channel: &Channel, names: &Names) -> Result<(), TopologyError> {
    exchange(channel, &names.tasks, ExchangeKind::Direct).await?;
    queue(channel, &names.upstream, &task_queue(names, UPSTREAM_DELIVERY_LIMIT)).await?;
    bind(channel, &names.upstream, &names.tasks, UPSTREAM_KEY.into()).await
}

/// Looks whether the exchange and the queue of the intake are there. Nobody but an administrator can look at a
/// binding.
pub(super) async fn find_intake(channel: &Channel, names: &Names) -> Result<(), TopologyError> {
    find_exchange(channel, &names.tasks).await?;
    find_queue(channel, &names.upstream).await
}

/// Looks whether every exchange and queue that tasks and dead letters need is there.
pub(super) async fn find(channel: &Channel, names: &Names) -> Result<(), TopologyError> {
    for name in [&names.work, &names.dead, &names.answered, &names.results] {
        find_exchange(channel, name).await?;
    }
    find_queue(channel, &names.dead_queue).await?;
    for (name, _) in CLASSES.into_iter().flat_map(|class| names.task_queues(class)) {
        find_queue(channel, &name).await?;
    }
    find_intake(channel, names).await
}

fn task_queue(names: &Names, delivery_limit: i64) -> [(&'static str, AMQPValue); 4] {
    [
        ("x-delivery-limit", delivery_limit.into()),
        ("x-dead-letter-exchange", text(names.dead.as_str())),
        // A dead letter stays until the dead-letter queue has it; this needs `reject-publish`.
        ("x-dead-letter-strategy", text("at-least-once")),
        ("x-overflow", text("reject-publish")),
    ]
}

/// How much a results queue keeps; the store has the answers anyway.
#[derive(Debug, Clone, Copy)]
pub(super) struct Retention {
    /// The most answers; the oldest make room.
    pub(super) length: u32,
    /// For how long each is kept.
    pub(super) age: Duration,
}

/// Declares the results queue of an aggregator, unless it is there: then it keeps its bounds.
pub(super) async fn declare_results(
    link: &Link,
    names: &Names,
    aggregator: &str,
    retention: Retention,
) -> Result<(), TopologyError> {
    let failed = |source| TopologyError::Failed { what: "a results queue".to_owned(), source };
    let name = ShortString::try_new(format!("{}.{aggregator}", names.results));
    let (Ok(name), Ok(routing_key)) = (name, ShortString::try_new(aggregator)) else {
        return Ok(()); // such a name is refused with the subscription, long before
    };
    let channel = link.consuming_channel().await.map_err(failed)?;
    let passive = QueueDeclareOptions { passive: true, ..Default::default() };
    if channel.queue_declare(name.clone(), passive, FieldTable::default()).await.is_ok() {
        return bind(&channel, &name, &names.results, routing_key).await;
    }
    // The broker closes a channel that asks for a queue that is not there.
    let channel = &link.consuming_channel().await.map_err(failed)?;
    let age_ms = i64::try_from(retention.age.as_millis()).unwrap_or(i64::MAX);
    let bounds = [
        ("x-max-length", i64::from(retention.length).into()),
        ("x-message-ttl", age_ms.into()),
        ("x-overflow", text("drop-head")),
    ];
    queue(channel, &name, &bounds).await?;
    bind(channel, &name, &names.results, routing_key).await
}

/// Declares a queue of this connection's own, bound to the announcements; it goes with the connection.
pub(super) async fn declare_announced(
    channel: &Channel,
    names: &Names,
) -> Result<ShortString, TopologyError> {
    let options = QueueDeclareOptions { exclusive: true, auto_delete: true, ..Default::default() };
    let arguments = arguments(&[("x-max-length", MOST_ANNOUNCED.into())]);
    let failed = |source| TopologyError::Failed { what: "a queue of announcements".into(), source };
    let queue = channel.queue_declare("".into(), options, arguments).await.map_err(failed)?;
    let name = queue.name().clone();
    bind_announced(channel, names, &name).await?;
    Ok(name)
}

/// Binds such a queue, whose binding goes with the exchange when somebody deletes that.
pub(super) async fn bind_announced(
    channel: &Channel,
    names: &Names,
    queue: &ShortString,
) -> Result<(), TopologyError> {
    bind(channel, queue, &names.answered, "".into()).await
}

/// How many messages of all shards and classes are ready. On a channel of its own: the broker closes one that asks
/// for a queue that is not there.
pub(super) async fn depth(link: &Link, names: &Names) -> lapin::Result<u64> {
    let channel = link.consuming_channel().await?;
    let mut ready = 0;
    let kept = CLASSES.into_iter().flat_map(|class| names.task_queues(class)).map(|(name, _)| name);
    let express = link.express.queues(names).map(|(_, name)| name);
    for name in kept.chain(express) {
        let options = QueueDeclareOptions { passive: true, ..Default::default() };
        let queue = channel.queue_declare(name, options, FieldTable::default()).await?;
        ready += u64::from(queue.message_count());
    }
    Ok(ready)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_never_change() {
        let of = |object, shards| shard(ObjectId(object), shards);
        assert_eq!(of(199_990_246, 1), 0);
        let eight: Vec<u16> = [1, 2, 3, 1000, 199_990_246, 199_990_247, i64::MAX]
            .map(|object| of(object, 8))
            .to_vec();
        assert_eq!(eight, [5, 2, 0, 7, 2, 2, 5]);
    }

    #[test]
    fn shards_are_even() {
        for (shards, step) in [(2, 1), (3, 2), (8, 8), (16, 1000)] {
            let mut counts = vec![0_u32; usize::from(shards)];
            for n in 0..10_000 {
                counts[usize::from(shard(ObjectId(199_000_000 + n * step), shards))] += 1;
            }
            let fair = 10_000 / u32::from(shards);
            assert!(counts.iter().all(|&n| n.abs_diff(fair) < fair / 4), "{shards}: {counts:?}");
        }
    }
}
