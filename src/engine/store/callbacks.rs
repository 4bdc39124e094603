//! Callbacks: the subscriptions whose notifications are posted to a URL. Here they are kept; what was posted is
//! written down by [`round`] and read by [`log`].

pub mod log;
pub mod replaying;
pub mod round;
pub mod taking;

use std::collections::HashMap;

use jiff::Timestamp;

use super::subscriptions::read_types;
use super::{Store, StoreError};
use crate::callback::signature::{Secret, Secrets, SignatureForm};
use crate::database::{Row, Statement, Type, row};
use crate::domain::outbox::{EventTypes, SubscriptionId};
use crate::domain::task::AggregatorId;

/// A callback to be added.
#[derive(Debug)]
pub struct NewCallback<'a> {
    /// Whose it is.
    pub aggregator: AggregatorId,
    /// Where to post.
    pub url: &'a str,
    /// Whether answers of tasks are posted.
    pub answers: bool,
    /// Which events are.
    pub events: EventTypes,
    /// What deliveries are signed with.
    pub secret: &'a Secret,
    /// How `Signature` is written.
    pub signature: SignatureForm,
}

/// A callback as its operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedCallback {
    /// Its subscription.
    pub id: SubscriptionId,
    /// The name of whose it is.
    pub aggregator: String,
    /// Where it posts.
    pub url: String,
    /// Whether answers of tasks are posted.
    pub answers: bool,
    /// Which events are.
    pub events: EventTypes,
    /// Whether anything is posted at all.
    pub open: bool,
    /// Since when it takes nothing.
    pub failing_since: Option<Timestamp>,
    /// Why the service itself switched it off.
    pub closed_because: Option<String>,
    /// How `Signature` is written.
    pub signature: SignatureForm,
    /// Until when the old secret signs too.
    pub old_secret_until: Option<Timestamp>,
    /// How many notifications wait.
    pub waiting: i64,
}

/// What posting to a callback needs to know, as it is at that moment.
#[derive(Debug, Clone)]
pub struct Receiver {
    /// Where to post.
    pub url: String,
    /// The secrets that are valid now.
    pub secrets: Secrets,
    /// For how many seconds it has been failing.
    pub failing_s: Option<i64>,
}

static ADD: Statement = Statement::write(
    &[
        ("aggregator_id", Type::Int),
        ("url", Type::Text),
        ("answers", Type::Bool),
        ("events", Type::Bool),
        ("status_events", Type::Bool),
        ("secret", Type::Bytes),
        ("signature", Type::Text),
    ],
    "INSERT INTO mailboxes (aggregator_id, kind, answers, events, status_events, added_at, url, secret,
                            signature)
     SELECT aggregator_id, 'callback', answers, events, status_events, wsa_now(), url, secret, signature
     FROM batch WHERE true
     ON CONFLICT DO NOTHING RETURNING mailbox_id",
);

static LIST: Statement = Statement::read(
    &[],
    "SELECT m.mailbox_id, a.name, m.url, m.answers, m.events, m.status_events, m.open,
            m.failing_since,
            m.closed_because, m.signature,
            CASE WHEN m.old_secret_until > wsa_now() THEN m.old_secret_until END AS old_secret_until,
            (SELECT count(*) FROM deliveries d WHERE d.mailbox_id = m.mailbox_id) AS waiting
     FROM mailboxes m {one aggregators a: aggregator_id = m.aggregator_id}
     WHERE m.kind = 'callback' ORDER BY a.name, m.mailbox_id",
);

// Who switches one on gives it the full time to be well again. (Of the kind no index is found, here and below: that of
// callbacks would be read whole.)
static SET_OPEN: Statement = Statement::write(
    &[("mailbox_id", Type::Int), ("open", Type::Bool)],
    "UPDATE mailboxes
     SET open = (SELECT open FROM batch), closed_because = NULL, failing_since = NULL
     WHERE mailbox_id = (SELECT mailbox_id FROM batch) AND coalesce(kind, '') = 'callback'
     RETURNING mailbox_id",
);

static ROTATE: Statement = Statement::write(
    &[("mailbox_id", Type::Int), ("secret", Type::Bytes), ("overlap_s", Type::Int)],
    "UPDATE mailboxes
     SET old_secret = CASE WHEN (SELECT overlap_s FROM batch) > 0 THEN secret END,
         old_secret_until = CASE WHEN (SELECT overlap_s FROM batch) > 0
                                 THEN wsa_after(wsa_now(), (SELECT overlap_s FROM batch)) END,
         secret = (SELECT secret FROM batch)
     WHERE mailbox_id = (SELECT mailbox_id FROM batch) AND coalesce(kind, '') = 'callback'
     RETURNING mailbox_id",
);

static SET_SIGNATURE: Statement = Statement::write(
    &[("mailbox_id", Type::Int), ("signature", Type::Text)],
    "UPDATE mailboxes SET signature = (SELECT signature FROM batch)
     WHERE mailbox_id = (SELECT mailbox_id FROM batch) AND coalesce(kind, '') = 'callback'
     RETURNING mailbox_id",
);

static SET_EVENTS: Statement = Statement::write(
    &[("mailbox_id", Type::Int), ("events", Type::Bool), ("status_events", Type::Bool)],
    "UPDATE mailboxes SET events = (SELECT events FROM batch),
                          status_events = (SELECT status_events FROM batch)
     WHERE mailbox_id = (SELECT mailbox_id FROM batch) AND coalesce(kind, '') = 'callback'
     RETURNING mailbox_id",
);

static REMOVE: Statement = Statement::write(
    &[("mailbox_id", Type::Int)],
    "DELETE FROM mailboxes WHERE mailbox_id = (SELECT mailbox_id FROM batch) AND coalesce(kind, '') = 'callback'
     RETURNING mailbox_id",
);

static REMOVE_NOTIFICATIONS: Statement = Statement::write(
    &[("mailbox_id", Type::Int)],
    "DELETE FROM deliveries WHERE mailbox_id = (SELECT mailbox_id FROM batch)",
);

static REMOVE_LOG: Statement = Statement::write(
    &[("mailbox_id", Type::Int)],
    "DELETE FROM delivery_log WHERE mailbox_id = (SELECT mailbox_id FROM batch)",
);

static RECEIVERS: Statement = Statement::read(
    &[("mailbox_id", Type::Int)],
    "SELECT m.mailbox_id, m.url, m.secret, m.signature,
            CASE WHEN m.old_secret_until > wsa_now() THEN m.old_secret END AS old_secret,
            m.failing_since, wsa_now() AS now
     FROM batch b {one mailboxes m: mailbox_id}
     WHERE m.kind = 'callback' AND m.open",
);

impl Store {
    /// Adds a callback; `None` when the aggregator has one with this URL.
    pub async fn add_callback(
        &self,
        callback: &NewCallback<'_>,
    ) -> Result<Option<SubscriptionId>, StoreError> {
        let NewCallback { aggregator, url, answers, events, secret, signature } = *callback;
        let secret = secret.as_bytes().to_vec();
        let EventTypes { changes, statuses } = events;
        let row = row![aggregator, url, answers, changes, statuses, secret, signature.as_str()];
        let added = self.db.run(&ADD, vec![row]).await?;
        added.into_iter().next().map(|mut row| row.get("mailbox_id")).transpose()
    }

    /// Every callback, by aggregator.
    pub async fn callbacks(&self) -> Result<Vec<ListedCallback>, StoreError> {
        self.db.run(&LIST, Vec::new()).await?.into_iter().map(read_listed).collect()
    }

    /// Switches a callback on or off; tells whether there is one. What waits in it stays.
    pub async fn set_callback_open(
        &self,
        callback: SubscriptionId,
        open: bool,
    ) -> Result<bool, StoreError> {
        Ok(!self.db.run(&SET_OPEN, vec![row![callback, open]]).await?.is_empty())
    }

    /// Says how `Signature` is written from now on; tells whether there is such a callback.
    pub async fn set_callback_signature(
        &self,
        callback: SubscriptionId,
        form: SignatureForm,
    ) -> Result<bool, StoreError> {
        Ok(!self.db.run(&SET_SIGNATURE, vec![row![callback, form.as_str()]]).await?.is_empty())
    }

    /// Says which events are posted, of those that come from now on; tells whether there is such a callback.
    pub async fn set_callback_events(
        &self,
        callback: SubscriptionId,
        types: EventTypes,
    ) -> Result<bool, StoreError> {
        let row = row![callback, types.changes, types.statuses];
        Ok(!self.db.run(&SET_EVENTS, vec![row]).await?.is_empty())
    }

    /// Gives a callback a new secret; the one before stays valid for `overlap_s` seconds, an older one
    /// does not. Tells whether there is such a callback.
    pub async fn rotate_callback_secret(
        &self,
        callback: SubscriptionId,
        secret: &Secret,
        overlap_s: i64,
    ) -> Result<bool, StoreError> {
        let row = row![callback, secret.as_bytes().to_vec(), overlap_s];
        Ok(!self.db.run(&ROTATE, vec![row]).await?.is_empty())
    }

    /// Removes a callback with what waits in it and its log; tells whether there was one.
    pub async fn remove_callback(&self, callback: SubscriptionId) -> Result<bool, StoreError> {
        let tx = self.db.begin().await?;
        let removed = !tx.query(&REMOVE, vec![row![callback]]).await?.is_empty();
        if removed {
            tx.execute(&REMOVE_NOTIFICATIONS, vec![row![callback]]).await?;
            tx.execute(&REMOVE_LOG, vec![row![callback]]).await?;
        }
        tx.commit().await?;
        Ok(removed)
    }

    /// Where these callbacks post, and what they sign with; only those that are on.
    pub async fn receivers(
        &self,
        callbacks: &[SubscriptionId],
    ) -> Result<HashMap<SubscriptionId, Receiver>, StoreError> {
        let rows = callbacks.iter().map(|callback| row![*callback]).collect();
        self.db.run(&RECEIVERS, rows).await?.into_iter().map(read_receiver).collect()
    }
}

fn read_listed(mut row: Row) -> Result<ListedCallback, StoreError> {
    Ok(ListedCallback {
        id: row.get("mailbox_id")?,
        aggregator: row.get("name")?,
        url: row.get("url")?,
        answers: row.get("answers")?,
        events: read_types(&mut row)?,
        open: row.get("open")?,
        failing_since: row.get("failing_since")?,
        closed_because: row.get("closed_because")?,
        signature: row.word("signature")?,
        old_secret_until: row.get("old_secret_until")?,
        waiting: row.get("waiting")?,
    })
}

fn read_receiver(mut row: Row) -> Result<(SubscriptionId, Receiver), StoreError> {
    let secrets = Secrets {
        current: Secret::from_bytes(row.get("secret")?),
        old: row.get::<Option<Vec<u8>>>("old_secret")?.map(Secret::from_bytes),
        form: row.word("signature")?,
    };
    let (failing_since, now): (Option<Timestamp>, Timestamp) =
        (row.get("failing_since")?, row.get("now")?);
    let failing_s = failing_since.map(|since| now.as_second() - since.as_second());
    Ok((row.get("mailbox_id")?, Receiver { url: row.get("url")?, secrets, failing_s }))
}
