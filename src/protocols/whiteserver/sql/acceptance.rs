//! Orders that nobody at the restaurant accepted in time.

use std::collections::BTreeSet;

use super::load::load_objects;
use super::rows::read_order;
use super::write;
use crate::database::{Db, Rows, Statement, StoreError, Tx, Type, row};
use crate::domain::task::{ObjectId, OrderKey};
use crate::protocols::whiteserver::model::OrderState;

// It waits for nobody: a till that accepts at this moment holds the order, and is told whether it was in time.
static OVERDUE: Statement = Statement::read(
    &[("most", Type::Int)],
    "SELECT o.object_id, o.order_guid FROM orders o
     WHERE o.acceptance = 'waiting' AND o.accept_by <= (SELECT wsa_now())
     ORDER BY o.accept_by LIMIT (SELECT most FROM batch)",
);

// A condition that no index answers: the index of orders that wait would be read whole.
static HOLD: Statement = Statement::write(
    &[("object_id", Type::Int), ("order_guid", Type::Uuid)],
    "SELECT o.object_id, o.order_guid, o.status, o.total, o.paid, o.bill_printed, o.created_at,
            o.closed_at, o.version, o.waiter_id, o.substate, o.acceptance, o.accept_by,
            o.reject_code, o.reject_message, o.content, wsa_now() AS now
     FROM {sorted object_id, order_guid} b
     {one orders o: object_id, order_guid WHERE coalesce(o.acceptance, '') = 'waiting'} {lock o skip}",
);

const MOST_AROUND: i64 = 10_000;

/// Ends orders that waited too long for their acceptance, by the database's clock, at most `most`; tells how many.
/// Orders that somebody holds are left to him.
pub(crate) async fn expire(db: &Db, most: usize) -> Result<usize, StoreError> {
    let due = overdue(db, most as i64).await?;
    if due.is_empty() {
        return Ok(0);
    }
    expire_these(db, due).await
}

/// The same, each order alone. Gives the error of one that stays.
pub(crate) async fn expire_around(db: &Db, _most: usize) -> Result<(), StoreError> {
    let mut outcome = Ok(());
    for key in overdue(db, MOST_AROUND).await? {
        match expire_these(db, vec![key]).await {
            Ok(_) => {}
            Err(error) if error.is_passing() => return Err(error),
            Err(error) => outcome = Err(error),
        }
    }
    outcome
}

async fn overdue(db: &Db, most: i64) -> Result<Vec<OrderKey>, StoreError> {
    let rows = db.run(&OVERDUE, vec![row![most]]).await?;
    let read = |mut row: crate::database::Row| {
        Ok(OrderKey { object: row.get("object_id")?, guid: row.get("order_guid")? })
    };
    rows.into_iter().map(read).collect()
}

async fn expire_these(db: &Db, due: Vec<OrderKey>) -> Result<usize, StoreError> {
    let tx = db.begin().await?;
    let mut state = OrderState::default();
    let held = hold(&tx, &mut state, due).await?;
    let objects: BTreeSet<ObjectId> = held.iter().map(|key| key.object).collect();
    load_objects(&tx, &mut state, objects.into_iter()).await?;
    for key in &held {
        state.expire_acceptance(*key);
    }
    let now = state.now;
    let writes = write(&tx, state.into_changes(), now).await?;
    tx.finish(writes).await?;
    Ok(held.len())
}

async fn hold(
    tx: &Tx,
    state: &mut OrderState,
    due: Vec<OrderKey>,
) -> Result<Vec<OrderKey>, StoreError> {
    let rows: Rows = due.into_iter().map(|key| row![key.object, key.guid]).collect();
    let mut held = Vec::new();
    for mut row in tx.query(&HOLD, rows).await? {
        state.now = state.now.max(row.get("now")?);
        let (key, order) = read_order(row)?;
        state.load_order(key, order);
        held.push(key);
    }
    Ok(held)
}
