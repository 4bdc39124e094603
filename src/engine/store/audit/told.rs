//! The report of an audit as JSON: its form is told in `docs/audit.md`.

use jiff::Timestamp;
use serde::Serialize;

use super::{Checked, Report};
use crate::domain::task::ObjectId;
use crate::engine::protocol::audit::Example;

/// The report.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Told<'a> {
    sound: bool,
    store: &'static str,
    object_id: Option<ObjectId>,
    taken_at: Timestamp,
    took_ms: u64,
    rows: serde_json::Map<String, serde_json::Value>,
    checks: Vec<ToldCheck<'a>>,
}

#[derive(Debug, Serialize)]
struct ToldCheck<'a> {
    name: &'static str,
    rule: &'static str,
    broken: u64,
    examples: &'a [Example],
}

impl<'a> From<&'a Checked> for ToldCheck<'a> {
    fn from(of: &'a Checked) -> ToldCheck<'a> {
        let Checked { check, broken, examples } = of;
        ToldCheck { name: check.name, rule: check.rule, broken: *broken, examples }
    }
}

impl Report {
    /// What it says, to be written as JSON.
    pub fn told(&self) -> Told<'_> {
        let Report { store, object, taken_at, took, rows, checks } = self;
        Told {
            sound: self.is_sound(),
            store,
            object_id: *object,
            taken_at: *taken_at,
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            rows: rows.iter().map(|(name, count)| ((*name).to_owned(), (*count).into())).collect(),
            checks: checks.iter().map(ToldCheck::from).collect(),
        }
    }
}
