//! The schema: numbered SQL files, applied in order, each once.
//!
//! `wsa migrate` and `wsa up` apply; `wsa api` and `wsa worker` only verify, and wait.

use tokio_postgres::Client;

use super::sql::Db;
use super::sql::postgres::classify;
use super::{Store, StoreError};

/// A numbered step of the schema in both dialects.
struct Migration {
    number: i64,
    name: &'static str,
    postgres: &'static str,
    sqlite: &'static str,
}

macro_rules! migrations {
    ($($number:literal $name:literal),* $(,)?) => {
        &[$(Migration {
            number: $number,
            name: $name,
            postgres: include_str!(concat!("../../migrations/postgres/", $name, ".sql")),
            sqlite: include_str!(concat!("../../migrations/sqlite/", $name, ".sql")),
        }),*]
    };
}

/// All of them, in order.
const MIGRATIONS: &[Migration] = migrations![
    1 "001_payments",
    2 "002_deliveries",
    3 "003_activeplatform",
    4 "004_ticketscloud",
    5 "005_billmanager",
    6 "006_dead_letters",
    7 "007_names",
    9 "009_dead_denied",
    10 "010_probes",
    11 "011_denials",
];

const CREATE_TABLE: &str = "CREATE TABLE IF NOT EXISTS wsa_migrations (number bigint PRIMARY KEY)";
const NEWEST: &str = "SELECT coalesce(max(number), 0) AS newest FROM wsa_migrations";

/// Any constant: two processes that migrate at once wait for each other.
const ADVISORY_LOCK: i64 = 0x7773_615f_6d69_6772;

/// How a store's schema compares with what this program needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// It is what this program was built for.
    Current,
    /// Steps are missing: run `wsa migrate`.
    Behind {
        /// The newest step that was applied; 0 for none.
        at: i64,
        /// The newest step that this program knows.
        needed: i64,
    },
    /// A newer program migrated it. Steps only ever add, so this program can go on.
    Ahead,
}

impl Store {
    /// Applies the steps that are missing and gives their names.
    pub async fn migrate(&self) -> Result<Vec<&'static str>, StoreError> {
        match &self.db {
            Db::Postgres(db) => {
                // Given up half-way, it takes its connection along: nobody gets one that waits for a turn.
                let tx = db.begin().await?;
                let client = tx.client()?;
                take_turn(client).await.map_err(classify)?;
                client.batch_execute(CREATE_TABLE).await.map_err(classify)?;
                let newest: i64 =
                    client.query_one(NEWEST, &[]).await.map_err(classify)?.get("newest");
                let missing = missing(newest);
                for step in &missing {
                    client.batch_execute(step.postgres).await.map_err(classify)?;
                    client
                        .execute("INSERT INTO wsa_migrations VALUES ($1)", &[&step.number])
                        .await
                        .map_err(classify)?;
                }
                tx.commit().await?;
                Ok(missing.iter().map(|step| step.name).collect())
            }
            Db::Sqlite(db) => db.with_writer(migrate_sqlite).await,
            #[cfg(test)]
            Db::Simulated(_) => Ok(Vec::new()),
        }
    }

    /// Compares the schema with what this program needs.
    pub async fn schema(&self) -> Result<Schema, StoreError> {
        let newest: i64 = match &self.db {
            Db::Postgres(db) => {
                let client = db.connection().await?;
                let there = "SELECT to_regclass('wsa_migrations') IS NOT NULL AS there";
                match client.query_one(there, &[]).await.map_err(classify)?.get("there") {
                    true => client.query_one(NEWEST, &[]).await.map_err(classify)?.get("newest"),
                    false => 0,
                }
            }
            Db::Sqlite(db) => {
                db.with_writer(|connection| {
                    connection.execute_batch(CREATE_TABLE)?;
                    connection.query_row(NEWEST, [], |row| row.get("newest"))
                })
                .await?
            }
            #[cfg(test)]
            Db::Simulated(_) => return Ok(Schema::Current),
        };
        let needed = MIGRATIONS.last().map_or(0, |step| step.number);
        Ok(match newest.cmp(&needed) {
            std::cmp::Ordering::Equal => Schema::Current,
            std::cmp::Ordering::Less => Schema::Behind { at: newest, needed },
            std::cmp::Ordering::Greater => Schema::Ahead,
        })
    }
}

/// Waits for whoever migrates already, however long that takes. A step may fill an index of everything there
/// is; for a table it waits no longer than other statements, because all others queue up behind it.
async fn take_turn(tx: &Client) -> Result<(), tokio_postgres::Error> {
    let lock_timeout: String =
        tx.query_one("SELECT current_setting('lock_timeout') AS bound", &[]).await?.get("bound");
    tx.batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0").await?;
    tx.execute("SELECT pg_advisory_xact_lock($1)", &[&ADVISORY_LOCK]).await?;
    tx.execute("SELECT set_config('lock_timeout', $1, true)", &[&lock_timeout]).await?;
    Ok(())
}

/// Applies the steps that are missing from a SQLite database and gives their names.
pub(crate) fn migrate_sqlite(
    connection: &mut rusqlite::Connection,
) -> rusqlite::Result<Vec<&'static str>> {
    let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    tx.execute_batch(CREATE_TABLE)?;
    let missing = missing(tx.query_row(NEWEST, [], |row| row.get("newest"))?);
    for step in &missing {
        tx.execute_batch(step.sqlite)?;
        tx.execute("INSERT INTO wsa_migrations VALUES (?1)", [step.number])?;
    }
    tx.commit()?;
    Ok(missing.iter().map(|step| step.name).collect())
}

fn missing(newest: i64) -> Vec<&'static Migration> {
    MIGRATIONS.iter().filter(|step| step.number > newest).collect()
}
