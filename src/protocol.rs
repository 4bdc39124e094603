//! The wire protocols. Each has a folder: how its requests are read into a
//! [`Command`] and how an [`Answer`] is written for its clients.
//!
//! A task's type is a constant of its protocol, so the stored type says which protocol the request was
//! written in and the answer is to be written in.

pub mod activeplatform;
pub mod billmanager;
pub mod stored;
pub mod ticketscloud;
pub mod whiteserver;

use crate::store::Open;
use crate::task::answer::OrderView;
use crate::task::answer::Reason;
use crate::task::{Answer, Command, Outcome, Refusal};
use crate::world::words;

/// A protocol, as far as callers are concerned: each has one, and opens no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// Aggregators.
    WhiteServer,
    /// Managers of resellers.
    ActivePlatform,
    /// Partners that sell tickets.
    TicketsCloud,
    /// Clients and administrators.
    BillManager,
}

words!(Protocol {
    WhiteServer = "whiteserver",
    ActivePlatform = "activeplatform",
    TicketsCloud = "ticketscloud",
    BillManager = "billmanager",
});

/// Reads a stored request. It was read once before, when it was accepted; an error here means that the
/// rules became stricter in between, and is answered as a refusal.
pub fn read_command(task_type: &str, request: &str) -> Result<Command, Refusal> {
    if activeplatform::is(task_type) {
        return activeplatform::request::read_command(request);
    }
    if ticketscloud::is(task_type) {
        return ticketscloud::request::read_command(request);
    }
    if billmanager::is(task_type) {
        return billmanager::request::read_command(request);
    }
    whiteserver::request::read_command(task_type, request)
}

/// What is told of a name that is used up, in each protocol's form. Without an outcome it may also be the guid of
/// an order.
pub(crate) fn used(name: &str, outcome: Option<Outcome>) -> String {
    let before = match outcome {
        Some(outcome) => format!(
            "{name} was used before, and the answer of its task is kept no longer (outcome: {})",
            outcome.as_str()
        ),
        None => format!("{name} belongs to an order, or to a task whose answer is kept no longer"),
    };
    format!(
        "{before}: what was done stays done, and this request was not accepted; look before you ask \
         again, with a new name"
    )
}

/// Writes an order as events show it.
pub fn write_order(order: &OrderView) -> String {
    whiteserver::answer::write_order(order)
}

/// Writes the answer of a task as its client will read it.
pub fn write_answer(task: &Open, answer: &Answer) -> String {
    if activeplatform::is(&task.task_type) {
        return activeplatform::answer::write(task, answer);
    }
    if ticketscloud::is(&task.task_type) {
        return ticketscloud::answer::write(task, answer);
    }
    if billmanager::is(&task.task_type) {
        return billmanager::answer::write(task, answer);
    }
    whiteserver::answer::write(task, answer)
}

/// Why a task was not done, as [`write_answer`] says it; `None` when it was.
pub fn reason(task: &Open, answer: &Answer) -> Option<Reason> {
    whiteserver::answer::reason(task, answer)
}

/// The same, read from a written answer.
pub fn read_reason(answer: &str) -> Option<Reason> {
    whiteserver::answer::read_error(answer)
}

/// Whether a task of this type creates an order.
pub fn creates_order(task_type: &str) -> bool {
    task_type == whiteserver::request::CREATE_ORDER
}

/// Whether tasks of this type need no licence: whoever hands them in has asked the protocol's own rules who
/// may do what.
pub fn licenses_itself(task_type: &str) -> bool {
    activeplatform::is(task_type) || ticketscloud::is(task_type) || billmanager::is(task_type)
}
