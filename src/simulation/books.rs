//! The database's tables, read past the program.

use rusqlite::Connection;
use uuid::Uuid;

#[derive(Debug)]
pub(super) struct TaskRow {
    pub guid: Uuid,
    pub sync: bool,
    /// Microseconds, as all times here.
    pub deadline: i64,
    pub outcome: Option<String>,
    pub answer: Option<String>,
    pub answered_at: Option<i64>,
}

#[derive(Debug)]
pub(super) struct OrderRow {
    pub object: i64,
    pub guid: Uuid,
    pub status: String,
    pub total: i64,
    pub paid: i64,
}

#[derive(Debug)]
pub(super) struct PaymentRow {
    pub object: i64,
    pub task: Uuid,
    pub order: Uuid,
    pub amount: i64,
    pub taken_at: i64,
    pub removed_by: Option<Uuid>,
}

/// All of it; amounts in kopecks.
#[derive(Debug)]
pub(super) struct Books {
    pub tasks: Vec<TaskRow>,
    pub orders: Vec<OrderRow>,
    pub payments: Vec<PaymentRow>,
    pub events: Vec<Uuid>,
    /// How many letters still wait to be delivered by a courier.
    pub letters: i64,
    /// Why no worker could settle a delivery.
    pub dead: Vec<String>,
}

impl Books {
    pub(super) fn read(database: &Connection) -> rusqlite::Result<Books> {
        let guid = |bytes: Vec<u8>| Uuid::from_slice(&bytes).unwrap();
        let tasks = "SELECT task_guid, sync, deadline, outcome, answer, answered_at FROM tasks";
        let tasks = database
            .prepare(tasks)?
            .query_map([], |row| {
                Ok(TaskRow {
                    guid: guid(row.get(0)?),
                    sync: row.get(1)?,
                    deadline: row.get(2)?,
                    outcome: row.get(3)?,
                    answer: row.get(4)?,
                    answered_at: row.get(5)?,
                })
            })?
            .collect::<Result<_, _>>()?;
        let orders = "SELECT object_id, order_guid, status, total, paid FROM orders";
        let orders = database
            .prepare(orders)?
            .query_map([], |row| {
                Ok(OrderRow {
                    object: row.get(0)?,
                    guid: guid(row.get(1)?),
                    status: row.get(2)?,
                    total: row.get(3)?,
                    paid: row.get(4)?,
                })
            })?
            .collect::<Result<_, _>>()?;
        let payments =
            "SELECT object_id, task_guid, order_guid, amount, taken_at, removed_by FROM payments";
        let payments = database
            .prepare(payments)?
            .query_map([], |row| {
                Ok(PaymentRow {
                    object: row.get(0)?,
                    task: guid(row.get(1)?),
                    order: guid(row.get(2)?),
                    amount: row.get(3)?,
                    taken_at: row.get(4)?,
                    removed_by: row.get::<_, Option<Vec<u8>>>(5)?.map(guid),
                })
            })?
            .collect::<Result<_, _>>()?;
        let events = database
            .prepare("SELECT event_guid FROM events")?
            .query_map([], |row| row.get(0).map(guid))?
            .collect::<Result<_, _>>()?;
        let dead = database
            .prepare("SELECT reason FROM dead_letters")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let letters = database.query_row(LETTERS, [], |row| row.get(0))?;
        Ok(Books { tasks, orders, payments, events, letters, dead })
    }

    /// Whether nothing is left to do.
    pub(super) fn are_closed(database: &Connection) -> rusqlite::Result<bool> {
        let open = "SELECT count(*) FROM tasks WHERE outcome IS NULL";
        let open: i64 = database.query_row(open, [], |row| row.get(0))?;
        let letters: i64 = database.query_row(LETTERS, [], |row| row.get(0))?;
        Ok(open == 0 && letters == 0)
    }
}

// Nobody listens to the queues here.
const LETTERS: &str = "SELECT count(*) FROM deliveries JOIN mailboxes USING (mailbox_id)
                       WHERE kind IN ('callback', 'results')";
