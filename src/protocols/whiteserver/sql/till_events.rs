//! What tills are told. Events of an object are numbered, and whoever numbers holds the object's till until the end of
//! its transaction: so there is no moment at which an event is there and one with a smaller number is still to come.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::Tables;
use crate::database::{Db, Row, Rows, Statement, StoreError, Tx, Type, Write, row};
use crate::domain::task::ObjectId;
use crate::protocols::whiteserver::model::till::TillEvent;
use crate::protocols::whiteserver::wire::till as wire;

// In the order of objects, after the orders of the batch are locked: transactions wait for each other in no circle.
static HOLD: Statement = Statement::write(
    &[("object_id", Type::Int)],
    "SELECT t.object_id, t.last_event, t.keep_days
     FROM {sorted object_id} b {one tills t: object_id} {lock t}",
);

static COUNT: Statement = Statement::write(
    &[("object_id", Type::Int), ("last_event", Type::Int)],
    "UPDATE tills SET last_event = b.last_event FROM batch b {these tills: object_id}",
);

static PUT: Statement = Statement::insert(
    "till_events",
    &[
        ("object_id", Type::Int),
        ("event_number", Type::Int),
        ("order_guid", Type::Uuid),
        ("occurred_at", Type::Time),
        ("forget_at", Type::Time),
        ("body", Type::Text),
    ],
    "",
);

// One till a statement: a limit for each row of a batch is not to be had in both databases.
static AFTER: Statement = Statement::read(
    &[("object_id", Type::Int), ("after", Type::Int), ("most", Type::Int)],
    "SELECT event_number, body FROM till_events
     WHERE object_id = (SELECT object_id FROM batch)
       AND event_number > (SELECT after FROM batch)
     ORDER BY event_number LIMIT (SELECT most FROM batch)",
);

static COUNTS: Statement = Statement::read(
    &[("object_id", Type::Int)],
    "SELECT t.last_event, t.acknowledged FROM batch b {one tills t: object_id}",
);

// Never further than there is something, and never back. By key: who waits for another writer writes all the same.
static ACKNOWLEDGE: Statement = Statement::write(
    &[("object_id", Type::Int), ("up_to", Type::Int)],
    "UPDATE tills SET acknowledged = (SELECT up_to FROM batch)
     WHERE object_id = (SELECT object_id FROM batch)
       AND last_event >= (SELECT up_to FROM batch) AND acknowledged < (SELECT up_to FROM batch)",
);

static REMOVE: Statement = Statement::write(
    &[("object_id", Type::Int), ("up_to", Type::Int)],
    "DELETE FROM till_events
     WHERE object_id = (SELECT object_id FROM batch)
       AND event_number <= (SELECT up_to FROM batch)",
);

static FORGET: Statement = Statement::write(
    &[("most", Type::Int)],
    "DELETE FROM till_events {those till_events: object_id, event_number FROM
        SELECT e.object_id, e.event_number FROM till_events e
        WHERE e.forget_at <= (SELECT wsa_now())
        ORDER BY e.forget_at LIMIT (SELECT most FROM batch)}",
);

/// A till that this transaction holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    /// The number of its last event.
    last: i64,
    keep_days: i64,
}

/// By object: its till.
pub(super) type Tills = BTreeMap<ObjectId, Held>;

/// Holds the tills that are told something.
pub(super) async fn hold(tx: &Tx, events: &[TillEvent]) -> Result<Tills, StoreError> {
    let objects: BTreeSet<ObjectId> = events.iter().map(|event| event.order.object).collect();
    let rows = objects.into_iter().map(|object| row![object]).collect();
    let held = tx.query_some(&HOLD, rows).await?;
    let read = |mut row: Row| {
        let held = Held { last: row.get("last_event")?, keep_days: row.get("keep_days")? };
        Ok((row.get("object_id")?, held))
    };
    held.into_iter().map(read).collect()
}

/// Puts events in, in their order. Nothing is told to a till that is not there any more.
pub(super) fn put(events: Vec<TillEvent>, mut tills: Tills, now: Timestamp) -> [Write; 2] {
    let mut rows: Rows = Vec::with_capacity(events.len());
    for event in events {
        let Some(held) = tills.get_mut(&event.order.object) else { continue };
        held.last += 1;
        let forget_at = now + SignedDuration::from_hours(24 * held.keep_days);
        let body = wire::event(&event, now);
        rows.push(row![event.order.object, held.last, event.order.guid, now, forget_at, body]);
    }
    let counts = tills.into_iter().map(|(object, held)| row![object, held.last]).collect();
    [Write::each(&COUNT, counts), Write::each(&PUT, rows)]
}

/// How far a till has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// The number of its last event.
    pub last: i64,
    /// Up to which it has acknowledged them.
    pub acknowledged: i64,
}

impl Tables<'_> {
    /// The first events of an object after this one, at most `most`.
    pub async fn till_events(
        self,
        object: ObjectId,
        after: i64,
        most: usize,
    ) -> Result<Vec<(i64, String)>, StoreError> {
        let read = |mut row: Row| Ok((row.get("event_number")?, row.get("body")?));
        let rows = self.db.run(&AFTER, vec![row![object, after, most as i64]]).await?;
        rows.into_iter().map(read).collect()
    }

    /// How far the till of an object has come; `None` where there is none.
    pub async fn till_counts(self, object: ObjectId) -> Result<Option<Counts>, StoreError> {
        let rows = self.db.run(&COUNTS, vec![row![object]]).await?;
        let read = |mut row: Row| {
            Ok(Counts { last: row.get("last_event")?, acknowledged: row.get("acknowledged")? })
        };
        rows.into_iter().next().map(read).transpose()
    }

    /// Removes the events up to this one, which are acknowledged. `Err` of how far there is something, where there is no
    /// such event yet.
    pub async fn acknowledge(
        self,
        object: ObjectId,
        up_to: i64,
    ) -> Result<Result<(), Counts>, StoreError> {
        let tx = self.db.begin().await?;
        tx.execute(&ACKNOWLEDGE, vec![row![object, up_to]]).await?;
        let counts = tx.query(&COUNTS, vec![row![object]]).await?;
        let Some(mut row) = counts.into_iter().next() else { return Ok(Ok(())) };
        let counts =
            Counts { last: row.get("last_event")?, acknowledged: row.get("acknowledged")? };
        if counts.last < up_to {
            return Ok(Err(counts));
        }
        tx.execute(&REMOVE, vec![row![object, up_to]]).await?;
        tx.commit().await?;
        Ok(Ok(()))
    }
}

/// Deletes events that nobody acknowledged in the days that their till gave itself, at most `most`.
pub(crate) async fn forget(db: &Db, most: u64) -> Result<u64, StoreError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let tx = db.begin().await?;
    let deleted = tx.execute(&FORGET, vec![row![most]]).await?;
    tx.commit().await?;
    Ok(deleted)
}
