//! The tests of everything together, on real servers: run them with `scripts/test`.

// In tests an `unwrap` is an assertion; and nobody uses this crate.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

mod support;

mod activeplatform;
mod audit;
mod authorisation;
mod backup;
mod bench;
mod billmanager;
mod callbacks;
mod catalogue;
mod console;
mod contracts;
mod counting;
mod dead_letters;
mod deadline;
mod deploy;
mod documents;
mod echo;
mod fairness;
mod fifth_protocol;
mod http;
mod integrators;
mod metrics;
mod names;
mod objects;
mod ops;
mod payment_path;
mod plans;
mod queue_conformance;
mod recovery;
mod restart;
mod restaurant_day;
mod secrets;
mod startup;
mod store_conformance;
mod task_command;
mod ticketscloud;
mod till;
mod tls;
mod traces;
mod upstream;
