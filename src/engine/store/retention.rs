//! Notifications that nobody fetched and events, when they are old or many enough to go.

use futures_util::future::try_join_all;

use super::{Store, StoreError};
use crate::database::{Statement, Type, row};
use crate::domain::outbox::SubscriptionId;

static ALL_SUBSCRIPTIONS: Statement =
    Statement::read(&[], "SELECT mailbox_id FROM mailboxes ORDER BY mailbox_id");

// The oldest of a subscription have the lowest numbers; whether they are old enough is asked of these alone, so
// that a full subscription is not read to its end.
static FORGET_NOTIFICATIONS: Statement = Statement::write(
    &[("mailbox_id", Type::Int), ("keep_s", Type::Int), ("most", Type::Int)],
    "DELETE FROM deliveries {those deliveries: mailbox_id, delivery_id FROM
        SELECT oldest.mailbox_id, oldest.delivery_id FROM (
            SELECT d.mailbox_id, d.delivery_id, d.added_at FROM deliveries d
            WHERE d.mailbox_id = (SELECT mailbox_id FROM batch)
            ORDER BY d.mailbox_id, d.delivery_id LIMIT (SELECT most FROM batch)) AS oldest
        WHERE oldest.added_at < (SELECT wsa_after(wsa_now(), -keep_s) FROM batch)}",
);

// As many as a subscription may hold are left, counted from the newest.
static TRIM_NOTIFICATIONS: Statement = Statement::write(
    &[("mailbox_id", Type::Int), ("keep", Type::Int), ("most", Type::Int)],
    "DELETE FROM deliveries {those deliveries: mailbox_id, delivery_id FROM
        SELECT d.mailbox_id, d.delivery_id FROM deliveries d
        WHERE d.mailbox_id = (SELECT mailbox_id FROM batch) AND d.delivery_id <= (
            SELECT n.delivery_id FROM deliveries n
            WHERE n.mailbox_id = (SELECT mailbox_id FROM batch)
            ORDER BY n.delivery_id DESC LIMIT 1 OFFSET (SELECT keep FROM batch))
        ORDER BY d.delivery_id LIMIT (SELECT most FROM batch)}",
);

// A transaction that saw a callback just before it was removed puts its notifications in afterwards. Subscriptions with
// notifications are found by jumping from one to the next in the index; few of them have many.
static FORGET_ORPHANS: Statement = Statement::write(
    &[],
    "WITH RECURSIVE used (mailbox_id) AS (
        SELECT min(d.mailbox_id) FROM deliveries d
        UNION ALL
        SELECT (SELECT min(d.mailbox_id) FROM deliveries d WHERE d.mailbox_id > used.mailbox_id)
        FROM used WHERE used.mailbox_id IS NOT NULL)
     DELETE FROM deliveries {those deliveries: mailbox_id FROM
        SELECT used.mailbox_id FROM used
        WHERE used.mailbox_id IS NOT NULL
          AND (SELECT 1 FROM mailboxes m WHERE m.mailbox_id = used.mailbox_id LIMIT 1) IS NULL}",
);

static FORGET_EVENTS: Statement = Statement::write(
    &[("keep_s", Type::Int), ("most", Type::Int)],
    "DELETE FROM events {those events: object_id, event_guid FROM
        SELECT e.object_id, e.event_guid FROM events e
        WHERE e.occurred_at < (SELECT wsa_after(wsa_now(), -keep_s) FROM batch)
        ORDER BY e.occurred_at LIMIT (SELECT most FROM batch)}",
);

impl Store {
    /// Deletes notifications put in more than `keep_s` seconds ago, at most `most` of each subscription; tells
    /// whether there may be more.
    pub async fn forget_notifications(&self, keep_s: i64, most: u64) -> Result<bool, StoreError> {
        self.of_each_subscription(&FORGET_NOTIFICATIONS, keep_s, most).await
    }

    /// Deletes the oldest notifications of subscriptions that hold more than `keep`, at most `most` of each; tells
    /// whether there may be more.
    pub async fn trim_notifications(&self, keep: i64, most: u64) -> Result<bool, StoreError> {
        self.of_each_subscription(&TRIM_NOTIFICATIONS, keep, most).await
    }

    async fn of_each_subscription(
        &self,
        delete: &'static Statement,
        keep: i64,
        most: u64,
    ) -> Result<bool, StoreError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let subscriptions: Vec<SubscriptionId> = self
            .db
            .run(&ALL_SUBSCRIPTIONS, Vec::new())
            .await?
            .into_iter()
            .map(|mut row| row.get("mailbox_id"))
            .collect::<Result<_, _>>()?;
        let tx = self.db.begin().await?;
        let delete = |id: SubscriptionId| tx.execute(delete, vec![row![id, keep, most]]);
        let deleted = try_join_all(subscriptions.into_iter().map(delete)).await?;
        tx.commit().await?;
        Ok(deleted.into_iter().any(|deleted| deleted == most.unsigned_abs()))
    }

    /// Deletes notifications in subscriptions that are no more.
    pub async fn forget_orphans(&self) -> Result<(), StoreError> {
        self.db.run(&FORGET_ORPHANS, Vec::new()).await.map(drop)
    }

    /// Deletes events of more than `keep_s` seconds ago, at most `most` of them; tells whether there may
    /// be more.
    pub async fn forget_events(&self, keep_s: i64, most: u64) -> Result<bool, StoreError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let tx = self.db.begin().await?;
        let deleted = tx.execute(&FORGET_EVENTS, vec![row![keep_s, most]]).await?;
        tx.commit().await?;
        Ok(deleted == most.unsigned_abs())
    }
}
