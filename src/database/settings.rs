//! How a store is reached.

use std::time::Duration;

use serde::Deserialize;

use crate::runtime::tls::ClientTls;

/// How long a connection keeps the server process that it is given: what pgbouncer calls `pool_mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PoolMode {
    /// For as long as it is open, as without a pooler.
    Session,
    /// For a transaction: nothing that is set or prepared is there in the next one.
    Transaction,
}

/// What a PostgreSQL store needs to know.
#[derive(Debug, Clone)]
pub struct StoreSettings {
    /// Connections of this process.
    pub pool_size: usize,
    /// How long to wait for one.
    pub connect_timeout: Duration,
    /// How long a connection keeps its server process.
    pub pool_mode: PoolMode,
    /// How long a statement may run.
    pub statement_timeout: Duration,
    /// How long it may wait for a row.
    pub lock_timeout: Duration,
    /// Whom it trusts, and what it shows, when the URL has an `sslmode`.
    pub tls: ClientTls,
}
