//! TLS: of the API, to RabbitMQ, to PostgreSQL.

pub mod api;
mod broker;
mod command;
mod database;
mod renewal;
