//! The operator's side of the service: who may look and act ([`access`]), what there is to see ([`queries`]), what can be
//! done ([`actions`]), what was done ([`journal`]), and the JSON API over all of it ([`api`]).
//!
//! The API and the console use the same queries and the same actions. No protocol is named here: what one shows comes
//! through its [`Surface`](crate::surface::Surface).

pub mod access;
pub mod actions;
pub mod api;
pub mod commands;
pub mod contract;
pub mod journal;
pub mod problem;
pub mod queries;
pub mod state;
