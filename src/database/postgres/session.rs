//! What a connection has set, and how its statements are sent: for as long as it is open, or, behind a pooler that hands
//! out server processes by the transaction, for each transaction and each statement anew.

use std::borrow::Cow;

use deadpool_postgres::Object;
use futures_util::{TryFutureExt, TryStreamExt};
use tokio_postgres::types::{ToSql, Type as PgType};

use super::together::{GIVEN, Texts, Together};
use super::values::{Parameter, read_row};
use super::{classify, names};
use crate::database::settings::{PoolMode, StoreSettings};
use crate::database::value::{Row, Value};
use crate::database::{Rows, Shape, Statement, StoreError, Type};

/// Every statement is a batch looked up by key. Told so, the planner keeps to index loops even for a
/// table that grew from nothing to millions since its last ANALYZE, where a cached hash join or
/// sequential scan would read all of it for each batch. One plan is then as good as any for all batch
/// sizes, so it is made once and kept. Where statements are planned anew for each batch, their shape is enough.
const PLANS: &str = "SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off; \
                     SET plan_cache_mode = force_generic_plan";

/// What is set of all sessions, or transactions.
fn bounds(settings: &StoreSettings, set: &str) -> String {
    format!(
        "{set} jit = off; {set} idle_in_transaction_session_timeout = '10s'; \
         {set} statement_timeout = '{}ms'; {set} lock_timeout = '{}ms'",
        settings.statement_timeout.as_millis(),
        settings.lock_timeout.as_millis()
    )
}

/// How connections are used.
#[derive(Debug)]
pub(super) struct Sessions {
    mode: PoolMode,
    begin: Cow<'static, str>,
    set: Option<String>,
    texts: Texts,
}

impl Sessions {
    pub(super) fn new(settings: &StoreSettings) -> Sessions {
        let (begin, set) = match settings.pool_mode {
            PoolMode::Session => {
                (Cow::Borrowed("BEGIN"), Some(format!("{PLANS}; {}", bounds(settings, "SET"))))
            }
            PoolMode::Transaction => {
                (format!("BEGIN; {}", bounds(settings, "SET LOCAL")).into(), None)
            }
        };
        Sessions { mode: settings.pool_mode, begin, set, texts: Texts::default() }
    }

    /// What begins a transaction.
    pub(super) fn begin(&self) -> &Cow<'static, str> {
        &self.begin
    }

    /// What a new connection sets, once.
    pub(super) fn set(&self) -> Option<&str> {
        self.set.as_deref()
    }

    pub(super) fn mode(&self) -> PoolMode {
        self.mode
    }

    /// The rows that a statement gives.
    pub(super) async fn query(
        &self,
        client: &Object,
        statement: &'static Statement,
        rows: Rows,
    ) -> Result<Vec<Row>, StoreError> {
        self.ready(client, Together::look(statement, rows)).await?.send(client).await
    }

    /// Makes writes ready to be sent: their statement is known to the server, where servers are kept.
    pub(super) async fn ready(
        &self,
        client: &Object,
        writes: Together,
    ) -> Result<Ready, StoreError> {
        let (text, shape) = (self.texts.of(&writes), writes.shape());
        let by = match self.mode {
            PoolMode::Session => By::Prepared(client.prepare_cached(text).map_err(classify).await?),
            PoolMode::Transaction => {
                let of_all = writes.parts.iter().flat_map(|(statement, _)| statement.columns);
                By::Text(text, of_all.map(|(_, kind)| on_the_wire(*kind, shape)).collect())
            }
        };
        let (gives, marked) = (writes.wants_rows(), writes.marks_rows());
        let batches = writes.parts.into_iter().zip(writes.rows);
        let parameters =
            batches.flat_map(|((statement, _), rows)| parameters(statement, rows, shape)).collect();
        Ok(Ready { by, parameters, gives, marked })
    }

    /// How many rows a statement writes.
    pub(super) async fn execute(
        &self,
        client: &Object,
        statement: &'static Statement,
        rows: Rows,
    ) -> Result<u64, StoreError> {
        let shape = Shape::of(rows.len());
        let (text, parameters) = (statement.postgres(shape), parameters(statement, rows, shape));
        match self.mode {
            PoolMode::Session => {
                let prepared = client.prepare_cached(text).map_err(classify).await?;
                client.execute_raw(&prepared, &parameters).map_err(classify).await
            }
            PoolMode::Transaction => {
                let typed = parameters.iter().zip(statement.columns);
                let typed: Vec<(&(dyn ToSql + Sync), PgType)> = typed
                    .map(|(parameter, (_, kind))| (parameter as _, on_the_wire(*kind, shape)))
                    .collect();
                client.execute_typed(text, &typed).map_err(classify).await
            }
        }
    }
}

/// A write that can be sent at once.
pub(super) struct Ready {
    by: By,
    parameters: Vec<Parameter>,
    /// Whether it gives rows.
    gives: bool,
    /// Whether some of them may be none that were asked for: those that are, are marked.
    marked: bool,
}

enum By {
    Prepared(tokio_postgres::Statement),
    Text(&'static str, Vec<PgType>),
}

impl Ready {
    /// Sends it when this is first polled. Gives the rows that are wanted.
    pub(super) async fn send(self, client: &Object) -> Result<Vec<Row>, StoreError> {
        let Ready { by, parameters, gives, marked } = self;
        let rows = match by {
            By::Prepared(prepared) => client.query_raw(&prepared, &parameters).await,
            By::Text(text, types) => {
                client.query_typed_raw(text, parameters.iter().zip(types)).await
            }
        };
        let mut rows: Vec<_> = rows.map_err(classify)?.try_collect().map_err(classify).await?;
        if marked {
            rows = given(rows)?;
        }
        if gives { read_rows(&rows) } else { Ok(Vec::new()) }
    }
}

/// Those that a write gave: where there are none, there is one row that is not.
fn given(rows: Vec<tokio_postgres::Row>) -> Result<Vec<tokio_postgres::Row>, StoreError> {
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        if row.try_get::<_, Option<bool>>(GIVEN).map_err(classify)?.is_some() {
            all.push(row);
        }
    }
    Ok(all)
}

fn read_rows(rows: &[tokio_postgres::Row]) -> Result<Vec<Row>, StoreError> {
    let Some(first) = rows.first() else { return Ok(Vec::new()) };
    let names = names(first.columns())?;
    rows.iter().map(|row| read_row(row, &names)).collect()
}

/// A row is sent as its values, any other batch as its columns, which `unnest` takes apart.
fn parameters(statement: &Statement, rows: Rows, shape: Shape) -> Vec<Parameter> {
    if shape == Shape::Row {
        return rows.into_iter().flatten().map(Parameter::Value).collect();
    }
    let mut columns: Vec<Vec<Value>> =
        statement.columns().iter().map(|_| Vec::with_capacity(rows.len())).collect();
    for row in rows {
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    columns.into_iter().map(Parameter::Column).collect()
}

fn on_the_wire(kind: Type, shape: Shape) -> PgType {
    let (value, column) = match kind {
        Type::Int => (PgType::INT8, PgType::INT8_ARRAY),
        Type::Bool => (PgType::BOOL, PgType::BOOL_ARRAY),
        Type::Text => (PgType::TEXT, PgType::TEXT_ARRAY),
        Type::Bytes => (PgType::BYTEA, PgType::BYTEA_ARRAY),
        Type::Uuid => (PgType::UUID, PgType::UUID_ARRAY),
        Type::Money => (PgType::NUMERIC, PgType::NUMERIC_ARRAY),
        Type::Time => (PgType::TIMESTAMPTZ, PgType::TIMESTAMPTZ_ARRAY),
    };
    match shape {
        Shape::Row => value,
        Shape::Rows => column,
    }
}
