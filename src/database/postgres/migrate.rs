//! The schema of a PostgreSQL database.

use tokio_postgres::Client;

use super::{PostgresDb, classify};
use crate::database::migration::{CREATE_TABLE, Migration, NEWEST, missing};
use crate::database::{StoreError, Transaction};

/// Any constant: two processes that migrate at once wait for each other.
const ADVISORY_LOCK: i64 = 0x7773_615f_6d69_6772;

/// Applies the steps that are missing, in one transaction, and gives their names.
pub(super) async fn migrate(
    db: &PostgresDb,
    steps: &'static [Migration],
) -> Result<Vec<&'static str>, StoreError> {
    // Given up half-way, it takes its connection along: nobody gets one that waits for a turn.
    let tx = db.begin_as("BEGIN").await?;
    let client = tx.client()?;
    take_turn(client).await.map_err(classify)?;
    client.batch_execute(CREATE_TABLE).await.map_err(classify)?;
    let newest: i64 = client.query_one(NEWEST, &[]).await.map_err(classify)?.get("newest");
    let missing = missing(steps, newest);
    for step in &missing {
        client.batch_execute(step.postgres).await.map_err(classify)?;
        client
            .execute("INSERT INTO wsa_migrations VALUES ($1)", &[&step.number])
            .await
            .map_err(classify)?;
    }
    Box::new(tx).commit().await?;
    Ok(missing.iter().map(|step| step.name).collect())
}

/// The newest step that was applied; 0 for none.
pub(super) async fn newest(db: &PostgresDb) -> Result<i64, StoreError> {
    let client = db.connection().await?;
    let there = "SELECT to_regclass('wsa_migrations') IS NOT NULL AS there";
    Ok(match client.query_one(there, &[]).await.map_err(classify)?.get("there") {
        true => client.query_one(NEWEST, &[]).await.map_err(classify)?.get("newest"),
        false => 0,
    })
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
