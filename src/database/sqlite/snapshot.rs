//! A moment of a SQLite database: a connection that can only query, inside one read transaction. The write-ahead log
//! grows until it ends.

use std::path::Path;
use std::sync::Arc;

use futures_util::FutureExt;
use rusqlite::Connection;
use tokio::sync::Mutex;

use super::{blocking, classify, each};
use crate::database::{Answer, Moment, Step, StoreError};

struct SqliteMoment(Arc<Mutex<Connection>>);

/// Begins a read transaction on a connection of its own. What it sorts goes to temporary files, not to memory.
pub(super) async fn open(path: &Path) -> Result<Box<dyn Moment>, StoreError> {
    let path = path.to_owned();
    let connection = blocking(move || {
        let connection = super::open(&path)?;
        connection
            .execute_batch("PRAGMA query_only = ON; PRAGMA temp_store = FILE; BEGIN")
            .map_err(classify)?;
        Ok(connection)
    });
    Ok(Box::new(SqliteMoment(Arc::new(Mutex::new(connection.await?)))))
}

impl Moment for SqliteMoment {
    fn is_postgres(&self) -> bool {
        false
    }

    fn each(&self, text: String, step: Step) -> Answer<'_, ()> {
        async move {
            let connection = Arc::clone(&self.0).lock_owned().await;
            blocking(move || each(&connection, &text, step)).await
        }
        .boxed()
    }
}
