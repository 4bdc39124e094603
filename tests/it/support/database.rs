//! PostgreSQL databases: one for each test, cloned from a migrated template that is made once a run.

use std::time::Duration;

use tokio::sync::OnceCell;
use tokio_postgres::{Client, NoTls};
use url::Url;
use uuid::Uuid;
use wsa::database::postgres::PostgresDb;
use wsa::database::{Db, PoolMode, StoreSettings};
use wsa::engine::store::Store;
use wsa::protocols;
use wsa::runtime::tls::ClientTls;

use super::{servers, to_its_end};

static TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// A database of one test; dropped with it.
#[derive(Debug)]
pub struct Database {
    name: String,
}

impl Database {
    /// With the schema, and nothing in it.
    pub async fn migrated() -> Database {
        let template = TEMPLATE.get_or_init(|| async {
            let template = Database::empty().await;
            template.store().migrate().await.unwrap();
            let name = template.name.clone();
            // Kept for the whole run.
            std::mem::forget(template);
            name
        });
        Database::create(&format!("TEMPLATE {}", template.await)).await
    }

    /// Without a schema.
    pub async fn empty() -> Database {
        Database::create("TEMPLATE template0").await
    }

    /// The same in an encoding of its own.
    pub async fn in_encoding(encoding: &str) -> Database {
        let locale = "LC_COLLATE 'C' LC_CTYPE 'C'";
        Database::create(&format!("TEMPLATE template0 ENCODING '{encoding}' {locale}")).await
    }

    async fn create(from: &str) -> Database {
        let name = format!("wsa_it_{}", Uuid::new_v4().simple());
        administer(&format!("CREATE DATABASE {name} {from}")).await.unwrap();
        Database { name }
    }

    pub fn url(&self) -> String {
        let mut url = Url::parse(&servers::database_url()).unwrap();
        url.set_path(&self.name);
        url.into()
    }

    pub fn store(&self) -> Store {
        store_at(&self.url())
    }

    pub fn db(&self) -> Db {
        Db::new(PostgresDb::new(&self.url(), &settings()).unwrap())
    }

    /// Ends every connection, and lets nobody in until [`Database::open_again`].
    pub async fn shut(&self) {
        let name = &self.name;
        administer(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await.unwrap();
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname";
        administer(&format!("{end} = '{name}'")).await.unwrap();
    }

    /// Has new connections read only, or not, and ends those that there are; an error when it is not there.
    pub async fn read_only(&self, on: bool) -> Result<(), tokio_postgres::Error> {
        let name = &self.name;
        let set = if on {
            "SET default_transaction_read_only = on"
        } else {
            "RESET default_transaction_read_only"
        };
        administer(&format!("ALTER DATABASE {name} {set}")).await?;
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname";
        administer(&format!("{end} = '{name}'")).await
    }

    /// Lets everybody in again.
    pub async fn open_again(&self) {
        administer(&format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", self.name)).await.unwrap();
    }

    pub async fn connect(&self) -> Client {
        connect(&self.url()).await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let drop_it = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        to_its_end(async move { drop(administer(&drop_it).await) });
    }
}

async fn administer(statement: &str) -> Result<(), tokio_postgres::Error> {
    connect(&servers::database_url()).await.batch_execute(statement).await
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// The store in any database.
pub fn store_at(url: &str) -> Store {
    Store::postgres(url, &settings(), protocols::ALL.protocols()).unwrap()
}

pub fn settings() -> StoreSettings {
    StoreSettings {
        pool_size: 12,
        pool_mode: PoolMode::Session,
        connect_timeout: Duration::from_secs(10),
        statement_timeout: Duration::from_secs(30),
        lock_timeout: Duration::from_secs(10),
        tls: ClientTls::default(),
    }
}
