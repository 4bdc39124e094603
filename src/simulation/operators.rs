//! Operators pause objects and cancel open tasks, as over the operator API, while everything goes wrong. What they cancel is
//! never carried out, and what they pause is answered at its deadline at the latest. They throw dice of their own: runs
//! without them stay what they were.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use tokio::time::sleep;

use super::context::{Simulation, lock};
use super::database::SimulatedDb;
use super::network::Network;
use super::process::ProcessInstance;
use crate::database::Db;
use crate::domain::task::{Outcome, TaskKey};
use crate::engine::store::Store;
use crate::engine::store::journal::{Act, Actor, Via};
use crate::engine::store::tasks::{TaskFilter, TaskState};
use crate::protocols;
use crate::protocols::whiteserver::wire::request::TASK_TYPES;

/// For how long an object is paused, in milliseconds.
const PAUSED_MS: u64 = 3_000;

/// Whether there are operators in the run of this seed.
pub(crate) fn are_there(seed: u64) -> bool {
    seed % 4 == 1
}

/// Acts until nothing goes wrong any more; in the end nothing is paused.
pub(crate) async fn run(network: Network) {
    let simulation = &network.simulation;
    let mut dice = SmallRng::seed_from_u64(simulation.seed ^ 0x006f_7073);
    let instance = ProcessInstance::new(simulation, "operator", 0);
    let store =
        Store::of(Db::new(SimulatedDb::new(simulation, &instance)), protocols::ALL.protocols());
    while !simulation.is_mended() {
        sleep(Duration::from_millis(dice.random_range(50..800))).await;
        let open =
            TaskFilter { object: None, aggregator: None, state: Some(TaskState::Open), most: 20 };
        let Ok(mut open) = store.tasks(open).await else { continue };
        // Those of which this many clients know what a cancellation looks like.
        open.retain(|task| TASK_TYPES.contains(&&*task.task_type));
        if open.is_empty() {
            continue;
        }
        let key = open[dice.random_range(0..open.len())].key;
        match dice.random_bool(0.6) {
            true => cancel(simulation, &store, key).await,
            false => {
                let paused = Duration::from_millis(dice.random_range(0..PAUSED_MS));
                pause(simulation, &store, key, paused).await;
            }
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
    if let Ok(Some((Outcome::Cancelled, _))) = withdrawn {
        simulation.count("tasks cancelled by operators");
        lock(&simulation.surely_cancelled).insert(key.guid.0);
    }
}

async fn pause(simulation: &Arc<Simulation>, store: &Store, key: TaskKey, lasting: Duration) {
    let object = key.object;
    let paused = store.pause(object, &actor(), act("object.pause", object)).await;
    simulation.note("operator", "pauses", &format!("{object} {:?}", paused.is_ok()));
    sleep(lasting).await;
    while store.resume(object, &actor(), act("object.resume", object)).await.is_err() {
        sleep(Duration::from_millis(100)).await;
    }
    simulation.count("objects paused");
}
