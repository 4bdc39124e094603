//! A transaction, and how its statements travel: as many as can be before an answer is waited for.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Object, Pool};
use futures_util::future::join_all;
use futures_util::{FutureExt, TryFutureExt, join};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use super::classify;
use super::session::Sessions;
use super::together::Together;
use crate::database::{Answer, Look, Row, Rows, Statement, StoreError, Transaction, Write};

/// A transaction on a connection of its own.
pub(super) struct PostgresTx {
    /// `None` once committed or given up.
    pub(super) client: Option<Object>,
    pub(super) pool: Pool,
    pub(super) sessions: Arc<Sessions>,
    pub(super) patience: Duration,
    /// What begins it; nothing where there is one statement only.
    pub(super) begin: Cow<'static, str>,
    /// Whether it has begun.
    pub(super) begun: OnceCell<()>,
}

impl PostgresTx {
    pub(super) fn client(&self) -> Result<&Object, StoreError> {
        self.client.as_ref().ok_or_else(|| StoreError::Corrupt("the transaction is over".into()))
    }

    /// Does this within the transaction. A first statement that only looks, or locks, goes to the server together with
    /// what begins the transaction: both are written when they are first polled, the beginning before. One that writes
    /// waits until the transaction has begun: outside of it, it would be there to stay.
    async fn within<T>(
        &self,
        looks: bool,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.answered(async {
            if looks {
                let (begun, done) = join!(self.begin(), work);
                begun.and(done)
            } else {
                self.begin().await?;
                work.await
            }
        })
        .await
    }

    /// Begins the transaction, once.
    pub(super) async fn begin(&self) -> Result<(), StoreError> {
        let begin = async || match &*self.begin {
            "" => Ok(()),
            begin => self.client()?.batch_execute(begin).map_err(classify).await,
        };
        self.begun.get_or_try_init(begin).await.copied()
    }

    /// Sends all of this, in its order, and the commit if it is to be, before it waits for any answer. After an error the
    /// server does nothing more of it, and does not commit.
    async fn send(&self, writes: Vec<Write>, commit: bool) -> Result<Vec<Row>, StoreError> {
        self.answered(async {
            self.begin().await?;
            let client = self.client()?;
            let mut ready = Vec::with_capacity(writes.len());
            for together in Together::of(writes) {
                ready.push(self.sessions.ready(client, together).await?);
            }
            let all = join_all(ready.into_iter().map(|write| write.send(client)));
            let end = async {
                if commit { client.batch_execute("COMMIT").map_err(classify).await } else { Ok(()) }
            };
            let (all, committed) = join!(all, end);
            // What comes after the first error is refused for that.
            let given: Vec<Vec<Row>> = all.into_iter().collect::<Result<_, StoreError>>()?;
            committed.map(|()| given.into_iter().flatten().collect())
        })
        .await
    }

    /// Bounds how long the server may be silent. The transaction is of no use afterwards: its connection goes
    /// with it.
    pub(super) async fn answered<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let answer = timeout(self.patience, work).await;
        answer.unwrap_or_else(|_| Err(silent(&self.pool, self.patience)))
    }
}

impl Transaction for PostgresTx {
    fn query(&self, statement: &'static Statement, rows: Rows) -> Answer<'_, Vec<Row>> {
        async move {
            let query = self.sessions.query(self.client()?, statement, rows);
            self.within(statement.looks(), query).await
        }
        .boxed()
    }

    /// Sent in their order, behind what begins the transaction, before any answer is waited for.
    fn look(&self, looks: Vec<Look>) -> Answer<'_, Vec<Vec<Row>>> {
        let looking = async move {
            let client = self.client()?;
            let mut ready = Vec::with_capacity(looks.len());
            for (statement, rows) in looks {
                ready.push(self.sessions.ready(client, Together::look(statement, rows)).await?);
            }
            let all = join_all(ready.into_iter().map(|look| look.send(client)));
            let (begun, all) = join!(self.begin(), all);
            begun?;
            all.into_iter().collect()
        };
        self.answered(looking).boxed()
    }

    fn execute(&self, statement: &'static Statement, rows: Rows) -> Answer<'_, u64> {
        async move {
            let execute = self.sessions.execute(self.client()?, statement, rows);
            self.within(statement.looks(), execute).await
        }
        .boxed()
    }

    fn write(&self, writes: Vec<Write>) -> Answer<'_, Vec<Row>> {
        self.send(writes, false).boxed()
    }

    fn finish(mut self: Box<Self>, writes: Vec<Write>) -> Answer<'static, Vec<Row>> {
        async move {
            if writes.is_empty() {
                return self.commit().await.map(|()| Vec::new());
            }
            let given = self.send(writes, true).await?;
            drop(self.client.take());
            Ok(given)
        }
        .boxed()
    }

    fn commit(mut self: Box<Self>) -> Answer<'static, ()> {
        async move {
            // One that never began has nothing to make durable.
            if self.begun.initialized() {
                self.answered(self.client()?.batch_execute("COMMIT").map_err(classify)).await?;
            }
            // Only a finished transaction goes back to the pool.
            drop(self.client.take());
            Ok(())
        }
        .boxed()
    }
}

/// The server did not answer on a connection although its own timeouts are over: the wire or the server is
/// lost in a way that TCP does not tell. The pool's other connections are given up as well, or each would
/// have to be found out in turn.
fn silent(pool: &Pool, patience: Duration) -> StoreError {
    pool.retain(|_, _| false);
    StoreError::Unavailable(format!("PostgreSQL did not answer within {patience:?}").into())
}

/// An unfinished transaction closes its connection: the server then rolls back for certain, whatever
/// state the statement stream was in.
impl Drop for PostgresTx {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }
}
