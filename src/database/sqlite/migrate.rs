//! The schema of a SQLite database.

use std::collections::BTreeSet;

use rusqlite::{Connection, Result, TransactionBehavior};

use crate::database::migration::{APPLIED, CREATE_TABLE, Migration, missing};

/// Applies the steps that are missing, in one transaction, and gives their names. There is one writer: whatever else
/// writes waits for all of it.
pub(crate) fn migrate(
    connection: &mut Connection,
    steps: &'static [Migration],
) -> Result<Vec<&'static str>> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let missing = missing(steps, &applied(&tx)?);
    for step in &missing {
        tx.execute_batch(step.sqlite)?;
        tx.execute("INSERT INTO wsa_migrations VALUES (?1)", [step.number])?;
    }
    tx.commit()?;
    Ok(missing.iter().map(|step| step.name).collect())
}

/// The numbers of the steps that were applied.
pub(crate) fn applied(connection: &Connection) -> Result<BTreeSet<i64>> {
    connection.execute_batch(CREATE_TABLE)?;
    connection.prepare(APPLIED)?.query_map([], |row| row.get("number"))?.collect()
}
