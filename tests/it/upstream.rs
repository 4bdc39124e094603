//! Upstream services over AMQP: whoever speaks it needs no HTTP.

mod example;
mod identity;
mod outages;
mod path;
mod permissions;
mod poison;
mod refusals;
