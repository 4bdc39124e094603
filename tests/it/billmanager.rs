//! BILLmanager: carts, orders and payments.

mod access;
mod audit;
mod balance;
mod browser;
mod cart;
mod commands;
mod constraints;
mod example;
mod first;
mod forms;
mod hanging_up;
mod known_parameters;
mod parameters;
mod paths;
mod paying;
mod payments;
mod refunds;
mod replay;
mod services;
pub mod shop;
mod waiting;
