//! What aggregators are told without asking: answers of their tasks and changes of orders, put into their
//! subscriptions in the transaction that made them, and delivered from there at least once.

mod event_type;

use jiff::{Timestamp, Zoned};
use uuid::Uuid;

pub use self::event_type::{EventType, EventTypes};
use crate::domain::task::{AggregatorId, ObjectId, OrderGuid, TaskKey};
use crate::domain::trace::TraceContext;

/// A place where notifications wait for one aggregator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubscriptionId(pub i64);

/// How the notifications of a subscription get to its aggregator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubscriptionKind {
    /// Answers, fetched with `ListenQueue`.
    TaskQueue,
    /// Events, fetched with `ListenQueue`.
    EventQueue,
    /// Answers, put into the aggregator's results queue on RabbitMQ.
    Results,
    /// Answers, sent over RabbitMQ to where their tasks' `reply_to` says.
    Replies,
    /// Answers and events, posted to one URL.
    Callback,
}

crate::domain::string_enum::string_enum!(SubscriptionKind {
    TaskQueue = "task_queue",
    EventQueue = "event_queue",
    Results = "results",
    Replies = "replies",
    Callback = "callback",
});

/// One notification in one subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NotificationId {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The notification's number in it.
    pub delivery: i64,
}

/// A notification in the hands of whoever delivers it.
#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    /// Which one.
    pub id: NotificationId,
    /// The restaurant it is about.
    pub object: ObjectId,
    /// The guid of the task or of the event.
    pub subject: Uuid,
    /// How often it was taken, this time included.
    pub attempt: i64,
    /// When it was put in.
    pub added_at: Timestamp,
    /// What it says.
    pub content: Content,
}

/// What a notification says.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A task is answered.
    Answer {
        /// The kind of task.
        task_type: String,
        /// The stored answer, unchanged.
        answer: String,
        /// Where a task that came over AMQP wants it.
        reply_to: Option<String>,
        /// Under which correlation id.
        correlation_id: Option<String>,
    },
    /// An order has changed.
    Event {
        /// What is told of it.
        event_type: EventType,
        /// Which order.
        order: OrderGuid,
        /// When, in the restaurant's time zone.
        occurred_at: Zoned,
        /// The restaurant's agent.
        agent: Option<Uuid>,
        /// The number of the change: of two changes of an order the later has the higher one. Events of an older version
        /// of this program have none.
        version: Option<i64>,
        /// The order as it was then, or where it stood, in its protocol's JSON.
        order_json: String,
    },
}

/// What has just happened in the store, for those who wait for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Announcement {
    /// These tasks are answered.
    pub answered: Vec<TaskKey>,
    /// Something was put into these subscriptions.
    pub mail: Vec<SubscriptionId>,
    /// Below which spans those of them are recorded whose traces are, by their places in `answered`.
    pub traces: Vec<(usize, TraceContext)>,
}

impl Announcement {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.answered.is_empty() && self.mail.is_empty()
    }
}

/// A subscription in which something is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// How its notifications get there.
    pub kind: SubscriptionKind,
    /// Whose it is.
    pub aggregator: AggregatorId,
    /// The aggregator's name.
    pub name: String,
}
