//! TLS: of the API, to RabbitMQ, to PostgreSQL.

mod api;
mod broker;
mod command;
mod database;
mod renewal;
