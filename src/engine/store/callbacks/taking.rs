//! Taking what is due of a callback: of each order the earliest event, and whatever is of no order.
//!
//! An event waits for those of its order that came before it, whatever becomes of them: it is put off for as long as
//! the earliest is in somebody's hands or waits for its next attempt, and is due when that one has left the callback.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use uuid::Uuid;

use crate::database::{Row, Rows, Statement, StoreError, Tx, Type, row};
use crate::domain::outbox::{Content, Notification, SubscriptionId};
use crate::engine::store::Store;
use crate::engine::store::notifications::{self, Taken};

/// How many deliveries are looked at, at the least: those that wait for another are put off many at a time.
const LOOKED_AT: usize = 64;

static DUE: Statement = Statement::write(
    &[("mailbox_id", Type::Int), ("most", Type::Int)],
    "SELECT d.mailbox_id, d.delivery_id, d.object_id, d.subject, d.is_event, d.attempts, d.added_at,
            d.order_guid
     FROM deliveries d
     WHERE d.mailbox_id = (SELECT mailbox_id FROM batch) AND d.due_at <= (SELECT wsa_now())
     ORDER BY d.due_at LIMIT (SELECT most FROM batch) {lock d skip}",
);

static EARLIEST: Statement = Statement::read(
    &[("mailbox_id", Type::Int), ("order_guid", Type::Uuid)],
    "SELECT b.order_guid, d.delivery_id, d.due_at
     FROM (SELECT a.mailbox_id, a.order_guid,
                  (SELECT min(e.delivery_id) FROM deliveries e
                   WHERE e.mailbox_id = a.mailbox_id AND e.order_guid = a.order_guid) AS delivery_id
           FROM batch a) b
     {one deliveries d: mailbox_id, delivery_id}",
);

// One that is due is in somebody's hands, or will be in a moment: for as long as a lease lasts.
static PUT_OFF: Statement = Statement::write(
    &[
        ("mailbox_id", Type::Int),
        ("delivery_id", Type::Int),
        ("earliest_due_at", Type::Time),
        ("lease_s", Type::Int),
    ],
    "UPDATE deliveries
     SET due_at = CASE WHEN b.earliest_due_at > wsa_now() THEN b.earliest_due_at
                       ELSE wsa_after(wsa_now(), b.lease_s) END
     FROM batch b {these deliveries: mailbox_id, delivery_id}",
);

// One that was tried already has a time of its own. Locked before it is changed: another round may have it.
static NEXT: Statement = Statement::write(
    &[("mailbox_id", Type::Int), ("order_guid", Type::Uuid)],
    "SELECT d.mailbox_id, d.delivery_id
     FROM (SELECT a.mailbox_id,
                  (SELECT min(e.delivery_id) FROM deliveries e
                   WHERE e.mailbox_id = a.mailbox_id AND e.order_guid = a.order_guid) AS delivery_id
           FROM batch a) b
     {one deliveries d: mailbox_id, delivery_id WHERE d.attempts = 0} {lock d}",
);

static RELEASE: Statement = Statement::write(
    &[("mailbox_id", Type::Int), ("delivery_id", Type::Int)],
    "UPDATE deliveries SET due_at = wsa_now() FROM batch b
     {these deliveries: mailbox_id, delivery_id}
     RETURNING deliveries.mailbox_id",
);

/// What was taken of a callback.
#[derive(Debug)]
pub struct TakenOfCallback {
    /// To be posted.
    pub notifications: Vec<Notification>,
    /// Whether more may be due.
    pub more: bool,
}

struct Candidate {
    taken: Taken,
    order: Option<Uuid>,
}

impl Candidate {
    fn read(mut row: Row) -> Result<Candidate, StoreError> {
        Ok(Candidate { order: row.get("order_guid")?, taken: Taken::read(row)? })
    }
}

/// The earliest delivery of an order, and when it is due.
type Earliest = HashMap<Uuid, (i64, Timestamp)>;

impl Store {
    /// As [`Store::take_notifications`] for one callback: of the events of an order only the earliest, once none
    /// before it is left.
    pub async fn take_of_callback(
        &self,
        callback: SubscriptionId,
        most: usize,
        lease_s: i64,
    ) -> Result<TakenOfCallback, StoreError> {
        let looked_at = most.max(LOOKED_AT);
        let tx = self.db.begin().await?;
        let limit = i64::try_from(looked_at).unwrap_or(i64::MAX);
        let due = tx.query(&DUE, vec![row![callback, limit]]).await?;
        let due: Vec<Candidate> = due.into_iter().map(Candidate::read).collect::<Result<_, _>>()?;
        let mut more = due.len() == looked_at;
        let earliest = earliest(&tx, callback, &due).await?;
        let (mut taken, mut put_off): (Vec<Taken>, Rows) = (Vec::new(), Vec::new());
        for Candidate { taken: candidate, order } in due {
            let delivery = candidate.id.delivery;
            match order.and_then(|order| earliest.get(&order)) {
                Some((first, due_at)) if *first != delivery => {
                    put_off.push(row![callback, delivery, *due_at, lease_s]);
                }
                _ if taken.len() == most => more = true,
                _ => taken.push(candidate),
            }
        }
        if !put_off.is_empty() {
            tx.execute_all(&PUT_OFF, put_off).await?;
        }
        let notifications = notifications::lease(&tx, taken, lease_s).await?;
        tx.commit().await?;
        Ok(TakenOfCallback { notifications, more })
    }

    /// Makes the next event due of each order whose event has left the callback; returns how many there are.
    ///
    /// It comes after the commit that removed them: whoever saw them there and put the next off holds its row until
    /// that is written.
    pub(super) async fn release_next<'a>(
        &self,
        left: impl Iterator<Item = &'a Notification>,
    ) -> Result<usize, StoreError> {
        let order = |notification: &Notification| match &notification.content {
            Content::Event { order, .. } => Some((notification.id.subscription, *order)),
            Content::Answer { .. } => None,
        };
        // Each once, and in the order in which all lock them.
        let orders: BTreeSet<_> = left.filter_map(order).collect();
        if orders.is_empty() {
            return Ok(0);
        }
        let tx = self.db.begin().await?;
        let orders = orders.into_iter().map(|(callback, order)| row![callback, order]).collect();
        let next = tx.query(&NEXT, orders).await?;
        let key =
            |mut row: Row| Ok(row![row.get::<i64>("mailbox_id")?, row.get::<i64>("delivery_id")?]);
        let next: Rows = next.into_iter().map(key).collect::<Result<_, StoreError>>()?;
        let released = tx.query_some(&RELEASE, next).await?.len();
        tx.commit().await?;
        Ok(released)
    }
}

async fn earliest(
    tx: &Tx,
    callback: SubscriptionId,
    due: &[Candidate],
) -> Result<Earliest, StoreError> {
    let mut orders: Vec<Uuid> = due.iter().filter_map(|candidate| candidate.order).collect();
    orders.sort_unstable();
    orders.dedup();
    let rows = orders.into_iter().map(|order| row![callback, order]).collect();
    let read =
        |mut row: Row| Ok((row.get("order_guid")?, (row.get("delivery_id")?, row.get("due_at")?)));
    tx.query_some(&EARLIEST, rows).await?.into_iter().map(read).collect()
}
