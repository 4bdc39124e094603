//! What a queue is made of: the traits that RabbitMQ and the queue in process implement.

use std::fmt;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::broadcast;

use super::amqp::DatabaseClock;
use super::amqp::upstream::{Disposition, UpstreamMessage};
use super::{Delivery, Gather, Message, PublishOutcome, QueueError, ReplyMessage};
use crate::domain::dead_letter::DeadLetter;
use crate::domain::outbox::Announcement;

/// A queue, seen by the engine as [`Queue`](super::Queue).
pub trait Transport: fmt::Debug + Send + Sync {
    /// What it is, for people.
    fn kind(&self) -> &'static str;

    /// See [`Queue::destination`](super::Queue::destination).
    fn destination(&self) -> &str {
        "tasks"
    }

    /// See [`Queue::publish`](super::Queue::publish).
    fn publish(&self, messages: Vec<Message>) -> BoxFuture<'_, Result<(), QueueError>>;

    /// See [`Queue::lane`](super::Queue::lane).
    fn lane(&self, gather: Gather) -> Box<dyn Consumer>;

    /// Tells every process this announcement, which is not empty.
    fn announce(&self, announcement: Announcement) -> BoxFuture<'_, ()>;

    /// See [`Queue::announcements`](super::Queue::announcements).
    fn announcements(&self) -> broadcast::Receiver<Arc<Announcement>>;

    /// See [`Queue::depth`](super::Queue::depth).
    fn depth(&self) -> BoxFuture<'_, Result<u64, QueueError>>;

    /// The most tasks that one message holds.
    fn tasks_a_message(&self) -> u64 {
        1
    }

    /// Whether tasks are in it that an earlier process published.
    fn outlives_process(&self) -> bool {
        true
    }

    /// Whether tasks can be published now.
    fn is_connected(&self) -> bool {
        true
    }

    /// See [`Queue::fault`](super::Queue::fault).
    fn fault(&self) -> Option<&'static str> {
        None
    }

    /// See [`Queue::rebuild`](super::Queue::rebuild).
    fn rebuild(&self, _reason: &str) {}

    /// See [`Queue::close`](super::Queue::close).
    fn close(&self) -> BoxFuture<'_, ()> {
        async {}.boxed()
    }

    /// What passes between this service and others; `None` for a queue that only this service is at.
    fn gateway(&self) -> Option<&dyn Gateway> {
        None
    }
}

/// A consumer of a queue, seen by a worker as [`Lane`](super::Lane).
pub trait Consumer: Send {
    /// See [`Lane::next`](super::Lane::next).
    fn next(&mut self) -> BoxFuture<'_, Vec<Delivery>>;

    /// See [`Lane::ack`](super::Lane::ack).
    fn ack(&mut self, batch: Vec<Delivery>) -> BoxFuture<'_, ()>;

    /// See [`Lane::message`](super::Lane::message).
    fn message(&self, _delivery: &Delivery) -> Option<Vec<u8>> {
        None
    }

    /// See [`Lane::is_consuming`](super::Lane::is_consuming).
    fn is_consuming(&self) -> bool {
        true
    }
}

/// What passes between this service and others at the same broker.
pub trait Gateway: Send + Sync {
    /// See [`Queue::post`](super::Queue::post).
    fn post<'a>(&'a self, replies: &'a [ReplyMessage]) -> BoxFuture<'a, Vec<PublishOutcome>>;

    /// See [`Queue::declare_results`](super::Queue::declare_results).
    fn declare_results<'a>(&'a self, _aggregators: &'a [String]) -> BoxFuture<'a, ()> {
        async {}.boxed()
    }

    /// A consumer of what upstream services publish. By `clock` it knows since when a message can have been on its way
    /// here.
    fn upstream(&self, clock: DatabaseClock) -> Upstream;

    /// What keeps tasks of upstream services from being taken in this process, a word for readiness.
    fn upstream_fault(&self) -> Option<&'static str> {
        None
    }

    /// The broker's queue of dead letters, where it has one that must be emptied.
    fn dead_letters(&self) -> Option<&dyn DeadLetters> {
        None
    }
}

/// What upstream services publish, and what this service is at their broker.
pub struct Upstream {
    /// The consumer.
    pub lane: Box<dyn UpstreamLane>,
    /// The service's own user, which alone may act for others.
    pub user: String,
    /// What the names of all exchanges and queues begin with.
    pub prefix: String,
}

/// A consumer of what upstream services publish. It survives the loss of its connection: [`UpstreamLane::next`] then
/// makes another.
pub trait UpstreamLane: Send + Sync {
    /// Waits for messages. Those of the batch before that were not settled are delivered again some time.
    fn next(&mut self) -> BoxFuture<'_, Vec<UpstreamMessage>>;

    /// Settles messages of the batch in hand, by their tags.
    fn settle(&mut self, dispositions: Vec<(u64, Disposition)>) -> BoxFuture<'_, ()>;

    /// Whether what is in hand can still be settled.
    fn is_live(&self) -> bool;

    /// Says goodbye; what is in hand goes to the next consumer.
    fn close(self: Box<Self>) -> BoxFuture<'static, ()>;
}

/// A message to be published again.
pub struct Replay {
    /// Its content.
    pub body: Vec<u8>,
    /// Whose it was.
    pub aggregator: String,
    /// What it was called: with the same name it is the same task.
    pub message_id: Option<String>,
}

/// The broker's queue of dead letters.
pub trait DeadLetters: Send + Sync {
    /// How many there are.
    fn waiting(&self) -> BoxFuture<'_, Result<u32, QueueError>>;

    /// Fetches at most so many.
    fn fetch(&self, most: usize) -> BoxFuture<'_, Result<Fetched, QueueError>>;

    /// Publishes messages of upstream services again, confirmed.
    fn hand_in<'a>(&'a self, messages: &'a [Replay]) -> BoxFuture<'a, Result<(), QueueError>>;

    /// Takes the first away from the broker, which did not survive being fetched, and tells what it was.
    fn throw_away(&self) -> BoxFuture<'_, Result<Vec<DeadLetter>, QueueError>>;
}

/// Dead letters in hand: they stay in the broker's queue until [`Fetched::done`].
pub struct Fetched {
    /// What they are; a bundle is a letter for each of its tasks.
    pub letters: Vec<DeadLetter>,
    /// Has the broker forget them; not begun, it only holds them.
    pub(super) forget: BoxFuture<'static, ()>,
}

impl Fetched {
    /// Has the broker forget them.
    pub async fn done(self) {
        self.forget.await;
    }
}
