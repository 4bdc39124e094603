//! Writing orders, payments and events as a batch left them.

use jiff::Timestamp;

use super::rows::write_content;
use super::{events, orders, till_events};
use crate::database::{Rows, Statement, StoreError, Tx, Type, Value, Write, row};
use crate::domain::task::{OrderKey, TaskGuid};
use crate::protocols::whiteserver::model::{Changes, Order};
use crate::protocols::whiteserver::reply::Reason;

static UPDATE_ORDERS: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("order_guid", Type::Uuid),
        ("version", Type::Int),
        ("changes", Type::Int),
        ("status", Type::Text),
        ("paid", Type::Money),
        ("closed_at", Type::Time),
    ],
    "UPDATE orders SET status = b.status, paid = b.paid, closed_at = b.closed_at,
                       version = b.version + b.changes
     FROM batch b {these orders: object_id, order_guid} AND orders.version = b.version",
);

// Of an order of which more has changed. Its content is not there where nobody reads it, and then it stays.
static REWRITE_ORDERS: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("order_guid", Type::Uuid),
        ("version", Type::Int),
        ("changes", Type::Int),
        ("status", Type::Text),
        ("paid", Type::Money),
        ("closed_at", Type::Time),
        ("total", Type::Money),
        ("bill_printed", Type::Bool),
        ("waiter_id", Type::Int),
        ("substate", Type::Text),
        ("acceptance", Type::Text),
        ("accept_by", Type::Time),
        ("reject_code", Type::Text),
        ("reject_message", Type::Text),
        ("table_code", Type::Text),
        ("content", Type::Text),
    ],
    "UPDATE orders SET status = b.status, paid = b.paid, closed_at = b.closed_at,
                       version = b.version + b.changes, total = b.total,
                       bill_printed = b.bill_printed, waiter_id = b.waiter_id, substate = b.substate,
                       acceptance = b.acceptance, accept_by = b.accept_by,
                       reject_code = b.reject_code, reject_message = b.reject_message,
                       table_code = CASE WHEN b.content IS NULL THEN orders.table_code
                                         ELSE b.table_code END,
                       content = coalesce(b.content, orders.content)
     FROM batch b {these orders: object_id, order_guid} AND orders.version = b.version",
);

static REMOVE_PAYMENTS: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("order_guid", Type::Uuid),
        ("task_guid", Type::Uuid),
        ("removed_at", Type::Time),
    ],
    "UPDATE payments SET removed_by = b.task_guid, removed_at = b.removed_at
     FROM batch b {these payments: object_id, order_guid} AND payments.removed_by IS NULL",
);

static INSERT_PAYMENTS: Statement = Statement::insert(
    "payments",
    &[
        ("object_id", Type::Int),
        ("task_guid", Type::Uuid),
        ("line", Type::Int),
        ("order_guid", Type::Uuid),
        ("currency_guid", Type::Uuid),
        ("amount", Type::Money),
        ("written_off", Type::Money),
        ("card_code", Type::Text),
        ("promised", Type::Bool),
        ("taken_at", Type::Time),
        ("removed_by", Type::Uuid),
        ("removed_at", Type::Time),
    ],
    "",
);

/// What is to be written of what was decided. The tills that are told something are held by then.
pub(crate) async fn write(
    tx: &Tx,
    changes: Changes,
    now: Timestamp,
) -> Result<Vec<Write>, StoreError> {
    let updated: Rows = changes
        .updated
        .iter()
        .map(|(key, order, changes)| {
            let (status, closed) = (order.status.stored().0, order.closed_at);
            row![key.object, key.guid, order.version, *changes, status, order.paid, closed]
        })
        .collect();
    let rewritten = changes.rewritten.into_iter().map(rewritten_row);
    let rewritten = rewritten.collect::<Result<Rows, StoreError>>()?;
    let payments = changes.payments.into_iter().map(|payment| {
        row![
            payment.order.object,
            payment.task,
            payment.line,
            payment.order.guid,
            payment.currency,
            payment.amount,
            payment.written_off,
            payment.card_code.map(|card| card.0),
            payment.promised,
            now,
            payment.removed_by,
            payment.removed_by.map(|_| now),
        ]
    });
    // Held before anything is inserted that others could wait for.
    let tills = till_events::hold(tx, &changes.till_events).await?;
    let removals = changes
        .removals
        .iter()
        .map(|(key, task): &(OrderKey, TaskGuid)| row![key.object, key.guid, *task, now]);
    let mut writes = vec![
        // Before this batch's own payments are there, which say themselves whether they are removed. How many there
        // are is not known.
        Write::any(&REMOVE_PAYMENTS, removals.collect()),
        orders::insert(changes.created)?,
        Write::each(&UPDATE_ORDERS, updated),
        Write::each(&REWRITE_ORDERS, rewritten),
        Write::each(&INSERT_PAYMENTS, payments.collect()),
    ];
    writes.extend(events::put(changes.events));
    writes.extend(till_events::put(changes.till_events, tills, now));
    Ok(writes)
}

fn rewritten_row((key, order, changes): (OrderKey, Order, i64)) -> Result<Vec<Value>, StoreError> {
    let (status, acceptance) = order.status.stored();
    let (code, message) =
        order.till.rejected.map(|Reason { code, message }| (code, message)).unzip();
    let table = order.content.as_ref().and_then(|content| content.table_code.as_ref());
    Ok(row![
        key.object,
        key.guid,
        order.version,
        changes,
        status,
        order.paid,
        order.closed_at,
        order.total,
        order.bill_printed,
        order.till.waiter,
        order.till.substate,
        acceptance,
        order.till.accept_by,
        code,
        message,
        table.map(|table| table.to_string()),
        order.content.as_ref().map(write_content).transpose()?,
    ])
}
