//! Hostile input for everything that reads what others wrote. Each test is a target: as it is, it reads its corpus
//! and mutations of it; `scripts/fuzz` gives the same target to a coverage-guided engine. See docs/fuzzing.md.

// In tests an `unwrap` is an assertion; and nobody uses this crate.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

mod activeplatform;
mod amqp;
mod billmanager;
mod callbacks;
mod headers;
mod json;
mod settings;
mod ticketscloud;
mod till;
mod values;
mod whiteserver;
