//! The till door over HTTP: a restaurant's own system works on the orders of its object, and hears of them.

mod acceptance;
mod access;
mod catalogue;
mod changes;
pub mod client;
mod events;
mod example;
mod races;
mod refusals;
mod slice;
mod writes;
