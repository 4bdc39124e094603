//! The API as its callers see it: statuses and bodies.

mod auth;
mod bodies;
mod connections;
mod doors;
mod forms;
mod framing;
mod half_closed;
mod idempotency;
mod limits;
mod listening;
mod operations;
mod orders;
mod payments;
mod polling;
mod scheduling;
mod waiting;
