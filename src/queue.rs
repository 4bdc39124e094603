//! The queue: transport between those who accept tasks and the workers. It may lose everything at any
//! time; the [store](crate::store) is the truth, and the sweeper publishes again what is open.

pub mod amqp;
pub mod echo;
pub mod error;
pub mod in_process;
mod mix;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Mutex, broadcast};

pub use self::amqp::post::{Address, Post, Posted};
pub use self::error::QueueError;
use crate::mail::News;
use crate::task::TaskKey;

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
}

/// A task that a worker has in hand and the queue has not forgotten yet.
#[derive(Debug)]
pub struct Delivery {
    /// Which task.
    pub key: TaskKey,
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

/// What is announced, for a task that may be started again: what comes in between is not missed.
#[derive(Debug, Clone)]
pub(crate) struct Heard(Arc<Mutex<broadcast::Receiver<Arc<News>>>>);

impl Heard {
    /// From now on.
    pub(crate) fn of(queue: &Queue) -> Heard {
        Heard(Arc::new(Mutex::new(queue.announcements())))
    }

    /// The next news.
    pub(crate) async fn next(&self) -> Result<Arc<News>, RecvError> {
        self.0.lock().await.recv().await
    }
}

/// Either queue.
#[derive(Debug)]
pub enum Queue {
    /// RabbitMQ.
    Amqp(amqp::AmqpQueue),
    /// A channel in this process, for `wsa up` without a broker.
    InProcess(in_process::InProcessQueue),
    /// The broker of a simulation.
    #[cfg(test)]
    Simulated(crate::simulation::broker::SimulatedQueue),
}

impl Queue {
    /// What it is, for people.
    pub fn kind(&self) -> &'static str {
        match self {
            Queue::Amqp(_) => "RabbitMQ",
            Queue::InProcess(_) => "in-process",
            #[cfg(test)]
            Queue::Simulated(_) => "simulated",
        }
    }

    /// Publishes tasks and waits until the queue has taken responsibility for each. After an error
    /// some may be in the queue and some not; publishing any again is safe.
    pub async fn publish(&self, messages: Vec<Message>) -> Result<(), QueueError> {
        match self {
            Queue::Amqp(queue) => queue.publish(messages).await,
            Queue::InProcess(queue) => queue.publish(messages),
            #[cfg(test)]
            Queue::Simulated(queue) => queue.publish(messages).await,
        }
    }

    /// Opens a lane: an independent consumer that handles one batch after another.
    pub fn lane(&self, gather: Gather) -> Lane {
        match self {
            Queue::Amqp(queue) => Lane::Amqp(queue.lane(gather)),
            Queue::InProcess(queue) => Lane::InProcess(queue.lane(gather)),
            #[cfg(test)]
            Queue::Simulated(queue) => Lane::Simulated(queue.lane(gather)),
        }
    }

    /// Tells every process what is new, for those who wait. Best effort: who misses it finds it in the
    /// store a little later.
    pub async fn announce(&self, news: News) {
        if news.is_empty() {
            return;
        }
        match self {
            Queue::Amqp(queue) => queue.announce(&news).await,
            Queue::InProcess(queue) => queue.announce(news),
            #[cfg(test)]
            Queue::Simulated(queue) => queue.announce(news).await,
        }
    }

    /// What is announced, by this process or another, from now on.
    pub fn announcements(&self) -> broadcast::Receiver<Arc<News>> {
        match self {
            Queue::Amqp(queue) => queue.announcements(),
            Queue::InProcess(queue) => queue.announcements(),
            #[cfg(test)]
            Queue::Simulated(queue) => queue.announcements(),
        }
    }

    /// Sends answers to those who asked over AMQP, confirmed; tells of each what became of it. In process
    /// there is nobody to send to.
    pub async fn post(&self, posts: &[Post]) -> Vec<Posted> {
        match self {
            Queue::Amqp(queue) => queue.post(posts).await,
            Queue::InProcess(_) => vec![Posted::Failed; posts.len()],
            #[cfg(test)]
            Queue::Simulated(queue) => queue.post(posts).await,
        }
    }

    /// Makes sure that the results queues of these aggregators are there, as far as that is possible now.
    pub async fn declare_results(&self, aggregators: &[String]) {
        if let Queue::Amqp(queue) = self {
            queue.declare_results(aggregators).await;
        }
    }

    /// Makes a new connection, for this reason: who consumes on the one that there is gets nothing.
    pub fn rebuild(&self, reason: &str) {
        if let Queue::Amqp(queue) = self {
            queue.rebuild(reason);
        }
    }

    /// How many messages wait in the queue, not counting those that workers have in hand. Each holds
    /// at least one task.
    pub async fn depth(&self) -> Result<u64, QueueError> {
        match self {
            Queue::Amqp(queue) => queue.depth().await,
            Queue::InProcess(queue) => Ok(queue.depth()),
            #[cfg(test)]
            Queue::Simulated(queue) => queue.depth().await,
        }
    }

    /// The most tasks that one message of the queue holds.
    pub fn tasks_a_message(&self) -> u64 {
        match self {
            Queue::Amqp(_) => amqp::MOST_TASKS_A_MESSAGE,
            Queue::InProcess(_) => 1,
            #[cfg(test)]
            Queue::Simulated(_) => 1,
        }
    }

    /// Whether there can be anybody to [`post`](Queue::post) to.
    pub fn posts(&self) -> bool {
        !matches!(self, Queue::InProcess(_))
    }

    /// What is wrong with the exchanges and queues, a word for readiness; `None` when nothing is.
    pub fn fault(&self) -> Option<&'static str> {
        match self {
            Queue::Amqp(queue) => queue.topology_fault(),
            _ => None,
        }
    }

    /// Whether tasks can be published now.
    pub fn is_connected(&self) -> bool {
        match self {
            Queue::Amqp(queue) => queue.is_connected(),
            Queue::InProcess(_) => true,
            #[cfg(test)]
            Queue::Simulated(queue) => queue.is_connected(),
        }
    }
}

/// One consumer. It survives the loss of its connection: [`Lane::next`] then waits for the next one.
pub enum Lane {
    /// On a channel of its own.
    Amqp(amqp::consumer::AmqpLane),
    /// On the shared channel.
    InProcess(in_process::InProcessLane),
    /// At the broker of a simulation.
    #[cfg(test)]
    Simulated(crate::simulation::broker::SimulatedLane),
}

impl Lane {
    /// Waits for tasks and gathers a batch. What cannot be read as a task goes to the broker's queue of dead
    /// letters with the reason and is not part of it. May be dropped while it waits, losing nothing.
    pub async fn next(&mut self) -> Vec<Delivery> {
        match self {
            Lane::Amqp(lane) => lane.next().await,
            Lane::InProcess(lane) => lane.next().await,
            #[cfg(test)]
            Lane::Simulated(lane) => lane.next().await,
        }
    }

    /// The message of one delivery of the batch in hand; `None` when it says nothing but which task it is.
    pub fn message(&self, delivery: &Delivery) -> Option<Vec<u8>> {
        match self {
            Lane::Amqp(lane) => lane.message(delivery),
            Lane::InProcess(_) => None,
            #[cfg(test)]
            Lane::Simulated(_) => None,
        }
    }

    /// Forgets the batch in hand: every one of its tasks is settled in the store, or kept there as a dead letter.
    pub async fn ack(&mut self, batch: Vec<Delivery>) {
        match self {
            Lane::Amqp(lane) => lane.ack(batch).await,
            // Taking it out was forgetting it.
            Lane::InProcess(_) => drop(batch),
            #[cfg(test)]
            Lane::Simulated(lane) => lane.ack(batch).await,
        }
    }

    /// Whether the lane is subscribed right now, so that a published task would reach it.
    pub fn is_consuming(&self) -> bool {
        match self {
            Lane::Amqp(lane) => lane.is_consuming(),
            Lane::InProcess(_) => true,
            #[cfg(test)]
            Lane::Simulated(lane) => lane.is_consuming(),
        }
    }
}
