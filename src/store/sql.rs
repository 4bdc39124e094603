//! The thin layer between one set of statements and two databases.
//!
//! A [`Statement`] works on a *batch*: its text reads rows from a table called `batch`, whose columns
//! it declares. PostgreSQL gets the whole batch as `unnest` arrays in one round trip; SQLite, which has
//! no round trips, runs the prepared statement once for each row inside one transaction. Apart from
//! that the text is the same, because both know the functions `wsa_now()` and `wsa_after(time, seconds)`
//! and because `{lock t}` becomes `FOR UPDATE OF t` where rows are locked one by one.

pub mod postgres;
mod snapshot;
pub mod sqlite;
mod value;

use std::borrow::Cow;
use std::sync::OnceLock;

pub use self::snapshot::Snapshot;
pub use self::value::{FromValue, Row, Value};
use super::error::StoreError;

/// The type of a batch column, in both databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// `bigint` / INTEGER.
    Int,
    /// `boolean` / INTEGER 0 or 1.
    Bool,
    /// `text` / TEXT.
    Text,
    /// `bytea` / BLOB.
    Bytes,
    /// `uuid` / BLOB of 16 bytes.
    Uuid,
    /// `numeric(14,2)` / INTEGER kopecks.
    Money,
    /// `timestamptz` / INTEGER microseconds since 1970.
    Time,
}

impl Type {
    fn postgres_array(self) -> &'static str {
        match self {
            Type::Int => "bigint[]",
            Type::Bool => "boolean[]",
            Type::Text => "text[]",
            Type::Bytes => "bytea[]",
            Type::Uuid => "uuid[]",
            Type::Money => "numeric[]",
            Type::Time => "timestamptz[]",
        }
    }
}

/// Whether a statement may run beside a writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Only reads: SQLite uses a connection that no writer waits for.
    Read,
    /// Writes or locks.
    Write,
}

/// One statement for both databases.
#[derive(Debug)]
pub struct Statement {
    pub(crate) access: Access,
    columns: &'static [(&'static str, Type)],
    pub(crate) body: &'static str,
    /// The finished texts, made once: a statement is a `static`.
    postgres: OnceLock<String>,
    sqlite: OnceLock<String>,
}

impl Statement {
    /// A statement that only reads.
    pub const fn read(columns: &'static [(&'static str, Type)], body: &'static str) -> Statement {
        Statement::new(Access::Read, columns, body)
    }

    /// A statement that writes or locks.
    pub const fn write(columns: &'static [(&'static str, Type)], body: &'static str) -> Statement {
        Statement::new(Access::Write, columns, body)
    }

    const fn new(
        access: Access,
        columns: &'static [(&'static str, Type)],
        body: &'static str,
    ) -> Statement {
        Statement { access, columns, body, postgres: OnceLock::new(), sqlite: OnceLock::new() }
    }

    fn postgres(&self) -> &str {
        self.postgres.get_or_init(|| {
            let arrays: Vec<String> = self
                .columns
                .iter()
                .enumerate()
                .map(|(i, (_, kind))| format!("${}::{}", i + 1, kind.postgres_array()))
                .collect();
            self.with_batch(&format!("SELECT * FROM unnest({})", arrays.join(", ")), true)
        })
    }

    pub(crate) fn sqlite(&self) -> &str {
        self.sqlite.get_or_init(|| {
            let parameters: Vec<String> =
                (1..=self.columns.len()).map(|i| format!("?{i}")).collect();
            self.with_batch(&format!("VALUES ({})", parameters.join(", ")), false)
        })
    }

    fn with_batch(&self, rows: &str, row_locks: bool) -> String {
        let body = expand_locks(self.body, row_locks);
        if self.columns.is_empty() {
            return body.into_owned();
        }
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        format!("WITH batch ({}) AS ({rows}) {body}", names.join(", "))
    }
}

/// `{lock t}` -> `FOR UPDATE OF t`, `{lock t skip}` -> `... SKIP LOCKED`; nothing without row locks.
fn expand_locks(body: &'static str, row_locks: bool) -> Cow<'static, str> {
    let Some((before, rest)) = body.split_once("{lock ") else {
        return Cow::Borrowed(body);
    };
    let (what, after) = rest.split_once('}').unwrap_or((rest, ""));
    Cow::Owned(match (row_locks, what.strip_suffix(" skip")) {
        (true, Some(table)) => format!("{before}FOR UPDATE OF {table} SKIP LOCKED{after}"),
        (true, None) => format!("{before}FOR UPDATE OF {what}{after}"),
        (false, _) => format!("{before}{after}"),
    })
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_becomes_two_statements() {
        static CLAIM: Statement = Statement::write(
            &[("object_id", Type::Int), ("guid", Type::Uuid)],
            "SELECT 1 FROM batch b JOIN tasks t USING (object_id, guid) {lock t skip}",
        );
        assert_eq!(
            CLAIM.postgres(),
            "WITH batch (object_id, guid) AS (SELECT * FROM unnest($1::bigint[], $2::uuid[])) \
             SELECT 1 FROM batch b JOIN tasks t USING (object_id, guid) FOR UPDATE OF t SKIP LOCKED"
        );
        assert_eq!(
            CLAIM.sqlite(),
            "WITH batch (object_id, guid) AS (VALUES (?1, ?2)) \
             SELECT 1 FROM batch b JOIN tasks t USING (object_id, guid) "
        );
    }
}
