//! Who carries notifications to aggregators that do not fetch them. Runs where workers run.

pub mod amqp;
pub mod callbacks;
mod concern;
