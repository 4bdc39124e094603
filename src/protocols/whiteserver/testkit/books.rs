//! Orders, payments, events and letters, read past the program.

use rusqlite::Connection;
use uuid::Uuid;

use super::listener;
use crate::simulation::tasks::{all, guid, none};

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
    pub orders: Vec<OrderRow>,
    pub payments: Vec<PaymentRow>,
    /// Each event and its object.
    pub events: Vec<(Uuid, i64)>,
    /// How many letters still wait.
    pub letters: i64,
    /// Whether somebody listened to the queues.
    pub listens: bool,
}

const LETTERS: &str = "SELECT count(*) FROM deliveries";

impl Books {
    pub(super) fn read(database: &Connection) -> rusqlite::Result<Books> {
        let orders = "SELECT object_id, order_guid, status, total, paid FROM orders";
        let orders = all(database, orders, |row| {
            Ok(OrderRow {
                object: row.get(0)?,
                guid: guid(row.get(1)?),
                status: row.get(2)?,
                total: row.get(3)?,
                paid: row.get(4)?,
            })
        })?;
        let payments =
            "SELECT object_id, task_guid, order_guid, amount, taken_at, removed_by FROM payments";
        let payments = all(database, payments, |row| {
            Ok(PaymentRow {
                object: row.get(0)?,
                task: guid(row.get(1)?),
                order: guid(row.get(2)?),
                amount: row.get(3)?,
                taken_at: row.get(4)?,
                removed_by: row.get::<_, Option<Vec<u8>>>(5)?.map(guid),
            })
        })?;
        let events = "SELECT event_guid, object_id FROM events";
        let events = all(database, events, |row| Ok((guid(row.get(0)?), row.get(1)?)))?;
        let letters = all(database, LETTERS, |row| row.get::<_, i64>(0))?.into_iter().sum();
        let listens = listener::listens(database)?;
        Ok(Books { orders, payments, events, letters, listens })
    }
}

/// Whether every letter is delivered.
pub(crate) fn is_closed(database: &Connection) -> rusqlite::Result<bool> {
    none(database, LETTERS)
}
