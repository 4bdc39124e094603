//! PostgreSQL: a pool, and pipelined statements.

mod facts;
pub(crate) mod hosts;
mod migrate;
mod session;
mod snapshot;
mod sqlstate;
mod together;
mod transaction;
mod values;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, QueueMode, RecyclingMethod, Runtime,
};
use futures_util::{FutureExt, TryFutureExt};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use self::hosts::Hosts;
use self::session::Sessions;
pub(crate) use self::sqlstate::classify;
use self::transaction::PostgresTx;
use self::values::read_row;
use super::value::{Names, Row};
use super::{Answer, Database, Migration, Moment, Rows, Statement, Transaction};
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
            // The server process that worked last is the warmest: all in turn would each have to find its memory again.
            .queue_mode(QueueMode::Lifo)
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

    fn applied_migrations(&self) -> Answer<'_, BTreeSet<i64>> {
        migrate::applied(self).boxed()
    }

    fn server_facts(&self) -> Answer<'_, Option<ServerFacts>> {
        facts::facts(self).map_ok(Some).boxed()
    }
}

fn names(columns: &[tokio_postgres::Column]) -> Result<Names, StoreError> {
    Names::of(columns.iter().map(tokio_postgres::Column::name))
}
