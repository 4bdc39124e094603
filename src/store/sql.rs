//! The thin layer between one set of statements and two databases.
//!
//! A [`Statement`] works on a *batch*: its text reads rows from a table called `batch`, whose columns
//! it declares. PostgreSQL gets the whole batch as `unnest` arrays in one round trip; SQLite, which has
//! no round trips, runs the prepared statement once for each row inside one transaction. Apart from
//! that the text is the same, because both know the functions `wsa_now()` and `wsa_after(time, seconds)`
//! and because `{lock t}` becomes `FOR UPDATE OF t` where rows are locked one by one.
//!
//! What a statement finds is read by the names of its columns, never by their place: an expression that is
//! read has a name by `AS`.

mod found;
pub mod postgres;
mod snapshot;
pub mod sqlite;
mod statement;
mod value;

pub use self::found::Row;
pub use self::snapshot::Snapshot;
pub use self::statement::{Access, Column, Statement, Type};
pub use self::value::{FromValue, Value};
use super::error::StoreError;

/// The rows of a batch, each in the order of its statement's columns.
pub type Rows = Vec<Vec<Value>>;

/// A row of a batch: `row![key.object, key.guid, amount]`.
macro_rules! row {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::sql::Value::from($value)),*] };
}
pub(crate) use row;

/// Either database.
#[derive(Debug)]
pub enum Db {
    /// PostgreSQL, through a pool.
    Postgres(postgres::PostgresDb),
    /// SQLite, one writer and some readers.
    Sqlite(sqlite::SqliteDb),
    /// The database of a simulation.
    #[cfg(test)]
    Simulated(crate::simulation::database::SimulatedDb),
}

/// An open transaction. Dropped without [`Tx::commit`], it is rolled back.
pub enum Tx {
    /// On a PostgreSQL connection of its own.
    Postgres(Box<postgres::PostgresTx>),
    /// On the SQLite writer.
    Sqlite(sqlite::SqliteTx),
    /// On the database of a simulation.
    #[cfg(test)]
    Simulated(crate::simulation::database::SimulatedTx),
}

impl Db {
    /// Runs one statement over a batch, in a transaction of its own: all rows or none.
    pub async fn run(
        &self,
        statement: &'static Statement,
        rows: Rows,
    ) -> Result<Vec<Row>, StoreError> {
        statement.fits(&rows)?;
        match self {
            Db::Postgres(db) => db.run(statement, rows).await,
            Db::Sqlite(db) => db.run(statement, rows).await,
            #[cfg(test)]
            Db::Simulated(db) => db.run(statement, rows).await,
        }
    }

    /// Opens a transaction that can write.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        match self {
            Db::Postgres(db) => db.begin().await.map(|tx| Tx::Postgres(Box::new(tx))),
            Db::Sqlite(db) => db.begin().await.map(Tx::Sqlite),
            #[cfg(test)]
            Db::Simulated(db) => db.begin().await.map(Tx::Simulated),
        }
    }

    /// Opens a transaction whose statements touch more than a batch: the bounds of everyday statements are
    /// not for them.
    pub async fn begin_at_leisure(&self) -> Result<Tx, StoreError> {
        match self {
            Db::Postgres(db) => db.begin_at_leisure().await.map(|tx| Tx::Postgres(Box::new(tx))),
            _ => self.begin().await,
        }
    }
}

impl Tx {
    /// Runs one statement over a batch. Calls that do not depend on each other may be joined: PostgreSQL
    /// then gets them in one round trip. In which order is not said: a statement that is not prepared
    /// yet comes later.
    pub async fn query(
        &self,
        statement: &'static Statement,
        rows: Rows,
    ) -> Result<Vec<Row>, StoreError> {
        statement.fits(&rows)?;
        match self {
            Tx::Postgres(tx) => tx.query(statement, rows).await,
            Tx::Sqlite(tx) => tx.query(statement, rows).await,
            #[cfg(test)]
            Tx::Simulated(tx) => tx.query(statement, rows).await,
        }
    }

    /// As [`Tx::query`]; a batch of nothing costs nothing.
    pub async fn query_some(
        &self,
        statement: &'static Statement,
        rows: Rows,
    ) -> Result<Vec<Row>, StoreError> {
        if rows.is_empty() { Ok(Vec::new()) } else { self.query(statement, rows).await }
    }

    /// As [`Tx::query`] for a statement whose rows do not matter: gives the number of rows written.
    pub async fn execute(
        &self,
        statement: &'static Statement,
        rows: Rows,
    ) -> Result<u64, StoreError> {
        statement.fits(&rows)?;
        match self {
            Tx::Postgres(tx) => tx.execute(statement, rows).await,
            Tx::Sqlite(tx) => tx.execute(statement, rows).await,
            #[cfg(test)]
            Tx::Simulated(tx) => tx.execute(statement, rows).await,
        }
    }

    /// Makes it durable.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Tx::Postgres(tx) => tx.commit().await,
            Tx::Sqlite(tx) => tx.commit().await,
            #[cfg(test)]
            Tx::Simulated(tx) => tx.commit().await,
        }
    }
}
