//! What was held while an object was paused is published once it is resumed.
//!
//! A trigger enters an object that is resumed, and the entry stays until none of its tasks is held. A worker that saw the
//! object paused may hold a task after that: so held tasks are looked through as well, some objects at a time.

use jiff::Timestamp;

use super::upkeep::Republish;
use super::{Store, StoreError};
use crate::database::{Row, Statement, Type, row};
use crate::domain::task::ObjectId;

/// An object that was resumed, and of which tasks may be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resumed {
    /// Which.
    pub object: ObjectId,
    /// When it was resumed last.
    pub at: Timestamp,
}

/// An object of which tasks are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// Which.
    pub object: ObjectId,
    /// Whether it is paused. Otherwise its tasks were held too late, and are to go on.
    pub paused: bool,
}

static RESUMED: Statement = Statement::read(
    &[("after_id", Type::Int), ("most", Type::Int)],
    "SELECT object_id, resumed_at FROM resumed_objects
     WHERE object_id > (SELECT after_id FROM batch)
     ORDER BY object_id LIMIT (SELECT most FROM batch)",
);

// From one object to the next in their index, whose condition is that of no other: by another, all open tasks would be read.
static HOLDING: Statement = Statement::read(
    &[("after_id", Type::Int), ("most", Type::Int)],
    "SELECT h.object_id, p.object_id IS NOT NULL AS paused FROM (
        WITH RECURSIVE holding (object_id, number) AS (
            SELECT (SELECT t.object_id FROM tasks t
                    WHERE t.held AND coalesce(t.outcome, '') = '' AND t.object_id > (SELECT after_id FROM batch)
                    ORDER BY t.object_id, t.publish_at LIMIT 1), 1
            UNION ALL
            SELECT (SELECT t.object_id FROM tasks t
                    WHERE t.held AND coalesce(t.outcome, '') = '' AND t.object_id > holding.object_id
                    ORDER BY t.object_id, t.publish_at LIMIT 1), holding.number + 1
            FROM holding WHERE holding.object_id IS NOT NULL AND holding.number < (SELECT most FROM batch))
        SELECT object_id, number FROM holding WHERE object_id IS NOT NULL) h
     {left one paused_objects p: object_id = h.object_id} ORDER BY h.number",
);

// Between an object and itself, in the order of that index.
static HELD: Statement = Statement::write(
    &[("object_id", Type::Int), ("most", Type::Int)],
    "SELECT t.object_id, t.task_guid, t.published, t.task_type, t.request FROM tasks t
     WHERE t.held AND coalesce(t.outcome, '') = '' AND t.object_id >= (SELECT object_id FROM batch)
       AND t.object_id <= (SELECT object_id FROM batch)
     ORDER BY t.object_id, t.publish_at LIMIT (SELECT most FROM batch) {lock t skip}",
);

// The moment says that it was not resumed again since: what is held of it by now may not be seen here yet.
static DONE: Statement = Statement::write(
    &[("object_id", Type::Int), ("resumed_at", Type::Time)],
    "DELETE FROM resumed_objects {those resumed_objects: object_id, resumed_at}
       AND (SELECT t.object_id FROM tasks t
            WHERE t.held AND coalesce(t.outcome, '') = '' AND t.object_id >= resumed_objects.object_id
              AND t.object_id <= resumed_objects.object_id
            ORDER BY t.object_id, t.publish_at LIMIT 1) IS NULL",
);

impl Store {
    /// Up to `most` objects that were resumed, by their numbers, from the one after `after` on: tasks of theirs may be held.
    pub async fn resumed(&self, after: ObjectId, most: usize) -> Result<Vec<Resumed>, StoreError> {
        let read = |mut row: Row| {
            Ok(Resumed { object: row.get("object_id")?, at: row.get("resumed_at")? })
        };
        self.db.run(&RESUMED, vec![row![after, most as i64]]).await?.into_iter().map(read).collect()
    }

    /// Up to `most` objects of which tasks are held, by their numbers, from the one after `after` on.
    pub async fn holding(&self, after: ObjectId, most: usize) -> Result<Vec<Holding>, StoreError> {
        let read = |mut row: Row| {
            Ok(Holding { object: row.get("object_id")?, paused: row.get("paused")? })
        };
        self.db.run(&HOLDING, vec![row![after, most as i64]]).await?.into_iter().map(read).collect()
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

    /// Forgets those of these objects of which no task is held any more.
    pub async fn forget_resumed(&self, looked_at: &[Resumed]) -> Result<(), StoreError> {
        if looked_at.is_empty() {
            return Ok(());
        }
        let tx = self.db.begin().await?;
        tx.execute(&DONE, looked_at.iter().map(|of| row![of.object, of.at]).collect()).await?;
        tx.commit().await
    }
}
