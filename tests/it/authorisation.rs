//! Who may do what, through which door: every combination, held against one rule.
//!
//! Another protocol is another [`rule::Door`]: a file beside `whiteserver.rs`, and its callers in
//! [`callers`].

mod activeplatform;
mod amqp;
mod billmanager;
mod callers;
mod hidden;
mod notifications;
mod rule;
mod ticketscloud;
mod tills;
mod tokens;
mod whiteserver;
