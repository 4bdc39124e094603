//! The store by itself: tasks registered and settled without HTTP and without a queue.

use std::sync::Arc;
use std::time::Instant;

use anyhow::ensure;
use tokio::task::JoinSet;

use super::Rate;
use super::orders::{Ground, Payable, payment};
use crate::domain::task::{NewTask, Outcome, TaskKey};
use crate::engine::store::register::RegisterDefaults;
use crate::engine::store::{Registration, Settlement, Store};

/// Long enough for any bench: nothing sweeps these tasks.
const DEFAULTS: RegisterDefaults =
    RegisterDefaults { timeout_s: 3600, republish_after_s: 3600, furthest_s: 604_800 };

/// What the store did.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// Tasks registered, in batches.
    pub registered: Rate,
    /// Payments settled.
    pub settled: Rate,
    /// Transactions that settled them.
    pub transactions: Rate,
}

/// Registers a payment for each order, then settles them `batch` at a time on `lanes` connections.
pub async fn run(
    store: &Arc<Store>,
    ground: &Ground,
    orders: &[Payable],
    batch: usize,
    lanes: usize,
) -> anyhow::Result<Seen> {
    let Ground { aggregator, currency, .. } = ground;
    let pay = |order| payment(order, aggregator.id, *currency);
    let tasks: Vec<NewTask> = orders.iter().map(pay).collect();
    let started = Instant::now();
    for tasks in tasks.chunks(256) {
        let registered = store.register(tasks, DEFAULTS).await?;
        ensure!(
            registered.iter().all(|r| matches!(r, Registration::Accepted(_))),
            "a task of the bench was not accepted"
        );
    }
    let registered = Rate::since(started, tasks.len() as u64);

    let keys: Vec<TaskKey> = tasks.iter().map(|task| task.key).collect();
    let batches: Vec<Vec<TaskKey>> = keys.chunks(batch).map(<[_]>::to_vec).collect();
    let transactions = batches.len() as u64;
    let share = batches.len().div_ceil(lanes).max(1);
    let mut working = JoinSet::new();
    let started = Instant::now();
    for batches in batches.chunks(share).map(<[_]>::to_vec) {
        let store = Arc::clone(store);
        working.spawn(async move {
            for keys in batches {
                let settled = store.settle(&keys).await?.settled;
                let paid = |settlement| {
                    matches!(settlement, Settlement::Answered { outcome: Outcome::Done, .. })
                };
                ensure!(settled.iter().all(|s| paid(s.settlement)), "a payment was not taken");
            }
            Ok(())
        });
    }
    while let Some(done) = working.join_next().await {
        done??;
    }
    let settled = Rate::since(started, keys.len() as u64);
    Ok(Seen { registered, settled, transactions: Rate { count: transactions, ..settled } })
}
