//! The store: the truth about tasks, orders and payments. One method is one transaction.
//!
//! Both databases run the same statements (see [`database`](crate::database)); a method reads the same for either.

pub mod answers;
pub mod audit;
pub mod audit_runs;
pub mod backlog;
pub mod callbacks;
mod claiming;
pub mod dead_letters;
pub mod denials;
mod facts;
pub mod journal;
pub mod migrate;
pub mod notifications;
pub mod overdue;
pub mod pauses;
pub mod probe;
pub mod queues;
pub mod reference;
pub mod register;
mod resuming;
mod retention;
pub mod samples;
pub mod settle;
mod subscriptions;
pub mod tasks;
mod upkeep;

pub mod upstream;

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

pub use self::answers::Found;
pub use self::backlog::Backlog;
use self::journal::{Act, Actor, Recorded};
pub use self::register::Registration;
pub use self::resuming::{Holding, Resumed};
pub use self::settle::{Batch, Settled, Settlement};
pub use self::upkeep::Republish;
use crate::database::postgres::PostgresDb;
use crate::database::recorded::Change;
use crate::database::sqlite::SqliteDb;
use crate::database::{Db, Statement, StoreError, StoreSettings, Type, row};
use crate::engine::protocol::Protocols;

/// A store, whichever database it is in.
#[derive(Debug, Clone)]
pub struct Store {
    db: Db,
    protocols: &'static Protocols,
    recorded: Option<Arc<Recorded>>,
}

impl Store {
    /// A store in a PostgreSQL database (`postgres://user@host/name`), whose tasks are of these protocols. Connects
    /// when first used.
    pub fn postgres(
        url: &str,
        settings: &StoreSettings,
        protocols: &'static Protocols,
    ) -> Result<Store, StoreError> {
        Ok(Store::of(Db::new(PostgresDb::new(url, settings)?), protocols))
    }

    /// A store in a SQLite file, which is created when it is not there; its tasks are of these protocols.
    pub fn sqlite(path: &Path, protocols: &'static Protocols) -> Result<Store, StoreError> {
        Ok(Store::of(Db::new(SqliteDb::open(path)?), protocols))
    }

    /// A store in this database, whose tasks are of these protocols.
    pub fn of(db: Db, protocols: &'static Protocols) -> Store {
        Store { db, protocols, recorded: None }
    }

    /// The same, whose every change by a transaction is entered in the journal as this, unless it enters something itself.
    pub fn recorded(&self, actor: Actor, act: Act) -> Store {
        let recorded = Arc::new(Recorded { plain: self.unrecorded().db, actor, act });
        let entry = {
            let recorded = Arc::clone(&recorded);
            move || journal::entry(&recorded.actor, recorded.act.clone())
        };
        let db = recorded.plain.recorded(entry);
        Store { db, protocols: self.protocols, recorded: Some(recorded) }
    }

    /// The same; what is entered of a change is made of the rows that were changed.
    pub fn recorded_with_changes(
        &self,
        actor: Actor,
        act: Act,
        of: impl Fn(&Act, &[Change]) -> Act + Send + Sync + 'static,
    ) -> Store {
        let recorded = Arc::new(Recorded { plain: self.unrecorded().db, actor, act });
        let entry = {
            let recorded = Arc::clone(&recorded);
            move |changes: &[Change]| journal::entry(&recorded.actor, of(&recorded.act, changes))
        };
        let db = recorded.plain.recorded_with_changes(entry);
        Store { db, protocols: self.protocols, recorded: Some(recorded) }
    }

    /// The protocols that its tasks are of.
    pub fn protocols(&self) -> &'static Protocols {
        self.protocols
    }

    /// The database, for the statements of a protocol over its own tables.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// What it is, for people.
    pub fn kind(&self) -> &'static str {
        self.db.kind()
    }

    /// The database's clock: the only one that counts.
    pub async fn clock(&self) -> Result<Timestamp, StoreError> {
        static CLOCK: Statement =
            Statement::read(&[("n", Type::Int)], "SELECT wsa_now() AS now FROM batch");
        let rows = self.db.run(&CLOCK, vec![row![1]]).await?;
        let mut row =
            rows.into_iter().next().ok_or_else(|| StoreError::Corrupt("no clock".into()))?;
        row.get("now")
    }

    /// Whether it answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        static PING: Statement = Statement::read(&[("n", Type::Int)], "SELECT n FROM batch");
        self.db.run(&PING, vec![row![1]]).await.map(drop)
    }
}
