//! An account, its entries and the payments, read past the program; amounts in kopecks.

use rusqlite::Connection;
use uuid::Uuid;

use crate::simulation::tasks::{all, guid};

pub(super) struct PaymentRow {
    pub id: i64,
    pub status: String,
    pub total: i64,
    pub closed_by: Option<Uuid>,
}

pub(super) struct EntryRow {
    pub payment: i64,
    pub kind: String,
    pub amount: i64,
    pub task: Uuid,
}

/// All of it.
pub(super) struct Stored {
    pub balance: i64,
    pub entries: Vec<EntryRow>,
    pub payments: Vec<PaymentRow>,
    /// The numbers of the corrections, in order.
    pub corrections: Vec<i64>,
    /// Each transaction of a bank, and the task that counted it.
    pub transactions: Vec<(String, Uuid)>,
}

impl Stored {
    pub(super) fn read(database: &Connection) -> rusqlite::Result<Stored> {
        let balance =
            all(database, "SELECT balance FROM ap_accounts", |row| row.get::<_, i64>("balance"))?;
        let entries = "SELECT payment_id, kind, amount, task_guid FROM ap_entries";
        let entries = all(database, entries, |row| {
            Ok(EntryRow {
                payment: row.get("payment_id")?,
                kind: row.get("kind")?,
                amount: row.get("amount")?,
                task: guid(row.get("task_guid")?),
            })
        })?;
        let payments = "SELECT payment_id, status, total, closed_by FROM ap_payments";
        let payments = all(database, payments, |row| {
            Ok(PaymentRow {
                id: row.get("payment_id")?,
                status: row.get("status")?,
                total: row.get("total")?,
                closed_by: row.get::<_, Option<Vec<u8>>>("closed_by")?.map(guid),
            })
        })?;
        let corrections = "SELECT correction_id FROM ap_corrections ORDER BY correction_id";
        let corrections = all(database, corrections, |row| row.get("correction_id"))?;
        let transactions = "SELECT transaction_id, task_guid FROM ap_external_transactions";
        let transactions = all(database, transactions, |row| {
            Ok((row.get("transaction_id")?, guid(row.get("task_guid")?)))
        })?;
        let balance = balance.into_iter().sum();
        Ok(Stored { balance, entries, payments, corrections, transactions })
    }
}
