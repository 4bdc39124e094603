//! The connection that writes, inside a transaction.
//!
//! A caller may be gone at any moment, also while `BEGIN` runs on a thread that nobody can stop. So whoever
//! begins holds the guard that rolls back before `BEGIN` can have run, and nobody begins on a connection that
//! somebody left inside a transaction.

use std::path::Path;

use rusqlite::Connection;
use tokio::sync::OwnedMutexGuard;

use super::{classify, open};
use crate::database::StoreError;

/// The writer inside a transaction; rolls back when dropped in the middle of one.
pub(crate) struct Writer(OwnedMutexGuard<Connection>);

impl Writer {
    /// Begins a transaction. May block.
    pub(crate) fn begin(
        mut free: OwnedMutexGuard<Connection>,
        path: &Path,
    ) -> Result<Writer, StoreError> {
        make_clean(&mut free, path)?;
        let writer = Writer(free);
        writer.0.execute_batch("BEGIN IMMEDIATE").map_err(classify)?;
        Ok(writer)
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.0
    }

    /// Makes durable what was written. May block. After an error the transaction is over as well: what is
    /// still open is rolled back by the drop.
    pub(crate) fn commit(&self) -> Result<(), StoreError> {
        self.0.execute_batch("COMMIT").map_err(classify)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.0.is_autocommit()
            && let Err(error) = self.0.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be rolled back: {error}");
        }
    }
}

/// Takes a connection out of a transaction that somebody left it in. One that cannot be taken out is closed,
/// which rolls back, and another is opened.
pub(crate) fn make_clean(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    if connection.is_autocommit() {
        return Ok(());
    }
    tracing::warn!("the store's writer was left inside a transaction: it is rolled back");
    if let Err(error) = connection.execute_batch("ROLLBACK") {
        tracing::warn!(%error, "the store's writer is opened anew: {error}");
    }
    if !connection.is_autocommit() {
        *connection = open(path)?;
    }
    Ok(())
}
