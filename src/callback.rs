//! Callbacks (webhooks): answers and events that are posted to an aggregator's own URL.
//!
//! Everything but the [`sender`] is pure: what a delivery is [signed](signature) with, which
//! [URLs](url) and [addresses](address) may be called, what [becomes](outcome) of an attempt and
//! [when](crate::config::schedule) the next one is due. The [dispatcher](crate::engine::dispatcher::callbacks) puts it together.

pub mod address;
mod connection;
pub mod outcome;
pub mod sender;
pub mod signature;
pub mod url;
