//! What was held while an object was paused is published once it is resumed.

use super::upkeep::Republish;
use super::{Store, StoreError};
use crate::database::{Statement, Type, row};
use crate::domain::task::ObjectId;

/// How long it is looked for tasks of a resumed object, in seconds. A worker that saw it paused holds tasks when its
/// transaction ends, and the database cuts that off before.
const LOOKED_FOR_S: i64 = 150;

static RESUMED: Statement = Statement::read(
    &[("most", Type::Int)],
    "SELECT object_id FROM resumed_objects ORDER BY resumed_at DESC LIMIT (SELECT most FROM batch)",
);

// Between an object and itself, in its order: no other index has that one.
static HELD: Statement = Statement::write(
    &[("object_id", Type::Int), ("most", Type::Int)],
    "SELECT t.object_id, t.task_guid, t.published, t.task_type, t.request FROM tasks t
     WHERE t.outcome IS NULL AND t.held AND t.object_id >= (SELECT object_id FROM batch)
       AND t.object_id <= (SELECT object_id FROM batch)
     ORDER BY t.object_id, t.publish_at LIMIT (SELECT most FROM batch) {lock t skip}",
);

static DONE: Statement = Statement::write(
    &[("keep_s", Type::Int)],
    "DELETE FROM resumed_objects
     WHERE resumed_at < (SELECT wsa_after(wsa_now(), -keep_s) FROM batch)",
);

impl Store {
    /// Up to `most` objects that were resumed a moment ago, the last ones first: tasks of theirs may be held.
    pub async fn resumed(&self, most: usize) -> Result<Vec<ObjectId>, StoreError> {
        let rows = self.db.run(&RESUMED, vec![row![most as i64]]).await?;
        rows.into_iter().map(|mut row| row.get("object_id")).collect()
    }

    /// Takes up to `most` held tasks of a resumed object, those with the earliest deadlines first, and makes each due to be
    /// published again after `wait_s` seconds.
    pub async fn take_held(
        &self,
        object: ObjectId,
        most: usize,
        wait_s: i64,
    ) -> Result<Vec<Republish>, StoreError> {
        self.take(&HELD, row![object, most as i64], wait_s, wait_s).await
    }

    /// Forgets objects that were resumed so long ago that nobody holds a task of theirs any more.
    pub async fn forget_resumed(&self) -> Result<(), StoreError> {
        let tx = self.db.begin().await?;
        tx.execute(&DONE, vec![row![LOOKED_FOR_S]]).await?;
        tx.commit().await
    }
}
