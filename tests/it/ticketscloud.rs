//! ticketscloud: sellers of tickets.

mod access;
mod audit;
mod constraints;
mod contracts;
mod expiry;
mod forms;
mod manual;
mod promocodes;
mod races;
pub mod seller;
mod states;
mod tickets;
mod waiting;
