//! Operators pause objects, cancel open tasks of every protocol and withdraw licences, as over the operator API, while
//! everything goes wrong. What they cancel is never carried out, what they pause waits, and is answered at its deadline at
//! the latest, and without a licence nothing is accepted. They throw dice of their own: runs without them stay what they
//! were.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use tokio::time::sleep;

use super::context::{Simulation, lock};
use super::database::SimulatedDb;
use super::network::Network;
use super::process::ProcessInstance;
use super::rights::LICENCES;
use crate::database::Db;
use crate::domain::task::{AggregatorId, ObjectId, Outcome, TaskKey};
use crate::engine::store::Store;
use crate::engine::store::journal::{Act, Actor, Via};
use crate::engine::store::tasks::{TaskFilter, TaskState};
use crate::protocols;

/// For how long an object is paused, or without its licence, in milliseconds.
const LASTING_MS: u64 = 3_000;

/// What was forbidden of an object, from when and until when, by the database's clock: for certain.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Forbidden {
    object: i64,
    from: Timestamp,
    until: Timestamp,
}

impl Forbidden {
    /// Whether it was so of this object at this moment, in microseconds.
    pub(crate) fn covers(&self, object: i64, moment: i64) -> bool {
        let (from, until) = (self.from.as_microsecond(), self.until.as_microsecond());
        self.object == object && (from + 1..until).contains(&moment)
    }
}

/// Whether there are operators in the run of this seed.
pub(crate) fn are_there(seed: u64) -> bool {
    seed % 4 == 1
}

/// Acts until nothing goes wrong any more; in the end nothing is paused, and every licence is there.
pub(crate) async fn run(network: Network, withdraws: bool) {
    let simulation = &network.simulation;
    let mut dice = SmallRng::seed_from_u64(simulation.seed ^ 0x006f_7073);
    let instance = ProcessInstance::new(simulation, "operator", 0);
    let store =
        Store::of(Db::new(SimulatedDb::new(simulation, &instance)), protocols::ALL.protocols());
    while !simulation.is_mended() {
        sleep(Duration::from_millis(dice.random_range(50..800))).await;
        let lasting = Duration::from_millis(dice.random_range(0..LASTING_MS));
        if withdraws && dice.random_bool(0.2) {
            withdraw(simulation, &store, dice.random_range(0..LICENCES.len()), lasting).await;
            continue;
        }
        let open =
            TaskFilter { object: None, aggregator: None, state: Some(TaskState::Open), most: 20 };
        let Ok(open) = store.tasks(open).await else { continue };
        if open.is_empty() {
            continue;
        }
        let key = open[dice.random_range(0..open.len())].key;
        match dice.random_bool(0.6) {
            true => cancel(simulation, &store, key).await,
            false => pause(simulation, &store, key.object, lasting).await,
        }
    }
}

fn act(action: &str, subject: impl ToString) -> Act {
    let (action, subject) = (action.to_owned(), subject.to_string());
    Act { action, subject, reason: Some("a run".to_owned()), ..Act::default() }
}

fn actor() -> Actor {
    Actor { who: "operator".to_owned(), role: Some("operator"), via: Via::Api }
}

async fn cancel(simulation: &Arc<Simulation>, store: &Store, key: TaskKey) {
    // Also when nobody hears what came of it.
    lock(&simulation.cancelled).insert(key.guid.0);
    let withdrawn = store.withdraw(key, &actor(), act("task.cancel", key.guid)).await;
    simulation.note("operator", "cancels", &format!("{} {:?}", key.guid, withdrawn.is_ok()));
    match withdrawn {
        Ok(Some((Outcome::Cancelled, _))) => {
            simulation.count("tasks cancelled by operators");
            lock(&simulation.surely_cancelled).insert(key.guid.0);
        }
        Ok(None) => {
            simulation.count("cancellations that came too late");
            if simulation.variant.cancels_what_is_answered {
                overwrite(simulation, key).await;
            }
        }
        _ => {}
    }
}

/// Cancels a task that has its answer, as somebody who did not look would.
async fn overwrite(simulation: &Arc<Simulation>, key: TaskKey) {
    let database = simulation.database.lock().await;
    let overwrite = "UPDATE tasks SET outcome = 'cancelled' WHERE task_guid = ?1";
    let mut overwrite = database.prepare_cached(overwrite).unwrap();
    overwrite.execute([key.guid.0.as_bytes().as_slice()]).unwrap();
}

async fn pause(simulation: &Arc<Simulation>, store: &Store, object: ObjectId, lasting: Duration) {
    let paused = store.pause(object, &actor(), act("object.pause", object)).await;
    simulation.note("operator", "pauses", &format!("{object} {:?}", paused.is_ok()));
    let from = simulation.now();
    sleep(lasting).await;
    if matches!(paused, Ok(true)) {
        let forbidden = Forbidden { object: object.0, from, until: simulation.now() };
        lock(&simulation.paused).push(forbidden);
    }
    while store.resume(object, &actor(), act("object.resume", object)).await.is_err() {
        sleep(Duration::from_millis(100)).await;
    }
    simulation.count("objects paused");
}

async fn withdraw(simulation: &Arc<Simulation>, store: &Store, licence: usize, lasting: Duration) {
    let (aggregator, object) = (AggregatorId(1), ObjectId(licence as i64 + 1));
    lock(&simulation.withdrawn).insert(LICENCES[licence]);
    let store = store.recorded(actor(), act("caller.withdraw-licence", "main"));
    let removed = store.remove_licence(aggregator, object).await;
    simulation.note("operator", "withdraws", &format!("{object} {:?}", removed.is_ok()));
    let from = simulation.now();
    sleep(lasting).await;
    if matches!(removed, Ok(true)) {
        let forbidden = Forbidden { object: object.0, from, until: simulation.now() };
        lock(&simulation.unlicensed).push(forbidden);
    }
    while store.add_licences(aggregator, &[object]).await.is_err() {
        sleep(Duration::from_millis(100)).await;
    }
    simulation.count("licences withdrawn by operators");
}
