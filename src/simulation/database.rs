//! The simulated database: SQLite in memory behind a network that can fail, with a clock that can jump. A
//! transaction that is dropped, because its process died or gave up, is rolled back.
//!
//! A whole run is one transaction of SQLite that is rolled back in the end, and the transactions of its processes
//! are savepoints in it: the next run of the thread begins with the same tables and with every statement
//! prepared already.

mod tables;

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::FutureExt;
use jiff::Timestamp;
use rusqlite::Connection;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

pub(crate) use self::tables::{Tables, begin, end};
use super::Lost;
use super::context::{Part, Simulation, lock};
use super::process::ProcessInstance;
use crate::database::sqlite::{classify, each_parameters, each_row, execute, migrate};
use crate::database::{
    Access, Answer, Database, Migration, Moment, Row, Rows, Statement, StoreError, Transaction,
    Value,
};

/// The database as one process sees it.
#[derive(Debug)]
pub(crate) struct SimulatedDb {
    simulation: Arc<Simulation>,
    instance: Arc<ProcessInstance>,
}

/// A transaction of one process.
pub(crate) struct SimulatedTx {
    simulation: Arc<Simulation>,
    instance: Arc<ProcessInstance>,
    open: AsyncMutex<Open>,
    began: Timestamp,
}

/// The database for one transaction alone.
struct Open {
    connection: OwnedMutexGuard<Connection>,
    /// Whether there is something to take back.
    begun: bool,
    /// Whether what is dropped stays.
    keeps: bool,
}

impl Open {
    fn begin(&mut self) -> rusqlite::Result<()> {
        self.begun = true;
        tell(&self.connection, "SAVEPOINT work")
    }

    fn end(&mut self, kept: bool) -> rusqlite::Result<()> {
        if std::mem::take(&mut self.begun) {
            if !kept {
                tell(&self.connection, "ROLLBACK TO work")?;
            }
            tell(&self.connection, "RELEASE work")?;
        }
        Ok(())
    }
}

fn tell(connection: &Connection, what: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(what)?.execute([]).map(drop)
}

impl Drop for Open {
    fn drop(&mut self) {
        let keeps = self.keeps;
        self.end(keeps).unwrap();
    }
}

impl From<Lost> for StoreError {
    fn from(lost: Lost) -> StoreError {
        StoreError::Unavailable(Box::new(lost))
    }
}

impl SimulatedDb {
    pub(crate) fn new(
        simulation: &Arc<Simulation>,
        instance: &Arc<ProcessInstance>,
    ) -> SimulatedDb {
        SimulatedDb { simulation: Arc::clone(simulation), instance: Arc::clone(instance) }
    }

    async fn read(
        &self,
        statement: &'static Statement,
        rows: Rows,
    ) -> Result<Vec<Row>, StoreError> {
        self.simulation.there(&self.instance, Part::Store).await?;
        let connection = self.connection().await;
        let rows = each_parameters(statement, rows);
        self.note("read", statement);
        let found = each_row(&connection, &self.simulation.variant.edit(statement.sqlite()), rows)?;
        drop(connection);
        self.simulation.back(&self.instance, Part::Store).await?;
        Ok(found)
    }

    async fn connection(&self) -> OwnedMutexGuard<Connection> {
        let connection = Arc::clone(&self.simulation.database).lock_owned().await;
        // Whoever died while it waited for its turn does nothing more.
        self.instance.until_running().await;
        connection
    }

    fn note(&self, what: &str, statement: &Statement) {
        self.simulation.note(self.instance.name, what, &statement.body());
    }
}

impl Database for SimulatedDb {
    fn kind(&self) -> &'static str {
        "simulated"
    }

    fn run(&self, statement: &'static Statement, rows: Rows) -> Answer<'_, Vec<Row>> {
        if statement.access == Access::Read {
            return self.read(statement, rows).boxed();
        }
        async move {
            let tx = self.begin().await?;
            let found = tx.query(statement, rows).await?;
            tx.commit().await.map(|()| found)
        }
        .boxed()
    }

    fn begin(&self) -> Answer<'_, Box<dyn Transaction>> {
        async {
            self.simulation.there(&self.instance, Part::Store).await?;
            let mut open = Open {
                connection: self.connection().await,
                begun: false,
                keeps: self.simulation.variant.keeps_what_is_dropped,
            };
            if !self.simulation.variant.each_statement_commits {
                open.begin().map_err(classify)?;
            }
            let (simulation, instance) = (Arc::clone(&self.simulation), Arc::clone(&self.instance));
            let began = simulation.now();
            let tx = SimulatedTx { simulation, instance, open: AsyncMutex::new(open), began };
            Ok(Box::new(tx) as Box<dyn Transaction>)
        }
        .boxed()
    }

    fn snapshot(&self) -> Answer<'_, Box<dyn Moment>> {
        let error = StoreError::Refused("a simulation has a checker of its own".into());
        async { Err(error) }.boxed()
    }

    fn migrate(&self, steps: &'static [Migration]) -> Answer<'_, Vec<&'static str>> {
        async move {
            let mut connection = self.connection().await;
            migrate::migrate(&mut connection, steps).map_err(classify)
        }
        .boxed()
    }

    fn applied_migrations(&self) -> Answer<'_, BTreeSet<i64>> {
        async { migrate::applied(&*self.connection().await).map_err(classify) }.boxed()
    }
}

impl SimulatedTx {
    /// One statement, there and back.
    async fn carry_out<T>(
        &self,
        statement: &'static Statement,
        work: impl FnOnce(&Connection, &str) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.simulation.there(&self.instance, Part::Store).await?;
        if self.simulation.is_in_the_way(&self.instance) {
            return Err(StoreError::Conflict(Box::new(Lost)));
        }
        let open = self.open.lock().await;
        self.instance.until_running().await;
        self.simulation.note(self.instance.name, "statement", &statement.body());
        let done = work(&open.connection, &self.simulation.variant.edit(statement.sqlite()));
        let done = done.map_err(|error| match error.is_passing() {
            false if self.simulation.variant.violations_are_conflicts => {
                StoreError::Conflict(Box::new(error))
            }
            _ => error,
        })?;
        drop(open);
        self.simulation.back(&self.instance, Part::Store).await?;
        Ok(done)
    }

    /// Writes down which tasks this transaction answers.
    fn watch(&self, statement: &Statement, rows: &Rows) {
        if !statement.body().starts_with("UPDATE tasks SET outcome") {
            return;
        }
        for row in rows {
            if let [_, Value::Uuid(task), Value::Text(outcome), ..] = row.as_slice()
                && outcome != "timeout"
            {
                lock(&self.simulation.answering).insert(*task, self.began);
            }
        }
    }

    async fn end(self) -> Result<(), StoreError> {
        self.simulation.there(&self.instance, Part::Store).await?;
        let mut open = self.open.into_inner();
        let lies = self.simulation.variant.commits_that_lie;
        let kept = lies == 0.0 || !self.simulation.strikes(lies, "commits that were none");
        open.end(kept).map_err(classify)?;
        spoil(&self.simulation, &open.connection).map_err(classify)?;
        self.simulation.note(self.instance.name, "committed", "");
        drop(open);
        self.simulation.back(&self.instance, Part::Store).await?;
        Ok(())
    }
}

impl Transaction for SimulatedTx {
    fn query(&self, statement: &'static Statement, rows: Rows) -> Answer<'_, Vec<Row>> {
        let rows = each_parameters(statement, rows);
        self.carry_out(statement, |connection, text| each_row(connection, text, rows)).boxed()
    }

    fn execute(&self, statement: &'static Statement, rows: Rows) -> Answer<'_, u64> {
        async move {
            let rows = each_parameters(statement, rows);
            self.watch(statement, &rows);
            self.carry_out(statement, |connection, text| execute(connection, text, rows)).await
        }
        .boxed()
    }

    fn commit(self: Box<Self>) -> Answer<'static, ()> {
        self.end().boxed()
    }
}

/// Somebody makes orders with the guids of these tasks, once they are registered.
fn spoil(simulation: &Simulation, connection: &Connection) -> rusqlite::Result<()> {
    let mut to_spoil = lock(&simulation.to_spoil);
    let mut left = Vec::new();
    for (task, object) in to_spoil.drain(..) {
        let order = "INSERT INTO orders (object_id, order_guid, status, total, paid, created_at, content, version)
                     SELECT ?1, ?2, 'Created', 100, 0, 0, (SELECT min(content) FROM orders), 1
                     FROM tasks WHERE task_guid = ?2";
        match connection.prepare_cached(order)?.execute((object, task.as_bytes().as_slice()))? {
            0 => left.push((task, object)),
            _ => {
                simulation.count("tasks that cannot be written");
                lock(&simulation.spoilt).insert(task);
            }
        }
    }
    *to_spoil = left;
    Ok(())
}
