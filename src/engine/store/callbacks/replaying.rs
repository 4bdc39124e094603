//! Putting answers and events into a callback again, those that were delivered as well.
//!
//! What was delivered leaves the callback. It is found where it came from: answers with their tasks, events in their
//! own table, for as long as either keeps them. So what came while a callback was off is found too.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::database::{Row, Rows, Statement, StoreError, Type, row};
use crate::domain::outbox::{EventType, SubscriptionId};
use crate::domain::task::{ObjectId, OrderGuid};
use crate::engine::store::Store;

/// What to put in again: each part narrows it.
#[derive(Debug, Clone, Default)]
pub struct ReplayFilter {
    /// The guid of the task or of the event.
    pub subject: Option<Uuid>,
    /// Answered, or changed, at this moment or later.
    pub since: Option<Timestamp>,
    /// Before this one.
    pub until: Option<Timestamp>,
    /// Of this restaurant.
    pub object: Option<ObjectId>,
    /// Events of this order, and no answers.
    pub order: Option<OrderGuid>,
    /// Answers and not events, or the other way round.
    pub only: Option<Replayable>,
    /// Only what the log has no delivery of to this callback.
    pub undelivered: bool,
}

/// What can be put in again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replayable {
    /// The answer of a task.
    Answer,
    /// A change of an order.
    Event,
}

/// Something that can be put in again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// What it is.
    pub kind: Replayable,
    /// When it came.
    pub at: Timestamp,
    object: ObjectId,
    subject: Uuid,
    order: Option<Uuid>,
    version: Option<i64>,
    event_type: Option<EventType>,
}

/// How much longer than its answer's range a task may have been accepted: deadlines are an hour at the most, and a
/// service that stood still answers late.
const ACCEPTED_BEFORE: SignedDuration = SignedDuration::from_hours(24);

const FILTER: &[(&str, Type)] = &[
    ("mailbox_id", Type::Int),
    ("since", Type::Time),
    ("until", Type::Time),
    ("accepted_since", Type::Time),
    ("object_id", Type::Int),
    ("order_guid", Type::Uuid),
    ("undelivered", Type::Bool),
    ("most", Type::Int),
];

/// What is of the callback, does not wait in it, and was not delivered when that is asked.
macro_rules! not_there {
    ($subject:literal) => {
        concat!(
            $subject,
            " NOT IN (SELECT d.subject FROM deliveries d
                      WHERE d.mailbox_id = (SELECT mailbox_id FROM batch))
             AND (NOT (SELECT undelivered FROM batch) OR ",
            $subject,
            " NOT IN (SELECT g.subject FROM delivery_log g
                      WHERE g.mailbox_id = (SELECT mailbox_id FROM batch)
                        AND g.status BETWEEN 200 AND 299))"
        )
    };
}

macro_rules! answers {
    ($tasks:literal) => {
        concat!(
            "SELECT t.answered_at AS at, t.object_id, t.task_guid AS subject,
                    NULL AS order_guid, NULL AS version
             FROM batch b {one mailboxes m: mailbox_id WHERE m.kind = 'callback'} ",
            $tasks,
            " WHERE m.answers AND t.aggregator_id = m.aggregator_id AND t.outcome IS NOT NULL
               AND NOT t.sync AND ",
            not_there!("t.task_guid"),
            " ORDER BY t.answered_at, t.task_guid LIMIT (SELECT most FROM batch)"
        )
    };
}

macro_rules! events {
    ($events:literal) => {
        concat!(
            "SELECT e.occurred_at AS at, e.object_id, e.event_guid AS subject, e.order_guid, e.version,
                    e.event_type
             FROM batch b {one mailboxes m: mailbox_id WHERE m.kind = 'callback'} ",
            $events,
            " WHERE CASE WHEN e.event_type = 'OrderChanged' THEN m.events ELSE m.status_events END AND ",
            not_there!("e.event_guid"),
            " ORDER BY e.occurred_at, e.version, e.event_type, e.event_guid LIMIT (SELECT most FROM batch)"
        )
    };
}

static ANSWERS: Statement = Statement::read(
    FILTER,
    answers!(
        "CROSS JOIN (SELECT * FROM tasks
          WHERE registered_at >= (SELECT accepted_since FROM batch)
            AND registered_at < (SELECT until FROM batch)
            AND answered_at >= (SELECT since FROM batch) AND answered_at < (SELECT until FROM batch)
            AND ((SELECT object_id FROM batch) IS NULL OR object_id = (SELECT object_id FROM batch))
          ORDER BY registered_at) AS t"
    ),
);

static EVENTS: Statement = Statement::read(
    FILTER,
    events!(
        "CROSS JOIN (SELECT * FROM events
          WHERE occurred_at >= (SELECT since FROM batch) AND occurred_at < (SELECT until FROM batch)
            AND ((SELECT object_id FROM batch) IS NULL OR object_id = (SELECT object_id FROM batch))
            AND ((SELECT order_guid FROM batch) IS NULL OR order_guid = (SELECT order_guid FROM batch))
          ORDER BY occurred_at) AS e
         {one licences l: aggregator_id = m.aggregator_id, object_id = e.object_id}"
    ),
);

const ONE: &[(&str, Type)] = &[
    ("mailbox_id", Type::Int),
    ("subject", Type::Uuid),
    ("undelivered", Type::Bool),
    ("most", Type::Int),
];

static ANSWER: Statement = Statement::read(ONE, answers!("{one tasks t: task_guid = b.subject}"));

static EVENT: Statement = Statement::read(
    ONE,
    events!(
        "{all licences l: aggregator_id = m.aggregator_id}
         {one events e: object_id = l.object_id, event_guid = b.subject}"
    ),
);

static PUT: Statement = Statement::write(
    &[
        ("number", Type::Int),
        ("mailbox_id", Type::Int),
        ("object_id", Type::Int),
        ("subject", Type::Uuid),
        ("is_event", Type::Bool),
        ("order_guid", Type::Uuid),
    ],
    "INSERT INTO deliveries (mailbox_id, object_id, subject, is_event, order_guid, added_at, due_at)
     SELECT mailbox_id, object_id, subject, is_event, order_guid, wsa_now(), wsa_now()
     FROM batch ORDER BY number",
);

impl Store {
    /// What of a callback's aggregator passes the filter and does not wait in the callback, the oldest first, at most
    /// `most`.
    pub async fn replayable(
        &self,
        callback: SubscriptionId,
        filter: &ReplayFilter,
        most: i64,
    ) -> Result<Vec<Replay>, StoreError> {
        let wants = |kind| filter.only.is_none_or(|only| only == kind);
        let mut found = Vec::new();
        if wants(Replayable::Answer) && filter.order.is_none() {
            found.extend(self.find_replayable(Replayable::Answer, callback, filter, most).await?);
        }
        if wants(Replayable::Event) {
            found.extend(self.find_replayable(Replayable::Event, callback, filter, most).await?);
        }
        found.sort_by_key(|r| (r.at, r.version, r.event_type, r.subject));
        found.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        Ok(found)
    }

    async fn find_replayable(
        &self,
        kind: Replayable,
        callback: SubscriptionId,
        filter: &ReplayFilter,
        most: i64,
    ) -> Result<Vec<Replay>, StoreError> {
        let (one, range) = match kind {
            Replayable::Answer => (&ANSWER, &ANSWERS),
            Replayable::Event => (&EVENT, &EVENTS),
        };
        let read = |row| Replay::read(kind, row);
        let rows = match filter.subject {
            Some(subject) => {
                let row = row![callback, subject, filter.undelivered, most];
                self.db.run(one, vec![row]).await?
            }
            None => {
                // Of a time that every database can compare with.
                let since = filter.since.unwrap_or(Timestamp::UNIX_EPOCH);
                let until = filter.until.unwrap_or(far());
                let accepted = since.checked_sub(ACCEPTED_BEFORE).unwrap_or(since);
                let (object, order) = (filter.object, filter.order);
                let undelivered = filter.undelivered;
                let row = row![callback, since, until, accepted, object, order, undelivered, most];
                self.db.run(range, vec![row]).await?
            }
        };
        rows.into_iter().map(read).collect()
    }

    /// Puts these into a callback again, in their order.
    pub async fn replay(
        &self,
        callback: SubscriptionId,
        found: &[Replay],
    ) -> Result<(), StoreError> {
        let put = |(replay, number): (&Replay, i64)| {
            let Replay { kind, object, subject, order, .. } = replay;
            row![number, callback, *object, *subject, *kind == Replayable::Event, *order]
        };
        let rows: Rows = found.iter().zip(0_i64..).map(put).collect();
        let tx = self.db.begin().await?;
        tx.execute_all(&PUT, rows).await?;
        tx.commit().await
    }
}

impl Replay {
    fn read(kind: Replayable, mut row: Row) -> Result<Replay, StoreError> {
        let (order, version, event_type) = match kind {
            Replayable::Answer => (None, None, None),
            Replayable::Event => {
                (row.get("order_guid")?, row.get("version")?, Some(row.word("event_type")?))
            }
        };
        Ok(Replay {
            kind,
            at: row.get("at")?,
            object: row.get("object_id")?,
            subject: row.get("subject")?,
            order,
            version,
            event_type,
        })
    }
}

/// Later than anything that a store holds.
fn far() -> Timestamp {
    const YEAR_9000: i64 = 221_845_392_000;
    Timestamp::from_second(YEAR_9000).unwrap_or(Timestamp::MAX)
}
