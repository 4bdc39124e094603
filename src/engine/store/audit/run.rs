//! Running every pass over one snapshot.

use std::time::Instant;

use super::report::{Report, Tally};
use super::template::{Place, expand};
use crate::database::{FromValue, Row, Snapshot, StoreError};
use crate::domain::task::{LONGEST_TIMEOUT_S, ObjectId};
use crate::engine::protocol::audit::Pass;
use crate::engine::store::Store;

const SECONDS_A_DAY: i64 = 86_400;

/// What is audited, and what is known about it from the settings.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// Only rows of this object; `None`: of all, and those of none.
    pub object: Option<ObjectId>,
    /// Something that happened more than so many seconds ago may name a task that is forgotten since.
    pub retention_s: i64,
    /// The same of notifications.
    pub mail_s: i64,
    /// How many examples of each broken check are kept.
    pub examples: usize,
}

impl Terms {
    /// The terms of a service that keeps tasks and mail for so many days.
    pub fn of(
        object: Option<ObjectId>,
        retention_days: i64,
        mail_days: i64,
        examples: usize,
    ) -> Terms {
        // A task is as old as its registration, what it did is younger by its deadline at most.
        let since = |days: i64| (days * SECONDS_A_DAY - LONGEST_TIMEOUT_S).max(0);
        Terms { object, retention_s: since(retention_days), mail_s: since(mail_days), examples }
    }
}

impl Store {
    /// Reads one moment of the store and checks every rule. Locks nothing that a writer waits for and changes
    /// nothing. Tells `progress` how many passes there are, and before each which one begins, from 0, with the name
    /// of its first check.
    pub async fn audit(
        &self,
        terms: Terms,
        mut progress: impl FnMut(usize, usize, &'static str),
    ) -> Result<Report, StoreError> {
        let begun = Instant::now();
        let snapshot = self.db.snapshot().await?;
        // A table is read: that is what begins a snapshot.
        let clock = "SELECT wsa_now() AS found FROM wsa_migrations ORDER BY number LIMIT 1";
        let taken_at = one(&snapshot, clock.to_owned()).await?;
        let place = Place { postgres: snapshot.is_postgres(), moment: taken_at };
        let passes: Vec<&'static Pass> = self.protocols.passes().collect();
        let mut checks = Vec::new();
        for (number, pass) in passes.iter().copied().enumerate() {
            progress(passes.len(), number, pass.checks.first().map_or("", |check| check.name));
            let tally = Tally::new(pass, terms.examples);
            let judge = |tally: &mut Tally, mut row| match pass.rows.judge(&mut row)? {
                Some(broken) => tally.count(broken),
                None => Ok(()),
            };
            let text = expand(pass.body, &terms, &place);
            checks.extend(snapshot.fold(text, tally, judge).await?.checks);
        }
        let mut rows = Vec::new();
        for table in self.protocols.audits().flat_map(|audit| audit.tables) {
            let text = format!(
                "SELECT count(*) AS found FROM {} WHERE {{of {}}}",
                table.name, table.object
            );
            let count: i64 = one(&snapshot, expand(&text, &terms, &place)).await?;
            rows.push((table.name, count.unsigned_abs()));
        }
        let (store, took) = (self.kind(), begun.elapsed());
        Ok(Report { store, object: terms.object, taken_at, took, rows, checks })
    }
}

impl Store {
    /// The database's plan of every pass, by the name of its first check, with the settings of an audit: PostgreSQL's
    /// `EXPLAIN`, or SQLite's `EXPLAIN QUERY PLAN` with each line as `PARENT LINE`. Runs no pass.
    pub async fn audit_plans(
        &self,
        terms: Terms,
    ) -> Result<Vec<(&'static str, Vec<String>)>, StoreError> {
        let snapshot = self.db.snapshot().await?;
        let postgres = snapshot.is_postgres();
        let place = Place { postgres, moment: jiff::Timestamp::now() };
        let mut plans = Vec::new();
        for pass in self.protocols.passes() {
            let explain = if postgres { "EXPLAIN" } else { "EXPLAIN QUERY PLAN" };
            let text = format!("{explain} {}", expand(pass.body, &terms, &place));
            let line = move |lines: &mut Vec<String>, mut row: Row| {
                lines.push(match postgres {
                    true => row.get("QUERY PLAN")?,
                    false => {
                        format!("{} {}", row.get::<i64>("parent")?, row.get::<String>("detail")?)
                    }
                });
                Ok(())
            };
            let lines = snapshot.fold(text, Vec::new(), line).await?;
            plans.push((pass.checks.first().map_or("", |check| check.name), lines));
        }
        Ok(plans)
    }
}

/// The column `found` of the only row.
async fn one<T: FromValue + Send + 'static>(
    snapshot: &Snapshot,
    text: String,
) -> Result<T, StoreError> {
    let found = snapshot.fold(text, None, |found, mut row| {
        *found = Some(row.get("found")?);
        Ok(())
    });
    found.await?.ok_or_else(|| StoreError::Corrupt("a count has no row".to_owned()))
}
