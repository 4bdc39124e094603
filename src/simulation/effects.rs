//! Which tasks the books name: the tasks that moved something. Whoever was told no by whatever answer is not among
//! them, then or later.

use std::collections::BTreeMap;

use rusqlite::Connection;
use uuid::Uuid;

use super::tasks::{all, guid};

/// Where the books name the task that did it.
const PLACES: &[(&str, &str)] = &[
    ("orders", "order_guid"),
    ("payments", "task_guid"),
    ("payments", "removed_by"),
    ("ap_entries", "task_guid"),
    ("ap_payments", "closed_by"),
    ("ap_external_transactions", "task_guid"),
    ("tc_orders", "task_guid"),
    ("tc_orders", "done_by"),
    ("tc_lines", "task_guid"),
    ("tc_lines", "refunded_by"),
    ("tc_refunds", "task_guid"),
    ("tc_refunds", "closed_by"),
    ("tc_entries", "task_guid"),
    ("bm_items", "task_guid"),
    ("bm_orders", "task_guid"),
    ("bm_orders", "paid_by"),
    ("bm_payments", "credited_by"),
    ("bm_entries", "task_guid"),
    ("bm_periods", "task_guid"),
    ("bm_services", "changed_by"),
];

/// By task: where it stands.
#[derive(Debug, Default)]
pub(crate) struct Effects(BTreeMap<Uuid, Vec<String>>);

impl Effects {
    pub(crate) fn read(database: &Connection) -> rusqlite::Result<Effects> {
        let mut effects: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
        for (table, column) in PLACES {
            let named =
                format!("SELECT DISTINCT {column} AS task FROM {table} WHERE {column} IS NOT NULL");
            for task in all(database, &named, |row| row.get("task").map(guid))? {
                effects.entry(task).or_default().push(format!("{table}.{column}"));
            }
        }
        Ok(Effects(effects))
    }

    /// What a task did.
    pub(crate) fn of(&self, task: &Uuid) -> &[String] {
        self.0.get(task).map_or(&[], Vec::as_slice)
    }
}
