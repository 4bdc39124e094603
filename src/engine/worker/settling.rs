//! Settling a batch whatever happens: wait while the store is away, and cut a batch that cannot be
//! settled in halves until the one task that spoils it stands alone.
//!
//! Whoever shares a batch with a spoilt task waits for some attempts, never for a pause. What other
//! transactions in the way may cost is bounded by one span of time for the whole batch, and each piece is told of
//! as soon as it is settled.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::database::StoreError;
use crate::database::error::chain;
use crate::domain::outbox::SubscriptionId;
use crate::domain::task::{Foretold, Outcome, TaskKey};
use crate::engine::app::App;
use crate::engine::store::{Batch, Settled, Settlement};
use crate::runtime::{context, jitter};

/// The pause before the second attempt; it doubles from then on.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// For how long other transactions may be in the way of a batch. After that each of its tasks is tried alone: what
/// is in the way of one is not in the way of the others.
const CONFLICTS: Duration = Duration::from_secs(2);
/// How many rounds of attempts tasks have alone, at least, and for how long, at least: the attempt that used up the
/// time of the batch may have been slow for another reason.
const ROUNDS: u32 = 3;
const ALONE: Duration = Duration::from_secs(2);
/// How often a task alone may break a constraint: it may have lost a race each time.
const VIOLATIONS: u32 = 3;

/// What became of a task of the batch.
#[derive(Debug)]
pub(super) enum Handled {
    /// The store settled it.
    Settled(Settled),
    /// It cannot be settled, for this reason; when it was open, it is answered `InternalError`.
    Failed(Settled, String),
}

impl Handled {
    /// How it stands now.
    pub(super) fn settled(&self) -> &Settled {
        match self {
            Handled::Settled(settled) | Handled::Failed(settled, _) => settled,
        }
    }

    /// Why its delivery is a dead letter, when it is one.
    pub(super) fn dead(&self) -> Option<(TaskKey, String)> {
        match self {
            Handled::Settled(Settled { key, settlement: Settlement::Unknown }) => {
                let TaskKey { object, guid } = *key;
                let reason =
                    format!("no task {guid} of object {object} is registered in the store");
                Some((*key, reason))
            }
            Handled::Settled(_) => None,
            Handled::Failed(settled, reason) => Some((settled.key, reason.clone())),
        }
    }
}

/// Why an attempt failed.
enum Failure {
    /// It may pass by itself.
    Unavailable(StoreError),
    /// Another transaction was in the way.
    Conflict(StoreError),
    /// It breaks a constraint.
    Violation(StoreError),
    /// Something in the batch spoils it.
    Spoilt(String),
}

/// What is still to be settled of a batch, and what that has cost.
struct Work {
    /// Pieces, the next one last, so that tasks keep the order of their delivery.
    pieces: Vec<Vec<TaskKey>>,
    /// What messages say of the tasks, for the first attempt.
    foretold: Vec<Foretold>,
    /// Attempts in a row for which the store was away.
    away: u32,
    /// Conflicts so far, and since when.
    conflicts: u32,
    since: Option<Instant>,
    /// Whether each task that is left is tried alone, and in which round: 0 before that.
    round: u32,
    /// Since when.
    alone: Option<Instant>,
    /// Those that another transaction was in the way of, in this round.
    once_more: Vec<TaskKey>,
    /// Violations of the piece in hand.
    violations: u32,
}

impl Work {
    fn halve(&mut self, mut piece: Vec<TaskKey>) {
        // The whole has seen what it raced with: its halves are not tried twice.
        self.violations = 1;
        let second = piece.split_off(piece.len() / 2);
        self.pieces.push(second);
        self.pieces.push(piece);
    }

    fn each_alone(&mut self, piece: Vec<TaskKey>) {
        self.round = self.round.max(1);
        self.alone.get_or_insert_with(Instant::now);
        self.violations = 0;
        self.pieces.extend(piece.into_iter().rev().map(|key| vec![key]));
    }

    /// The next piece. When a round is over, those that failed in it are tried once more.
    async fn next(&mut self) -> Option<Vec<TaskKey>> {
        if self.pieces.is_empty() && !self.once_more.is_empty() {
            self.conflict().await;
            self.round += 1;
            let again = std::mem::take(&mut self.once_more);
            self.each_alone(again);
        }
        self.pieces.pop()
    }

    /// Whether conflicts have cost this batch as much as they may.
    fn is_exhausted(&self) -> bool {
        self.since.is_some_and(|since| since.elapsed() >= CONFLICTS)
    }

    /// Whether a task that is alone is tried in another round.
    fn has_another_round(&self) -> bool {
        self.round < ROUNDS || self.alone.is_some_and(|since| since.elapsed() < ALONE)
    }

    /// Counts from when the attempt began: it may have waited for a lock as long as the store lets it.
    fn is_in_the_way(&mut self, began: Instant) {
        self.since.get_or_insert(began);
    }

    /// Waits until the other transaction may be over.
    async fn conflict(&mut self) {
        self.conflicts += 1;
        pause(self.conflicts).await;
    }
}

impl Work {
    /// After an attempt at a piece that failed: puts it where it is tried again, or gives up a task that stands alone.
    async fn after(
        &mut self,
        app: &App,
        piece: Vec<TaskKey>,
        failure: Failure,
    ) -> Option<(Vec<Handled>, Vec<SubscriptionId>)> {
        match (failure, &piece[..]) {
            (Failure::Unavailable(error), _) => {
                if self.away == 0 {
                    let error = chain(&error);
                    tracing::warn!("{} tasks wait for the store: {error}", piece.len());
                }
                self.away += 1;
                pause(self.away).await;
                self.pieces.push(piece);
            }
            (Failure::Conflict(error), keys) if !self.is_exhausted() => {
                tracing::debug!(%error, "a batch of {} is tried again", keys.len());
                self.conflict().await;
                self.pieces.push(piece);
            }
            (Failure::Violation(error), keys)
                if self.violations == 0 || (keys.len() == 1 && self.violations < VIOLATIONS) =>
            {
                tracing::debug!(%error, "a batch of {} is tried again at once", keys.len());
                self.violations += 1;
                self.pieces.push(piece);
            }
            // Also one that was alone from the beginning, and whose only attempt took as long.
            (Failure::Conflict(_), _) if self.round == 0 => self.each_alone(piece),
            (Failure::Conflict(_), [key]) if self.has_another_round() => self.once_more.push(*key),
            (Failure::Conflict(error) | Failure::Violation(error), [key]) => {
                return Some(fail(app, *key, chain(&error)).await);
            }
            (Failure::Spoilt(reason), [key]) => return Some(fail(app, *key, reason).await),
            (Failure::Conflict(_), _) => self.each_alone(piece),
            (Failure::Violation(_) | Failure::Spoilt(_), _) => self.halve(piece),
        }
        None
    }
}

/// Settles all of `keys`, and tells of each piece as soon as it is settled. Returns only when each task is settled
/// or given up; while the store is away that takes as long as it is away.
pub(super) async fn settle(app: &App, keys: Vec<TaskKey>, foretold: Vec<Foretold>) -> Vec<Handled> {
    let mut all = Vec::with_capacity(keys.len());
    let mut work = Work {
        pieces: vec![keys],
        foretold,
        away: 0,
        conflicts: 0,
        since: None,
        round: 0,
        alone: None,
        once_more: Vec::new(),
        violations: 0,
    };
    while let Some(piece) = work.next().await {
        let began = Instant::now();
        let foretold = std::mem::take(&mut work.foretold);
        let settled = match attempt(app, &piece, foretold).await {
            Ok(batch) => {
                Some((batch.settled.into_iter().map(Handled::Settled).collect(), batch.mail))
            }
            Err(failure) => {
                if let Failure::Conflict(_) = failure {
                    work.is_in_the_way(began);
                }
                work.after(app, piece, failure).await
            }
        };
        let Some((handled, mail)) = settled else { continue };
        (work.away, work.violations) = (0, work.violations.min(1));
        super::announce(app, &handled, mail).await;
        all.extend(handled);
    }
    all
}

/// One attempt, in a task of its own: a panic is contained, and nothing cancels a commit half-way.
async fn attempt(app: &App, keys: &[TaskKey], foretold: Vec<Foretold>) -> Result<Batch, Failure> {
    let (store, keys) = (Arc::clone(&app.store), keys.to_vec());
    let db = store.db().clone();
    let settling = async move { store.settle_foretold(&keys, &foretold).await };
    match db.spawn(settling).await {
        Ok(Ok(batch)) => Ok(batch),
        Ok(Err(error @ StoreError::Unavailable(_))) => Err(Failure::Unavailable(error)),
        Ok(Err(error @ StoreError::Conflict(_))) => Err(Failure::Conflict(error)),
        Ok(Err(error @ StoreError::Violation(_))) => Err(Failure::Violation(error)),
        Ok(Err(error @ (StoreError::Refused(_) | StoreError::Corrupt(_)))) => {
            Err(Failure::Spoilt(chain(&error)))
        }
        Err(panic) => Err(Failure::Spoilt(format!("the program failed: {panic}"))),
    }
}

/// Answers a spoilt task `InternalError`, so that its client is not left waiting.
async fn fail(app: &App, key: TaskKey, reason: String) -> (Vec<Handled>, Vec<SubscriptionId>) {
    let TaskKey { object, guid } = key;
    context::said_below(app.tracer.recall(guid.0), || {
        tracing::error!(
            task.guid = %guid, object.id = %object, reason, "task {guid} cannot be settled: {reason}"
        );
    });
    let (mut pauses, mut mail, since) = (0, Vec::new(), Instant::now());
    let settlement = loop {
        match app.store.fail(key).await {
            Ok(announcement) if announcement.answered.is_empty() => break Settlement::Repeated,
            Ok(announcement) => {
                mail = announcement.mail;
                break Settlement::Answered { outcome: Outcome::Failed, after: Duration::ZERO };
            }
            // As long as the store is away; not as long as somebody holds this one task.
            Err(error)
                if matches!(error, StoreError::Unavailable(_))
                    || (error.is_passing() && since.elapsed() < CONFLICTS) =>
            {
                pauses += 1;
                pause(pauses).await;
            }
            Err(error) => {
                // Not even that: its deadline will answer it.
                tracing::error!(%error, task.guid = %guid, "task {guid} stays open: {error}");
                break Settlement::Repeated;
            }
        }
    };
    (vec![Handled::Failed(Settled { key, settlement }, reason)], mail)
}

async fn pause(attempt: u32) {
    let longest = FIRST_PAUSE.saturating_mul(1 << attempt.min(10)).min(LONGEST_PAUSE);
    // Jitter, so that workers that collided do not collide again.
    let jitter = jitter::pick(0.5..1.0);
    tokio::time::sleep(longest.mul_f64(jitter)).await;
}
