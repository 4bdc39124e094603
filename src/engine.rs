//! The engine: accepts, keeps, delivers, settles and answers tasks of any [`protocol`], and knows none.
//!
//! The [`store`] is the truth about tasks; a protocol's tables are its own. A request goes through [`intake`] into the
//! store and the queue, a [`worker`] settles it, [`answers`] wakes those who wait, a [`dispatcher`] takes what was put
//! into subscriptions to callbacks and to RabbitMQ, and the [`sweeper`] ends what is overdue.

pub mod answers;
pub mod app;
pub mod batcher;
pub mod callers;
pub mod checks;
pub mod claim;
pub mod dead_letter_collector;
pub mod dispatcher;
pub mod expected;
pub mod health;
pub mod intake;
pub mod limits;
pub mod listeners;
pub mod pauses;
pub mod protocol;
pub mod replay;
pub mod sampler;
pub mod store;
pub mod sweeper;
mod traces;
pub mod watchdog;
pub mod worker;
