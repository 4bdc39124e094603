//! Callbacks, as their receivers and their operators see them.

mod addresses;
mod answers;
mod certificates;
mod commands;
mod failures;
mod ordering;
mod signatures;
mod slowness;
mod switching;
