//! How a store is reached.

use std::time::Duration;

use crate::runtime::tls::ClientTls;

/// What a PostgreSQL store needs to know.
#[derive(Debug, Clone)]
pub struct StoreSettings {
    /// Connections of this process.
    pub pool_size: usize,
    /// How long to wait for one.
    pub connect_timeout: Duration,
    /// How long a statement may run.
    pub statement_timeout: Duration,
    /// How long it may wait for a row.
    pub lock_timeout: Duration,
    /// Whom it trusts, and what it shows, when the URL has an `sslmode`.
    pub tls: ClientTls,
}
