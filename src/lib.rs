//! `wsa`: an open White Server and agent.
//!
//! # The path of a payment
//!
//! 1. A request arrives at [`http`]; [`callers`] turns its token into an aggregator.
//! 2. [`protocols::whiteserver::wire::request`] reads it into a [`task`], or says what is wrong with it.
//! 3. [`intake`] gathers tasks into batches; [`store::register`] keeps each, once, with its deadline.
//! 4. [`queue`] publishes them, confirmed; the caller gets its `taskGuid`.
//! 5. A lane of a [`worker`] takes a batch of deliveries.
//! 6. [`store::settle`] claims the tasks and hands those of each [`protocol`] to it. White Server loads what they
//!    need as its [model](protocols::whiteserver::model), and writes back what its
//!    [decisions](protocols::whiteserver::decide) made of it. Orders, payments and answers are one transaction.
//!    The same transaction puts the answers, and events of the orders that changed, into the subscriptions of
//!    those who are to be told: [`outbox`], [`store::notifications`].
//! 7. The worker sends the announcement and acknowledges the deliveries.
//! 8. [`answers`] wakes those who wait; a poller reads the stored answer, unchanged. [`listeners`] serves
//!    those who wait in `ListenQueue`; a [`dispatcher`] takes notifications to callbacks and to RabbitMQ.
//! 9. What is late is the [`sweeper`]'s: `Timeout` for what is overdue, publishing again for what the
//!    queue may have lost.
//!
//! A task that comes over AMQP takes the same path from [its own door](protocols::whiteserver::amqp) instead of [`http`].
//!
//! # Where a protocol lives
//!
//! Each has one folder in [`protocols`] with everything that is its own: how requests are read and answers written
//! (`wire`), its routes (`http`), what a task asks for (`command`), its state (`model`) and the rules on it (`decide`),
//! its tables (`sql`), what must hold of them (`audit`), and what it tells and offers (`contract`, `admin`, `demo`). The
//! engine knows it by the trait [`Protocol`](protocol::Protocol) alone, the program by `Surface`.

// The product's own rule; in tests an `unwrap` is an assertion.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, missing_docs))]

pub mod bench;
pub mod boot;
pub mod checks;
pub mod cli;
pub mod config;

pub mod app;
pub mod batcher;
pub mod environment;
pub mod health;
pub mod jitter;
pub mod metrics;
pub mod shutdown;
pub mod signals;
mod string_enum;
pub mod supervise;
pub mod telemetry;
pub mod tls;

pub mod callers;
pub mod claim;
pub mod contracts;
pub mod http;
pub mod intake;
pub mod limits;
mod pieces;
mod presence;
pub mod protocol;
pub mod protocols;
mod surface;
pub mod token;

pub mod json;
pub mod money;
pub mod task;

pub mod queue;
pub mod worker;

pub mod dead_letter;
pub mod outbox;
pub mod replay;
pub mod store;

pub mod answers;
pub mod listeners;

pub mod callback;
pub mod dispatcher;

pub mod dead_letter_collector;
pub mod sweeper;
pub mod watchdog;

#[cfg(test)]
mod simulation;
