//! ticketscloud: sellers of tickets.

mod access;
mod constraints;
mod contracts;
mod expiry;
mod forms;
mod manual;
mod promocodes;
mod races;
mod seller;
mod states;
mod tickets;
mod waiting;
