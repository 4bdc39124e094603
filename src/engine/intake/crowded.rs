//! What is asked about a task when its object has as many open tasks as it may.

use std::collections::HashMap;

use futures_util::try_join;

use crate::database::StoreError;
use crate::domain::task::{AggregatorId, ObjectId, TaskGuid};
use crate::engine::store::Store;

/// Who asks for which object, and the task.
pub(super) type Asked = (AggregatorId, ObjectId, TaskGuid);

/// What there is of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// A task with this guid.
    Known,
    /// No such task, but a licence.
    Licensed,
}

/// Finds the tasks and the licences; nothing of what has neither.
pub(super) async fn find(
    store: &Store,
    asked: &[Asked],
) -> Result<HashMap<Asked, Standing>, StoreError> {
    let guids: Vec<TaskGuid> = asked.iter().map(|(.., guid)| *guid).collect();
    let pairs: Vec<_> =
        asked.iter().map(|(aggregator, object, _)| (*aggregator, *object)).collect();
    let (known, licensed) = try_join!(store.registered(&guids), store.licensed(&pairs))?;
    let standing = |asked: &Asked| {
        let (aggregator, object, guid) = *asked;
        let standing = match known.contains(&guid) {
            true => Standing::Known,
            false => licensed.get(&(aggregator, object)).map(|()| Standing::Licensed)?,
        };
        Some((*asked, standing))
    };
    Ok(asked.iter().filter_map(standing).collect())
}
