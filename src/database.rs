//! The thin layer between one set of statements and the databases, of which there are two: PostgreSQL and SQLite.
//!
//! A [`Statement`] works on a *batch*: its text reads rows from a table called `batch`, whose columns
//! it declares. PostgreSQL gets the whole batch as `unnest` arrays in one round trip; SQLite, which has
//! no round trips, runs the prepared statement once for each row inside one transaction. Apart from
//! that the text is the same, because both know the functions `wsa_now()` and `wsa_after(time, seconds)`
//! and because `{lock t}` becomes `FOR UPDATE OF t` where rows are locked one by one.
//!
//! What a statement finds is read by the names of its columns, never by their place: an expression that is
//! read has a name by `AS`.

mod ahead;
pub mod error;
mod facts;
mod migration;
pub(crate) mod pieces;
pub mod postgres;
pub mod recorded;
mod settings;
mod snapshot;
pub mod sqlite;
mod statement;
mod tx;
mod value;
mod write;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

pub use self::error::StoreError;
pub use self::facts::ServerFacts;
pub use self::migration::Migration;
pub use self::settings::{PoolMode, StoreSettings};
pub use self::snapshot::{Moment, Snapshot, Step};
pub use self::statement::{Access, Column, Shape, Statement, Type};
pub use self::tx::Tx;
pub use self::value::{FromValue, Row, Value};
use self::write::Wants;
pub use self::write::Write;
use crate::runtime::environment;

/// The rows of a batch, each in the order of its statement's columns.
pub type Rows = Vec<Vec<Value>>;

/// A row of a batch: `row![key.object, key.guid, amount]`.
#[macro_export]
macro_rules! row {
    ($($value:expr),* $(,)?) => { vec![$($crate::database::Value::from($value)),*] };
}
pub use row;

/// A look into the store: a statement that reads or locks, and its batch.
pub type Look = (&'static Statement, Rows);

/// What a call of a database comes to.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// A database, seen by the store as [`Db`].
pub trait Database: fmt::Debug + Send + Sync {
    /// What it is, for people.
    fn kind(&self) -> &'static str;

    /// Where work that calls it again and again is done best; `None`: it does not matter.
    fn runtime(&self) -> Option<&Handle> {
        None
    }

    /// See [`Db::run`]. The rows fit the statement.
    fn run(&self, statement: &'static Statement, rows: Rows) -> Answer<'_, Vec<Row>>;

    /// See [`Db::begin`].
    fn begin(&self) -> Answer<'_, Box<dyn Transaction>>;

    /// See [`Db::begin_maintenance`]; the same as any other where no bounds are set.
    fn begin_maintenance(&self) -> Answer<'_, Box<dyn Transaction>> {
        self.begin()
    }

    /// See [`Db::snapshot`].
    fn snapshot(&self) -> Answer<'_, Box<dyn Moment>>;

    /// See [`Db::migrate`].
    fn migrate(&self, steps: &'static [Migration]) -> Answer<'_, Vec<&'static str>>;

    /// See [`Db::applied_migrations`].
    fn applied_migrations(&self) -> Answer<'_, BTreeSet<i64>>;

    /// See [`Db::server_facts`].
    fn server_facts(&self) -> Answer<'_, Option<ServerFacts>> {
        async { Ok(None) }.boxed()
    }
}

/// An open transaction of a database, seen by the store as [`Tx`]. Dropped before it is committed, it is rolled back.
pub trait Transaction: Send + Sync {
    /// See [`Tx::query`]. The rows fit the statement.
    fn query(&self, statement: &'static Statement, rows: Rows) -> Answer<'_, Vec<Row>>;

    /// Looks in this order, and gives the rows of each. The rows fit the statements, of which none writes.
    fn look(&self, looks: Vec<Look>) -> Answer<'_, Vec<Vec<Row>>> {
        async move {
            let mut all = Vec::with_capacity(looks.len());
            for (statement, rows) in looks {
                all.push(self.query(statement, rows).await?);
            }
            Ok(all)
        }
        .boxed()
    }

    /// See [`Tx::execute`]. The rows fit the statement.
    fn execute(&self, statement: &'static Statement, rows: Rows) -> Answer<'_, u64>;

    /// See [`Tx::commit`].
    fn commit(self: Box<Self>) -> Answer<'static, ()>;

    /// See [`Tx::write`]. The rows fit the statements, and there are some of each.
    fn write(&self, writes: Vec<Write>) -> Answer<'_, Vec<Row>> {
        async move {
            let mut given = Vec::new();
            for Write { statement, rows, wants } in writes {
                let expected = rows.len() as u64;
                match wants {
                    Wants::Rows => given.extend(self.query(statement, rows).await?),
                    Wants::Any => drop(self.execute(statement, rows).await?),
                    Wants::Each => {
                        whole(statement, self.execute(statement, rows).await?, expected)?
                    }
                }
            }
            Ok(given)
        }
        .boxed()
    }

    /// See [`Tx::finish`]; as [`Transaction::write`].
    fn finish(self: Box<Self>, writes: Vec<Write>) -> Answer<'static, Vec<Row>>
    where
        Self: 'static,
    {
        async move {
            let given = self.write(writes).await?;
            self.commit().await.map(|()| given)
        }
        .boxed()
    }
}

/// Whichever database.
#[derive(Debug, Clone)]
pub struct Db(Arc<dyn Database>);

impl Db {
    /// This database.
    pub fn new(database: impl Database + 'static) -> Db {
        Db(Arc::new(database))
    }

    /// What it is, for people.
    pub fn kind(&self) -> &'static str {
        self.0.kind()
    }

    /// `tokio::spawn`, of work that is little else than calls of this database, one after the other: where they cost least.
    /// It shares that place with whatever is written, so it must wait for nothing else.
    pub fn spawn<F>(&self, work: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        match self.0.runtime() {
            Some(runtime) => runtime.spawn(work.boxed()),
            None => environment::spawn(work),
        }
    }

    /// Runs one statement over a batch, in a transaction of its own: all rows or none.
    pub async fn run(
        &self,
        statement: &'static Statement,
        rows: Rows,
    ) -> Result<Vec<Row>, StoreError> {
        statement.fits(&rows)?;
        self.0.run(statement, rows).await
    }

    /// Opens a transaction that can write.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        self.0.begin().await.map(Tx::of)
    }

    /// Opens a transaction whose statements touch more than a batch: the bounds of everyday statements are
    /// not for them.
    pub async fn begin_maintenance(&self) -> Result<Tx, StoreError> {
        self.0.begin_maintenance().await.map(Tx::of)
    }

    /// Opens a snapshot; it is of the moment of the first statement.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        self.0.snapshot().await.map(Snapshot::of)
    }

    /// Applies those of these steps of the schema that are missing, in their order, and gives their names. Each is applied
    /// whole or not at all, and those before one that fails stay. Two processes that do so at once take turns.
    pub async fn migrate(
        &self,
        steps: &'static [Migration],
    ) -> Result<Vec<&'static str>, StoreError> {
        self.0.migrate(steps).await
    }

    /// The numbers of the steps that were applied.
    pub async fn applied_migrations(&self) -> Result<BTreeSet<i64>, StoreError> {
        self.0.applied_migrations().await
    }

    /// What its server says of itself; `None` for a database that is embedded.
    pub async fn server_facts(&self) -> Result<Option<ServerFacts>, StoreError> {
        self.0.server_facts().await
    }
}

fn whole(statement: &'static Statement, written: u64, expected: u64) -> Result<(), StoreError> {
    if written == expected {
        return Ok(());
    }
    let message = format!("{written} of {expected} rows were written: {statement:?}");
    Err(StoreError::Corrupt(message))
}
