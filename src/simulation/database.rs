//! The simulated database: SQLite in memory behind a line that can be cut, with a clock that can jump. A
//! transaction that is dropped, because its process died or gave up, is rolled back.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use rusqlite::Connection;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use super::Lost;
use super::process::Life;
use super::stage::{Part, Stage, lock};
use crate::store::StoreError;
use crate::store::sql::sqlite::{add_functions, classify, each_parameters, each_row, execute};
use crate::store::sql::{Access, Row, Rows, Statement, Value};

/// The database as one process sees it.
#[derive(Debug)]
pub struct SimulatedDb {
    stage: Arc<Stage>,
    life: Arc<Life>,
}

/// A transaction of one process.
pub struct SimulatedTx {
    stage: Arc<Stage>,
    life: Arc<Life>,
    open: AsyncMutex<Open>,
    began: Timestamp,
}

/// The database for one transaction alone.
struct Open(OwnedMutexGuard<Connection>);

impl Drop for Open {
    fn drop(&mut self) {
        if !self.0.is_autocommit() {
            self.0.execute_batch("ROLLBACK").unwrap();
        }
    }
}

impl From<Lost> for StoreError {
    fn from(lost: Lost) -> StoreError {
        StoreError::Unavailable(Box::new(lost))
    }
}

impl SimulatedDb {
    pub(crate) fn new(stage: &Arc<Stage>, life: &Arc<Life>) -> SimulatedDb {
        SimulatedDb { stage: Arc::clone(stage), life: Arc::clone(life) }
    }

    pub(crate) async fn run(
        &self,
        statement: &'static Statement,
        rows: Rows,
    ) -> Result<Vec<Row>, StoreError> {
        if statement.access == Access::Write {
            let tx = self.begin().await?;
            let found = tx.query(statement, rows).await?;
            return tx.commit().await.map(|()| found);
        }
        self.stage.there(&self.life, Part::Store).await?;
        let connection = self.connection().await;
        let rows = each_parameters(statement, rows);
        self.note("read", statement);
        let found = each_row(&connection, &self.stage.variant.edit(statement.sqlite()), rows)?;
        drop(connection);
        self.stage.back(&self.life, Part::Store).await?;
        Ok(found)
    }

    pub(crate) async fn begin(&self) -> Result<SimulatedTx, StoreError> {
        self.stage.there(&self.life, Part::Store).await?;
        let open = Open(self.connection().await);
        if !self.stage.variant.each_statement_commits {
            open.0.execute_batch("BEGIN IMMEDIATE").map_err(classify)?;
        }
        let (stage, life) = (Arc::clone(&self.stage), Arc::clone(&self.life));
        let began = stage.now();
        Ok(SimulatedTx { stage, life, open: AsyncMutex::new(open), began })
    }

    async fn connection(&self) -> OwnedMutexGuard<Connection> {
        let connection = Arc::clone(&self.stage.database).lock_owned().await;
        // Whoever died while it waited for its turn does nothing more.
        self.life.alive().await;
        connection
    }

    fn note(&self, what: &str, statement: &Statement) {
        self.stage.note(self.life.name, what, body(statement));
    }
}

impl SimulatedTx {
    /// One statement, there and back.
    async fn carry_out<T>(
        &self,
        statement: &'static Statement,
        work: impl FnOnce(&Connection, &str) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.stage.there(&self.life, Part::Store).await?;
        let conflict = self.stage.weather().conflict;
        if self.stage.strikes(conflict, "transactions in each other's way") {
            return Err(StoreError::Conflict(Box::new(Lost)));
        }
        let open = self.open.lock().await;
        self.life.alive().await;
        self.stage.note(self.life.name, "statement", body(statement));
        let done = work(&open.0, &self.stage.variant.edit(statement.sqlite()))?;
        drop(open);
        self.stage.back(&self.life, Part::Store).await?;
        Ok(done)
    }

    pub(crate) async fn query(
        &self,
        statement: &'static Statement,
        rows: Rows,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = each_parameters(statement, rows);
        self.carry_out(statement, |connection, text| each_row(connection, text, rows)).await
    }

    pub(crate) async fn execute(
        &self,
        statement: &'static Statement,
        rows: Rows,
    ) -> Result<u64, StoreError> {
        let rows = each_parameters(statement, rows);
        self.watch(statement, &rows);
        self.carry_out(statement, |connection, text| execute(connection, text, rows)).await
    }

    /// Writes down which tasks this transaction answers.
    fn watch(&self, statement: &Statement, rows: &Rows) {
        if !statement.sqlite().contains("UPDATE tasks SET outcome") {
            return;
        }
        for row in rows {
            if let [_, Value::Uuid(task), Value::Text(outcome), ..] = row.as_slice()
                && outcome != "timeout"
            {
                lock(&self.stage.answering).insert(*task, self.began);
            }
        }
    }

    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        self.stage.there(&self.life, Part::Store).await?;
        let open = self.open.into_inner();
        let lies = self.stage.variant.commits_that_lie;
        let kept = lies == 0.0 || !self.stage.strikes(lies, "commits that were none");
        if !open.0.is_autocommit() {
            open.0.execute_batch(if kept { "COMMIT" } else { "ROLLBACK" }).map_err(classify)?;
        }
        self.stage.note(self.life.name, "committed", "");
        drop(open);
        self.stage.back(&self.life, Part::Store).await?;
        Ok(())
    }
}

/// The statement without its batch.
fn body(statement: &Statement) -> &str {
    let text = statement.sqlite();
    text.split_once("))").map_or(text, |(_, body)| body)
}

/// A database in memory that tells the time of the run of its thread.
pub(super) fn in_memory() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("PRAGMA foreign_keys = ON").unwrap();
    connection.set_prepared_statement_cache_capacity(256);
    add_functions(&connection, || {
        super::process::stage().map_or(jiff::Timestamp::UNIX_EPOCH, |stage| stage.now())
    })
    .unwrap();
    connection
}

/// A copy of a database, as bytes.
pub(super) fn copy(database: &Mutex<Vec<u8>>) -> Connection {
    let bytes = database.lock().unwrap_or_else(PoisonError::into_inner);
    let mut connection = in_memory();
    connection.deserialize_read_exact("main", bytes.as_slice(), bytes.len(), false).unwrap();
    connection
}
