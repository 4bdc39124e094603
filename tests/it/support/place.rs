//! Where the data of one test is: a SQLite file or a PostgreSQL database of its own.

use std::path::PathBuf;

use tempfile::TempDir;
use wsa::database::Db;
use wsa::database::sqlite::SqliteDb;
use wsa::engine::store::Store;
use wsa::protocols;
use wsa::surface::ProtocolList;

use super::database::Database;

/// Which store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stores {
    Sqlite,
    Postgres,
}

/// The place of a store; gone when dropped.
#[derive(Debug)]
pub enum Place {
    Sqlite(TempDir),
    Postgres(Database),
}

impl Place {
    /// A store with the schema.
    pub async fn migrated(kind: Stores) -> Place {
        match kind {
            Stores::Sqlite => {
                let place = Place::empty(kind).await;
                place.open().migrate().await.unwrap();
                place
            }
            Stores::Postgres => Place::Postgres(Database::migrated().await),
        }
    }

    /// A store without a schema.
    pub async fn empty(kind: Stores) -> Place {
        match kind {
            Stores::Sqlite => Place::Sqlite(TempDir::new().unwrap()),
            Stores::Postgres => Place::Postgres(Database::empty().await),
        }
    }

    /// One more store in this place, as another process would have.
    pub fn open(&self) -> Store {
        match self {
            Place::Sqlite(_) => Store::sqlite(&self.file(), protocols::ALL.protocols()).unwrap(),
            Place::Postgres(database) => database.store(),
        }
    }

    /// The same, of a program that speaks these protocols.
    pub fn open_speaking(&self, list: &'static ProtocolList) -> Store {
        Store::of(self.db(), list.protocols())
    }

    /// The database of such a store, for statements of a test's own.
    pub fn db(&self) -> Db {
        match self {
            Place::Sqlite(_) => Db::new(SqliteDb::open(&self.file()).unwrap()),
            Place::Postgres(database) => database.db(),
        }
    }

    /// The settings that lead a process here.
    pub fn settings(&self) -> (&'static str, String) {
        match self {
            Place::Sqlite(directory) => {
                ("store.data_dir", directory.path().to_str().unwrap().to_owned())
            }
            Place::Postgres(database) => ("store.database_url", database.url()),
        }
    }

    /// The file of a SQLite store, as `wsa up` names it.
    pub fn file(&self) -> PathBuf {
        match self {
            Place::Sqlite(directory) => directory.path().join("wsa.sqlite3"),
            Place::Postgres(_) => panic!("a PostgreSQL store has no file"),
        }
    }
}
