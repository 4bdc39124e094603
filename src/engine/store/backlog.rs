//! How many tasks are open, and how many of each object.
//!
//! A few are counted by each process that wants to know. To count many takes long, so one process does it for all: it
//! keeps what it counted, and says when somebody is to count again.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Store, StoreError};
use crate::database::{Statement, Type, row};
use crate::domain::task::ObjectId;

/// The open tasks at a moment. Those that wait for a time of their own are scheduled, and none of the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backlog {
    /// How many there are.
    pub open: u64,
    /// How many of them are due to be published again.
    pub unpublished: u64,
    /// How long ago the oldest was registered, in milliseconds; 0 when there is none. Those that are held while their
    /// object is paused are not on their way to anybody, and not counted here.
    pub oldest_ms: u64,
    /// How many of them each object has; objects that have none are not named.
    pub objects: HashMap<ObjectId, u64>,
    /// How many scheduled tasks each object has; objects that have none are not named.
    pub scheduled: HashMap<ObjectId, u64>,
}

/// What a process finds that looks for the count of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// For how long somebody is to have counted again; `None`: what was counted is still good.
    pub due: Option<Duration>,
    /// What was counted, when it is another count than the process has seen: the age of the count, when it was begun, and what
    /// it found.
    pub news: Option<(Duration, Timestamp, Backlog)>,
}

/// As it is kept: JSON.
#[derive(Serialize, Deserialize)]
struct Kept {
    oldest_ms: u64,
    /// Of each object, its open tasks and its scheduled ones.
    objects: BTreeMap<i64, (u64, u64)>,
}

// By object, so that one look at the open tasks tells everything about them.
static COUNT: Statement = Statement::read(
    &[],
    "SELECT object_id, count(*) AS open,
            count(CASE WHEN not_before > wsa_now() THEN 1 END) AS scheduled,
            count(CASE WHEN publish_at <= wsa_now() AND deadline > wsa_now() THEN 1 END) AS unpublished,
            min(CASE WHEN held THEN NULL ELSE registered_at END) AS oldest, wsa_now() AS now
     FROM tasks WHERE outcome IS NULL GROUP BY object_id",
);

static LOOK: Statement = Statement::read(
    &[("seen", Type::Time)],
    "SELECT k.counted_at, k.next_at, wsa_now() AS now,
            CASE WHEN k.counted_at <> b.seen THEN k.report END AS report
     FROM backlog_counts k CROSS JOIN batch b WHERE k.only_row = 1",
);

static CLAIM: Statement = Statement::write(
    &[("hold_s", Type::Int)],
    "UPDATE backlog_counts SET next_at = wsa_after(wsa_now(), b.hold_s)
     FROM batch b WHERE only_row = 1 AND next_at <= wsa_now() RETURNING only_row",
);

// What was kept before the database's clock was put back is older, whatever it says.
static KEEP: Statement = Statement::write(
    &[("counted_at", Type::Time), ("report", Type::Text), ("good_for_s", Type::Int)],
    "UPDATE backlog_counts SET counted_at = b.counted_at, report = b.report,
            next_at = wsa_after(b.counted_at, b.good_for_s)
     FROM batch b WHERE only_row = 1
       AND (backlog_counts.counted_at < b.counted_at OR backlog_counts.counted_at > wsa_now())",
);

impl Store {
    /// Counts the open tasks, all of them and those of each object.
    pub async fn backlog(&self) -> Result<Backlog, StoreError> {
        let mut backlog = Backlog::default();
        for mut row in self.db.run(&COUNT, Vec::new()).await? {
            let object: ObjectId = row.get("object_id")?;
            let (open, unpublished): (i64, i64) = (row.get("open")?, row.get("unpublished")?);
            let scheduled: i64 = row.get("scheduled")?;
            // Of a scheduled task it is in the future.
            let (oldest, now): (Option<Timestamp>, Timestamp) =
                (row.get("oldest")?, row.get("now")?);
            let age_ms = oldest.map_or(0, |oldest| since(oldest, now));
            backlog.unpublished += unpublished.unsigned_abs();
            backlog.oldest_ms = backlog.oldest_ms.max(age_ms);
            backlog.add(object, (open - scheduled).unsigned_abs(), scheduled.unsigned_abs());
        }
        Ok(backlog)
    }

    /// Looks for another count than the one that was begun at `seen`.
    pub async fn look_at_count(&self, seen: Timestamp) -> Result<Look, StoreError> {
        let mut rows = self.db.run(&LOOK, vec![row![seen]]).await?;
        let row = rows
            .first_mut()
            .ok_or_else(|| StoreError::Corrupt("backlog_counts is empty".into()))?;
        let report: Option<String> = row.get("report")?;
        let (counted_at, next_at): (Timestamp, Timestamp) =
            (row.get("counted_at")?, row.get("next_at")?);
        let now: Timestamp = row.get("now")?;
        let due = (next_at <= now).then(|| Duration::from_millis(since(next_at, now)));
        // What a newer program wrote may be what this one cannot read: then it counts by itself.
        let read = |report: String| serde_json::from_str::<Kept>(&report).ok();
        let Some(kept) = report.and_then(read) else { return Ok(Look { due, news: None }) };
        let age_ms = since(counted_at, now);
        let oldest_ms = if kept.oldest_ms == 0 { 0 } else { kept.oldest_ms + age_ms };
        let mut backlog = Backlog { oldest_ms, ..Backlog::default() };
        for (object, (open, scheduled)) in kept.objects {
            backlog.add(ObjectId(object), open, scheduled);
        }
        Ok(Look { due, news: Some((Duration::from_millis(age_ms), counted_at, backlog)) })
    }

    /// Takes it upon this process to count, when it is due and no other process has: for `hold_s` seconds no other does.
    pub async fn claim_count(&self, hold_s: i64) -> Result<bool, StoreError> {
        Ok(!self.db.run(&CLAIM, vec![row![hold_s]]).await?.is_empty())
    }

    /// Keeps what was counted for the other processes; it is good for so many seconds. `counted_at`: the time by the
    /// database's clock before the count was begun.
    pub async fn keep_count(
        &self,
        backlog: &Backlog,
        counted_at: Timestamp,
        good_for_s: i64,
    ) -> Result<(), StoreError> {
        let scheduled = |object| backlog.scheduled.get(object).copied().unwrap_or(0);
        let open = |object| backlog.objects.get(object).copied().unwrap_or(0);
        let objects = backlog.objects.keys().chain(backlog.scheduled.keys());
        let objects = objects.map(|object| (object.0, (open(object), scheduled(object)))).collect();
        let kept = Kept { oldest_ms: backlog.oldest_ms, objects };
        let report = serde_json::to_string(&kept).map_err(|e| StoreError::Refused(e.into()))?;
        self.db.run(&KEEP, vec![row![counted_at, report, good_for_s]]).await.map(drop)
    }
}

impl Backlog {
    /// Adds the tasks of an object: open ones, and scheduled ones.
    fn add(&mut self, object: ObjectId, open: u64, scheduled: u64) {
        self.open += open;
        for (of, count) in [(&mut self.objects, open), (&mut self.scheduled, scheduled)] {
            if count > 0 {
                of.insert(object, count);
            }
        }
    }
}

/// Milliseconds from one moment to a later one.
fn since(earlier: Timestamp, later: Timestamp) -> u64 {
    u64::try_from(later.as_millisecond() - earlier.as_millisecond()).unwrap_or(0)
}
