//! The till of a restaurant: it opens and changes orders, and hears of every change.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;
use wsa::domain::task::ObjectId;

/// Its restaurant. Nobody else does anything there.
pub const OBJECT: ObjectId = ObjectId(300_031);
/// Its token.
pub const TOKEN: &str = "the-token-of-the-till-4b1d";

/// An order as the till was told that it is, after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub order: Uuid,
    pub version: i64,
    /// The task of the change.
    pub task: Uuid,
    /// In kopecks.
    pub total: i64,
}

impl Seen {
    /// Of an order and a task, as they are told.
    pub fn read(order: &Value, task: Option<&str>) -> Option<Seen> {
        Some(Seen {
            order: order["orderGuid"].as_str()?.parse().ok()?,
            version: order["version"].as_i64()?,
            task: task?.parse().ok()?,
            total: (order["total"].as_f64()? * 100.0).round() as i64,
        })
    }
}

/// What the till was told.
#[derive(Debug, Clone, Default)]
pub struct TillLog {
    /// The changes that were told to be done.
    pub done: Vec<Seen>,
    /// By cursor: the events, as they were heard first.
    pub events: BTreeMap<i64, Seen>,
    /// How often events were heard.
    pub times: usize,
    /// How many changes were told not to be done, by status.
    pub undone: BTreeMap<u16, usize>,
    /// What nobody should ever be told.
    pub odd: Vec<String>,
}
