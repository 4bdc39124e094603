//! Audits that operators asked for: what each found, kept in the store.

use jiff::Timestamp;

use super::journal::{Act, Actor, entry};
use super::{Store, StoreError};
use crate::database::{Row, Statement, Type, row};
use crate::domain::task::ObjectId;

/// An audit that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRun {
    /// Its number.
    pub id: i64,
    /// Who asked for it.
    pub asked_by: String,
    /// To which object it is narrowed.
    pub object: Option<ObjectId>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; `None`: it runs, or its process has ended before it.
    pub finished_at: Option<Timestamp>,
    /// Whether every rule is kept.
    pub sound: Option<bool>,
    /// What it found, JSON.
    pub report: Option<String>,
    /// Why it found nothing out.
    pub error: Option<String>,
}

/// An audit that has not ended after so many seconds has no process any more, and keeps no other from beginning.
const LOST_AFTER_S: i64 = 6 * 3600;

static NEWEST: Statement = Statement::read(
    &[("most", Type::Int)],
    "SELECT run_id, asked_by, object_id, started_at, finished_at, sound, report, error
     FROM audit_runs ORDER BY run_id DESC LIMIT (SELECT most FROM batch)",
);

// One at a time: the table is locked by no one, so two that begin in the same moment may both run, which harms nobody.
static BEGIN: Statement = Statement::write(
    &[("asked_by", Type::Text), ("object_id", Type::Int), ("lost_after_s", Type::Int)],
    "INSERT INTO audit_runs (asked_by, object_id, started_at)
     SELECT b.asked_by, b.object_id, wsa_now() FROM batch b
     WHERE (SELECT count(*) FROM (SELECT * FROM audit_runs ORDER BY run_id DESC LIMIT 1) AS r
            WHERE r.finished_at IS NULL AND r.started_at > wsa_after(wsa_now(), -b.lost_after_s)) = 0
     RETURNING run_id",
);

static END: Statement = Statement::write(
    &[
        ("run_id", Type::Int),
        ("sound", Type::Bool),
        ("report", Type::Text),
        ("error", Type::Text),
    ],
    "UPDATE audit_runs SET finished_at = wsa_now(), sound = b.sound, report = b.report, error = b.error
     FROM batch b {these audit_runs: run_id} AND audit_runs.finished_at IS NULL",
);

impl Store {
    /// The last audits, the newest first.
    pub async fn audit_runs(&self, most: i64) -> Result<Vec<AuditRun>, StoreError> {
        self.db.run(&NEWEST, vec![row![most]]).await?.into_iter().map(read).collect()
    }

    /// Notes that an audit begins, and gives its number; `None` while another one runs.
    pub async fn begin_audit_run(
        &self,
        object: Option<ObjectId>,
        actor: &Actor,
        act: Act,
    ) -> Result<Option<i64>, StoreError> {
        let tx = self.db.begin().await?;
        let row = row![actor.who.clone(), object, LOST_AFTER_S];
        let begun = tx.query(&BEGIN, vec![row]).await?.into_iter().next();
        let Some(mut begun) = begun else { return Ok(None) };
        tx.finish(vec![entry(actor, act)]).await?;
        begun.get("run_id").map(Some)
    }

    /// Notes what it found: whether every rule is kept with the report, or an error.
    pub async fn end_audit_run(
        &self,
        id: i64,
        found: Result<(bool, String), String>,
    ) -> Result<(), StoreError> {
        let (found, error) = (found.as_ref().ok().cloned(), found.err());
        let (sound, report) = found.unzip();
        self.db.run(&END, vec![row![id, sound, report, error]]).await.map(drop)
    }
}

fn read(mut row: Row) -> Result<AuditRun, StoreError> {
    Ok(AuditRun {
        id: row.get("run_id")?,
        asked_by: row.get("asked_by")?,
        object: row.get("object_id")?,
        started_at: row.get("started_at")?,
        finished_at: row.get("finished_at")?,
        sound: row.get("sound")?,
        report: row.get("report")?,
        error: row.get("error")?,
    })
}
