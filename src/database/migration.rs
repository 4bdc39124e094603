//! Numbered steps of a schema. Each database applies them in a way of its own, and keeps the numbers of those that
//! it has in a table.

/// A numbered step of the schema in both dialects.
#[derive(Debug)]
pub struct Migration {
    /// Grows from step to step.
    pub number: i64,
    /// For people.
    pub name: &'static str,
    /// Its statements for PostgreSQL.
    pub postgres: &'static str,
    /// Its statements for SQLite.
    pub sqlite: &'static str,
}

/// Makes the table of the numbers.
pub(super) const CREATE_TABLE: &str =
    "CREATE TABLE IF NOT EXISTS wsa_migrations (number bigint PRIMARY KEY)";
/// Reads the newest of them.
pub(super) const NEWEST: &str = "SELECT coalesce(max(number), 0) AS newest FROM wsa_migrations";

/// Those of the steps that come after the newest one that was applied.
pub(super) fn missing(steps: &'static [Migration], newest: i64) -> Vec<&'static Migration> {
    steps.iter().filter(|step| step.number > newest).collect()
}
