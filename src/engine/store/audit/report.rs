//! What an audit found.

use std::time::Duration;

use jiff::Timestamp;

use crate::database::StoreError;
use crate::domain::task::ObjectId;
use crate::engine::protocol::audit::{Broken, Check, Example, Pass};

/// What an audit found.
#[derive(Debug)]
pub struct Report {
    /// Which database it was: `PostgreSQL` or `SQLite`.
    pub store: &'static str,
    /// To which object it was narrowed.
    pub object: Option<ObjectId>,
    /// The moment that was read, by the database's clock.
    pub taken_at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// How many rows each table had.
    pub rows: Vec<(&'static str, u64)>,
    /// Every check.
    pub checks: Vec<Checked>,
}

/// How a check came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// Which one.
    pub check: Check,
    /// How many rows break it.
    pub broken: u64,
    /// Some of them.
    pub examples: Vec<Example>,
}

impl Report {
    /// Whether every rule is kept.
    pub fn is_sound(&self) -> bool {
        self.checks.iter().all(|checked| checked.broken == 0)
    }
}

/// The checks of one pass while its rows are read.
pub(super) struct Tally {
    pub(super) checks: Vec<Checked>,
    most: usize,
}

impl Tally {
    /// Nothing is broken yet; at most so many examples are kept of each check.
    pub(super) fn new(pass: &Pass, most: usize) -> Tally {
        let unbroken = |check: &Check| Checked { check: *check, broken: 0, examples: Vec::new() };
        Tally { checks: pass.checks.iter().map(unbroken).collect(), most }
    }

    pub(super) fn count(&mut self, broken: Broken) -> Result<(), StoreError> {
        let checked = self.checks.iter_mut().find(|checked| checked.check.name == broken.check);
        let checked = checked.ok_or_else(|| {
            StoreError::Corrupt(format!(
                "a pass of the audit names no check of its own: {}",
                broken.check
            ))
        })?;
        checked.broken += 1;
        if checked.examples.len() < self.most {
            checked.examples.push(broken.example);
        }
        Ok(())
    }
}
