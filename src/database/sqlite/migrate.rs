//! The schema of a SQLite database.

use rusqlite::{Connection, Result, TransactionBehavior};

use crate::database::migration::{CREATE_TABLE, Migration, NEWEST, missing};

/// Applies the steps that are missing, in one transaction, and gives their names.
pub(crate) fn migrate(
    connection: &mut Connection,
    steps: &'static [Migration],
) -> Result<Vec<&'static str>> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.execute_batch(CREATE_TABLE)?;
    let missing = missing(steps, tx.query_row(NEWEST, [], |row| row.get("newest"))?);
    for step in &missing {
        tx.execute_batch(step.sqlite)?;
        tx.execute("INSERT INTO wsa_migrations VALUES (?1)", [step.number])?;
    }
    tx.commit()?;
    Ok(missing.iter().map(|step| step.name).collect())
}

/// The newest step that was applied; 0 for none.
pub(crate) fn newest(connection: &Connection) -> Result<i64> {
    connection.execute_batch(CREATE_TABLE)?;
    connection.query_row(NEWEST, [], |row| row.get("newest"))
}
