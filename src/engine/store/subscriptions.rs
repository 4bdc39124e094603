//! Subscriptions: those that every aggregator has, and those that are opened for some.

use std::collections::HashMap;

use super::{Store, StoreError};
use crate::database::{Row, Statement, Tx, Type, row};
use crate::domain::outbox::{EventTypes, SubscriptionId, SubscriptionKind};
use crate::domain::task::AggregatorId;

static OPEN: Statement = Statement::write(
    &[
        ("aggregator_id", Type::Int),
        ("kind", Type::Text),
        ("answers", Type::Bool),
        ("events", Type::Bool),
        ("begun", Type::Bool),
    ],
    "INSERT INTO mailboxes (aggregator_id, kind, answers, events, begun, added_at)
     SELECT aggregator_id, kind, answers, events, begun, wsa_now() FROM batch WHERE true
     ON CONFLICT DO NOTHING",
);

static SET_OPEN: Statement = Statement::write(
    &[("aggregator_id", Type::Int), ("kind", Type::Text), ("open", Type::Bool)],
    "UPDATE mailboxes SET open = (SELECT open FROM batch),
                          begun = CASE WHEN (SELECT open FROM batch) THEN true ELSE begun END
     WHERE aggregator_id = (SELECT aggregator_id FROM batch) AND kind = (SELECT kind FROM batch)
     RETURNING mailbox_id",
);

static SET_EVENTS: Statement = Statement::write(
    &[("aggregator_id", Type::Int), ("events", Type::Bool), ("status_events", Type::Bool)],
    "UPDATE mailboxes SET events = (SELECT events FROM batch),
                          status_events = (SELECT status_events FROM batch)
     WHERE aggregator_id = (SELECT aggregator_id FROM batch) AND kind = 'event_queue'",
);

static SUBSCRIPTIONS: Statement = Statement::read(
    &[],
    "SELECT aggregator_id, kind, open, begun, events, status_events FROM mailboxes WHERE kind <> 'callback'
     ORDER BY aggregator_id, kind",
);

static KINDS: Statement = Statement::read(
    &[("mailbox_id", Type::Int)],
    "SELECT b.mailbox_id, m.kind FROM batch b {one mailboxes m: mailbox_id}",
);

/// A subscription other than a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Whose it is.
    pub aggregator: AggregatorId,
    /// How its notifications get there.
    pub kind: SubscriptionKind,
    /// Whether anything is put in, once it has begun.
    pub open: bool,
    /// Whether it has begun: somebody listens to it, or its operator opened it.
    pub begun: bool,
    /// Which events are.
    pub events: EventTypes,
}

/// Opens the subscriptions that every aggregator has. Its queues begin when it first listens.
pub(super) async fn open_subscriptions(
    tx: &Tx,
    aggregator: AggregatorId,
) -> Result<(), StoreError> {
    let rows =
        [SubscriptionKind::TaskQueue, SubscriptionKind::EventQueue, SubscriptionKind::Replies];
    let rows = rows.map(|kind| {
        let events = kind == SubscriptionKind::EventQueue;
        row![aggregator, kind.as_str(), !events, events, kind == SubscriptionKind::Replies]
    });
    tx.execute(&OPEN, rows.into()).await.map(drop)
}

impl Store {
    /// Opens or closes an aggregator's subscription of a kind other than callbacks. A closed one takes
    /// nothing; what is in it already stays. A queue that is opened has begun, whether anybody listens or not.
    pub async fn set_subscription(
        &self,
        aggregator: AggregatorId,
        kind: SubscriptionKind,
        open: bool,
    ) -> Result<(), StoreError> {
        let tx = self.db.begin().await?;
        if open {
            let events = kind == SubscriptionKind::EventQueue;
            tx.execute(&OPEN, vec![row![aggregator, kind.as_str(), !events, events, true]]).await?;
        }
        tx.query(&SET_OPEN, vec![row![aggregator, kind.as_str(), open]]).await?;
        tx.commit().await
    }

    /// Says which events are kept for an aggregator that listens, from now on.
    pub async fn set_event_types(
        &self,
        aggregator: AggregatorId,
        types: EventTypes,
    ) -> Result<(), StoreError> {
        let row = row![aggregator, types.changes, types.statuses];
        self.db.run(&SET_EVENTS, vec![row]).await.map(drop)
    }

    /// Of which kinds these subscriptions are; one that is no more is not named.
    pub async fn subscription_kinds(
        &self,
        subscriptions: &[SubscriptionId],
    ) -> Result<HashMap<SubscriptionId, SubscriptionKind>, StoreError> {
        let rows = subscriptions.iter().map(|subscription| row![*subscription]).collect();
        let read = |mut row: Row| Ok((row.get("mailbox_id")?, row.word("kind")?));
        self.db.run(&KINDS, rows).await?.into_iter().map(read).collect()
    }

    /// Every subscription but callbacks.
    pub async fn subscriptions(&self) -> Result<Vec<Listed>, StoreError> {
        let read = |mut row: Row| {
            Ok(Listed {
                aggregator: row.get("aggregator_id")?,
                kind: row.word("kind")?,
                open: row.get("open")?,
                begun: row.get("begun")?,
                events: read_types(&mut row)?,
            })
        };
        self.db.run(&SUBSCRIPTIONS, Vec::new()).await?.into_iter().map(read).collect()
    }
}

/// The types of events that a row of a subscription names.
pub(super) fn read_types(row: &mut Row) -> Result<EventTypes, StoreError> {
    Ok(EventTypes { changes: row.get("events")?, statuses: row.get("status_events")? })
}
