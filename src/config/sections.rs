//! The sections and their settings. Units and meanings stand in `config/default.toml`.

use std::net::SocketAddr;
use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::ops::{Networks, OpsListen};
use super::otel::Ratio;
use super::protocol::Sections;
use super::schedule::Schedule;
use crate::database::PoolMode;
use crate::runtime::telemetry::LogFormat;
use crate::runtime::tls::{ClientTls, ServerTls};

/// The sections of [`Settings`] itself.
pub(super) const SECTIONS: [&str; 13] = [
    "http",
    "ops",
    "store",
    "amqp",
    "tasks",
    "limits",
    "worker",
    "sweeper",
    "mail",
    "callbacks",
    "otel",
    "shutdown",
    "log",
];

/// Every setting, as the layers give it; units and meanings stand in `config/default.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Settings {
    pub http: Http,
    pub ops: Ops,
    pub store: StoreSection,
    pub amqp: Amqp,
    pub tasks: Tasks,
    pub limits: Limits,
    pub worker: Worker,
    pub sweeper: Sweeper,
    pub mail: Mail,
    pub callbacks: Callbacks,
    pub otel: Otel,
    pub shutdown: Shutdown,
    pub log: Log,
    /// Those of protocols.
    #[serde(skip)]
    pub sections: Sections,
    /// What was read otherwise than it was written, in sentences for the log.
    #[serde(skip)]
    pub notes: Vec<String>,
}

macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(missing_docs)]
        pub struct $name { $($(#[$attribute])* pub $field: $type),* }
    };
}

section! {
    /// `[http]`
    Http {
        #[serde(deserialize_with = "address")] listen: SocketAddr,
        body_limit: usize, body_timeout_ms: u64, head_limit: usize,
        idle_timeout_ms: u64, write_timeout_ms: u64, connections: usize, tls: ServerTls,
    }
}
section! {
    /// `[ops]`
    Ops {
        listen: OpsListen, public_metrics: bool, trusted_header: String, trusted_proxies: Networks,
        sample_ms: u64,
    }
}
section! {
    /// `[store]`
    StoreSection {
        database_url: SecretString, data_dir: PathBuf, pool_size: usize, pool_mode: PoolMode,
        connect_timeout_ms: u64,
        statement_timeout_ms: u64, lock_timeout_ms: u64, retention_days: i64,
        allow_unsafe_durability: bool, tls: ClientTls,
    }
}
section! {
    /// `[amqp]`
    Amqp {
        url: SecretString, prefix: String, shards: u16, confirm_timeout_ms: u64, heartbeat_s: u64,
        results_max_length: u32, results_max_age_s: u64, tls: ClientTls,
    }
}
section! {
    /// `[tasks]`
    Tasks {
        timeout_s: i64, republish_after_s: i64, republish_at_least_every_s: i64,
        accept_lanes: usize, publish_lanes: usize, accept_batch: usize, accept_waiting: usize,
        hold_polls_ms: u64,
        schedule_days: i64,
    }
}
impl Tasks {
    /// How far ahead a task may be scheduled, in seconds.
    pub fn furthest_s(&self) -> i64 {
        self.schedule_days * 86_400
    }
}

section! {
    /// `[limits]`
    Limits {
        requests_per_s: u32, burst: u32, open_tasks_per_object: u64, scheduled_per_object: u64,
        fair_share: u64,
    }
}
section! {
    /// `[worker]`
    Worker { lanes: usize, batch: usize, linger_ms: u64 }
}
section! {
    /// `[sweeper]`
    Sweeper { interval_ms: u64, batch: usize }
}
section! {
    /// `[mail]`
    Mail { keep_days: i64, keep_letters: i64 }
}
section! {
    /// `[callbacks]`
    Callbacks {
        allow_private_addresses: bool, timeout_ms: u64, connect_timeout_ms: u64,
        concurrency_per_url: usize, concurrency: usize, retry_after_s: Schedule, failing_days: i64,
        log_days: i64,
    }
}
section! {
    /// `[otel]`
    Otel {
        endpoint: String, headers: SecretString, sample_ratio: Ratio, service_name: String,
        resource_attributes: String, timeout_ms: u64, tls: ClientTls,
    }
}
section! {
    /// `[shutdown]`
    Shutdown { drain_s: u64 }
}
section! {
    /// `[log]`
    Log { format: LogFormat, filter: String }
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let rule = "it must be an IP address and a port, like 127.0.0.1:8080 or [::]:8080";
    String::deserialize(deserializer)?.parse().map_err(|_| Error::custom(rule))
}
