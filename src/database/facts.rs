//! What a database server says of itself.

/// What a PostgreSQL server says of itself, on a connection of this program.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct ServerFacts {
    pub server_encoding: String,
    pub client_encoding: String,
    pub fsync: String,
    pub synchronous_commit: String,
    pub full_page_writes: String,
    /// Whether it is a standby.
    pub in_recovery: bool,
    /// Whether transactions can only read unless they ask for more.
    pub read_only: bool,
    /// Like 150004 for 15.4.
    pub version: i64,
    /// Whether two transactions of one connection may be carried out on different connections of the server, although
    /// the settings do not say so; or two statements of one transaction.
    pub shares_connections: bool,
    /// What bounds a statement outside of a transaction.
    pub statement_timeout: String,
}
