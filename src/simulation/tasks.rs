//! The table of tasks, read past the program.

use std::collections::HashMap;

use rusqlite::{Connection, Row};
use uuid::Uuid;

/// A task; all times in microseconds.
#[derive(Debug)]
pub(crate) struct TaskRow {
    pub guid: Uuid,
    pub object: i64,
    pub aggregator: i64,
    pub scheduled: bool,
    pub kind: String,
    pub sync: bool,
    pub registered_at: i64,
    pub deadline: i64,
    pub outcome: Option<String>,
    pub answer: Option<String>,
    pub answered_at: Option<i64>,
}

impl TaskRow {
    pub(crate) fn is(&self, outcome: &str) -> bool {
        self.outcome.as_deref() == Some(outcome)
    }
}

/// All of them.
pub(crate) fn read(database: &Connection) -> rusqlite::Result<HashMap<Uuid, TaskRow>> {
    let tasks = "SELECT object_id, aggregator_id, not_before IS NOT NULL AS scheduled, task_guid, task_type, sync, deadline, outcome, answer, answered_at,
                 registered_at FROM tasks";
    let tasks = all(database, tasks, |row| {
        Ok(TaskRow {
            guid: guid(row.get("task_guid")?),
            object: row.get("object_id")?,
            aggregator: row.get("aggregator_id")?,
            scheduled: row.get("scheduled")?,
            kind: row.get("task_type")?,
            sync: row.get("sync")?,
            deadline: row.get("deadline")?,
            outcome: row.get("outcome")?,
            answer: row.get("answer")?,
            answered_at: row.get("answered_at")?,
            registered_at: row.get("registered_at")?,
        })
    })?;
    Ok(tasks.into_iter().map(|task| (task.guid, task)).collect())
}

/// What a query without parameters finds.
pub(crate) fn all<T>(
    database: &Connection,
    query: &str,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    database.prepare_cached(query)?.query_map([], read)?.collect()
}

/// Whether a query that counts finds nothing; its column is `found`.
pub(crate) fn none(database: &Connection, query: &str) -> rusqlite::Result<bool> {
    Ok(all(database, query, |row| row.get::<_, i64>("found"))?.iter().all(|count| *count == 0))
}

pub(crate) fn guid(bytes: Vec<u8>) -> Uuid {
    Uuid::from_slice(&bytes).unwrap()
}
