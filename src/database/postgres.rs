//! PostgreSQL: a pool, and pipelined statements.

mod facts;
pub(crate) mod hosts;
mod migrate;
mod session;
mod snapshot;
mod sqlstate;
mod values;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime,
};
use futures_util::future::join_all;
use futures_util::{FutureExt, TryFutureExt, join};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use self::hosts::Hosts;
use self::session::Sessions;
pub(crate) use self::sqlstate::classify;
use self::values::read_row;
use super::value::Value;
use super::value::{Names, Row};
use super::{Answer, Database, Migration, Moment, Rows, Statement, Transaction, Write};
use crate::database::{ServerFacts, StoreError, StoreSettings};
use crate::runtime::tls::database::Connector;

/// How much longer than a statement may run its answer may be on its way.
const ON_ITS_WAY: Duration = Duration::from_secs(2);
/// How long the kernel waits for a peer that acknowledges nothing; left to itself, a quarter of an hour.
const DEAD_PEER: Duration = Duration::from_secs(10);

/// How long a statement may run that is done once, while nobody waits for its answer.
const MAINTENANCE: Duration = Duration::from_secs(600);

/// A PostgreSQL database.
#[derive(Debug)]
pub struct PostgresDb {
    pool: Pool,
    sessions: Arc<Sessions>,
    patience: Duration,
}

impl PostgresDb {
    /// Sets up a pool; connects to nothing yet.
    pub fn new(url: &str, settings: &StoreSettings) -> Result<PostgresDb, StoreError> {
        let (mode, mut config) =
            hosts::parse(url).map_err(|rule| StoreError::Refused(rule.into()))?;
        config.application_name("wsa").ssl_mode(mode.on_the_wire());
        let tls =
            Connector::new(mode, &settings.tls).map_err(|e| StoreError::Refused(Box::new(e)))?;
        config.keepalives_idle(DEAD_PEER);
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(DEAD_PEER);
        }
        let recycling_method = RecyclingMethod::Fast;
        let hosts = Hosts::new(&mut config, tls, settings.connect_timeout);
        let manager = Manager::from_connect(config, hosts, ManagerConfig { recycling_method });
        let sessions = Arc::new(Sessions::new(settings));
        let set = sessions.set().map(str::to_owned);
        let create_timeout = settings.connect_timeout;
        let pool = Pool::builder(manager)
            .max_size(settings.pool_size)
            .runtime(Runtime::Tokio1)
            .create_timeout(Some(settings.connect_timeout))
            .wait_timeout(Some(settings.connect_timeout))
            .post_create(Hook::async_fn(move |client, _| {
                let set = set.clone();
                Box::pin(async move {
                    let Some(set) = set else { return Ok(()) };
                    let set = timeout(create_timeout, client.batch_execute(&set)).await;
                    set.map_err(|_| HookError::message("PostgreSQL does not answer"))?
                        .map_err(HookError::Backend)
                })
            }))
            .build()
            .map_err(|e| StoreError::Refused(Box::new(e)))?;
        Ok(PostgresDb { pool, sessions, patience: settings.statement_timeout + ON_ITS_WAY })
    }

    /// A connection for statements that are no batches: migrations, settings.
    pub async fn connection(&self) -> Result<Object, StoreError> {
        self.pool.get().await.map_err(|e| StoreError::Unavailable(Box::new(e)))
    }

    /// A connection for a transaction that begins by these statements; by none for a single statement.
    async fn lend(&self, begin: Cow<'static, str>) -> Result<PostgresTx, StoreError> {
        let client = Some(self.connection().await?);
        let (pool, patience) = (self.pool.clone(), self.patience);
        let sessions = Arc::clone(&self.sessions);
        Ok(PostgresTx { client, pool, sessions, patience, begin, begun: OnceCell::new() })
    }

    /// Begins a transaction by these statements at once: what follows are no statements of batches.
    async fn begin_as(&self, statements: &str) -> Result<PostgresTx, StoreError> {
        let tx = self.lend(statements.to_owned().into()).await?;
        tx.answered(tx.begin()).await?;
        Ok(tx)
    }
}

impl Database for PostgresDb {
    fn kind(&self) -> &'static str {
        "PostgreSQL"
    }

    fn run(&self, statement: &'static Statement, rows: Rows) -> Answer<'_, Vec<Row>> {
        async move {
            // As a transaction without BEGIN and COMMIT: dropped half-way it takes its connection along, and nobody
            // gets one on which another's answer is still to come.
            let mut tx = self.lend(Cow::Borrowed("")).await?;
            let result = tx.query(statement, rows).await;
            if !matches!(result, Err(StoreError::Unavailable(_))) {
                drop(tx.client.take());
            }
            result
        }
        .boxed()
    }

    fn begin(&self) -> Answer<'_, Box<dyn Transaction>> {
        async {
            let begin = self.sessions.begin().clone();
            Ok(Box::new(self.lend(begin).await?) as Box<dyn Transaction>)
        }
        .boxed()
    }

    fn begin_maintenance(&self) -> Answer<'_, Box<dyn Transaction>> {
        async {
            let (begin, bound) = (self.sessions.begin(), MAINTENANCE.as_millis());
            let allow = format!("{begin}; SET LOCAL statement_timeout = '{bound}ms'");
            let mut tx = self.lend(allow.into()).await?;
            tx.patience = MAINTENANCE + ON_ITS_WAY;
            Ok(Box::new(tx) as Box<dyn Transaction>)
        }
        .boxed()
    }

    fn snapshot(&self) -> Answer<'_, Box<dyn Moment>> {
        snapshot::open(self).boxed()
    }

    fn migrate(&self, steps: &'static [Migration]) -> Answer<'_, Vec<&'static str>> {
        migrate::migrate(self, steps).boxed()
    }

    fn newest_migration(&self) -> Answer<'_, i64> {
        migrate::newest(self).boxed()
    }

    fn server_facts(&self) -> Answer<'_, Option<ServerFacts>> {
        facts::facts(self).map_ok(Some).boxed()
    }
}

/// A transaction on a connection of its own.
pub struct PostgresTx {
    /// `None` once committed or given up.
    client: Option<Object>,
    pool: Pool,
    sessions: Arc<Sessions>,
    patience: Duration,
    /// What begins it; nothing where there is one statement only.
    begin: Cow<'static, str>,
    /// Whether it has begun.
    begun: OnceCell<()>,
}

impl PostgresTx {
    fn client(&self) -> Result<&Object, StoreError> {
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
    async fn begin(&self) -> Result<(), StoreError> {
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
            for write in writes {
                ready.push(self.sessions.ready(client, write).await?);
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
    async fn answered<T>(
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

/// Turns rows, each as wide as the batch, into the columns that `unnest` takes.
fn columns(statement: &Statement, rows: Rows) -> Vec<Vec<Value>> {
    let mut columns: Vec<Vec<Value>> =
        statement.columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
    for row in rows {
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    columns
}

fn names(columns: &[tokio_postgres::Column]) -> Result<Names, StoreError> {
    Names::of(columns.iter().map(tokio_postgres::Column::name))
}
