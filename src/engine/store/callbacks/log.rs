//! The log of attempts to deliver to callbacks.

use jiff::Timestamp;
use uuid::Uuid;

use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::outbox::SubscriptionId;
use crate::domain::task::{AggregatorId, ObjectId};
use crate::engine::store::Store;

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The callback.
    pub callback: SubscriptionId,
    /// The name of whose it is.
    pub aggregator: String,
    /// Where it posts.
    pub url: String,
    /// The restaurant it was about.
    pub object: ObjectId,
    /// The guid of the task or of the event.
    pub subject: Uuid,
    /// Whether it was an event.
    pub is_event: bool,
    /// 1 for the first.
    pub attempt: i64,
    /// When it was made.
    pub attempted_at: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: i64,
    /// The status of the answer.
    pub status: Option<i64>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// When it is tried again; `None`: delivered or given up.
    pub next_at: Option<Timestamp>,
}

/// Which attempts to read; `None` is all of them.
#[derive(Debug, Clone, Copy)]
pub struct LogFilter {
    /// To callbacks of this aggregator.
    pub aggregator: Option<AggregatorId>,
    /// To this callback.
    pub callback: Option<SubscriptionId>,
    /// Only those that failed.
    pub failed: bool,
    /// At most so many, the newest.
    pub most: i64,
}

/// What is read of an attempt `l`, its callback `m` and whose that is, `a`.
macro_rules! ATTEMPT {
    () => {
        "l.mailbox_id, a.name, m.url, l.object_id, l.subject, l.is_event, l.attempt,
         l.attempted_at, l.took_ms, l.status, l.error, l.next_at"
    };
}
pub(crate) use ATTEMPT;

const FILTER: &[(&str, Type)] = &[
    ("aggregator_id", Type::Int),
    ("mailbox_id", Type::Int),
    ("failed", Type::Bool),
    ("most", Type::Int),
];

// The filter stands in sub-selects, as in the list of tasks: the newest rows come from an index, and what belongs to
// them is looked up for those alone.
macro_rules! newest {
    ($rows:literal, $order:literal) => {
        Statement::read(
            FILTER,
            concat!(
                "SELECT ",
                ATTEMPT!(),
                " FROM (SELECT * FROM delivery_log g WHERE ",
                $rows,
                " ORDER BY ",
                $order,
                " LIMIT (SELECT most FROM batch)) AS l
                 {one mailboxes m: mailbox_id = l.mailbox_id}
                 {one aggregators a: aggregator_id = m.aggregator_id}
                 ORDER BY l.attempted_at DESC, l.delivery_id DESC, l.attempt DESC"
            ),
        )
    };
}

// Of a callback, each by an index of its own: between it and itself, in its order, which no other index has.
static OF_CALLBACK: Statement = newest!(
    "{only g.mailbox_id: (SELECT mailbox_id FROM batch)}",
    "g.mailbox_id DESC, g.attempted_at DESC"
);
static FAILED_OF_CALLBACK: Statement = newest!(
    "{only g.mailbox_id: (SELECT mailbox_id FROM batch)}
     AND (g.status IS NULL OR g.status < 200 OR g.status > 299)",
    "g.mailbox_id DESC, g.attempted_at DESC"
);
static READ: Statement = newest!(
    "((SELECT aggregator_id FROM batch) IS NULL
      OR (SELECT s.aggregator_id FROM mailboxes s
          WHERE s.mailbox_id = g.mailbox_id LIMIT 1) = (SELECT aggregator_id FROM batch))
     AND ((SELECT mailbox_id FROM batch) IS NULL
          OR g.mailbox_id = (SELECT mailbox_id FROM batch))
     AND (NOT (SELECT failed FROM batch) OR g.status IS NULL OR g.status < 200 OR g.status > 299)",
    "g.attempted_at DESC, g.delivery_id DESC, g.attempt DESC"
);

static FORGET: Statement = Statement::write(
    &[("keep_s", Type::Int), ("most", Type::Int)],
    "DELETE FROM delivery_log {those delivery_log: mailbox_id, delivery_id, attempt FROM
        SELECT l.mailbox_id, l.delivery_id, l.attempt FROM delivery_log l
        WHERE l.attempted_at < (SELECT wsa_after(wsa_now(), -keep_s) FROM batch)
        ORDER BY l.attempted_at LIMIT (SELECT most FROM batch)}
     RETURNING delivery_log.mailbox_id",
);

static FORGET_SECRETS: Statement = Statement::write(
    &[],
    "UPDATE mailboxes SET old_secret = NULL, old_secret_until = NULL
     WHERE old_secret_until <= wsa_now()",
);

impl Store {
    /// Reads attempts, the newest first.
    pub async fn delivery_log(&self, filter: LogFilter) -> Result<Vec<Attempt>, StoreError> {
        let row = row![filter.aggregator, filter.callback, filter.failed, filter.most];
        let statement = match (filter.aggregator, filter.callback) {
            (None, Some(_)) if filter.failed => &FAILED_OF_CALLBACK,
            (None, Some(_)) => &OF_CALLBACK,
            _ => &READ,
        };
        self.db.run(statement, vec![row]).await?.into_iter().map(read_attempt).collect()
    }

    /// Deletes up to `most` attempts older than `keep_s` seconds, the oldest first, and secrets that are
    /// not valid any more. Tells how many attempts were deleted.
    pub async fn forget_deliveries(&self, keep_s: i64, most: u64) -> Result<u64, StoreError> {
        self.db.run(&FORGET_SECRETS, Vec::new()).await?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        Ok(self.db.run(&FORGET, vec![row![keep_s, most]]).await?.len() as u64)
    }
}

/// From a row with the columns of an attempt.
pub(crate) fn read_attempt(mut row: Row) -> Result<Attempt, StoreError> {
    Ok(Attempt {
        callback: row.get("mailbox_id")?,
        aggregator: row.get("name")?,
        url: row.get("url")?,
        object: row.get("object_id")?,
        subject: row.get("subject")?,
        is_event: row.get("is_event")?,
        attempt: row.get("attempt")?,
        attempted_at: row.get("attempted_at")?,
        took_ms: row.get("took_ms")?,
        status: row.get("status")?,
        error: row.get("error")?,
        next_at: row.get("next_at")?,
    })
}
