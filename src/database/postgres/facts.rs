//! What a PostgreSQL server says of itself, by simple statements alone: a prepared one would fail in the pooler that is
//! looked for.

use std::time::Duration;

use deadpool_postgres::Object;
use tokio::time::timeout;
use tokio_postgres::SimpleQueryMessage;
use tokio_postgres::error::SqlState;

use super::{PostgresDb, classify};
use crate::database::PoolMode;
use crate::database::{ServerFacts, StoreError};

/// How long reading them may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is looked whether connections are shared. Each look would see it in a pooler at rest; a busy one
/// may by chance give a connection back to who had it before.
const LOOKS: usize = 16;

/// Reads the facts.
pub(super) async fn facts(db: &PostgresDb) -> Result<ServerFacts, StoreError> {
    let silent = |_| StoreError::Unavailable("PostgreSQL does not answer".into());
    timeout(PATIENCE, read(db)).await.map_err(silent)?
}

async fn read(db: &PostgresDb) -> Result<ServerFacts, StoreError> {
    let client = db.connection().await?;
    let text = "SELECT current_setting('server_encoding'), current_setting('client_encoding'), \
                current_setting('fsync'), current_setting('synchronous_commit'), \
                current_setting('full_page_writes'), pg_is_in_recovery(), \
                current_setting('default_transaction_read_only'), current_setting('server_version_num'), \
                current_setting('statement_timeout')";
    let row = row(&client, text).await?;
    let mut values = row.into_iter();
    let mut next = || values.next().unwrap_or_default();
    Ok(ServerFacts {
        server_encoding: next(),
        client_encoding: next(),
        fsync: next(),
        synchronous_commit: next(),
        full_page_writes: next(),
        in_recovery: next() == "t",
        read_only: next() == "on",
        version: next().parse().unwrap_or(i64::MAX),
        statement_timeout: next(),
        shares_connections: match db.sessions.mode() {
            PoolMode::Session => shares_connections(db, client).await?,
            PoolMode::Transaction => splits_transactions(client).await?,
        },
    })
}

/// Two connections that are open at once have a server process each, and keep it: unless somebody in between
/// hands out processes by the transaction. The second connection takes the process that the first one had by
/// beginning a transaction, and the first one gets another for its next statement.
async fn shares_connections(db: &PostgresDb, first: Object) -> Result<bool, StoreError> {
    const PROCESS: &str = "SELECT pg_backend_pid()";
    let second = db.connection().await?;
    let mut seen = row(&first, PROCESS).await?;
    let look = async {
        for _ in 0..LOOKS {
            match second.batch_execute("BEGIN").await {
                Ok(()) => {}
                // PostgreSQL takes it always; what says that the protocol forbids it shares by the statement.
                Err(error) if error.code() == Some(&SqlState::PROTOCOL_VIOLATION) => {
                    return Ok(true);
                }
                Err(error) => return Err(classify(error)),
            }
            if row(&second, PROCESS).await? == seen {
                return Ok(true);
            }
            let again = row(&first, PROCESS).await?;
            if std::mem::replace(&mut seen, again.clone()) != again {
                return Ok(true);
            }
            second.batch_execute("COMMIT").await.map_err(classify)?;
        }
        Ok(false)
    };
    let shared = look.await;
    if !matches!(shared, Ok(false)) {
        // Neither is fit for the pool any more.
        drop((Object::take(first), Object::take(second)));
    }
    shared
}

/// A pooler that hands out server processes by the statement forbids transactions.
async fn splits_transactions(client: Object) -> Result<bool, StoreError> {
    match client.batch_execute("BEGIN").await {
        Ok(()) => client.batch_execute("COMMIT").await.map(|()| false).map_err(classify),
        Err(error) if error.code() == Some(&SqlState::PROTOCOL_VIOLATION) => {
            drop(Object::take(client));
            Ok(true)
        }
        Err(error) => Err(classify(error)),
    }
}

async fn row(client: &Object, text: &str) -> Result<Vec<String>, StoreError> {
    let messages = client.simple_query(text).await.map_err(classify)?;
    let row = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let row = row.ok_or_else(|| StoreError::Corrupt("PostgreSQL gave no row".into()))?;
    Ok((0..row.len()).map(|i| row.get(i).unwrap_or_default().to_owned()).collect())
}
