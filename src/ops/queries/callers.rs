//! Callers: aggregators, keys, managers and users, whatever their protocol calls them, with their licences.

use std::collections::HashMap;

use serde::Serialize;

use crate::engine::store::Store;
use crate::ops::problem::Problem;

/// A caller. Its token is kept by nobody.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Caller {
    /// The name, unique.
    pub name: String,
    /// Its own rate, in requests a second of one process; `None`: the service's.
    pub requests_per_s: Option<i64>,
    /// The objects that it may use by licence. Those of other protocols have rules of their own.
    pub licences: Vec<i64>,
}

/// Every caller, by name.
pub async fn callers(store: &Store) -> Result<Vec<Caller>, Problem> {
    let mut licences: HashMap<_, Vec<i64>> = HashMap::new();
    for (caller, object) in store.licences().await? {
        licences.entry(caller).or_default().push(object.0);
    }
    let all = store.aggregators().await?.into_iter();
    let read = |caller: crate::engine::store::reference::Aggregator| Caller {
        licences: licences.remove(&caller.id).unwrap_or_default(),
        name: caller.name,
        requests_per_s: caller.requests_per_s,
    };
    Ok(all.map(read).collect())
}
