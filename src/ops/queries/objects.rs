//! Objects that are paused. What an object is, its protocol says: [`records`](super::records).

use jiff::Timestamp;
use serde::Serialize;

use crate::engine::store::Store;
use crate::ops::problem::Problem;

/// A paused object.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Paused {
    /// Which.
    pub object_id: i64,
    /// Since when.
    pub since: Timestamp,
    /// Who paused it.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// Every paused object.
pub async fn paused(store: &Store) -> Result<Vec<Paused>, Problem> {
    let all = store.pauses().await?.into_iter();
    let read = |pause: crate::engine::store::pauses::Pause| Paused {
        object_id: pause.object.0,
        since: pause.since,
        by: pause.by,
        reason: pause.reason,
    };
    Ok(all.map(read).collect())
}
