//! What the sweeper needs: tasks to publish again, answers old enough to go.

use super::{Store, StoreError};
use crate::database::{Row, Statement, Type, Value, row};
use crate::domain::task::TaskKey;

/// An open task to be handed to the queue again.
#[derive(Debug, Clone, PartialEq)]
pub struct Republish {
    /// Object and guid.
    pub key: TaskKey,
    /// The kind of task.
    pub task_type: String,
    /// The request as its caller wrote it.
    pub request: String,
}

static UNPUBLISHED: Statement = Statement::write(
    &[("most", Type::Int), ("skipped", Type::Int)],
    "SELECT t.object_id, t.task_guid, t.published, t.task_type, t.request FROM tasks t
     WHERE t.outcome IS NULL AND t.publish_at <= wsa_now() AND t.deadline > wsa_now()
     ORDER BY t.publish_at LIMIT (SELECT most FROM batch)
     OFFSET (SELECT skipped FROM batch) {lock t skip}",
);

// Not `outcome IS NULL`: a planner whose statistics are of a quiet hour would read every open task by
// their index instead of these by their guids.
static POSTPONE: Statement = Statement::write(
    &[("object_id", Type::Int), ("task_guid", Type::Uuid), ("wait_s", Type::Int)],
    "UPDATE tasks SET publish_at = wsa_after(wsa_now(), b.wait_s), published = tasks.published + 1, held = false
     FROM batch b {these tasks: object_id, task_guid} AND coalesce(tasks.outcome, '') = ''",
);

// Their index holds those that no queue had yet.
static TO_BEGIN: Statement = Statement::write(
    &[("most", Type::Int)],
    "SELECT t.object_id, t.task_guid, t.published, t.task_type, t.request FROM tasks t
     WHERE t.outcome IS NULL AND t.published = 0 AND t.publish_at <= (SELECT wsa_now())
     ORDER BY t.publish_at LIMIT (SELECT most FROM batch) {lock t skip}",
);

static PUBLISH_ALL: Statement = Statement::write(
    &[],
    "UPDATE tasks SET publish_at = wsa_now()
     WHERE outcome IS NULL AND CASE WHEN not_before > wsa_now() THEN false ELSE true END",
);

static FORGET: Statement = Statement::write(
    &[("keep_s", Type::Int), ("most", Type::Int)],
    "DELETE FROM tasks {those tasks: task_guid FROM
        SELECT t.task_guid FROM tasks t
        WHERE t.registered_at < (SELECT wsa_after(wsa_now(), -keep_s) FROM batch)
          AND t.outcome IS NOT NULL
        ORDER BY t.registered_at LIMIT (SELECT most FROM batch)}
     RETURNING tasks.task_guid",
);

impl Store {
    /// Takes up to `most` open tasks that are due to be published again, the longest due first, but for
    /// `skipped` that come before, and makes each due later: after `wait_s` seconds the first time, then twice that, and so on up to
    /// `longest_wait_s`.
    pub async fn take_unpublished(
        &self,
        most: u64,
        skipped: u64,
        wait_s: i64,
        longest_wait_s: i64,
    ) -> Result<Vec<Republish>, StoreError> {
        let [most, skipped] = [most, skipped].map(|n| i64::try_from(n).unwrap_or(i64::MAX));
        self.take(&UNPUBLISHED, row![most, skipped], wait_s, longest_wait_s).await
    }

    /// Takes up to `most` scheduled tasks whose time has come, the longest due first, and makes each due to be published
    /// again after `wait_s` seconds.
    pub async fn take_to_begin(
        &self,
        most: usize,
        wait_s: i64,
    ) -> Result<Vec<Republish>, StoreError> {
        self.take(&TO_BEGIN, row![most as i64], wait_s, wait_s).await
    }

    pub(super) async fn take(
        &self,
        due: &'static Statement,
        row: Vec<Value>,
        wait_s: i64,
        longest_wait_s: i64,
    ) -> Result<Vec<Republish>, StoreError> {
        let tx = self.db.begin().await?;
        let found = tx.query(due, vec![row]).await?;
        let mut due = Vec::new();
        let mut later = Vec::new();
        for mut row in found {
            let key = TaskKey { object: row.get("object_id")?, guid: row.get("task_guid")? };
            let published: i64 = row.get("published")?;
            let wait = wait_s.saturating_mul(published.saturating_add(1)).min(longest_wait_s);
            later.push(row![key.object, key.guid, wait]);
            due.push(Republish {
                key,
                task_type: row.get("task_type")?,
                request: row.get("request")?,
            });
        }
        tx.execute_all(&POSTPONE, later).await?;
        tx.commit().await?;
        Ok(due)
    }

    /// Makes every open task due to be published now: for a queue that starts empty.
    pub async fn publish_all_again(&self) -> Result<(), StoreError> {
        let tx = self.db.begin_maintenance().await?;
        tx.execute(&PUBLISH_ALL, Vec::new()).await?;
        tx.commit().await
    }

    /// Deletes answered tasks registered more than `keep_s` seconds ago, at most `most` of them, and
    /// tells how many. Orders and payments stay.
    pub async fn forget(&self, keep_s: i64, most: u64) -> Result<u64, StoreError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let deleted: Vec<Row> = self.db.run(&FORGET, vec![row![keep_s, most]]).await?;
        Ok(deleted.len() as u64)
    }
}
