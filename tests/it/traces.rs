//! Traces: what is recorded, where it goes, and what a request is called.

mod collectors;
mod payments;
mod requests;
