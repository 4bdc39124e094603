//! The rows of services.

use jiff::Timestamp;

use crate::database::{Rows, Statement, Type, row};
use crate::protocols::billmanager::model::LedgerState;

// Its key is that of the order's line: a line item becomes a service once, whatever the program believes.
pub(super) static MAKE_SERVICES: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("order_id", Type::Int),
        ("paid_by", Type::Uuid),
        ("paid_at", Type::Time),
    ],
    "INSERT INTO bm_services (object_id, item_id, order_id, status, pending, autoprolong_period,
                              ordered_at, changed_at, changed_by)
     SELECT l.object_id, l.item_id, l.order_id, 'ordered', 'open',
            CASE WHEN i.autoprolong THEN coalesce(i.autoprolong_period, i.period) END,
            b.paid_at, b.paid_at, b.paid_by
     FROM batch b {all bm_order_lines l: object_id, order_id}
     {one bm_items i: object_id = l.object_id, item_id = l.item_id}",
);

/// The orders that this batch has paid.
pub(super) fn paid_orders(ledger: &LedgerState, now: Timestamp) -> Rows {
    let at_once = ledger.orders.iter().filter(|(_, order)| order.paid);
    let at_once = at_once.map(|((object, id), order)| row![*object, *id, order.task, now]);
    let stored = ledger.credited.iter().filter(|(of, _)| !ledger.made.contains(of));
    let stored = stored.filter_map(|(of, task)| {
        let order = ledger.payment(*of)?.order;
        Some(row![of.0, order, *task, now])
    });
    at_once.chain(stored).collect()
}
