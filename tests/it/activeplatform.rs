//! ActivePlatform: billing bridges that complete payments.

mod access;
mod audit;
pub mod bridge;
mod client;
mod completing;
mod compound;
mod constraints;
mod documents;
mod example;
mod expiry;
mod forms;
mod lists;
mod parameters;
mod waiting;
