//! The table of Echo: its callers, and how often each has said something.

use std::collections::HashMap;

use wsa::database::{Rows, Statement, StoreError, Tx, Type, Write, row};
use wsa::domain::task::{AggregatorId, ObjectId};
use wsa::domain::token::TokenHash;
use wsa::engine::store::Store;

/// The table. A protocol of the product has its tables in `migrations`, the same number for both databases.
pub const TABLE: &str = "CREATE TABLE echo_callers (
    aggregator_id BIGINT PRIMARY KEY REFERENCES aggregators,
    object_id BIGINT NOT NULL,
    times BIGINT NOT NULL CHECK (times >= 0))";

// In one order: two workers that lock the same callers do not wait for each other in a circle.
static LOAD: Statement = Statement::write(
    &[("aggregator_id", Type::Int)],
    "SELECT c.aggregator_id, c.times FROM batch b JOIN echo_callers c ON c.aggregator_id = b.aggregator_id
     ORDER BY c.aggregator_id {lock c}",
);

static COUNT: Statement = Statement::write(
    &[("aggregator_id", Type::Int), ("times", Type::Int)],
    "UPDATE echo_callers SET times = b.times FROM batch b
     WHERE echo_callers.aggregator_id = b.aggregator_id",
);

static ADD: Statement = Statement::insert(
    "echo_callers",
    &[("aggregator_id", Type::Int), ("object_id", Type::Int), ("times", Type::Int)],
    "",
);

static OBJECT: Statement = Statement::read(
    &[("aggregator_id", Type::Int)],
    "SELECT c.object_id FROM batch b JOIN echo_callers c ON c.aggregator_id = b.aggregator_id",
);

/// Locks the callers and reads how often each has said something.
pub(super) async fn load(
    tx: &Tx,
    callers: impl Iterator<Item = AggregatorId>,
) -> Result<HashMap<AggregatorId, i64>, StoreError> {
    let callers: std::collections::BTreeSet<_> = callers.collect();
    let rows: Rows = callers.into_iter().map(|caller| row![caller]).collect();
    let found = tx.query_some(&LOAD, rows).await?;
    let read = |mut row: wsa::database::Row| Ok((row.get("aggregator_id")?, row.get("times")?));
    found.into_iter().map(read).collect()
}

/// Writes it back.
pub(super) fn write(times: HashMap<AggregatorId, i64>) -> Vec<Write> {
    let rows = times.into_iter().map(|(caller, times)| row![caller, times]).collect();
    vec![Write::each(&COUNT, rows)]
}

/// Adds a caller; `false` when the name or the token is taken.
pub async fn add(store: &Store, name: &str, token: &str, object: i64) -> Result<bool, StoreError> {
    let Some(caller) = store.add_aggregator(name, TokenHash::of(token)).await? else {
        return Ok(false);
    };
    store.db().run(&ADD, vec![row![caller.id, object, 0i64]]).await?;
    Ok(true)
}

/// The object of a caller.
pub(super) async fn object(
    store: &Store,
    caller: AggregatorId,
) -> Result<Option<ObjectId>, StoreError> {
    let mut rows = store.db().run(&OBJECT, vec![row![caller]]).await?;
    rows.first_mut().map(|row| row.get("object_id")).transpose()
}
