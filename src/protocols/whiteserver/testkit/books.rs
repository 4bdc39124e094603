//! Orders, payments, events and notifications, read past the program.

use rusqlite::Connection;
use serde_json::Value;
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
    pub bill_printed: bool,
}

/// Where an order stood, as an event says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stood {
    pub object: i64,
    pub order: Uuid,
    pub version: i64,
    pub status: String,
    pub bill_printed: bool,
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
    /// What events say of where orders stood, in the order of the changes.
    pub stood: Vec<Stood>,
    /// How many notifications still wait.
    pub notifications: i64,
    /// Whether somebody listened to the queues.
    pub listens: bool,
}

const STOOD: &str = "SELECT object_id, order_guid, version, body FROM events
    WHERE event_type = 'OrderStatusChanged' ORDER BY order_guid, version";

const NOTIFICATIONS: &str = "SELECT count(*) AS found FROM deliveries";

impl Books {
    pub(super) fn read(database: &Connection) -> rusqlite::Result<Books> {
        let orders = "SELECT object_id, order_guid, status, total, paid, bill_printed FROM orders";
        let orders = all(database, orders, |row| {
            Ok(OrderRow {
                object: row.get("object_id")?,
                guid: guid(row.get("order_guid")?),
                status: row.get("status")?,
                total: row.get("total")?,
                paid: row.get("paid")?,
                bill_printed: row.get("bill_printed")?,
            })
        })?;
        let payments =
            "SELECT object_id, task_guid, order_guid, amount, taken_at, removed_by FROM payments";
        let payments = all(database, payments, |row| {
            Ok(PaymentRow {
                object: row.get("object_id")?,
                task: guid(row.get("task_guid")?),
                order: guid(row.get("order_guid")?),
                amount: row.get("amount")?,
                taken_at: row.get("taken_at")?,
                removed_by: row.get::<_, Option<Vec<u8>>>("removed_by")?.map(guid),
            })
        })?;
        let events = "SELECT event_guid, object_id FROM events";
        let events =
            all(database, events, |row| Ok((guid(row.get("event_guid")?), row.get("object_id")?)))?;
        let stood = all(database, STOOD, |row| {
            let body: Value = serde_json::from_str(&row.get::<_, String>("body")?).unwrap();
            let status = &body["status"];
            Ok(Stood {
                object: row.get("object_id")?,
                order: guid(row.get("order_guid")?),
                version: row.get("version")?,
                status: status["value"].as_str().unwrap_or_default().to_owned(),
                bill_printed: status["isBillPrinted"].as_bool().unwrap_or_default(),
            })
        })?;
        let notifications =
            all(database, NOTIFICATIONS, |row| row.get::<_, i64>("found"))?.into_iter().sum();
        let listens = listener::listens(database)?;
        Ok(Books { orders, payments, events, stood, notifications, listens })
    }
}

/// Whether every notification is delivered, and every event for a till.
pub(crate) fn is_closed(database: &Connection) -> rusqlite::Result<bool> {
    // An event for a till waits until it is acknowledged.
    Ok(none(database, NOTIFICATIONS)?
        && none(database, "SELECT count(*) AS found FROM till_events")?)
}
