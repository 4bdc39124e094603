//! What a process runs on: supervised tasks, signals, the shutdown and the service manager, logs and metrics, TLS, chance and the clock.

pub mod context;
pub mod environment;
pub mod jitter;
pub mod metrics;
pub mod service_manager;
pub mod shutdown;
pub mod signals;
pub mod supervise;
pub mod telemetry;
pub mod tls;
pub mod trace;
