//! Settling a batch whatever happens: wait while the store is away, and cut a batch that cannot be
//! settled in halves until the one task that spoils it stands alone.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::chance;
use crate::mail::MailboxId;
use crate::store::error::chain;
use crate::store::{Batch, Settled, Settlement, StoreError};
use crate::task::{Outcome, TaskKey};

/// The pause before the second attempt; it doubles from then on.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How often other transactions may be in the way of a batch before it counts as spoilt itself.
const CONFLICTS: u32 = 8;

/// What became of a task of the batch.
#[derive(Debug)]
pub(super) enum Given {
    /// The store settled it.
    Settled(Settled),
    /// It cannot be settled, for this reason; when it was open, it is answered `InternalError`.
    GivenUp(Settled, String),
}

impl Given {
    /// How it stands now.
    pub(super) fn settled(&self) -> &Settled {
        match self {
            Given::Settled(settled) | Given::GivenUp(settled, _) => settled,
        }
    }

    /// Why its delivery is a dead letter, when it is one.
    pub(super) fn dead(&self) -> Option<(TaskKey, String)> {
        match self {
            Given::Settled(Settled { key, settlement: Settlement::Unknown }) => {
                let TaskKey { object, guid } = *key;
                let reason =
                    format!("no task {guid} of object {object} is registered in the store");
                Some((*key, reason))
            }
            Given::Settled(_) => None,
            Given::GivenUp(settled, reason) => Some((settled.key, reason.clone())),
        }
    }
}

/// Why an attempt failed.
enum Failure {
    /// It may pass by itself.
    Unavailable(StoreError),
    /// Another transaction was in the way.
    Conflict(StoreError),
    /// Something in the batch spoils it.
    Spoilt(String),
}

/// Settles all of `keys`. Returns only when each is settled or given up; while the store is away that
/// takes as long as it is away. Tells also into which mailboxes something was put.
pub(super) async fn settle(app: &App, keys: Vec<TaskKey>) -> (Vec<Given>, Vec<MailboxId>) {
    let mut given = Vec::with_capacity(keys.len());
    let mut mail = Vec::new();
    // Pieces still to settle, the next one last, so that tasks keep the order of their delivery.
    let mut pieces = vec![keys];
    let (mut pauses, mut conflicts) = (0, 0);
    while let Some(mut piece) = pieces.pop() {
        match attempt(app, &piece).await {
            Ok(batch) => {
                given.extend(batch.settled.into_iter().map(Given::Settled));
                mail.extend(batch.mail);
                (pauses, conflicts) = (0, 0);
            }
            Err(Failure::Unavailable(error)) => {
                if pauses == 0 {
                    let error = chain(&error);
                    tracing::warn!("{} tasks wait for the store: {error}", piece.len());
                }
                pauses += 1;
                pause(pauses).await;
                pieces.push(piece);
            }
            Err(Failure::Conflict(error)) if conflicts < CONFLICTS => {
                tracing::debug!(%error, "a batch of {} is tried again", piece.len());
                conflicts += 1;
                pause(conflicts).await;
                pieces.push(piece);
            }
            Err(Failure::Conflict(error)) if piece.len() == 1 => {
                given.push(give_up(app, piece[0], chain(&error), &mut mail).await);
            }
            Err(Failure::Spoilt(reason)) if piece.len() == 1 => {
                given.push(give_up(app, piece[0], reason, &mut mail).await);
            }
            Err(Failure::Conflict(_) | Failure::Spoilt(_)) => {
                let second = piece.split_off(piece.len() / 2);
                pieces.push(second);
                pieces.push(piece);
            }
        }
    }
    (given, mail)
}

/// One attempt, in a task of its own: a panic is contained, and nothing cancels a commit half-way.
async fn attempt(app: &App, keys: &[TaskKey]) -> Result<Batch, Failure> {
    let (store, keys) = (Arc::clone(&app.store), keys.to_vec());
    match crate::spawn::spawn(async move { store.settle(&keys).await }).await {
        Ok(Ok(batch)) => Ok(batch),
        Ok(Err(error @ StoreError::Unavailable(_))) => Err(Failure::Unavailable(error)),
        Ok(Err(error @ StoreError::Conflict(_))) => Err(Failure::Conflict(error)),
        Ok(Err(error @ (StoreError::Refused(_) | StoreError::Corrupt(_)))) => {
            Err(Failure::Spoilt(chain(&error)))
        }
        Err(panic) => Err(Failure::Spoilt(format!("the program failed: {panic}"))),
    }
}

/// Answers a spoilt task `InternalError`, so that its client is not left waiting.
async fn give_up(app: &App, key: TaskKey, reason: String, mail: &mut Vec<MailboxId>) -> Given {
    let TaskKey { object, guid } = key;
    tracing::error!(
        task.guid = %guid, object.id = %object, reason, "task {guid} cannot be settled: {reason}"
    );
    let mut pauses = 0;
    let settlement = loop {
        match app.store.fail(key).await {
            Ok(news) if news.answered.is_empty() => break Settlement::Repeated,
            Ok(news) => {
                mail.extend(news.mail);
                break Settlement::Answered { outcome: Outcome::Failed, after: Duration::ZERO };
            }
            Err(error) if error.is_passing() => {
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
    Given::GivenUp(Settled { key, settlement }, reason)
}

async fn pause(attempt: u32) {
    let longest = FIRST_PAUSE.saturating_mul(1 << attempt.min(10)).min(LONGEST_PAUSE);
    // Jitter, so that workers that collided do not collide again.
    let jitter = chance::within(0.5..1.0);
    tokio::time::sleep(longest.mul_f64(jitter)).await;
}
