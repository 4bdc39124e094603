//! Orders of tickets and what they hold, read past the program; amounts in kopecks.

use rusqlite::Connection;
use uuid::Uuid;

use crate::simulation::tasks::{all, guid, none};

pub(super) struct OrderRow {
    pub id: String,
    pub number: i64,
    pub status: String,
    pub value: i64,
    pub refunded: i64,
    pub made_by: Uuid,
}

impl OrderRow {
    /// Whether it has its tickets to itself.
    pub(super) fn holds(&self) -> bool {
        matches!(self.status.as_str(), "executed" | "in_progress" | "done")
    }
}

pub(super) struct LineRow {
    pub order: String,
    pub ticket: String,
    pub costs: i64,
    pub held: bool,
    /// What was given back for it; `None`: it was not.
    pub refund: Option<i64>,
    pub reserved_by: Uuid,
}

pub(super) struct EntryRow {
    pub order: String,
    pub kind: String,
    pub amount: i64,
    pub task: Uuid,
}

/// All of it.
pub(super) struct Stored {
    pub orders: Vec<OrderRow>,
    pub lines: Vec<LineRow>,
    pub entries: Vec<EntryRow>,
    /// Each ticket, and the order that has it.
    pub tickets: Vec<(String, Option<String>)>,
    /// How many orders use the promo code, as it counts itself.
    pub used: i64,
    /// Those that have it.
    pub users: Vec<String>,
}

impl Stored {
    pub(super) fn read(database: &Connection) -> rusqlite::Result<Stored> {
        let orders = "SELECT order_id, number, status, value, refunded, task_guid FROM tc_orders";
        let orders = all(database, orders, |row| {
            Ok(OrderRow {
                id: row.get("order_id")?,
                number: row.get("number")?,
                status: row.get("status")?,
                value: row.get("value")?,
                refunded: row.get("refunded")?,
                made_by: guid(row.get("task_guid")?),
            })
        })?;
        let lines =
            "SELECT order_id, ticket_id, price - discount + extra AS costs, held, task_guid,
                            CASE WHEN refunded_by IS NOT NULL THEN refund END AS refund
                     FROM tc_lines";
        let lines = all(database, lines, |row| {
            Ok(LineRow {
                order: row.get("order_id")?,
                ticket: row.get("ticket_id")?,
                costs: row.get("costs")?,
                held: row.get("held")?,
                refund: row.get("refund")?,
                reserved_by: guid(row.get("task_guid")?),
            })
        })?;
        let entries = "SELECT order_id, kind, amount, task_guid FROM tc_entries";
        let entries = all(database, entries, |row| {
            Ok(EntryRow {
                order: row.get("order_id")?,
                kind: row.get("kind")?,
                amount: row.get("amount")?,
                task: guid(row.get("task_guid")?),
            })
        })?;
        let tickets = "SELECT ticket_id, order_id FROM tc_tickets";
        let tickets =
            all(database, tickets, |row| Ok((row.get("ticket_id")?, row.get("order_id")?)))?;
        let used =
            all(database, "SELECT used FROM tc_promocodes", |row| row.get::<_, i64>("used"))?;
        let users =
            all(database, "SELECT order_id FROM tc_order_promocodes", |row| row.get("order_id"))?;
        Ok(Stored { orders, lines, entries, tickets, used: used.into_iter().sum(), users })
    }
}

/// Whether no order waits for its payment, or for its end.
pub(crate) fn is_closed(database: &Connection) -> rusqlite::Result<bool> {
    none(
        database,
        "SELECT count(*) AS found FROM tc_orders WHERE status IN ('executed', 'in_progress')",
    )
}
