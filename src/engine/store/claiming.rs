//! Claiming tasks: their rows, locked until the transaction ends, and what is known of them by then.
//!
//! A task that is to cancel another needs both rows. All are locked in one order: so it is seen first which tasks a
//! batch is to cancel, and then they are locked together with it.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{Store, StoreError};
use crate::database::{Look, Row, Rows, Statement, Tx, Type, row};
use crate::domain::task::{
    AggregatorId, Cancellation, ClaimedTask, Foretold, Outcome, TaskKey, Undone,
};
use crate::engine::protocol::{Answered, Delivered};

// The request of an answered task is not read again. The clock is read for each row once it is locked, so the latest of
// these moments is one at which all are.
static CLAIM: Statement = Statement::write(
    &[("object_id", Type::Int), ("task_guid", Type::Uuid)],
    "SELECT t.object_id, t.task_guid, t.task_type, o.agent_guid, t.registered_at, t.deadline,
            t.aggregator_id, t.sync, t.reply_to IS NOT NULL AS replied, t.outcome, t.not_before,
            h.object_id IS NOT NULL AS paused,
            CASE WHEN t.outcome IS NULL THEN t.request END AS request, wsa_now() AS now
     FROM {sorted object_id, task_guid} b
     {one tasks t: object_id, task_guid}
     {left one objects o: object_id = t.object_id}
     {left one paused_objects h: object_id = t.object_id} WHERE {beside beginnings} {lock t}",
);

static PUT_OFF: Statement = Statement::write(
    &[("object_id", Type::Int), ("task_guid", Type::Uuid)],
    "UPDATE tasks SET publish_at = tasks.not_before, published = 0
     FROM batch b {these tasks: object_id, task_guid} AND tasks.not_before IS NOT NULL",
);

// It is due again when it is answered: until its object is resumed, nobody publishes it.
static HOLD: Statement = Statement::write(
    &[("object_id", Type::Int), ("task_guid", Type::Uuid)],
    "UPDATE tasks SET publish_at = tasks.deadline, held = true
     FROM batch b {these tasks: object_id, task_guid} AND coalesce(tasks.outcome, '') = ''",
);

/// The tasks that there are, and a moment, by the database's clock, at which all of them were locked.
pub(super) struct Claims {
    pub(super) tasks: HashMap<TaskKey, Claimed>,
    pub(super) now: Timestamp,
}

/// A task whose row is locked until the transaction ends.
pub(super) enum Claimed {
    /// To be answered.
    Open(Delivered),
    /// Its time has not come.
    Early(Delivered),
    /// Its object is paused.
    Paused(Delivered),
    /// It has its answer.
    Answered {
        /// Whose it is.
        aggregator: AggregatorId,
        /// What its answer says.
        outcome: Outcome,
    },
}

impl Claimed {
    /// The task, when it has no answer yet.
    pub(super) fn open(self) -> Option<Delivered> {
        match self {
            Claimed::Open(delivered) | Claimed::Early(delivered) | Claimed::Paused(delivered) => {
                Some(delivered)
            }
            Claimed::Answered { .. } => None,
        }
    }
}

pub(super) async fn claim(tx: &Tx, keys: &[TaskKey]) -> Result<Claims, StoreError> {
    claim_and_look(tx, keys, Vec::new()).await
}

/// Claims tasks, and looks up what they are likely to need.
async fn claim_and_look(
    tx: &Tx,
    keys: &[TaskKey],
    beyond: Vec<Look>,
) -> Result<Claims, StoreError> {
    let batch = keys.iter().map(|key| row![key.object, key.guid]).collect();
    let rows = tx.look((&CLAIM, batch), beyond).await?;
    let mut now = Timestamp::UNIX_EPOCH;
    let mut read = |mut row: Row| {
        let locked_at: Timestamp = row.get("now")?;
        now = now.max(locked_at);
        let task = read_claimed(&mut row)?;
        let (key, aggregator, paused) = (task.key, task.aggregator, task.paused);
        let not_before: Option<Timestamp> = row.get("not_before")?;
        let claimed = match row.get::<Option<String>>("request")? {
            Some(request) if not_before.is_some_and(|at| at > locked_at) => {
                Claimed::Early(Delivered { task, request })
            }
            Some(request) if paused => Claimed::Paused(Delivered { task, request }),
            Some(request) => Claimed::Open(Delivered { task, request }),
            None => Claimed::Answered { aggregator, outcome: row.word("outcome")? },
        };
        Ok((key, claimed))
    };
    let tasks = rows.into_iter().map(&mut read).collect::<Result<_, StoreError>>()?;
    Ok(Claims { tasks, now })
}

/// Reads a claimed task from the columns of a row.
pub(super) fn read_claimed(row: &mut Row) -> Result<ClaimedTask, StoreError> {
    Ok(ClaimedTask {
        key: TaskKey { object: row.get("object_id")?, guid: row.get("task_guid")? },
        task_type: row.get("task_type")?,
        agent_guid: row.get("agent_guid")?,
        registered_at: row.get("registered_at")?,
        deadline: row.get("deadline")?,
        aggregator: row.get("aggregator_id")?,
        sync: row.get("sync")?,
        replied: row.get("replied")?,
        paused: row.get("paused")?,
        cancellation: None,
    })
}

/// Has tasks whose time has not come published when it comes.
pub(super) async fn put_off(tx: &Tx, early: Vec<TaskKey>) -> Result<(), StoreError> {
    let rows: Rows = early.into_iter().map(|key| row![key.object, key.guid]).collect();
    tx.execute_all(&PUT_OFF, rows).await
}

/// Sets tasks of paused objects aside until their objects are resumed.
pub(super) async fn hold(tx: &Tx, paused: Vec<TaskKey>) -> Result<(), StoreError> {
    let rows: Rows = paused.into_iter().map(|key| row![key.object, key.guid]).collect();
    tx.execute_all(&HOLD, rows).await
}

impl Store {
    /// Claims these tasks, and those that they are to cancel.
    pub(super) async fn claim_with_targets(
        &self,
        keys: &[TaskKey],
        foretold: &[Foretold],
    ) -> Result<(Tx, Claims), StoreError> {
        let tx = self.db.begin().await?;
        // What is known of some is not what is asked for all.
        let all_foretold = foretold.len() == keys.len();
        let beyond = if all_foretold { self.protocols.foresee(foretold) } else { Vec::new() };
        let claims = claim_and_look(&tx, keys, beyond).await?;
        let target = |claimed: &Claimed| match claimed {
            Claimed::Open(delivered) => self.protocols.cancels(delivered),
            Claimed::Early(_) | Claimed::Paused(_) | Claimed::Answered { .. } => None,
        };
        let mut all: Vec<TaskKey> =
            claims.tasks.values().filter_map(target).filter(|key| !keys.contains(key)).collect();
        if all.is_empty() {
            return Ok((tx, claims));
        }
        all.extend(keys);
        all.sort_unstable();
        all.dedup();
        // What is locked already is let go of first: nobody waits for a row while he holds one that comes after it.
        drop(tx);
        let tx = self.db.begin().await?;
        let claims = claim(&tx, &all).await?;
        Ok((tx, claims))
    }

    /// Cancels what tasks of the batch are to cancel, in the order of their delivery: whoever holds both rows decides.
    /// Gives the answers of what is over by that, and tells each task that cancels what became of its target.
    pub(super) fn cancel(
        &self,
        claims: &mut Claims,
        keys: &[TaskKey],
    ) -> Result<Vec<Answered>, StoreError> {
        let mut answers = Vec::new();
        for key in keys {
            let Some(Claimed::Open(delivered)) = claims.tasks.get(key) else { continue };
            let Some(target) = self.protocols.cancels(delivered) else { continue };
            // It is answered as any other whose time is over.
            if delivered.task.deadline <= claims.now {
                continue;
            }
            let by = delivered.task.aggregator;
            let cancellation = match target == *key {
                true => Cancellation::Unknown,
                false => self.cancel_one(claims, target, by, &mut answers)?,
            };
            if let Some(Claimed::Open(delivered)) = claims.tasks.get_mut(key) {
                delivered.task.cancellation = Some(cancellation);
            }
        }
        Ok(answers)
    }

    fn cancel_one(
        &self,
        claims: &mut Claims,
        target: TaskKey,
        by: AggregatorId,
        answers: &mut Vec<Answered>,
    ) -> Result<Cancellation, StoreError> {
        let (task, now) = match claims.tasks.get(&target) {
            None => return Ok(Cancellation::Unknown),
            Some(Claimed::Answered { aggregator, .. }) if *aggregator != by => {
                return Ok(Cancellation::Foreign);
            }
            Some(Claimed::Answered { outcome, .. }) => {
                return Ok(Cancellation::Answered(*outcome));
            }
            Some(Claimed::Open(of) | Claimed::Early(of) | Claimed::Paused(of)) => {
                (&of.task, claims.now)
            }
        };
        if task.aggregator != by {
            return Ok(Cancellation::Foreign);
        }
        // One that has cancelled another in this batch, or could not, is as good as answered.
        if let Some(cancellation) = task.cancellation {
            let done = cancellation == Cancellation::Cancelled;
            let outcome = if done { Outcome::Done } else { Outcome::Refused };
            return Ok(Cancellation::Answered(outcome));
        }
        let why = if task.deadline <= now { Undone::TimedOut } else { Undone::Cancelled };
        let (outcome, aggregator) = (why.outcome(), task.aggregator);
        answers.push(self.protocols.undone(task.clone(), why)?);
        claims.tasks.insert(target, Claimed::Answered { aggregator, outcome });
        Ok(match why {
            Undone::Cancelled => Cancellation::Cancelled,
            Undone::TimedOut | Undone::Failed => Cancellation::Answered(outcome),
        })
    }
}
