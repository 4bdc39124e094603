//! Reading one moment of the whole store while others write: nobody waits for it, and it waits for nobody.
//!
//! PostgreSQL gives a transaction `REPEATABLE READ READ ONLY`, which locks no row. SQLite gives a connection
//! that can only query, inside one read transaction; the write-ahead log grows until it ends.

use std::sync::Arc;

use futures_util::{TryFutureExt, TryStreamExt};
use tokio::sync::Mutex;

use super::postgres::{PostgresTx, classify, names, read_row};
use super::sqlite::{self, SqliteDb};
use super::{Db, Row};
use crate::store::error::StoreError;

/// Undoes for one transaction what keeps the planner to look-ups by key: here whole tables are joined, each read
/// once and hashed or sorted. Without statistics (a restored dump), or with those of an empty table, the planner
/// believes that a side has a handful of rows and loops over it, which takes a time that grows with the square of the
/// rows; so nested loops are off. Every join of a whole table has an equality, hence another plan. How long a
/// statement may take is the caller's business; a caller that is gone ends it.
const WHOLE_TABLES: &str = "SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on; \
     SET LOCAL enable_nestloop = off; \
     SET LOCAL enable_seqscan = on; SET LOCAL plan_cache_mode = auto; SET LOCAL work_mem = '64MB'; \
     SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = '10min'; \
     SET LOCAL client_connection_check_interval = '5s'";

/// A moment of the store. The text of a statement is the caller's to write for the database.
pub enum Snapshot {
    /// A transaction on a connection of its own.
    Postgres(Box<PostgresTx>),
    /// A connection of its own, in a read transaction.
    Sqlite(Arc<Mutex<rusqlite::Connection>>),
}

impl Db {
    /// Opens a snapshot; it is of the moment of the first statement.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        match self {
            Db::Postgres(db) => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                let tx = db.begin_as(&format!("{begin}; {WHOLE_TABLES}")).await?;
                Ok(Snapshot::Postgres(Box::new(tx)))
            }
            Db::Sqlite(db) => {
                let connection = db.snapshot().await?;
                Ok(Snapshot::Sqlite(Arc::new(Mutex::new(connection))))
            }
            #[cfg(test)]
            Db::Simulated(_) => {
                Err(StoreError::Corrupt("a simulation has a checker of its own".into()))
            }
        }
    }
}

impl Snapshot {
    /// Whether it is PostgreSQL's, whose amounts are no whole kopecks.
    pub fn is_postgres(&self) -> bool {
        matches!(self, Snapshot::Postgres(_))
    }

    /// Runs a statement and folds its rows one by one, however many there are.
    pub async fn fold<T: Send + 'static>(
        &self,
        text: String,
        mut state: T,
        mut step: impl FnMut(&mut T, Row) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        match self {
            Snapshot::Postgres(tx) => {
                let none: [&str; 0] = [];
                let rows = tx.client()?.query_raw(&text, none).map_err(classify).await?;
                let (mut rows, mut named) = (std::pin::pin!(rows), None);
                while let Some(row) = rows.try_next().map_err(classify).await? {
                    let names = match &named {
                        Some(names) => names,
                        None => &*named.insert(names(row.columns())?),
                    };
                    step(&mut state, read_row(&row, names)?)?;
                }
                Ok(state)
            }
            Snapshot::Sqlite(connection) => {
                let connection = Arc::clone(connection).lock_owned().await;
                sqlite::blocking(move || {
                    sqlite::each(&connection, &text, |row| step(&mut state, row))?;
                    Ok(state)
                })
                .await
            }
        }
    }
}

impl SqliteDb {
    /// A connection that can only query, with a read transaction begun. What it sorts goes to temporary
    /// files, not to memory.
    async fn snapshot(&self) -> Result<rusqlite::Connection, StoreError> {
        let path = self.path.clone();
        sqlite::blocking(move || {
            let connection = sqlite::open(&path)?;
            connection
                .execute_batch("PRAGMA query_only = ON; PRAGMA temp_store = FILE; BEGIN")
                .map_err(sqlite::classify)?;
            Ok(connection)
        })
        .await
    }
}
