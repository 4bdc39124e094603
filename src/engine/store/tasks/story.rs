//! One task and all that the store knows of its way: for an operator who is asked what happened to a payment.

use jiff::Timestamp;

use super::{COLUMNS, ListedTask, read};
use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::outbox::SubscriptionKind;
use crate::domain::task::TaskGuid;
use crate::engine::store::Store;
use crate::engine::store::callbacks::log::{ATTEMPT, Attempt, read_attempt};

/// A task's way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// The task.
    pub task: ListedTask,
    /// Whether its caller chose the guid: an `Idempotency-Key`, a `message_id`.
    pub named: bool,
    /// Whether its caller waited for the answer in the request that submitted it.
    pub sync: bool,
    /// Where a task that came over RabbitMQ wanted its answer.
    pub reply_to: Option<String>,
    /// Under which correlation id.
    pub correlation_id: Option<String>,
    /// How often it was handed to the queue.
    pub published: i64,
    /// When it is handed to the queue again, should it still be open.
    pub publish_at: Timestamp,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// The attempts to post its answer, the first one first.
    pub attempts: Vec<Attempt>,
    /// Where its answer waits to be delivered.
    pub waiting: Vec<Waiting>,
}

/// A subscription that holds the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// How it gets there.
    pub kind: SubscriptionKind,
    /// The URL of a callback.
    pub url: Option<String>,
    /// Since when it waits.
    pub added_at: Timestamp,
    /// When it is taken (again).
    pub due_at: Timestamp,
}

static ONE: Statement = Statement::read(
    &[("task_guid", Type::Uuid)],
    concat!(
        "SELECT ",
        COLUMNS!(),
        ", t.named, t.sync, t.reply_to, t.correlation_id, t.published, t.publish_at, t.answered_at
         FROM batch b {one tasks t: task_guid} {left one aggregators a: aggregator_id = t.aggregator_id}"
    ),
);

static ATTEMPTS: Statement = Statement::read(
    &[("subject", Type::Uuid)],
    concat!(
        "SELECT ",
        ATTEMPT!(),
        " FROM batch b {all delivery_log l: subject} {one mailboxes m: mailbox_id = l.mailbox_id}
     {one aggregators a: aggregator_id = m.aggregator_id}
     ORDER BY l.attempted_at, l.delivery_id, l.attempt"
    ),
);

// A subscription's notifications have no index by their subject: it would cost every payment something. All that wait
// for the caller are read, which are few, or as many as a subscription may hold.
static WAITING: Statement = Statement::read(
    &[("task_guid", Type::Uuid)],
    "SELECT m.kind, m.url, d.added_at, d.due_at
     FROM batch b {one tasks t: task_guid} {all mailboxes m: aggregator_id = t.aggregator_id}
     {all deliveries d: mailbox_id = m.mailbox_id}
     WHERE d.subject = t.task_guid AND NOT d.is_event
     ORDER BY d.added_at, m.mailbox_id",
);

static CONTENT: Statement = Statement::read(
    &[("task_guid", Type::Uuid)],
    "SELECT t.task_type, t.request, t.answer FROM batch b {one tasks t: task_guid}",
);

/// What was asked for, and what was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskContent {
    /// The kind of task.
    pub task_type: String,
    /// The request, as its protocol keeps it. It may be personal.
    pub request: String,
    /// The answer. It may be personal.
    pub answer: Option<String>,
}

impl Store {
    /// What a task was asked and answered; `None` when there is no such task.
    pub async fn content(&self, guid: TaskGuid) -> Result<Option<TaskContent>, StoreError> {
        let rows = self.db.run(&CONTENT, vec![row![guid]]).await?;
        let read = |mut row: Row| {
            Ok(TaskContent {
                task_type: row.get("task_type")?,
                request: row.get("request")?,
                answer: row.get("answer")?,
            })
        };
        rows.into_iter().next().map(read).transpose()
    }

    /// What is known of a task; `None` when there is none.
    pub async fn story(&self, guid: TaskGuid) -> Result<Option<Story>, StoreError> {
        let Some(mut row) = self.db.run(&ONE, vec![row![guid]]).await?.into_iter().next() else {
            return Ok(None);
        };
        let attempts = self.db.run(&ATTEMPTS, vec![row![guid]]).await?;
        let waiting = self.db.run(&WAITING, vec![row![guid]]).await?;
        Ok(Some(Story {
            named: row.get("named")?,
            sync: row.get("sync")?,
            reply_to: row.get("reply_to")?,
            correlation_id: row.get("correlation_id")?,
            published: row.get("published")?,
            publish_at: row.get("publish_at")?,
            answered_at: row.get("answered_at")?,
            attempts: attempts.into_iter().map(read_attempt).collect::<Result<_, StoreError>>()?,
            waiting: waiting.into_iter().map(waits).collect::<Result<_, StoreError>>()?,
            task: read(self.protocols, row)?,
        }))
    }
}

fn waits(mut row: Row) -> Result<Waiting, StoreError> {
    Ok(Waiting {
        kind: row.word("kind")?,
        url: row.get("url")?,
        added_at: row.get("added_at")?,
        due_at: row.get("due_at")?,
    })
}
