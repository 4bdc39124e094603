//! BILLmanager: carts, orders and payments.

mod access;
mod balance;
mod cart;
mod commands;
mod constraints;
mod forms;
mod paying;
mod replay;
pub mod shop;
mod waiting;
