//! The queue: transport between those who accept tasks and the workers. It may lose everything at any
//! time; the [store](crate::engine::store) is the truth, and the sweeper publishes again what is open.

pub mod amqp;
pub mod echo;
pub mod error;
mod fair_share;
pub mod in_process;
mod transport;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Mutex, broadcast};
use tokio::time::{Instant, sleep_until};

pub use self::amqp::DatabaseClock;
pub use self::amqp::reply::{Address, PublishOutcome, ReplyMessage};
pub use self::error::QueueError;
pub use self::transport::{
    Consumer, DeadLetters, Fetched, Gateway, Replay, Transport, Upstream, UpstreamLane,
};
use crate::domain::outbox::Announcement;
use crate::domain::task::{Foretold, TaskKey};
use crate::domain::trace::TraceContext;

/// How a task waits among others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// As it came.
    #[default]
    Ordinary,
    /// Behind the tasks of others: its object has more open tasks than its fair share. Lanes take
    /// ordinary tasks first, but never only those.
    Bulk,
}

impl Class {
    /// The one that is not this.
    pub(crate) fn other(self) -> Class {
        match self {
            Class::Ordinary => Class::Bulk,
            Class::Bulk => Class::Ordinary,
        }
    }
}

/// A task on its way to a worker.
#[derive(Debug, Clone)]
pub struct Message {
    /// Object and guid.
    pub key: TaskKey,
    /// The kind of task, a constant of its protocol.
    pub task_type: String,
    /// The request as its caller wrote it, JSON.
    pub request: Arc<str>,
    /// Among which it waits.
    pub class: Class,
    /// Whether it is accepted just now, and not published again.
    pub fresh: bool,
    /// The span that it is sent by, when its trace is recorded.
    pub trace: Option<TraceContext>,
}

/// A task that a worker has in hand and the queue has not forgotten yet.
#[derive(Debug)]
pub struct Delivery {
    /// Which task.
    pub key: TaskKey,
    /// The span that it was sent by, when its trace is recorded.
    pub trace: Option<TraceContext>,
    /// What its message says of it, when it says more than which task it is.
    pub foretold: Option<Foretold>,
    /// The broker's number of its message on its channel, shared by the tasks of a bundle; 0 in
    /// process.
    pub(crate) tag: u64,
}

/// How a lane gathers its batches.
#[derive(Debug, Clone, Copy)]
pub struct Gather {
    /// How many deliveries fill a batch; a bundle may take it a little further.
    pub most: usize,
    /// How long the first delivery of a batch waits for company.
    pub linger: Duration,
}

/// Waits until a batch has waited long enough for company. A time that is over is not waited for: a timer of the runtime
/// goes off at a whole millisecond, so it would come later than that time, by about one.
pub(crate) async fn company_until(until: Instant) {
    if Instant::now() < until {
        sleep_until(until).await;
    }
}

/// What is announced, for a task that may be started again: what comes in between is not missed.
#[derive(Debug, Clone)]
pub(crate) struct Heard(Arc<Mutex<broadcast::Receiver<Arc<Announcement>>>>);

impl Heard {
    /// From now on.
    pub(crate) fn of(queue: &Queue) -> Heard {
        Heard(Arc::new(Mutex::new(queue.announcements())))
    }

    /// The next announcement.
    pub(crate) async fn next(&self) -> Result<Arc<Announcement>, RecvError> {
        self.0.lock().await.recv().await
    }
}

/// Whichever queue.
#[derive(Debug)]
pub struct Queue(Box<dyn Transport>);

impl Queue {
    /// This queue.
    pub fn new(transport: impl Transport + 'static) -> Queue {
        Queue(Box::new(transport))
    }

    /// What it is, for people.
    pub fn kind(&self) -> &'static str {
        self.0.kind()
    }

    /// What it is, as OpenTelemetry names it.
    pub fn system(&self) -> &'static str {
        if self.posts() { "rabbitmq" } else { "wsa_in_process" }
    }

    /// Where tasks are published, by name.
    pub fn destination(&self) -> &str {
        self.0.destination()
    }

    /// Publishes tasks and waits until the queue has taken responsibility for each. After an error
    /// some may be in the queue and some not; publishing any again is safe.
    pub async fn publish(&self, messages: Vec<Message>) -> Result<(), QueueError> {
        self.0.publish(messages).await
    }

    /// Opens a lane: an independent consumer that handles one batch after another.
    pub fn lane(&self, gather: Gather) -> Lane {
        Lane(self.0.lane(gather))
    }

    /// Tells every process what is new, for those who wait. Best effort: who misses it finds it in the
    /// store a little later.
    pub async fn announce(&self, announcement: Announcement) {
        if !announcement.is_empty() {
            self.0.announce(announcement).await;
        }
    }

    /// What is announced, by this process or another, from now on.
    pub fn announcements(&self) -> broadcast::Receiver<Arc<Announcement>> {
        self.0.announcements()
    }

    /// Sends answers to those who asked over AMQP, confirmed; tells of each what became of it. In process
    /// there is nobody to send to.
    pub async fn post(&self, replies: &[ReplyMessage]) -> Vec<PublishOutcome> {
        match self.0.gateway() {
            Some(gateway) => gateway.post(replies).await,
            None => vec![PublishOutcome::Failed; replies.len()],
        }
    }

    /// Makes sure that the results queues of these aggregators are there, as far as that is possible now.
    pub async fn declare_results(&self, aggregators: &[String]) {
        if let Some(gateway) = self.0.gateway() {
            gateway.declare_results(aggregators).await;
        }
    }

    /// Makes a new connection, for this reason: who consumes on the one that there is gets nothing.
    pub fn rebuild(&self, reason: &str) {
        self.0.rebuild(reason);
    }

    /// How many messages wait in the queue, not counting those that workers have in hand. Each holds
    /// at least one task.
    pub async fn depth(&self) -> Result<u64, QueueError> {
        self.0.depth().await
    }

    /// The most tasks that one message of the queue holds.
    pub fn tasks_a_message(&self) -> u64 {
        self.0.tasks_a_message()
    }

    /// Whether tasks are in it that an earlier process published.
    pub fn outlives_process(&self) -> bool {
        self.0.outlives_process()
    }

    /// Whether there can be anybody to [`post`](Queue::post) to.
    pub fn posts(&self) -> bool {
        self.0.gateway().is_some()
    }

    /// A consumer of what upstream services publish; `None` where there can be none.
    pub fn upstream(&self, clock: DatabaseClock) -> Option<Upstream> {
        self.0.gateway().map(|gateway| gateway.upstream(clock))
    }

    /// What keeps tasks of upstream services from being taken in this process, a word for readiness; `None` when
    /// nothing does.
    pub fn upstream_fault(&self) -> Option<&'static str> {
        self.0.gateway()?.upstream_fault()
    }

    /// The broker's queue of dead letters, where it has one.
    pub fn dead_letters(&self) -> Option<&dyn DeadLetters> {
        self.0.gateway()?.dead_letters()
    }

    /// What is wrong with the exchanges and queues, a word for readiness; `None` when nothing is.
    pub fn fault(&self) -> Option<&'static str> {
        self.0.fault()
    }

    /// Whether tasks can be published now.
    pub fn is_connected(&self) -> bool {
        self.0.is_connected()
    }

    /// Closes its connections. What is in hand and not acknowledged is delivered again, to others.
    pub async fn close(&self) {
        self.0.close().await;
    }
}

/// One consumer. It survives the loss of its connection: [`Lane::next`] then waits for the next one.
pub struct Lane(Box<dyn Consumer>);

impl Lane {
    /// Waits for tasks and gathers a batch. What cannot be read as a task goes to the broker's queue of dead
    /// letters with the reason and is not part of it. May be dropped while it waits, losing nothing.
    pub async fn next(&mut self) -> Vec<Delivery> {
        self.0.next().await
    }

    /// The message of one delivery of the batch in hand; `None` when it says nothing but which task it is.
    pub fn message(&self, delivery: &Delivery) -> Option<Vec<u8>> {
        self.0.message(delivery)
    }

    /// Forgets the batch in hand: every one of its tasks is settled in the store, or kept there as a dead letter.
    pub async fn ack(&mut self, batch: Vec<Delivery>) {
        self.0.ack(batch).await;
    }

    /// Whether the lane is subscribed right now, so that a published task would reach it.
    pub fn is_consuming(&self) -> bool {
        self.0.is_consuming()
    }
}
