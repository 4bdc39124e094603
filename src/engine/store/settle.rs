//! Settling a batch: claim the tasks, load what they need, decide, write, answer. One transaction.
//!
//! Rows are locked in one order everywhere (tasks by key, then orders by key), so batches wait for each
//! other but never in a circle. The lock on a task's row is the one place where a worker, another
//! delivery of the same task and the sweeper meet: whoever holds it sees whether the task is still open
//! and, by the database's clock read under the lock, whether its time is over.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::answers;
use super::claiming::{Claimed, Claims, claim, hold, put_off};
use super::journal::{self, Act, Actor};
use super::notifications::subscriptions;
use super::{Store, StoreError};
use crate::domain::outbox::{Announcement, SubscriptionId};
use crate::domain::task::{ClaimedTask, Foretold, Outcome, TaskKey, Undone};
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
    /// It came before its time, or its object is paused; it is published again when that is over.
    PutOff,
    /// The store has no such task; nothing was done.
    Unknown,
}

impl Store {
    /// Settles a batch of delivered tasks, in the order in which they were delivered.
    ///
    /// An open task whose deadline has passed is answered `Timeout`, one whose time has not come is put off, one that
    /// another task of the batch is to cancel is cancelled; any other open task is decided. What was cancelled
    /// beside the batch is told with it.
    /// After an error nothing has changed, except that a lost connection during the commit may have
    /// settled the batch: settling it again is always safe.
    pub async fn settle(&self, delivered: &[TaskKey]) -> Result<Batch, StoreError> {
        self.settle_foretold(delivered, &[]).await
    }

    /// The same, of tasks of which messages say this much: what they are likely to need is looked up together with them.
    pub async fn settle_foretold(
        &self,
        delivered: &[TaskKey],
        foretold: &[Foretold],
    ) -> Result<Batch, StoreError> {
        let mut seen = HashSet::new();
        let keys: Vec<TaskKey> =
            delivered.iter().copied().filter(|key| seen.insert(*key)).collect();

        let (tx, mut claims) = self.claim_with_targets(&keys, foretold).await?;
        let cancelled = self.cancel(&mut claims, &keys)?;
        let now = claims.now;
        let (mut batch, mut early) = (Vec::with_capacity(keys.len()), Vec::new());
        let mut paused = Vec::new();
        let mut standing = HashMap::new();
        for key in &keys {
            match claims.tasks.remove(key) {
                Some(Claimed::Open(delivered)) => batch.push(delivered),
                Some(Claimed::Early(_)) => {
                    standing.insert(*key, Settlement::PutOff);
                    early.push(*key);
                }
                Some(Claimed::Paused(_)) => {
                    standing.insert(*key, Settlement::PutOff);
                    paused.push(*key);
                }
                Some(Claimed::Answered { .. }) => drop(standing.insert(*key, Settlement::Repeated)),
                None => {}
            }
        }
        put_off(&tx, early).await?;
        hold(&tx, paused).await?;
        let Prepared { mut answers, mut writes } = self.protocols.prepare(&tx, batch, now).await?;
        answers.extend(cancelled);
        let settlement = |Answered { task, outcome, .. }: &Answered| {
            (task.key, Settlement::Answered { outcome: *outcome, after: age(task, now) })
        };
        let answered: HashMap<TaskKey, Settlement> = answers.iter().map(settlement).collect();
        writes.extend(answers::writes(answers));
        let mail = subscriptions(tx.finish(writes).await?)?;
        // Those that were cancelled need not have been delivered here.
        let beside = answered.keys().copied().filter(|key| !seen.contains(key));
        let settled = |key: TaskKey| {
            let settlement = answered.get(&key).or(standing.get(&key));
            Settled { key, settlement: settlement.copied().unwrap_or(Settlement::Unknown) }
        };
        let mut beside: Vec<TaskKey> = beside.collect();
        beside.sort_unstable();
        Ok(Batch { settled: keys.into_iter().chain(beside).map(settled).collect(), mail })
    }

    /// Gives up on one task that cannot be settled: answers it as one that failed, changing nothing else.
    /// Tells what is new; nothing when it was answered already.
    pub async fn fail(&self, key: TaskKey) -> Result<Announcement, StoreError> {
        let tx = self.db.begin().await?;
        let mut answers = Vec::new();
        for claimed in claim(&tx, &[key]).await?.tasks.into_values() {
            if let Some(Delivered { task, .. }) = claimed.open() {
                answers.push(self.protocols.undone(task, Undone::Failed)?);
            }
        }
        let answered = answers.iter().map(|answer| answer.task.key).collect();
        let mail = subscriptions(tx.finish(answers::writes(answers).into()).await?)?;
        Ok(Announcement { answered, mail, ..Announcement::default() })
    }

    /// Cancels an open task in an operator's name: it is not carried out, and never will be. Whoever holds the task's row
    /// decides: one that a worker has in hand is waited for, and one whose deadline has passed is answered `Timeout`.
    /// `None`: there is no such task, or it has its answer already.
    pub async fn withdraw(
        &self,
        key: TaskKey,
        actor: &Actor,
        act: Act,
    ) -> Result<Option<(Outcome, Announcement)>, StoreError> {
        let tx = self.db.begin().await?;
        let Claims { mut tasks, now } = claim(&tx, &[key]).await?;
        let open = tasks.remove(&key).and_then(Claimed::open);
        let Some(Delivered { task, .. }) = open else { return Ok(None) };
        let why = if task.deadline <= now { Undone::TimedOut } else { Undone::Cancelled };
        let answer = self.protocols.undone(task, why)?;
        let mut writes: Vec<_> = answers::writes(vec![answer]).into();
        let after = Some(json!({"state": why.outcome().as_str()}).to_string());
        let act = act.named(journal::CANCEL, "task", key.guid);
        writes.push(journal::entry(actor, Act { after, ..act }));
        let mail = subscriptions(tx.finish(writes).await?)?;
        let answered = vec![key];
        Ok(Some((why.outcome(), Announcement { answered, mail, ..Announcement::default() })))
    }
}

fn age(task: &ClaimedTask, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(task.registered_at)).unwrap_or(Duration::ZERO)
}
