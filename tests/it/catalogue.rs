//! The catalogue of a restaurant: loaded by its operator, read by clients, and orders held against it.

mod commands;
mod orders;
mod packed;
mod reads;
