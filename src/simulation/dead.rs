//! People look after the dead letters: they replay them as `wsa dead replay` does, now and then one of them twice.
//! What was told as an answer is not carried out by that, and what was never answered gets its one outcome.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use rand::RngExt;
use rusqlite::Connection;
use tokio::time::sleep;

use super::broker::publication::{EXPIRED, Publication, SERVICE};
use super::checker::Remains;
use super::context::{Simulation, lock};
use super::database::SimulatedDb;
use super::process::ProcessInstance;
use super::rights::PUBLISHING;
use super::tasks::{all, guid};
use crate::database::{Db, StoreError};
use crate::engine::replay::{Replayed, replay};
use crate::engine::store::Store;
use crate::engine::store::dead_letters::{LetterFilter, StoredLetter};
use crate::protocols;
use crate::protocols::whiteserver::testkit;
use crate::queue::QueueError;
use crate::queue::amqp::Replay;

/// How long nothing must have gone wrong before somebody looks.
const QUIET: Duration = Duration::from_secs(10);
/// How often somebody looks.
const LOOK: Duration = Duration::from_secs(5);
/// More than there are.
const MOST: i64 = 1_000;

/// Whoever looks after the dead letters.
pub(crate) struct People {
    simulation: Arc<Simulation>,
    store: Store,
}

#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Queue(#[from] QueueError),
}

impl People {
    pub(crate) fn new(simulation: &Arc<Simulation>) -> People {
        let instance = ProcessInstance::new(simulation, "people", 0);
        let store =
            Store::of(Db::new(SimulatedDb::new(simulation, &instance)), protocols::ALL.protocols());
        People { simulation: Arc::clone(simulation), store }
    }

    /// Looks once nothing goes wrong any more, for as long as the run lasts.
    pub(crate) async fn look(&self) {
        while !self.simulation.is_mended() {
            sleep(LOOK).await;
        }
        sleep(QUIET).await;
        loop {
            sleep(LOOK).await;
            // What fails is done the next time.
            let _ = self.round(0.3).await;
        }
    }

    /// Replays everything once more, until each letter was.
    pub(crate) async fn replay_all(&self) {
        while self.round(1.0).await.is_err() {
            sleep(LOOK).await;
        }
    }

    /// Takes what the broker has, and replays what is new, and the rest with this chance.
    async fn round(&self, again: f64) -> Result<(), Failed> {
        self.keep().await?;
        let every = LetterFilter { most: MOST, ..LetterFilter::default() };
        for letter in self.store.dead_letters(&every).await? {
            let again = letter.replayed_at.is_none() || self.simulation.dice().random_bool(again);
            let twice = self.simulation.dice().random_bool(0.3);
            for _ in 0..usize::from(again) + usize::from(again && twice) {
                self.replay(&letter).await?;
            }
        }
        Ok(())
    }

    /// Keeps what the broker has.
    async fn keep(&self) -> Result<(), Failed> {
        let dead = lock(&self.simulation.dead).clone();
        let taken = dead.len();
        if taken > 0 {
            self.store.keep_dead(dead).await?;
            lock(&self.simulation.dead).drain(..taken);
        }
        Ok(())
    }

    async fn replay(&self, letter: &StoredLetter) -> Result<(), Failed> {
        self.keep().await?;
        if letter.letter.denied.is_none() {
            lock(&self.simulation.replaying).extend(letter.letter.message_id.clone());
        }
        let send = async |message: Replay| {
            let body = String::from_utf8(message.body).unwrap_or_default();
            let name = message.message_id.unwrap_or_default();
            let publication = Publication::again(name, message.aggregator, body);
            match self.simulation.publish(&publication).await.confirmed {
                true => Ok(()),
                false => Err(Failed::Queue(QueueError::NotConnected)),
            }
        };
        let replayed = replay(&self.store, letter, Some(SERVICE), send).await?;
        self.simulation.note("people", "replayed", &format!("{} {replayed:?}", letter.id));
        self.simulation.count(match replayed {
            Replayed::Published | Replayed::Sent => "dead letters replayed",
            Replayed::Answered(_) | Replayed::Impossible(_) => "dead letters left as they are",
        });
        Ok(())
    }
}

/// Whether there is any dead letter.
pub(crate) fn are_any(simulation: &Simulation, database: &Connection) -> rusqlite::Result<bool> {
    let kept = all(database, "SELECT 1 FROM dead_letters LIMIT 1", |_| Ok(()))?;
    Ok(!kept.is_empty() || !lock(&simulation.dead).is_empty())
}

/// Letters that should not be there, and those that people replayed in vain.
pub(crate) fn check(remains: &Remains, database: &Connection) -> rusqlite::Result<Vec<String>> {
    let letters = "SELECT reason, task_guid, message_id, denied FROM dead_letters";
    let letters = all(database, letters, |row| {
        let task = row.get::<_, Option<Vec<u8>>>("task_guid")?.map(guid);
        let (name, denied): (Option<String>, Option<String>) =
            (row.get("message_id")?, row.get("denied")?);
        Ok((row.get::<_, String>("reason")?, task, name, denied.is_some()))
    })?;
    // What was said of one message of a name holds for the others.
    let denied: BTreeSet<String> =
        letters.iter().filter(|l| l.3).filter_map(|l| l.2.clone()).collect();
    // So does what its publisher was told of a copy.
    let told =
        all(database, "SELECT task_guid FROM denials", |row| row.get("task_guid").map(guid))?;
    let mut broken = Vec::new();
    for (reason, task, name, _) in letters {
        // What cannot be written is kept for people.
        let spoilt = task.is_some_and(|task| remains.spoilt.contains(&task));
        let nobodys = reason.contains("for no aggregator");
        let nobodys = nobodys && remains.withdrawn.contains(PUBLISHING);
        if !(spoilt || nobodys || reason == EXPIRED || reason.starts_with("reply_to is")) {
            broken.push(format!("a dead letter: {reason}"));
        }
        let open = name.filter(|name| !denied.contains(name));
        let named = open.map(|name| testkit::named(&name).0);
        let missing =
            named.is_some_and(|task| !told.contains(&task) && !remains.tasks.contains_key(&task));
        if missing {
            broken.push(format!("replayed and without an outcome: {named:?} ({reason})"));
        }
    }
    Ok(broken)
}
