//! BILLmanager: carts, orders and payments.

mod access;
mod audit;
mod balance;
mod cart;
mod commands;
mod constraints;
mod first;
mod forms;
mod hanging_up;
mod parameters;
mod paying;
mod payments;
mod replay;
mod services;
pub mod shop;
mod waiting;
