//! What each process counted, a row every few seconds: the figures of the console and the list of processes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::{Store, StoreError};
use crate::database::{Row, Statement, Type, row};

/// What one process counted in one interval, and how it was at its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The beginning of the interval, by the database's clock.
    pub at: Timestamp,
    /// Which process.
    pub process: Uuid,
    /// What it runs: `up`, `api` or `worker`.
    pub role: String,
    /// Its machine and its number there, `name:pid`.
    pub host: String,
    /// What it was built from.
    pub version: String,
    /// When it started.
    pub since: Timestamp,
    /// How many worker lanes it has.
    pub lanes: i64,
    /// How long the row covers, in milliseconds.
    pub span_ms: i64,
    /// It ended after this row.
    pub ending: bool,
    /// What was not ready; empty when all was.
    pub trouble: String,
    /// Tasks that it accepted.
    pub accepted: i64,
    /// Tasks that it answered, by outcome.
    pub outcomes: BTreeMap<String, i64>,
    /// The median of the time from acceptance to answer, in microseconds; `None`: it answered nothing.
    pub p50_us: Option<i64>,
    /// The 99th percentile of the same.
    pub p99_us: Option<i64>,
    /// Tasks that its lanes had in hand.
    pub in_flight: i64,
    /// Messages in the queue, not in hand.
    pub queue_depth: i64,
    /// Of the whole store; `None` where another process said it for this interval.
    pub whole: Option<Whole>,
}

/// What is the same for all processes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Whole {
    /// Tasks without an answer.
    pub open: i64,
    /// Tasks that wait for a time of their own.
    pub scheduled: i64,
    /// The age of the oldest open task, in milliseconds.
    pub oldest_ms: i64,
    /// Dead letters that were not replayed; counted when the row is written.
    pub dead: i64,
}

// Whoever is first in an interval also says what is of the whole store, and counts the dead letters for it.
static WRITE: Statement = Statement::write(
    &[
        ("at", Type::Time),
        ("process_id", Type::Uuid),
        ("role", Type::Text),
        ("host", Type::Text),
        ("version", Type::Text),
        ("since", Type::Time),
        ("lanes", Type::Int),
        ("span_ms", Type::Int),
        ("ending", Type::Bool),
        ("trouble", Type::Text),
        ("accepted", Type::Int),
        ("outcomes", Type::Text),
        ("p50_us", Type::Int),
        ("p99_us", Type::Int),
        ("in_flight", Type::Int),
        ("queue_depth", Type::Int),
        ("open", Type::Int),
        ("scheduled", Type::Int),
        ("oldest_ms", Type::Int),
    ],
    "INSERT INTO samples (at, process_id, role, host, version, since, lanes, span_ms, ending, trouble, accepted,
                          outcomes, p50_us, p99_us, in_flight, queue_depth, open, scheduled, oldest_ms, dead)
     SELECT b.at, b.process_id, b.role, b.host, b.version, b.since, b.lanes, b.span_ms, b.ending, b.trouble,
            b.accepted, b.outcomes, b.p50_us, b.p99_us, b.in_flight, b.queue_depth,
            CASE WHEN b.is_first THEN b.open END, CASE WHEN b.is_first THEN b.scheduled END,
            CASE WHEN b.is_first THEN b.oldest_ms END,
            CASE WHEN b.is_first THEN (SELECT count(CASE WHEN l.replayed_at IS NULL THEN 1 END)
                                       FROM dead_letters l) END
     FROM (SELECT batch.*, NOT EXISTS (
                      SELECT 1 FROM {rows samples s: at = batch.at} WHERE s.dead IS NOT NULL) AS is_first
           FROM batch) AS b WHERE true
     ON CONFLICT (at, process_id) DO NOTHING",
);

static AFTER: Statement = Statement::read(
    &[("at", Type::Time), ("process_id", Type::Uuid), ("most", Type::Int)],
    "SELECT s.at, s.process_id, s.role, s.host, s.version, s.since, s.lanes, s.span_ms, s.ending, s.trouble,
            s.accepted, s.outcomes, s.p50_us, s.p99_us, s.in_flight, s.queue_depth, s.open, s.scheduled,
            s.oldest_ms, s.dead
     FROM samples s
     WHERE (s.at, s.process_id) > ((SELECT at FROM batch), (SELECT process_id FROM batch))
     ORDER BY s.at, s.process_id LIMIT (SELECT most FROM batch)",
);

static FORGET: Statement = Statement::write(
    &[("keep_s", Type::Int), ("most", Type::Int)],
    "DELETE FROM samples {those samples: at, process_id FROM
        SELECT s.at, s.process_id FROM samples s
        WHERE s.at < (SELECT wsa_after(wsa_now(), -keep_s) FROM batch)
        ORDER BY s.at, s.process_id LIMIT (SELECT most FROM batch)}",
);

impl Store {
    /// Writes a sample; `false`: this process has one of this interval already, and nothing was written. What it says
    /// of the whole store is kept when no other process has said it for this interval.
    pub async fn write_sample(&self, sample: &Sample) -> Result<bool, StoreError> {
        let outcomes = serde_json::to_string(&sample.outcomes).unwrap_or_else(|_| "{}".into());
        let whole = sample.whole.unwrap_or_default();
        let row = row![
            sample.at,
            sample.process,
            &*sample.role,
            &*sample.host,
            &*sample.version,
            sample.since,
            sample.lanes,
            sample.span_ms,
            sample.ending,
            &*sample.trouble,
            sample.accepted,
            outcomes,
            sample.p50_us,
            sample.p99_us,
            sample.in_flight,
            sample.queue_depth,
            whole.open,
            whole.scheduled,
            whole.oldest_ms,
        ];
        let tx = self.db.begin().await?;
        let written = tx.execute(&WRITE, vec![row]).await?;
        tx.commit().await?;
        Ok(written == 1)
    }

    /// Up to `most` samples that come after that of a process in an interval, the oldest first.
    pub async fn samples_after(
        &self,
        at: Timestamp,
        process: Uuid,
        most: u64,
    ) -> Result<Vec<Sample>, StoreError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = self.db.run(&AFTER, vec![row![at, process, most]]).await?;
        rows.into_iter().map(read).collect()
    }

    /// Deletes up to `most` samples of more than `keep_s` seconds ago; tells whether there may be more.
    pub async fn forget_samples(&self, keep_s: i64, most: u64) -> Result<bool, StoreError> {
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let tx = self.db.begin().await?;
        let forgotten = tx.execute(&FORGET, vec![row![keep_s, limit]]).await?;
        tx.commit().await?;
        Ok(forgotten == most)
    }
}

fn read(mut row: Row) -> Result<Sample, StoreError> {
    let outcomes: String = row.get("outcomes")?;
    let outcomes = serde_json::from_str(&outcomes)
        .map_err(|_| StoreError::Corrupt("the outcomes of a sample are no numbers".into()))?;
    let dead: Option<i64> = row.get("dead")?;
    let (open, scheduled, oldest_ms): (Option<i64>, Option<i64>, Option<i64>) =
        (row.get("open")?, row.get("scheduled")?, row.get("oldest_ms")?);
    let whole = dead.map(|dead| Whole {
        open: open.unwrap_or_default(),
        scheduled: scheduled.unwrap_or_default(),
        oldest_ms: oldest_ms.unwrap_or_default(),
        dead,
    });
    Ok(Sample {
        at: row.get("at")?,
        process: row.get("process_id")?,
        role: row.get("role")?,
        host: row.get("host")?,
        version: row.get("version")?,
        since: row.get("since")?,
        lanes: row.get("lanes")?,
        span_ms: row.get("span_ms")?,
        ending: row.get("ending")?,
        trouble: row.get("trouble")?,
        accepted: row.get("accepted")?,
        outcomes,
        p50_us: row.get("p50_us")?,
        p99_us: row.get("p99_us")?,
        in_flight: row.get("in_flight")?,
        queue_depth: row.get("queue_depth")?,
        whole,
    })
}
