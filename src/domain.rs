//! What everything else is about: ids, money, tasks, notifications. No I/O, no clock, and nothing of a protocol.

pub mod dead_letter;
pub mod json;
pub mod money;
pub mod outbox;
pub(crate) mod string_enum;
pub mod task;
pub mod time_zone;
pub mod token;
pub mod trace;
