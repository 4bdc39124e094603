//! Tasks that somebody looks at while they are open: each is read once for all who look.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::domain::task::TaskGuid;
use crate::ops::queries::tasks::{TaskDetail, task};
use crate::ops::state::OpsState;

/// What was read of a task; `None`: nothing yet.
pub(in crate::console) type Seen = Option<Arc<TaskDetail>>;

/// The tasks that are looked at.
#[derive(Debug, Default)]
pub(super) struct Watched(Mutex<HashMap<TaskGuid, watch::Sender<Seen>>>);

impl Watched {
    fn held(&self) -> MutexGuard<'_, HashMap<TaskGuid, watch::Sender<Seen>>> {
        // Consistent between any two statements.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The task as it changes, for as long as this is kept.
    pub(super) fn look(&self, guid: TaskGuid) -> watch::Receiver<Seen> {
        self.held().entry(guid).or_default().subscribe()
    }

    /// Those that somebody still looks at.
    fn guids(&self) -> Vec<TaskGuid> {
        let mut held = self.held();
        held.retain(|_, seen| seen.receiver_count() > 0);
        held.keys().copied().collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.guids().is_empty()
    }

    /// Reads each of them. One that cannot be read now is read the next time.
    pub(super) async fn read(&self, state: &OpsState) {
        for guid in self.guids() {
            let Ok(read) = task(state, guid).await else { continue };
            if let Some(seen) = self.held().get(&guid) {
                seen.send_if_modified(|seen| {
                    let changed = |before: &Arc<TaskDetail>| !is_same(before, &read);
                    let changed = seen.as_ref().is_none_or(changed);
                    if changed {
                        *seen = Some(Arc::new(read));
                    }
                    changed
                });
            }
        }
    }
}

/// Whether a page of both looks the same.
fn is_same(one: &TaskDetail, two: &TaskDetail) -> bool {
    let text = |task: &TaskDetail| serde_json::to_string(task).unwrap_or_default();
    text(one) == text(two)
}
