//! `wsa`: an open White Server and agent.
//!
//! # The path of a payment
//!
//! 1. A request arrives at a protocol's [routes](protocols::whiteserver::http); [`callers`](engine::callers) turns its
//!    token into an aggregator.
//! 2. [`protocols::whiteserver::wire::request`] reads it into a [`task`](domain::task), or says what is wrong with it.
//! 3. [`intake`](engine::intake) gathers tasks into batches; [`register`](engine::store::register) keeps each, once,
//!    with its deadline.
//! 4. [`queue`] publishes them, confirmed; the caller gets its `taskGuid`.
//! 5. A lane of a [`worker`](engine::worker) takes a batch of deliveries.
//! 6. [`settle`](engine::store::settle) claims the tasks and hands those of each [`protocol`](engine::protocol) to it.
//!    White Server loads what they need as its [model](protocols::whiteserver::model), and writes back what its
//!    [decisions](protocols::whiteserver::decide) made of it. Orders, payments and answers are one transaction.
//!    The same transaction puts the answers, and events of the orders that changed, into the subscriptions of
//!    their recipients: [`outbox`](domain::outbox), [`notifications`](engine::store::notifications).
//! 7. The worker sends the announcement and acknowledges the deliveries.
//! 8. [`answers`](engine::answers) wakes those who wait; a poller reads the stored answer, unchanged.
//!    [`listeners`](engine::listeners) serves those who wait in `ListenQueue`; a [`dispatcher`](engine::dispatcher)
//!    takes notifications to callbacks and to RabbitMQ.
//! 9. The [`sweeper`](engine::sweeper) takes care of what is late: `Timeout` for what is overdue, publishing again for
//!    what the queue may have lost.
//!
//! A task that comes over AMQP takes the same path from [its own door](protocols::whiteserver::amqp) instead of [`http`].
//!
//! # Rooms
//!
//! Each module of this list is a room; it uses the rooms above it and none below:
//!
//! - [`domain`]: ids, money, tasks, notifications; no I/O. [`runtime`]: supervision, signals, logs, metrics, TLS.
//! - [`database`] and [`queue`]: PostgreSQL and SQLite, RabbitMQ and the queue in process. [`config`]: settings.
//! - [`callback`]: how a URL is called. [`engine`]: the path above, for tasks of any protocol.
//! - [`web`], [`terminal`], [`surface`]: what routes and commands are built of, and what a protocol shows to those outside.
//! - [`protocols`]: one folder each. [`ops`]: what operators see and do, [`console`]: its pages. The program puts all together: [`bench`](mod@bench), [`contracts`], [`http`], [`boot`], [`cli`].
//!
//! # Where a protocol lives
//!
//! Each has one folder in [`protocols`] with everything that is its own: how requests are read and answers written
//! (`wire`), its routes (`http`), what a task asks for (`command`), its state (`model`) and the rules on it (`decide`),
//! its tables (`sql`), what must hold of them (`audit`), and what it tells and offers (`contract`, `admin`, `demo`). The
//! engine knows it by the trait [`Protocol`](engine::protocol::Protocol) alone, the program by [`Surface`](surface::Surface).

// The product's own rule; in tests an `unwrap` is an assertion.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, missing_docs))]

// From low to high: a room uses those above it in this list, never one below.
pub mod domain;
pub mod runtime;

pub mod database;
pub mod queue;

pub mod config;

pub mod callback;
pub mod engine;

pub mod web;

pub mod terminal;

pub mod surface;

pub mod protocols;

pub mod ops;

pub mod console;

// The program.
pub mod bench;
pub mod boot;
pub mod cli;
pub mod contracts;
pub mod http;

#[cfg(test)]
mod simulation;
