//! The schema of a PostgreSQL database.

use tokio_postgres::Client;
use tokio_postgres::types::Type;

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
    let tx = db.begin_as(db.sessions.begin()).await?;
    let client = tx.client()?;
    take_turn(client).await.map_err(classify)?;
    client.batch_execute(CREATE_TABLE).await.map_err(classify)?;
    let newest = number(client, NEWEST).await?;
    let missing = missing(steps, newest);
    for step in &missing {
        client.batch_execute(step.postgres).await.map_err(classify)?;
        let applied = format!("INSERT INTO wsa_migrations VALUES ({})", step.number);
        client.batch_execute(&applied).await.map_err(classify)?;
    }
    Box::new(tx).commit().await?;
    Ok(missing.iter().map(|step| step.name).collect())
}

/// The newest step that was applied; 0 for none.
pub(super) async fn newest(db: &PostgresDb) -> Result<i64, StoreError> {
    let client = db.connection().await?;
    let there =
        "SELECT CASE WHEN to_regclass('wsa_migrations') IS NULL THEN 0::bigint ELSE 1 END AS there";
    match number(&client, there).await? {
        0 => Ok(0),
        _ => number(&client, NEWEST).await,
    }
}

/// The one number that a text selects. Nothing is prepared: a pooler may hand out the server process to somebody else.
async fn number(client: &Client, text: &str) -> Result<i64, StoreError> {
    let row = client.query_typed_one(text, &[]).await.map_err(classify)?;
    row.try_get(0).map_err(classify)
}

/// Waits for whoever migrates already, however long that takes. A step may fill an index of everything there
/// is; for a table it waits no longer than other statements, because all others queue up behind it.
async fn take_turn(tx: &Client) -> Result<(), tokio_postgres::Error> {
    let bound = "SELECT current_setting('lock_timeout') AS bound";
    let lock_timeout: String = tx.query_typed_one(bound, &[]).await?.try_get("bound")?;
    tx.batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0").await?;
    tx.batch_execute(&format!("SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")).await?;
    let again = "SELECT set_config('lock_timeout', $1, true)";
    tx.query_typed(again, &[(&lock_timeout, Type::TEXT)]).await.map(drop)
}
