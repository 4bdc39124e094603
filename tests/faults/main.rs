//! Real faults: processes, servers and wires of an installation under load are killed, frozen, restarted,
//! wiped and cut, as a seed says; afterwards the books are held against what clients were told. A binary
//! of its own, because cargo runs one after the other and the servers are everybody's. See docs/faults.md.

// In tests an `unwrap` is an assertion; and nobody uses this crate.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

#[path = "../it/support/mod.rs"]
mod support;

mod audit;
mod checker;
mod client_log;
mod errand;
mod faults;
mod inject;
mod load;
mod pace;
mod plan;
mod reading;
mod relay;
mod report;
mod run;
mod scenario;
mod settings;
mod silence;
mod site;
mod till;

/// Held by a test while it kills servers, or needs them alive.
static SERVERS: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
