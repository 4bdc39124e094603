//! The rows of services.

use jiff::Timestamp;

use crate::database::{Rows, Statement, Type, row};
use crate::protocols::billmanager::model::{
    LedgerState, NewPeriod, Of, Pending, Service, Suspension,
};

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

pub(super) static CHANGE_SERVICES: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("item_id", Type::Int),
        ("status", Type::Text),
        ("suspended_for", Type::Text),
        ("pending", Type::Text),
        ("autoprolong_period", Type::Int),
        ("ip", Type::Text),
        ("opened_at", Type::Time),
        ("expires_at", Type::Time),
        ("anchor_day", Type::Int),
        ("look_at", Type::Time),
        ("changed_at", Type::Time),
        ("changed_by", Type::Uuid),
    ],
    "UPDATE bm_services SET status = b.status, suspended_for = b.suspended_for, pending = b.pending,
            autoprolong_period = b.autoprolong_period, ip = b.ip, opened_at = b.opened_at,
            expires_at = b.expires_at, anchor_day = b.anchor_day, look_at = b.look_at,
            changed_at = b.changed_at, changed_by = b.changed_by
     FROM batch b {these bm_services: object_id, item_id}",
);

// Its key is the service and where it starts: a period begins once, whatever the program believes.
pub(super) static BEGIN: Statement = Statement::insert(
    "bm_periods",
    &[
        ("object_id", Type::Int),
        ("item_id", Type::Int),
        ("starts_at", Type::Time),
        ("ends_at", Type::Time),
        ("period", Type::Int),
        ("amount", Type::Money),
        ("task_guid", Type::Uuid),
        ("begun_at", Type::Time),
    ],
    "",
);

// What a period gave back it does not give back again; and never more than was paid, whatever the program believes.
pub(super) static REFUND: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("item_id", Type::Int),
        ("starts_at", Type::Time),
        ("refunded", Type::Money),
    ],
    "UPDATE bm_periods SET refunded = b.refunded
     FROM batch b {these bm_periods: object_id, item_id, starts_at} AND bm_periods.refunded = 0",
);

/// The rows of what periods give back.
pub(super) fn refunds(ledger: &LedgerState) -> Rows {
    ledger
        .refunded
        .iter()
        .map(|(of, starts_at, back)| row![of.0, of.1, *starts_at, *back])
        .collect()
}

/// The rows of services that have changed.
pub(super) fn changed_services(ledger: &LedgerState) -> Rows {
    let changed = ledger.changed_services.iter();
    let changed = changed.filter_map(|of| Some((of, &ledger.services.get(of)?.0)));
    let row = |(of, service): (&Of, &Service)| {
        row![
            of.0,
            of.1,
            service.status.as_str(),
            service.suspended_for.map(Suspension::as_str),
            service.pending.map(Pending::as_str),
            service.autoprolong,
            service.ip.as_deref(),
            service.opened_at,
            service.expires_at,
            service.anchor_day,
            service.look_at,
            service.changed_at,
            service.changed_by,
        ]
    };
    changed.map(row).collect()
}

/// The rows of periods that begin.
pub(super) fn periods(ledger: &LedgerState, now: Timestamp) -> Rows {
    let row = |begun: &NewPeriod| {
        let NewPeriod { of, starts_at, ends_at, period, amount, task } = begun;
        row![of.0, of.1, *starts_at, *ends_at, *period, *amount, *task, now]
    };
    ledger.periods.iter().map(row).collect()
}

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
