//! The tests of everything together, on real servers: run them with `scripts/test`.

// In tests an `unwrap` is an assertion; and nobody uses this crate.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

mod support;

mod activeplatform;
mod audit;
mod callbacks;
mod contracts;
mod deadline;
mod fairness;
mod http;
mod payment_path;
mod queue_conformance;
mod restart;
mod restaurant_day;
mod store_conformance;
mod upstream;
