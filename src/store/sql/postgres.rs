//! PostgreSQL: a pool, and pipelined statements.

pub(crate) mod hosts;
mod sqlstate;

use std::time::Duration;

use bytes::BytesMut;
use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime,
};
use futures_util::TryFutureExt;
use jiff::Timestamp;
use rust_decimal::Decimal;
use tokio::time::timeout;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type as PgType, to_sql_checked};

use self::hosts::Hosts;
pub(crate) use self::sqlstate::classify;
use super::found::{Names, Row};
use super::value::Value;
use super::{Rows, Statement};
use crate::money::Money;
use crate::store::StoreSettings;
use crate::store::error::StoreError;
use crate::tls::database::Connector;

/// Every statement is a batch looked up by key. Told so, the planner keeps to index loops even for a
/// table that grew from nothing to millions since its last ANALYZE, where a cached hash join or
/// sequential scan would read all of it for each batch. One plan is then as good as any for all batch
/// sizes, so it is made once and kept.
const SESSION: &str = "SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off; \
                       SET plan_cache_mode = force_generic_plan; SET jit = off; SET idle_in_transaction_session_timeout = '10s'";

/// How much longer than a statement may run its answer may be on its way.
const ON_ITS_WAY: Duration = Duration::from_secs(2);
/// How long the kernel waits for a peer that acknowledges nothing; left to itself, a quarter of an hour.
const DEAD_PEER: Duration = Duration::from_secs(10);

/// How long a statement may run that is done once, while nobody waits for its answer.
const AT_LEISURE: Duration = Duration::from_secs(600);

/// A PostgreSQL database.
#[derive(Debug)]
pub struct PostgresDb {
    pool: Pool,
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
        let timeouts = format!(
            "{SESSION}; SET statement_timeout = '{}ms'; SET lock_timeout = '{}ms'",
            settings.statement_timeout.as_millis(),
            settings.lock_timeout.as_millis()
        );
        let create_timeout = settings.connect_timeout;
        let pool = Pool::builder(manager)
            .max_size(settings.pool_size)
            .runtime(Runtime::Tokio1)
            .create_timeout(Some(settings.connect_timeout))
            .wait_timeout(Some(settings.connect_timeout))
            .post_create(Hook::async_fn(move |client, _| {
                let timeouts = timeouts.clone();
                Box::pin(async move {
                    let set = timeout(create_timeout, client.batch_execute(&timeouts)).await;
                    set.map_err(|_| HookError::message("PostgreSQL does not answer"))?
                        .map_err(HookError::Backend)
                })
            }))
            .build()
            .map_err(|e| StoreError::Refused(Box::new(e)))?;
        Ok(PostgresDb { pool, patience: settings.statement_timeout + ON_ITS_WAY })
    }

    /// A connection for statements that are no batches: migrations, settings.
    pub async fn connection(&self) -> Result<Object, StoreError> {
        self.pool.get().await.map_err(|e| StoreError::Unavailable(Box::new(e)))
    }

    pub(super) async fn run(
        &self,
        statement: &'static Statement,
        rows: Rows,
    ) -> Result<Vec<Row>, StoreError> {
        // As a transaction without BEGIN and COMMIT: dropped half-way it takes its connection along, and nobody
        // gets one on which another's answer is still to come.
        let mut tx = self.lend().await?;
        let result = tx.query(statement, rows).await;
        if !matches!(result, Err(StoreError::Unavailable(_))) {
            drop(tx.client.take());
        }
        result
    }

    async fn lend(&self) -> Result<PostgresTx, StoreError> {
        let client = Some(self.connection().await?);
        Ok(PostgresTx { client, pool: self.pool.clone(), patience: self.patience })
    }

    pub(in crate::store) async fn begin(&self) -> Result<PostgresTx, StoreError> {
        self.begin_as("BEGIN").await
    }

    /// As [`PostgresDb::begin`], for statements that touch more than a batch.
    pub(super) async fn begin_at_leisure(&self) -> Result<PostgresTx, StoreError> {
        let allow = format!("BEGIN; SET LOCAL statement_timeout = '{}ms'", AT_LEISURE.as_millis());
        let mut tx = self.begin_as(&allow).await?;
        tx.patience = AT_LEISURE + ON_ITS_WAY;
        Ok(tx)
    }

    /// As [`PostgresDb::begin`], by these statements.
    pub(super) async fn begin_as(&self, statements: &str) -> Result<PostgresTx, StoreError> {
        let tx = self.lend().await?;
        tx.answered(tx.client()?.batch_execute(statements).map_err(classify)).await?;
        Ok(tx)
    }
}

/// A transaction on a connection of its own.
pub struct PostgresTx {
    /// `None` once committed or given up.
    client: Option<Object>,
    pool: Pool,
    patience: Duration,
}

impl PostgresTx {
    pub(in crate::store) fn client(&self) -> Result<&Object, StoreError> {
        self.client.as_ref().ok_or_else(|| StoreError::Corrupt("the transaction is over".into()))
    }

    pub(super) async fn query(
        &self,
        statement: &'static Statement,
        rows: Rows,
    ) -> Result<Vec<Row>, StoreError> {
        self.answered(query(self.client()?, statement, rows)).await
    }

    pub(super) async fn execute(
        &self,
        statement: &'static Statement,
        rows: Rows,
    ) -> Result<u64, StoreError> {
        let client = self.client()?;
        let columns = columns(statement, rows);
        let execute = async {
            let prepared = client.prepare_cached(statement.postgres()).map_err(classify).await?;
            client.execute_raw(&prepared, &columns).map_err(classify).await
        };
        self.answered(execute).await
    }

    pub(in crate::store) async fn commit(mut self) -> Result<(), StoreError> {
        self.answered(self.client()?.batch_execute("COMMIT").map_err(classify)).await?;
        // Only a finished transaction goes back to the pool.
        drop(self.client.take());
        Ok(())
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

async fn query(
    client: &Object,
    statement: &'static Statement,
    rows: Rows,
) -> Result<Vec<Row>, StoreError> {
    let prepared = client.prepare_cached(statement.postgres()).map_err(classify).await?;
    let columns = columns(statement, rows);
    let parameters: Vec<&(dyn ToSql + Sync)> = columns.iter().map(|c| c as _).collect();
    let rows = client.query(&prepared, &parameters).map_err(classify).await?;
    let names = names(prepared.columns())?;
    rows.iter().map(|row| read_row(row, &names)).collect()
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

pub(super) fn names(columns: &[tokio_postgres::Column]) -> Result<Names, StoreError> {
    Names::of(columns.iter().map(tokio_postgres::Column::name))
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &PgType,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(n) => n.to_sql_checked(ty, out),
            Value::Bool(b) => b.to_sql_checked(ty, out),
            Value::Text(s) => s.to_sql_checked(ty, out),
            Value::Bytes(b) => b.to_sql_checked(ty, out),
            Value::Uuid(u) => u.to_sql_checked(ty, out),
            Value::Money(m) => Decimal::from(*m).to_sql_checked(ty, out),
            Value::Time(t) => t.to_sql_checked(ty, out),
        }
    }

    // Each value checks its own type when it is written.
    fn accepts(_: &PgType) -> bool {
        true
    }

    to_sql_checked!();
}

pub(super) fn read_row(row: &tokio_postgres::Row, names: &Names) -> Result<Row, StoreError> {
    fn column<'a, T: FromSql<'a>>(
        row: &'a tokio_postgres::Row,
        index: usize,
        wrap: impl Fn(T) -> Value,
    ) -> Result<Value, StoreError> {
        let value: Option<T> = row.try_get(index).map_err(|e| StoreError::Refused(Box::new(e)))?;
        Ok(value.map_or(Value::Null, wrap))
    }
    let values = row.columns().iter().enumerate().map(|(i, c)| match *c.type_() {
        PgType::INT8 => column(row, i, Value::Int),
        PgType::INT4 => column(row, i, |n: i32| Value::Int(n.into())),
        PgType::BOOL => column(row, i, Value::Bool),
        PgType::TEXT => column(row, i, Value::Text),
        PgType::BYTEA => column(row, i, Value::Bytes),
        PgType::UUID => column(row, i, Value::Uuid),
        PgType::TIMESTAMPTZ => column(row, i, |t: Timestamp| Value::Time(t)),
        PgType::NUMERIC => {
            let number: Option<Decimal> =
                row.try_get(i).map_err(|e| StoreError::Refused(Box::new(e)))?;
            let Some(number) = number else { return Ok(Value::Null) };
            Money::try_from(number).map(Value::Money).map_err(|rule| {
                StoreError::Corrupt(format!("{} is not an amount: {rule}", c.name()))
            })
        }
        ref other => Err(StoreError::Corrupt(format!("{} is of type {other}", c.name()))),
    });
    let values = values.map(|value| value.map(Some)).collect::<Result<_, _>>()?;
    Ok(Row::new(names, values))
}
