//! The two subscriptions of an aggregator that `ListenQueue` reads: its queues.
//!
//! A queue begins with the first call that listens to it. Until then nothing is put in, so that a caller who polls
//! costs no notifications. Whoever submits a task and listens then finds its answer all the same: a queue begins with
//! the answers of the tasks that were accepted shortly before. Events it has from then on.

use std::collections::HashMap;

use super::notifications::subscriptions;
use super::{Store, StoreError};
use crate::database::{Rows, Statement, Type, row};
use crate::domain::outbox::{SubscriptionId, SubscriptionKind};
use crate::domain::task::AggregatorId;

/// The subscriptions that `ListenQueue` reads; `None` for an aggregator that never had one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Queues {
    /// Answers of tasks.
    pub tasks: Option<Queue>,
    /// Changes of orders.
    pub events: Option<Queue>,
}

/// A subscription that `ListenQueue` reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    /// Which it is.
    pub subscription: SubscriptionId,
    /// Whether it has begun: nothing is put in before.
    pub begun: bool,
}

/// How long before the first call that listens a task may have been accepted whose answer is in the queue, in seconds.
const BEFORE_S: i64 = 600;
/// The most tasks, of anybody, among which they are looked for: the newest.
const MOST_BEFORE: i64 = 20_000;

static FIND_QUEUES: Statement = Statement::read(
    &[("aggregator_id", Type::Int)],
    "SELECT m.aggregator_id, m.kind, m.mailbox_id, m.begun
     FROM batch b {all mailboxes m: aggregator_id}
     WHERE m.kind IN ('task_queue', 'event_queue')",
);

static DUE_AMONG: Statement = Statement::read(
    &[("mailbox_id", Type::Int)],
    "SELECT b.mailbox_id FROM batch b
     WHERE EXISTS (SELECT 1 FROM deliveries d
                   WHERE d.mailbox_id = b.mailbox_id AND d.due_at <= (SELECT wsa_now()))",
);

// Whoever answers tasks works beside this. So each answer is there by the time of the next statement, or is put in by
// whoever gives it, who sees then that the queue has begun.
static STAND_ALONE: Statement = Statement::write(&[], "SELECT {alone beginnings} AS alone");

static BEGIN: Statement = Statement::write(
    &[("mailbox_id", Type::Int)],
    "UPDATE mailboxes SET begun = true
     FROM batch b {these mailboxes: mailbox_id} AND CASE WHEN mailboxes.begun THEN false ELSE true END
     RETURNING mailboxes.mailbox_id",
);

static PUT_EARLIER_ANSWERS: Statement = Statement::write(
    &[("mailbox_id", Type::Int), ("before_s", Type::Int), ("most", Type::Int)],
    "INSERT INTO deliveries (mailbox_id, object_id, subject, is_event, added_at, due_at)
     SELECT m.mailbox_id, t.object_id, t.task_guid, false, wsa_now(), wsa_now()
     FROM batch b {one mailboxes m: mailbox_id WHERE m.open AND m.answers}
     CROSS JOIN (SELECT * FROM tasks
                 WHERE registered_at >= (SELECT wsa_after(wsa_now(), -before_s) FROM batch)
                   AND registered_at <= (SELECT wsa_now())
                 ORDER BY registered_at DESC LIMIT (SELECT most FROM batch)) AS t
     WHERE t.aggregator_id = m.aggregator_id AND t.outcome IS NOT NULL AND NOT t.sync
     ORDER BY t.answered_at, t.task_guid
     RETURNING mailbox_id",
);

impl Store {
    /// The queues of these aggregators. What is in a closed one can still be fetched.
    pub async fn find_queues(
        &self,
        of: &[AggregatorId],
    ) -> Result<HashMap<AggregatorId, Queues>, StoreError> {
        let mut found: HashMap<AggregatorId, Queues> = HashMap::new();
        for mut row in self.db.run(&FIND_QUEUES, of.iter().map(|id| row![*id]).collect()).await? {
            let queues = found.entry(row.get("aggregator_id")?).or_default();
            let queue = Queue { subscription: row.get("mailbox_id")?, begun: row.get("begun")? };
            match row.word("kind")? {
                SubscriptionKind::TaskQueue => queues.tasks = Some(queue),
                _ => queues.events = Some(queue),
            }
        }
        Ok(found)
    }

    /// Begins those of these queues that have not begun: what is answered or happens from now on is put in, and so are
    /// the answers of tasks that were accepted in the ten minutes before, among the newest 20,000.
    pub async fn begin_queues(&self, queues: &[SubscriptionId]) -> Result<(), StoreError> {
        let tx = self.db.begin().await?;
        tx.query(&STAND_ALONE, Rows::new()).await?;
        let rows = queues.iter().map(|queue| row![*queue]).collect();
        let begun = subscriptions(tx.query(&BEGIN, rows).await?)?;
        for queue in begun {
            tx.query(&PUT_EARLIER_ANSWERS, vec![row![queue, BEFORE_S, MOST_BEFORE]]).await?;
        }
        tx.commit().await
    }

    /// Those of these subscriptions in which something is due.
    pub async fn due_among(
        &self,
        subscriptions: &[SubscriptionId],
    ) -> Result<Vec<SubscriptionId>, StoreError> {
        let rows = subscriptions.iter().map(|subscription| row![*subscription]).collect();
        let due = self.db.run(&DUE_AMONG, rows).await?;
        due.into_iter().map(|mut row| row.get("mailbox_id")).collect()
    }
}
