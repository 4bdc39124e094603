//! The wire protocols. Each has a folder: how its requests are read into a
//! [`Command`] and how an [`Answer`] is written for its clients.
//!
//! A task's type is a constant of its protocol, so the stored type says which protocol the request was
//! written in and the answer is to be written in.

pub mod whiteserver;

use crate::store::Open;
use crate::task::answer::OrderView;
use crate::task::{Answer, Command, Refusal};

/// Reads a stored request. It was read once before, when it was accepted; an error here means that the
/// rules became stricter in between, and is answered as a refusal.
pub fn read_command(task_type: &str, request: &str) -> Result<Command, Refusal> {
    whiteserver::request::read_command(task_type, request)
}

/// Writes an order as events show it.
pub fn write_order(order: &OrderView) -> String {
    whiteserver::answer::write_order(order)
}

/// Writes the answer of a task as its client will read it.
pub fn write_answer(task: &Open, answer: &Answer) -> String {
    whiteserver::answer::write(task, answer)
}
