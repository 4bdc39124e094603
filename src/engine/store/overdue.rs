//! Answering tasks whose time is over, and writing any answer at all.

use super::answers;
use super::claiming::read_claimed;
use super::notifications::subscriptions;
use super::{Store, StoreError};
use crate::database::pieces::in_pieces;
use crate::database::{Row, Statement, Tx, Type, row};
use crate::domain::outbox::Announcement;
use crate::domain::task::{TaskKey, Undone};

// Both skip what a worker holds: it answers that task, whichever way. They wait for nobody, so their
// order of locking does not matter, and one task in the hands of a slow worker keeps nobody else's
// look-up waiting.

// The clock is a sub-select so that it is read once and the index on open deadlines can be used.
static OVERDUE: Statement = Statement::write(
    &[("most", Type::Int)],
    "SELECT t.object_id, t.task_guid, t.task_type, o.agent_guid, t.registered_at, t.deadline,
            t.aggregator_id, t.sync, t.reply_to IS NOT NULL AS replied, h.object_id IS NOT NULL AS paused
     FROM tasks t {left one objects o: object_id = t.object_id}
     {left one paused_objects h: object_id = t.object_id}
     WHERE t.outcome IS NULL AND t.deadline <= (SELECT wsa_now()) AND {beside beginnings}
     ORDER BY t.deadline LIMIT (SELECT most FROM batch) {lock t skip}",
);

// Where tasks are named by key, `outcome IS NULL` is written in a way that no index answers: a planner whose
// statistics are of a quiet hour believes that hardly any task is open, and would read all of them from
// the index of open tasks, for each batch.
static THESE_OVERDUE: Statement = Statement::write(
    &[("object_id", Type::Int), ("task_guid", Type::Uuid)],
    "SELECT t.object_id, t.task_guid, t.task_type, o.agent_guid, t.registered_at, t.deadline,
            t.aggregator_id, t.sync, t.reply_to IS NOT NULL AS replied, h.object_id IS NOT NULL AS paused
     FROM batch b
     {one tasks t: object_id, task_guid WHERE coalesce(t.outcome, '') = '' AND t.deadline <= wsa_now()}
     {left one objects o: object_id = t.object_id}
     {left one paused_objects h: object_id = t.object_id} WHERE {beside beginnings} {lock t skip}",
);

// Only a look: what is found is answered by key.
static LOOK: Statement = Statement::read(
    &[("most", Type::Int), ("skipped", Type::Int)],
    "SELECT t.object_id, t.task_guid FROM tasks t
     WHERE t.outcome IS NULL AND t.deadline <= (SELECT wsa_now())
     ORDER BY t.deadline LIMIT (SELECT most FROM batch) OFFSET (SELECT skipped FROM batch)",
);

impl Store {
    /// Answers `Timeout` to open tasks whose deadline has passed, at most `most` of them, and tells
    /// which.
    pub async fn expire(&self, most: usize) -> Result<Announcement, StoreError> {
        let tx = self.db.begin().await?;
        let overdue = tx.query(&OVERDUE, vec![row![most as i64]]).await?;
        self.time_out(tx, overdue).await
    }

    /// As [`Store::expire`], when something among them cannot be answered: answers all others, `most` at a time.
    /// Tells also what one of those that were not answered was refused for.
    pub async fn expire_around(
        &self,
        most: usize,
    ) -> Result<(Announcement, Option<StoreError>), StoreError> {
        let (mut all, mut refused, mut skipped) = (Announcement::default(), None, 0);
        loop {
            let rows = self.db.run(&LOOK, vec![row![most as i64, skipped]]).await?;
            let found = rows.len();
            let read = |mut row: Row| {
                Ok(TaskKey { object: row.get("object_id")?, guid: row.get("task_guid")? })
            };
            let keys: Vec<TaskKey> =
                rows.into_iter().map(read).collect::<Result<_, StoreError>>()?;
            let before = all.answered.len();
            if let Err(error) = self.expire_pieces(keys, &mut all).await {
                refused = Some(error);
            }
            // Those that stay open come first the next time; so do those that somebody holds.
            skipped += (found + before - all.answered.len()) as i64;
            if found < most {
                return Ok((all, refused));
            }
        }
    }

    /// As [`Store::expire_these`]; one that cannot be answered stays open, and keeps no other from its answer.
    /// Gives the error of one that does.
    pub(super) async fn expire_pieces(
        &self,
        keys: Vec<TaskKey>,
        announcement: &mut Announcement,
    ) -> Result<(), StoreError> {
        let mut outcome = Ok(());
        let expire = async |keys: Vec<TaskKey>| self.expire_these(&keys).await;
        for (keys, expired) in in_pieces(keys, expire).await {
            match expired {
                Ok(expired) => {
                    announcement.answered.extend(expired.answered);
                    announcement.mail.extend(expired.mail);
                }
                Err(error) => {
                    if let [TaskKey { object, guid }] = keys[..] {
                        tracing::debug!(
                            %error, task.guid = %guid, object.id = %object,
                            "task {guid} is overdue and cannot be answered: {error}"
                        );
                    }
                    outcome = Err(error);
                }
            }
        }
        outcome
    }

    /// As [`Store::expire`], for these tasks only; the others among them are left alone.
    pub async fn expire_these(&self, keys: &[TaskKey]) -> Result<Announcement, StoreError> {
        let mut keys = keys.to_vec();
        keys.sort_unstable();
        keys.dedup();
        let tx = self.db.begin().await?;
        let rows = keys.iter().map(|key| row![key.object, key.guid]).collect();
        let overdue = tx.query(&THESE_OVERDUE, rows).await?;
        self.time_out(tx, overdue).await
    }
}

impl Store {
    async fn time_out(&self, tx: Tx, overdue: Vec<Row>) -> Result<Announcement, StoreError> {
        let time_out = |mut row: Row| {
            let task = read_claimed(&mut row)?;
            self.protocols.undone(task, Undone::TimedOut)
        };
        let answers: Vec<_> = overdue.into_iter().map(time_out).collect::<Result<_, _>>()?;
        let answered = answers.iter().map(|answer| answer.task.key).collect();
        let mail = subscriptions(tx.finish(answers::writes(answers).into()).await?)?;
        Ok(Announcement { answered, mail, ..Announcement::default() })
    }
}
