//! Steps outside a transaction: indexes that are made while others write. One that was interrupted leaves an index
//! that is not valid: it is never used, every write pays for it, and its name is taken. So it is dropped and made again.

use deadpool_postgres::Object;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

use super::record;
use crate::database::migration::{Migration, Outside};
use crate::database::postgres::{PostgresDb, classify};
use crate::database::{PoolMode, StoreError};

/// Applies a step that consists of these statements. What was done of it before is kept.
pub(super) async fn apply(
    db: &PostgresDb,
    step: &Migration,
    statements: &[Outside],
) -> Result<(), StoreError> {
    // Not given back: it has other bounds than the rest.
    let client = Object::take(db.connection().await?);
    if db.sessions.mode() == PoolMode::Session {
        let unbounded = "SET statement_timeout = 0; SET lock_timeout = 0";
        client.batch_execute(unbounded).await.map_err(classify)?;
    }
    for statement in statements {
        match statement {
            Outside::Drop(index) => drop_index(&client, index).await?,
            Outside::Create { index, statement } => create(&client, step, index, statement).await?,
        }
    }
    client.batch_execute(&record(step)).await.map_err(classify)
}

async fn create(
    client: &Client,
    step: &Migration,
    index: &str,
    statement: &str,
) -> Result<(), StoreError> {
    match is_valid(client, index).await? {
        Some(true) => return Ok(()),
        Some(false) => {
            tracing::warn!(
                "the schema: {}: the index {index} was left half made; it is made again",
                step.name
            );
            drop_index(client, index).await?;
        }
        None => {}
    }
    client.batch_execute(statement).await.map_err(classify)?;
    match is_valid(client, index).await? {
        Some(true) => Ok(()),
        found => {
            let found = found.map_or("is not there", |_| "is not valid");
            let message =
                format!("step {}: the index {index} {found} after it was made", step.name);
            Err(StoreError::Corrupt(message))
        }
    }
}

async fn drop_index(client: &Client, index: &str) -> Result<(), StoreError> {
    let drop = format!("DROP INDEX CONCURRENTLY IF EXISTS {index}");
    client.batch_execute(&drop).await.map_err(classify)
}

/// Whether an index can be used; `None`: there is none of this name.
async fn is_valid(client: &Client, index: &str) -> Result<Option<bool>, StoreError> {
    let text = "SELECT indisvalid AND indisready AS valid FROM pg_index WHERE indexrelid = to_regclass($1)";
    let rows = client.query_typed(text, &[(&index, Type::TEXT)]).await.map_err(classify)?;
    rows.first().map(|row| row.try_get("valid").map_err(classify)).transpose()
}
