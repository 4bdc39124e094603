//! Which objects are paused, as a process tells callers who ask. Whether a task is carried out is decided in the store.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::database::error::chain;
use crate::domain::task::ObjectId;
use crate::engine::store::Store;

/// How often it is looked: so long may it take until callers are told.
const EVERY: Duration = Duration::from_secs(1);

/// The paused objects, as they were a moment ago.
#[derive(Debug, Default)]
pub struct Pauses(RwLock<HashSet<ObjectId>>);

impl Pauses {
    /// Whether an object was paused a moment ago.
    pub fn is_paused(&self, object: ObjectId) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(&object)
    }

    fn set(&self, objects: HashSet<ObjectId>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = objects;
    }
}

/// Looks which objects are paused, until it is told to stop.
pub async fn watch(pauses: Arc<Pauses>, store: Arc<Store>, stop: CancellationToken) {
    loop {
        match store.pauses().await {
            Ok(all) => pauses.set(all.into_iter().map(|pause| pause.object).collect()),
            Err(error) => tracing::debug!("paused objects are not known: {}", chain(&error)),
        }
        tokio::select! {
            () = sleep(EVERY) => {}
            () = stop.cancelled() => return,
        }
    }
}
