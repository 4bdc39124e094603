//! ticketscloud: sellers of tickets.

mod access;
mod audit;
mod catalogue;
mod constraints;
mod contracts;
mod example;
mod expiry;
mod forms;
mod manual;
mod parameters;
mod promocodes;
mod races;
mod refunds;
pub mod seller;
mod states;
mod tickets;
mod waiting;
