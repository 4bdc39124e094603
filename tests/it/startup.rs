//! The program as a process: how it starts, what it takes up from outside, and what must not hold it up.

mod database;
mod demo;
mod health;
mod hosts;
mod logs;
mod pooler;
mod program;
mod settings;
mod signals;
