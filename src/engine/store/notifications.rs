//! Notifications: put into subscriptions by the transaction that answers a task or changes an order, taken out by
//! whoever delivers them.
//!
//! A notification that was taken is nobody else's until its lease ends; only [`Store::remove_notifications`] ends it for
//! good. So each is delivered at least once, whoever crashes when.

use std::collections::HashMap;

use futures_util::future::try_join_all;
use futures_util::try_join;

use super::{Store, StoreError};
use crate::database::{Row, Rows, Statement, Tx, Type, Write, row};
use crate::domain::outbox::{
    Content, Due, Notification, NotificationId, SubscriptionId, SubscriptionKind,
};
use crate::domain::task::{ClaimedTask, ObjectId, OrderGuid};
use crate::domain::time_zone::TimeZone;

// The answer of a synchronous task went to its caller, who waited for it.
static PUT_ANSWERS: Statement = Statement::write(
    &[
        ("aggregator_id", Type::Int),
        ("object_id", Type::Int),
        ("task_guid", Type::Uuid),
        ("replied", Type::Bool),
    ],
    "INSERT INTO deliveries (mailbox_id, object_id, subject, is_event, added_at, due_at)
     SELECT m.mailbox_id, b.object_id, b.task_guid, false, wsa_now(), wsa_now()
     FROM batch b {all mailboxes m: aggregator_id}
     WHERE m.open AND m.begun AND m.answers AND (b.replied OR m.kind <> 'replies')
     RETURNING mailbox_id",
);

static DUE: Statement = Statement::read(
    &[("kind", Type::Text)],
    "SELECT m.mailbox_id, m.kind, a.aggregator_id, a.name
     FROM batch b JOIN mailboxes m ON m.kind = b.kind
     JOIN aggregators a ON a.aggregator_id = m.aggregator_id
     WHERE m.open AND EXISTS (SELECT 1 FROM deliveries d
                              WHERE d.mailbox_id = m.mailbox_id AND d.due_at <= (SELECT wsa_now()))",
);

// One subscription a statement: a limit for each row of a batch is not to be had in both databases.
static DUE_NOTIFICATIONS: Statement = Statement::write(
    &[("mailbox_id", Type::Int), ("most", Type::Int)],
    "SELECT d.mailbox_id, d.delivery_id, d.object_id, d.subject, d.is_event, d.attempts, d.added_at
     FROM deliveries d
     WHERE d.mailbox_id = (SELECT mailbox_id FROM batch) AND d.due_at <= (SELECT wsa_now())
     ORDER BY d.due_at LIMIT (SELECT most FROM batch) {lock d skip}",
);

static LEASE: Statement = Statement::write(
    &[("mailbox_id", Type::Int), ("delivery_id", Type::Int), ("lease_s", Type::Int)],
    "UPDATE deliveries SET attempts = attempts + 1, due_at = wsa_after(wsa_now(), b.lease_s)
     FROM batch b {these deliveries: mailbox_id, delivery_id}",
);

static READ_ANSWERS: Statement = Statement::read(
    &[("number", Type::Int), ("object_id", Type::Int), ("task_guid", Type::Uuid)],
    "SELECT b.number, t.task_type, t.answer, t.reply_to, t.correlation_id
     FROM batch b {one tasks t: object_id, task_guid}
     WHERE t.answer IS NOT NULL",
);

static READ_EVENTS: Statement = Statement::read(
    &[("number", Type::Int), ("object_id", Type::Int), ("event_guid", Type::Uuid)],
    "SELECT b.number, e.event_type, e.order_guid, e.occurred_at, o.agent_guid, o.time_zone, e.version,
            e.body
     FROM batch b {one events e: object_id, event_guid}
     {left one objects o: object_id = e.object_id}",
);

// By their places: one that somebody takes again meanwhile, whose lease had ended, is left to that one. So is one that
// is put off.
static REMOVE: Statement = Statement::write(
    &[("mailbox_id", Type::Int), ("delivery_id", Type::Int)],
    "DELETE FROM deliveries {those deliveries: mailbox_id, delivery_id}",
);

static POSTPONE: Statement = Statement::write(
    &[("mailbox_id", Type::Int), ("delivery_id", Type::Int), ("wait_s", Type::Int)],
    "UPDATE deliveries SET due_at = wsa_after(wsa_now(), b.wait_s)
     FROM batch b {these deliveries: mailbox_id, delivery_id}",
);

/// Puts the answers of these tasks into the subscriptions of those who asked; gives a row for each.
pub(super) fn put_answers(answered: &[ClaimedTask]) -> Write {
    let rows = answered
        .iter()
        .filter(|open| !open.sync)
        .map(|open| row![open.aggregator, open.key.object, open.key.guid, open.replied]);
    Write::with_rows(&PUT_ANSWERS, rows.collect())
}

/// The subscriptions that rows name, each once.
pub(crate) fn subscriptions(rows: Vec<Row>) -> Result<Vec<SubscriptionId>, StoreError> {
    let mut put: Vec<SubscriptionId> =
        rows.into_iter().map(|mut row| row.get("mailbox_id")).collect::<Result<_, _>>()?;
    put.sort_unstable();
    put.dedup();
    Ok(put)
}

impl Store {
    /// Open subscriptions of these kinds in which something is due.
    pub async fn due_subscriptions(
        &self,
        kinds: &[SubscriptionKind],
    ) -> Result<Vec<Due>, StoreError> {
        let read = |mut row: Row| {
            let (subscription, kind) = (row.get("mailbox_id")?, row.word("kind")?);
            Ok(Due {
                subscription,
                kind,
                aggregator: row.get("aggregator_id")?,
                name: row.get("name")?,
            })
        };
        let kinds = kinds.iter().map(|kind| row![kind.as_str()]).collect();
        self.db.run(&DUE, kinds).await?.into_iter().map(read).collect()
    }

    /// Takes up to so many due notifications of each subscription, the longest due first. Nobody else gets them for
    /// `lease_s` seconds. A notification whose task or event is kept no longer is removed instead.
    pub async fn take_notifications(
        &self,
        from: &[(SubscriptionId, usize)],
        lease_s: i64,
    ) -> Result<Vec<Notification>, StoreError> {
        let tx = self.db.begin().await?;
        let due = from.iter().map(|(subscription, most)| {
            let most = i64::try_from(*most).unwrap_or(i64::MAX);
            tx.query(&DUE_NOTIFICATIONS, vec![row![*subscription, most]])
        });
        let due = try_join_all(due).await?.into_iter().flatten();
        let taken: Vec<Taken> = due.map(Taken::read).collect::<Result<_, _>>()?;
        let notifications = lease(&tx, taken, lease_s).await?;
        tx.commit().await?;
        Ok(notifications)
    }

    /// Removes notifications that were delivered or given up.
    pub async fn remove_notifications(
        &self,
        notifications: &[NotificationId],
    ) -> Result<(), StoreError> {
        self.db.run(&REMOVE, ids(notifications)).await.map(drop)
    }

    /// Makes notifications due again so many seconds from now.
    pub async fn postpone_notifications(
        &self,
        notifications: &[(NotificationId, i64)],
    ) -> Result<(), StoreError> {
        let rows =
            notifications.iter().map(|(id, wait_s)| row![id.subscription, id.delivery, *wait_s]);
        self.db.run(&POSTPONE, rows.collect()).await.map(drop)
    }
}

/// Puts what was found into the hands of whoever asks, and reads what it says.
pub(super) async fn lease(
    tx: &Tx,
    taken: Vec<Taken>,
    lease_s: i64,
) -> Result<Vec<Notification>, StoreError> {
    if taken.is_empty() {
        return Ok(Vec::new());
    }
    let leases: Rows =
        taken.iter().map(|t| row![t.id.subscription, t.id.delivery, lease_s]).collect();
    let (_, (notifications, void)) =
        try_join!(tx.execute_all(&LEASE, leases), contents(tx, taken))?;
    if !void.is_empty() {
        tx.execute(&REMOVE, ids(&void)).await?;
    }
    Ok(notifications)
}

fn ids(notifications: &[NotificationId]) -> Rows {
    notifications.iter().map(|id| row![id.subscription, id.delivery]).collect()
}

/// A delivery that was found due.
pub(super) struct Taken {
    pub(super) id: NotificationId,
    object: ObjectId,
    subject: uuid::Uuid,
    is_event: bool,
    attempt: i64,
    added_at: jiff::Timestamp,
}

impl Taken {
    pub(super) fn read(mut row: Row) -> Result<Taken, StoreError> {
        Ok(Taken {
            id: NotificationId {
                subscription: row.get("mailbox_id")?,
                delivery: row.get("delivery_id")?,
            },
            object: row.get("object_id")?,
            subject: row.get("subject")?,
            is_event: row.get("is_event")?,
            attempt: row.get::<i64>("attempts")? + 1,
            added_at: row.get("added_at")?,
        })
    }
}

/// What the notifications say, and those of which that is not known any more.
async fn contents(
    tx: &Tx,
    taken: Vec<Taken>,
) -> Result<(Vec<Notification>, Vec<NotificationId>), StoreError> {
    let mut answers: Rows = Vec::new();
    let mut events: Rows = Vec::new();
    for (taken, number) in taken.iter().zip(0_i64..) {
        let rows = if taken.is_event { &mut events } else { &mut answers };
        rows.push(row![number, taken.object, taken.subject]);
    }
    let (answers, events) =
        try_join!(tx.query_some(&READ_ANSWERS, answers), tx.query_some(&READ_EVENTS, events),)?;
    let mut contents: HashMap<i64, Content> = HashMap::with_capacity(taken.len());
    for mut row in answers {
        let content = Content::Answer {
            task_type: row.get("task_type")?,
            answer: row.get("answer")?,
            reply_to: row.get("reply_to")?,
            correlation_id: row.get("correlation_id")?,
        };
        contents.insert(row.get("number")?, content);
    }
    for mut row in events {
        let zone: Option<String> = row.get("time_zone")?;
        let zone = zone.as_deref().map(TimeZone::stored).unwrap_or_default();
        let content = Content::Event {
            event_type: row.word("event_type")?,
            order: row.get::<OrderGuid>("order_guid")?,
            occurred_at: zone.at(row.get("occurred_at")?),
            agent: row.get("agent_guid")?,
            version: row.get("version")?,
            order_json: row.get("body")?,
        };
        contents.insert(row.get("number")?, content);
    }
    let (mut notifications, mut void) = (Vec::with_capacity(taken.len()), Vec::new());
    for (taken, number) in taken.into_iter().zip(0_i64..) {
        let Taken { id, object, subject, attempt, added_at, .. } = taken;
        match contents.remove(&number) {
            Some(content) => {
                notifications.push(Notification {
                    id,
                    object,
                    subject,
                    attempt,
                    added_at,
                    content,
                });
            }
            None => void.push(id),
        }
    }
    Ok((notifications, void))
}
