//! ActivePlatform: billing bridges that complete payments.

mod access;
mod audit;
mod bridge;
mod completing;
mod constraints;
mod documents;
mod expiry;
mod forms;
mod waiting;
