//! Settling a batch: claim the tasks, load what they need, decide, write, answer. One transaction.
//!
//! Rows are locked in one order everywhere (tasks by key, then orders by key), so batches wait for each
//! other but never in a circle. The lock on a task's row is the one place where a worker, another
//! delivery of the same task and the sweeper meet: whoever holds it sees whether the task is still open
//! and, by the database's clock read under the lock, whether its time is over.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use futures_util::try_join;
use jiff::Timestamp;

use super::answers;
use super::{Store, StoreError};
use crate::database::{Row, Statement, Tx, Type, row};
use crate::domain::outbox::{Announcement, SubscriptionId};
use crate::domain::task::{ClaimedTask, Outcome, TaskKey, Undone};
use crate::engine::protocol::{Answered, Delivered, Prepared};

/// What became of one delivered task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// The task.
    pub key: TaskKey,
    /// How it stands now.
    pub settlement: Settlement,
}

/// What became of a batch.
#[derive(Debug)]
pub struct Batch {
    /// Each of its tasks.
    pub settled: Vec<Settled>,
    /// The subscriptions that something was put into.
    pub mail: Vec<SubscriptionId>,
}

/// How a delivered task stands after its batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// This batch answered it.
    Answered {
        /// How.
        outcome: Outcome,
        /// How long after it was accepted, by the database's clock.
        after: Duration,
    },
    /// It had its answer already; nothing was done.
    Repeated,
    /// The store has no such task; nothing was done.
    Unknown,
}

// The request of an answered task is not read again. The clock is read for each row once it is locked, so the latest of
// these moments is one at which all are.
static CLAIM: Statement = Statement::write(
    &[("object_id", Type::Int), ("task_guid", Type::Uuid)],
    "SELECT t.object_id, t.task_guid, t.task_type, o.agent_guid, t.registered_at, t.deadline,
            t.aggregator_id, t.sync, t.reply_to IS NOT NULL AS replied,
            CASE WHEN t.outcome IS NULL THEN t.request END AS request, wsa_now() AS now
     FROM {sorted object_id, task_guid} b
     {one tasks t: object_id, task_guid}
     {left one objects o: object_id = t.object_id} {lock t}",
);

impl Store {
    /// Settles a batch of delivered tasks, in the order in which they were delivered.
    ///
    /// An open task whose deadline has passed is answered `Timeout`; any other open task is decided.
    /// After an error nothing has changed, except that a lost connection during the commit may have
    /// settled the batch: settling it again is always safe.
    pub async fn settle(&self, delivered: &[TaskKey]) -> Result<Batch, StoreError> {
        let mut seen = HashSet::new();
        let keys: Vec<TaskKey> =
            delivered.iter().copied().filter(|key| seen.insert(*key)).collect();

        let tx = self.db.begin().await?;
        let (mut claimed, now) = claim(&tx, &keys).await?;
        let (mut batch, mut repeated) = (Vec::with_capacity(keys.len()), HashSet::new());
        for key in &keys {
            match claimed.remove(key) {
                Some(Claimed::Open(delivered)) => batch.push(delivered),
                Some(Claimed::Answered) => drop(repeated.insert(*key)),
                None => {}
            }
        }
        let Prepared { answers, write } = self.protocols.prepare(&tx, batch, now).await?;
        let settlement = |Answered { task, outcome, .. }: &Answered| {
            (task.key, Settlement::Answered { outcome: *outcome, after: age(task, now) })
        };
        let answered: HashMap<TaskKey, Settlement> = answers.iter().map(settlement).collect();
        let (mut mail, notified) = try_join!(write, answers::write(&tx, answers))?;
        tx.commit().await?;
        mail.extend(notified);
        mail.sort_unstable();
        mail.dedup();
        let settled = |key: TaskKey| {
            let settlement = match answered.get(&key) {
                Some(settlement) => *settlement,
                None if repeated.contains(&key) => Settlement::Repeated,
                None => Settlement::Unknown,
            };
            Settled { key, settlement }
        };
        Ok(Batch { settled: keys.into_iter().map(settled).collect(), mail })
    }

    /// Gives up on one task that cannot be settled: answers it as one that failed, changing nothing else.
    /// Tells what is new; nothing when it was answered already.
    pub async fn fail(&self, key: TaskKey) -> Result<Announcement, StoreError> {
        let tx = self.db.begin().await?;
        let mut answers = Vec::new();
        for claimed in claim(&tx, &[key]).await?.0.into_values() {
            if let Claimed::Open(Delivered { task, .. }) = claimed {
                answers.push(self.protocols.undone(task, Undone::Failed)?);
            }
        }
        let answered = answers.iter().map(|answer| answer.task.key).collect();
        let mail = answers::write(&tx, answers).await?;
        tx.commit().await?;
        Ok(Announcement { answered, mail })
    }
}

/// A task whose row is locked until the transaction ends.
enum Claimed {
    /// To be answered.
    Open(Delivered),
    Answered,
}

/// The tasks that there are, and a moment, by the database's clock, at which all of them were locked.
async fn claim(
    tx: &Tx,
    keys: &[TaskKey],
) -> Result<(HashMap<TaskKey, Claimed>, Timestamp), StoreError> {
    let rows =
        tx.query(&CLAIM, keys.iter().map(|key| row![key.object, key.guid]).collect()).await?;
    let mut now = Timestamp::UNIX_EPOCH;
    let read = |mut row: Row| {
        now = now.max(row.get("now")?);
        let task = read_claimed(&mut row)?;
        let (key, request) = (task.key, row.get::<Option<String>>("request")?);
        let claimed = match request {
            Some(request) => Claimed::Open(Delivered { task, request }),
            None => Claimed::Answered,
        };
        Ok((key, claimed))
    };
    let claimed = rows.into_iter().map(read).collect::<Result<_, StoreError>>()?;
    Ok((claimed, now))
}

/// Reads a claimed task from the first nine columns of a row.
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
    })
}

fn age(task: &ClaimedTask, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(task.registered_at)).unwrap_or(Duration::ZERO)
}
