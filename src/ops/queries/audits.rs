//! Audits that were asked for, and what each found.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::engine::store::Store;
use crate::engine::store::audit_runs::AuditRun;
use crate::ops::problem::Problem;

/// An audit.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Audit {
    /// Its number.
    pub id: i64,
    /// Who asked for it.
    pub asked_by: String,
    /// To which object it is narrowed.
    pub object_id: Option<i64>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// `running`, `sound`, `broken` or `failed`.
    pub state: &'static str,
    /// What it found, as `wsa audit --json` prints it.
    pub report: Option<Box<RawValue>>,
    /// Why it found nothing out.
    pub error: Option<String>,
}

/// The last audits, the newest first.
pub async fn audits(store: &Store, most: i64) -> Result<Vec<Audit>, Problem> {
    Ok(store.audit_runs(most).await?.into_iter().map(Audit::from).collect())
}

impl From<AuditRun> for Audit {
    fn from(run: AuditRun) -> Audit {
        let state = match (run.finished_at, run.sound) {
            (None, _) => "running",
            (Some(_), Some(true)) => "sound",
            (Some(_), Some(false)) => "broken",
            (Some(_), None) => "failed",
        };
        Audit {
            id: run.id,
            asked_by: run.asked_by,
            object_id: run.object.map(|object| object.0),
            started_at: run.started_at,
            finished_at: run.finished_at,
            state,
            report: run.report.and_then(|text| RawValue::from_string(text).ok()),
            error: run.error,
        }
    }
}
