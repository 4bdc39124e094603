//! Upstream services over AMQP: whoever speaks it needs no HTTP.

mod example;
mod expirations;
mod healing;
mod identity;
mod outages;
mod path;
mod permissions;
mod poison;
mod refusals;
