//! The orders that `GetOrderList` shows, with their payments.

use std::collections::HashMap;

use super::payments::{payment_columns, read_payment};
use super::rows::read_state;
use crate::database::{Statement, StoreError, Tx, Type, row};
use crate::domain::task::{ObjectId, OrderGuid};
use crate::protocols::whiteserver::command::{GetOrderList, TableCode};
use crate::protocols::whiteserver::decide::may_list;
use crate::protocols::whiteserver::model::{Listed, OrderState};

const LIST: &[(&str, Type)] =
    &[("object_id", Type::Int), ("table_code", Type::Text), ("most", Type::Int)];

// The newest of one status: read from the end of an index, as far as the limit. The condition stands in
// sub-selects, not in a join, so that the reading ends with the limit; a statement lists for one row.
macro_rules! newest {
    ($status:literal) => {
        concat!(
            "SELECT * FROM (
                SELECT object_id, order_guid, status, total, paid, bill_printed, created_at, closed_at,
                       version, waiter_id, substate, acceptance, accept_by, reject_code, reject_message,
                       table_code
                FROM orders
                WHERE object_id = (SELECT object_id FROM batch) AND status = '",
            $status,
            "'
                  AND ((SELECT table_code FROM batch) IS NULL
                       OR table_code = (SELECT table_code FROM batch))
                ORDER BY created_at DESC LIMIT (SELECT most FROM batch)
            ) AS newest"
        )
    };
}

// One statement, so that what is paid is the sum of the payments: these orders are not locked.
macro_rules! with_payments {
    ($orders:expr) => {
        concat!(
            "SELECT o.*, ",
            payment_columns!(),
            " FROM (",
            $orders,
            ") AS o {left all payments p: object_id = o.object_id, order_guid = o.order_guid
                     WHERE p.removed_by IS NULL}"
        )
    };
}

static LIST_OPEN: Statement = Statement::read(LIST, with_payments!(newest!("Created")));
static LIST_ALL: Statement = Statement::read(
    LIST,
    with_payments!(concat!(
        "SELECT * FROM (",
        newest!("Created"),
        " UNION ALL ",
        newest!("Complited"),
        " UNION ALL ",
        newest!("Canceled"),
        ") AS every ORDER BY created_at DESC LIMIT (SELECT most FROM batch)"
    )),
);

/// Loads the lists that their objects permit.
pub(super) async fn load(
    tx: &Tx,
    state: &mut OrderState,
    lists: &[(ObjectId, &GetOrderList)],
    most: usize,
) -> Result<(), StoreError> {
    for (object, list) in lists {
        if may_list(state, *object, list).is_ok() {
            let orders = load_list(tx, *object, list, most).await?;
            state.load_list(*object, (*list).clone(), orders);
        }
    }
    Ok(())
}

/// The newest orders of a list, at least `most` when there are so many. Read after the orders of the
/// batch are locked, so that each of them that belongs to it is in it.
async fn load_list(
    tx: &Tx,
    object: ObjectId,
    list: &GetOrderList,
    most: usize,
) -> Result<Vec<(OrderGuid, Listed)>, StoreError> {
    let statement = if list.with_closed { &LIST_ALL } else { &LIST_OPEN };
    let table = list.table_code.as_ref().map(ToString::to_string);
    let mut found: HashMap<OrderGuid, Listed> = HashMap::new();
    for mut row in tx.query(statement, vec![row![object, table, most as i64]]).await? {
        let (guid, payment) = (row.get("order_guid")?, read_payment(&mut row)?);
        if let Some(listed) = found.get_mut(&guid) {
            listed.payments.extend(payment);
            continue;
        }
        let order = read_state(&mut row, None)?;
        let table_code = row.get::<Option<String>>("table_code")?.map(TableCode::from_text);
        let payments = payment.into_iter().collect();
        found.insert(guid, Listed { order, table_code, payments });
    }
    Ok(found.into_iter().collect())
}
