//! The program as a process: how it starts, what it takes up from outside, and what must not hold it up.

mod database;
mod demo;
mod health;
mod hosts;
mod logs;
mod manager;
mod outages;
mod pooler;
mod program;
mod reload;
mod settings;
mod signals;
