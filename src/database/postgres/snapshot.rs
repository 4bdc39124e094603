//! A moment of a PostgreSQL database: a transaction `REPEATABLE READ READ ONLY`, which locks no row.

use futures_util::{FutureExt, TryFutureExt, TryStreamExt};
use tokio_postgres::types::Type;

use super::{PostgresDb, PostgresTx, classify, names, read_row};
use crate::database::{Answer, Moment, Step, StoreError};

/// Undoes for one transaction what keeps the planner to look-ups by key: here whole tables are joined, each read
/// once and hashed or sorted. Without statistics (a restored dump), or with those of an empty table, the planner
/// believes that a side has a handful of rows and loops over it, which takes a time that grows with the square of the
/// rows; so nested loops are off. Every join of a whole table has an equality, hence another plan. How long a
/// statement may take is the caller's business; a caller that is gone ends it.
const WHOLE_TABLES: &str = "SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on; \
     SET LOCAL enable_nestloop = off; \
     SET LOCAL enable_seqscan = on; SET LOCAL plan_cache_mode = auto; SET LOCAL work_mem = '64MB'; \
     SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = '10min'; \
     SET LOCAL client_connection_check_interval = '5s'";

pub(super) async fn open(db: &PostgresDb) -> Result<Box<dyn Moment>, StoreError> {
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    Ok(Box::new(db.begin_as(&format!("{begin}; {WHOLE_TABLES}")).await?))
}

impl Moment for PostgresTx {
    fn is_postgres(&self) -> bool {
        true
    }

    fn each(&self, text: String, mut step: Step) -> Answer<'_, ()> {
        async move {
            let none: [(&str, Type); 0] = [];
            let rows = self.client()?.query_typed_raw(&text, none).map_err(classify).await?;
            let (mut rows, mut named) = (std::pin::pin!(rows), None);
            while let Some(row) = rows.try_next().map_err(classify).await? {
                let names = match &named {
                    Some(names) => names,
                    None => &*named.insert(names(row.columns())?),
                };
                step(read_row(&row, names)?)?;
            }
            Ok(())
        }
        .boxed()
    }
}
