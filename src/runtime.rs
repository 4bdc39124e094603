//! What a process runs on: supervised tasks, signals and the shutdown, logs and metrics, TLS, chance and the clock.

pub mod context;
pub mod environment;
pub mod jitter;
pub mod metrics;
pub mod shutdown;
pub mod signals;
pub mod supervise;
pub mod telemetry;
pub mod tls;
pub mod trace;
