//! The schema of a PostgreSQL database, changed while others work in it.
//!
//! Each step is a transaction of its own, or, where its indexes are made concurrently, none. A step that needs a table
//! for itself waits for it a moment only, as everybody else queues up behind it; then it lets go, and tries again.

mod outside;

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::sleep;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::transaction::PostgresTx;
use super::{PostgresDb, classify};
use crate::database::migration::{APPLIED, CREATE_TABLE, Migration, missing};
use crate::database::{StoreError, Transaction};
use crate::runtime::jitter;

/// Any constant: two processes that migrate at once wait for each other.
const ADVISORY_LOCK: i64 = 0x7773_615f_6d69_6772;
/// How often a process looks whether its turn has come.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// For how long a step waits for a lock, with everybody else behind it. Shorter than any of them waits.
const MOMENT: Duration = Duration::from_millis(500);
/// The pause before the next attempt, in which those behind it get on.
const PAUSE: Duration = Duration::from_secs(1);
/// How often it is tried: for some minutes.
const ATTEMPTS: u32 = 200;

/// Applies the steps that are missing, and gives their names.
pub(super) async fn migrate(
    db: &PostgresDb,
    steps: &'static [Migration],
) -> Result<Vec<&'static str>, StoreError> {
    let turn = take_turn(db).await?;
    let own = db.begin_as(db.sessions.begin()).await?;
    own.client()?.batch_execute(CREATE_TABLE).await.map_err(classify)?;
    Box::new(own).commit().await?;
    let missing = missing(steps, &applied(db).await?);
    for step in &missing {
        // Whoever has lost his connection has lost his turn.
        turn.client()?.batch_execute("SELECT 1").await.map_err(classify)?;
        match step.outside()? {
            None => within_a_transaction(db, step).await?,
            Some(statements) => outside::apply(db, step, &statements).await?,
        }
        tracing::info!("the schema: {} is applied", step.name);
    }
    Box::new(turn).commit().await?;
    Ok(missing.iter().map(|step| step.name).collect())
}

/// The numbers of the steps that were applied. Nothing is prepared: a pooler may hand out the server process to somebody
/// else.
pub(super) async fn applied(db: &PostgresDb) -> Result<BTreeSet<i64>, StoreError> {
    let client = db.connection().await?;
    let there = "SELECT to_regclass('wsa_migrations') IS NOT NULL AS there";
    if !flag(&client, there).await? {
        return Ok(BTreeSet::new());
    }
    let rows = client.query_typed(APPLIED, &[]).await.map_err(classify)?;
    rows.iter().map(|row| row.try_get("number").map_err(classify)).collect()
}

/// The one truth that a text selects.
async fn flag(client: &Client, text: &str) -> Result<bool, StoreError> {
    let row = client.query_typed_one(text, &[]).await.map_err(classify)?;
    row.try_get(0).map_err(classify)
}

fn record(step: &Migration) -> String {
    format!("INSERT INTO wsa_migrations VALUES ({})", step.number)
}

/// Waits for whoever migrates already, however long that takes, and keeps others waiting for as long as what it gives is
/// kept: a transaction that does nothing. It looks again and again instead of waiting in the database: an index that is
/// made concurrently waits for every statement that is running, also for one that waits for its turn.
async fn take_turn(db: &PostgresDb) -> Result<PostgresTx, StoreError> {
    let look = format!("SELECT pg_try_advisory_xact_lock({ADVISORY_LOCK}) AS mine");
    loop {
        let tx = db.begin_as(db.sessions.begin()).await?;
        let client = tx.client()?;
        if flag(client, &look).await? {
            let idle = "SET LOCAL idle_in_transaction_session_timeout = 0";
            client.batch_execute(idle).await.map_err(classify)?;
            return Ok(tx);
        }
        Box::new(tx).commit().await?;
        sleep(LOOK_AGAIN.mul_f64(jitter::pick(0.5..1.5))).await;
    }
}

async fn within_a_transaction(db: &PostgresDb, step: &Migration) -> Result<(), StoreError> {
    let mut attempts = 0;
    loop {
        // Given up half-way, it takes its connection along: nobody gets one that waits for a lock.
        let tx = db.begin_as(db.sessions.begin()).await?;
        let Err(error) = apply(tx.client()?, step).await else {
            return Box::new(tx).commit().await;
        };
        drop(tx);
        let in_the_way = [SqlState::LOCK_NOT_AVAILABLE, SqlState::T_R_DEADLOCK_DETECTED];
        attempts += 1;
        if !error.code().is_some_and(|code| in_the_way.contains(code)) || attempts == ATTEMPTS {
            return Err(classify(error));
        }
        if attempts == 1 {
            tracing::warn!(
                "the schema: {} waits until a transaction is over that uses a table which it changes; the oldest in \
                 pg_stat_activity is perhaps the one",
                step.name
            );
        }
        sleep(PAUSE.mul_f64(jitter::pick(0.7..1.0))).await;
    }
}

/// A step may fill an index of everything there is: it takes as long as it does.
async fn apply(client: &Client, step: &Migration) -> Result<(), tokio_postgres::Error> {
    let moment = MOMENT.as_millis();
    let bounds = format!("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '{moment}ms'");
    client.batch_execute(&bounds).await?;
    client.batch_execute(step.postgres).await?;
    client.batch_execute(&record(step)).await
}
