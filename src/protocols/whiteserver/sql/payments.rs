//! The payments of orders, for those who show them.

use std::collections::BTreeSet;

use crate::database::{Row, Statement, StoreError, Tx, Type, row};
use crate::domain::task::{ObjectId, OrderKey, TaskGuid};
use crate::protocols::whiteserver::model::{OrderState, Taken, Title};

/// What [`read_payment`] reads of a payment `p`.
macro_rules! payment_columns {
    () => {
        "p.task_guid, p.line, p.currency_guid, p.amount, p.written_off, p.taken_at,
         p.removed_by IS NOT NULL AS removed"
    };
}
pub(super) use payment_columns;

static OF_ORDERS: Statement = Statement::read(
    &[("object_id", Type::Int), ("order_guid", Type::Uuid)],
    concat!(
        "SELECT p.object_id, p.order_guid, ",
        payment_columns!(),
        " FROM batch b {all payments p: object_id, order_guid WHERE p.removed_by IS NULL}"
    ),
);

static TITLES: Statement = Statement::read(
    &[("object_id", Type::Int), ("currency_guid", Type::Uuid)],
    "SELECT c.object_id, c.currency_guid, c.name, c.kind
     FROM batch b {one currencies c: object_id, currency_guid}",
);

/// A payment; `None` where the row has none.
pub(super) fn read_payment(row: &mut Row) -> Result<Option<Taken>, StoreError> {
    let Some(task) = row.get::<Option<TaskGuid>>("task_guid")? else { return Ok(None) };
    Ok(Some(Taken {
        task,
        line: row.get("line")?,
        currency: row.get("currency_guid")?,
        amount: row.get("amount")?,
        written_off: row.get("written_off")?,
        taken_at: row.get("taken_at")?,
        removed: row.get("removed")?,
    }))
}

/// The payments of these orders, which are locked, so that they are what is paid.
pub(super) async fn load(
    tx: &Tx,
    state: &mut OrderState,
    orders: &BTreeSet<OrderKey>,
) -> Result<(), StoreError> {
    let orders = orders.iter().map(|key| row![key.object, key.guid]).collect();
    for mut row in tx.query_some(&OF_ORDERS, orders).await? {
        let key = OrderKey { object: row.get("object_id")?, guid: row.get("order_guid")? };
        if let Some(payment) = read_payment(&mut row)? {
            state.load_taken(key, payment);
        }
    }
    Ok(())
}

/// What the currencies of the payments are called: of those that are loaded, and of those that the batch may take in
/// these objects.
pub(super) async fn load_titles(
    tx: &Tx,
    state: &mut OrderState,
    objects: &[ObjectId],
) -> Result<(), StoreError> {
    let untitled = state.untitled(objects).into_iter();
    let untitled = untitled.map(|(object, currency)| row![object, currency]).collect();
    for mut row in tx.query_some(&TITLES, untitled).await? {
        let of = (row.get("object_id")?, row.get("currency_guid")?);
        state.titles.insert(of, Title { name: row.get("name")?, kind: row.word("kind")? });
    }
    Ok(())
}
