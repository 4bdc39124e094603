//! The engine in a simulation that can be repeated: the real code of every part (requests, intake, workers, sweepers,
//! dispatchers, the statements of the store) runs over a [broker](broker), a [database](database), a clock and a
//! [network](network) that follow from a seed.
//!
//! A run starts some processes of each kind and lets clients pay, while messages are lost, doubled and delayed,
//! transactions fail before and after their commit, clocks jump, and processes are killed at any await point. The
//! [fault rates](fault_rates) say how often. Then every fault is repaired. Once nothing is left to do, the [checker]
//! compares the [observations] of the clients with the tables. The same seed gives the same run, event by event.
//!
//! The database is SQLite in memory with a clock of the simulation. Its transactions come one after the other,
//! in an order that follows from the seed: what two PostgreSQL transactions do to each other's rows while both
//! are open is tested on PostgreSQL itself.
//!
//! `cargo test --release --lib simulation::tests::many -- --ignored --nocapture` runs
//! `WSA_SIMULATION_SEEDS` of them (a million if not said otherwise), from `WSA_SIMULATION_FIRST` on;
//! `WSA_SIMULATION_SEED=7 cargo test --lib simulation::tests::one -- --ignored --nocapture` repeats one and
//! prints each event.

pub(crate) mod broker;
pub(crate) mod checker;
pub(crate) mod context;
pub(crate) mod database;
pub(crate) mod dead;
pub(crate) mod effects;
pub(crate) mod embedded;
pub(crate) mod fault_rates;
pub(crate) mod faults;
pub(crate) mod network;
pub(crate) mod observations;
pub(crate) mod operators;
pub(crate) mod plain;
pub(crate) mod polls;
pub(crate) mod process;
pub(crate) mod protocols;
pub(crate) mod receiver;
pub(crate) mod rights;
pub(crate) mod run;
pub(crate) mod tasks;
pub(crate) mod tests;
pub(crate) mod trace;
pub(crate) mod variant;
pub(crate) mod weeks;
pub(crate) mod work;

/// The call failed: the other side is unavailable, or the connection was lost.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the connection was lost")]
pub(crate) struct Lost;
