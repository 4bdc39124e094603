//! The two subscriptions of an aggregator that `ListenQueue` reads.

use std::collections::HashMap;

use super::{Store, StoreError};
use crate::database::{Statement, Type, row};
use crate::domain::outbox::{SubscriptionId, SubscriptionKind};
use crate::domain::task::AggregatorId;

/// The subscriptions that `ListenQueue` reads; `None` for an aggregator that never had one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Queues {
    /// Answers of tasks.
    pub tasks: Option<SubscriptionId>,
    /// Changes of orders.
    pub events: Option<SubscriptionId>,
}

static FIND_QUEUES: Statement = Statement::read(
    &[("aggregator_id", Type::Int)],
    "SELECT m.aggregator_id, m.kind, m.mailbox_id
     FROM batch b {all mailboxes m: aggregator_id}
     WHERE m.kind IN ('task_queue', 'event_queue')",
);

static DUE_AMONG: Statement = Statement::read(
    &[("mailbox_id", Type::Int)],
    "SELECT b.mailbox_id FROM batch b
     WHERE EXISTS (SELECT 1 FROM deliveries d
                   WHERE d.mailbox_id = b.mailbox_id AND d.due_at <= (SELECT wsa_now()))",
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
            let subscription = Some(row.get("mailbox_id")?);
            match row.word("kind")? {
                SubscriptionKind::TaskQueue => queues.tasks = subscription,
                _ => queues.events = subscription,
            }
        }
        Ok(found)
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
