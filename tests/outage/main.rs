//! Outages: a worker is killed, RabbitMQ and PostgreSQL are restarted, all of it under load. A binary of
//! its own, because cargo runs one after the other and the servers are everybody's.

// In tests an `unwrap` is an assertion; and nobody uses this crate.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

#[path = "../it/support/mod.rs"]
mod support;

mod load;
mod restarts;
