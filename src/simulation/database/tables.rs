//! The tables of a run, in memory.

use std::cell::RefCell;
use std::sync::Arc;

use rusqlite::Connection;
use tokio::sync::Mutex as AsyncMutex;

use super::tell;
use crate::database::sqlite::{add_functions, migrate};
use crate::engine::store::migrate::MIGRATIONS;
use crate::simulation::variant::Variant;
use crate::simulation::{process, protocols};

/// The tables that all processes of a run share.
pub(crate) type Tables = Arc<AsyncMutex<Connection>>;

/// A database in memory that tells the time of the run of its thread.
fn in_memory() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("PRAGMA foreign_keys = ON").unwrap();
    connection.set_prepared_statement_cache_capacity(1024);
    add_functions(&connection, || {
        process::current().map_or(jiff::Timestamp::UNIX_EPOCH, |simulation| simulation.now())
    })
    .unwrap();
    connection
}

thread_local! {
    /// The database of the last run of this thread, and which variant's schema it has.
    static LAST: RefCell<Option<(&'static str, Tables)>> = const { RefCell::new(None) };
}

/// The database for a run, as every run of this variant finds it.
pub(crate) fn begin(variant: &Variant) -> Tables {
    let last = LAST.take().filter(|(schema, _)| *schema == variant.schema);
    let database = last.map_or_else(|| made(variant), |(_, database)| database);
    tell(&database.try_lock().unwrap(), "BEGIN").unwrap();
    database
}

fn made(variant: &Variant) -> Tables {
    let mut database = in_memory();
    migrate::migrate(&mut database, MIGRATIONS).unwrap();
    database.execute_batch(variant.schema).unwrap();
    protocols::set(&database).unwrap();
    Arc::new(AsyncMutex::new(database))
}

/// Takes back all that a run did; nothing of it may still go on.
pub(crate) fn end(database: Tables, variant: &Variant) {
    tell(&database.try_lock().unwrap(), "ROLLBACK").unwrap();
    LAST.set(Some((variant.schema, database)));
}
