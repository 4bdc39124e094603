//! Writing what a batch decided.

mod items;
mod services;

use jiff::Timestamp;

use self::items::{ADD_ITEMS, CHANGE_ITEMS, new_item};
use self::services::{
    BEGIN, CHANGE_SERVICES, MAKE_SERVICES, REFUND, changed_services, paid_orders, periods, refunds,
};
use super::rows::to_json;
use crate::database::{Rows, Statement, StoreError, Type, Value, Write, row};
use crate::protocols::billmanager::model::{Entry, EntryKind, LedgerState, Of, Payment};

static MAKE_ORDERS: Statement = Statement::insert(
    "bm_orders",
    &[
        ("object_id", Type::Int),
        ("order_id", Type::Int),
        ("status", Type::Text),
        ("total", Type::Money),
        ("currency", Type::Text),
        ("task_guid", Type::Uuid),
        ("created_at", Type::Time),
        ("paid_at", Type::Time),
        ("paid_by", Type::Uuid),
    ],
    "",
);

static MAKE_LINES: Statement = Statement::insert(
    "bm_order_lines",
    &[
        ("object_id", Type::Int),
        ("item_id", Type::Int),
        ("order_id", Type::Int),
        ("amount", Type::Money),
    ],
    "",
);

static MAKE_PAYMENTS: Statement = Statement::insert(
    "bm_payments",
    &[
        ("object_id", Type::Int),
        ("payment_id", Type::Int),
        ("order_id", Type::Int),
        ("method_id", Type::Int),
        ("stored_id", Type::Int),
        ("profile_id", Type::Int),
        ("status", Type::Int),
        ("amount", Type::Money),
        ("currency", Type::Text),
        ("parameters", Type::Text),
        ("store_method", Type::Bool),
        ("key_hash", Type::Bytes),
        ("aggregator_id", Type::Int),
        ("task_guid", Type::Uuid),
        ("created_at", Type::Time),
        ("credited_at", Type::Time),
        ("credited_by", Type::Uuid),
    ],
    "",
);

static CREDIT: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("payment_id", Type::Int),
        ("credited_by", Type::Uuid),
        ("credited_at", Type::Time),
    ],
    "UPDATE bm_payments SET status = 4, credited_by = b.credited_by, credited_at = b.credited_at
     FROM batch b {these bm_payments: object_id, payment_id}
       AND bm_payments.status IN (1, 2, 3)",
);

// The state is named so that no index answers it: that of unpaid orders would be read whole.
static PAY_ORDERS: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("order_id", Type::Int),
        ("paid_by", Type::Uuid),
        ("paid_at", Type::Time),
    ],
    "UPDATE bm_orders SET status = 'paid', paid_by = b.paid_by, paid_at = b.paid_at
     FROM batch b {these bm_orders: object_id, order_id}
       AND coalesce(bm_orders.status, '') = 'new'",
);

static STORE_METHODS: Statement = Statement::insert(
    "bm_stored_methods",
    &[
        ("object_id", Type::Int),
        ("stored_id", Type::Int),
        ("method_id", Type::Int),
        ("profile_id", Type::Int),
        ("parameters", Type::Text),
        ("task_guid", Type::Uuid),
        ("stored_at", Type::Time),
    ],
    "",
);

static BALANCES: Statement = Statement::write(
    &[("object_id", Type::Int), ("loaded", Type::Money), ("balance", Type::Money)],
    "UPDATE bm_accounts SET balance = b.balance FROM batch b
     {these bm_accounts: object_id} AND bm_accounts.balance = b.loaded",
);

static ENTER: Statement = Statement::insert(
    "bm_entries",
    &[
        ("object_id", Type::Int),
        ("task_guid", Type::Uuid),
        ("line", Type::Int),
        ("kind", Type::Text),
        ("amount", Type::Money),
        ("order_id", Type::Int),
        ("payment_id", Type::Int),
        ("entered_at", Type::Time),
        ("item_id", Type::Int),
        ("starts_at", Type::Time),
    ],
    "",
);

static EXPIRE_ORDERS: Statement = Statement::write(
    &[("object_id", Type::Int), ("order_id", Type::Int)],
    "UPDATE bm_orders SET status = 'expired' FROM batch b {these bm_orders: object_id, order_id}
       AND coalesce(bm_orders.status, '') = 'new'",
);

static GIVE_BACK: Statement =
    Statement::write(&[("number", Type::Int)], "DELETE FROM bm_numbers {those bm_numbers: number}");

/// What is to be written of it.
pub(crate) fn write(ledger: &LedgerState, now: Timestamp) -> Result<Vec<Write>, StoreError> {
    let added = ledger.new_items().map(|(of, item)| new_item(of, item, now));
    let added: Rows = added.collect::<Result<_, _>>()?;
    let changed = ledger.changed_items().map(|(of, item)| {
        row![of.0, of.1, item.discount, item.promocode.as_deref(), item.status.as_str()]
    });
    let changed = changed.collect();
    let made = ledger.made.iter().filter_map(|of| Some((of, ledger.payment(*of)?)));
    let made = made.map(|(of, payment)| new_payment(ledger, *of, payment, now));
    let made: Rows = made.collect::<Result<_, _>>()?;
    let balances = ledger.accounts.iter().filter(|(_, account)| account.balance != account.loaded);
    let balances = balances.map(|(object, a)| row![*object, a.loaded, a.balance]).collect();
    let entries = ledger.entries.iter().map(|e| entry(e, now)).collect();
    let fresh = ledger.fresh.values().flat_map(|f| [f.item, f.order, f.payment]).flatten();
    let unused = fresh.filter(|number| !ledger.taken.contains(number));
    let unused = unused.map(|number| row![number]).collect();
    let (orders, lines) = orders(ledger, now);
    let Credited { payments, paid, kept } = credited(ledger, now)?;
    let bought = paid_orders(ledger, now);
    let expired = ledger.expired.iter().map(|(object, order)| row![*object, *order]).collect();
    Ok(vec![
        Write::each(&ADD_ITEMS, added),
        Write::each(&CHANGE_ITEMS, changed),
        Write::each(&MAKE_ORDERS, orders),
        Write::each(&MAKE_LINES, lines),
        Write::each(&MAKE_PAYMENTS, made),
        Write::each(&CREDIT, payments),
        Write::each(&PAY_ORDERS, paid),
        Write::each(&STORE_METHODS, kept),
        Write::each(&BALANCES, balances),
        Write::each(&ENTER, entries),
        Write::each(&GIVE_BACK, unused),
        Write::each(&CHANGE_SERVICES, changed_services(ledger)),
        Write::each(&BEGIN, periods(ledger, now)),
        Write::each(&EXPIRE_ORDERS, expired),
        // After the periods that begin are there: a service may be opened, prolonged and deleted in one batch.
        Write::each(&REFUND, refunds(ledger)),
        // After the lines of the orders are there. How many they have is not known of those that were there before.
        Write::any(&MAKE_SERVICES, bought),
    ])
}

/// The rows of orders and of their lines.
fn orders(ledger: &LedgerState, now: Timestamp) -> (Rows, Rows) {
    let (mut orders, mut lines) = (Rows::new(), Rows::new());
    for ((object, id), order) in &ledger.orders {
        let status = if order.paid { "paid" } else { "new" };
        let (at, by) = (order.paid.then_some(now), order.paid.then_some(order.task));
        let currency = &*order.currency;
        orders.push(row![*object, *id, status, order.total, currency, order.task, now, at, by]);
        lines.extend(order.lines.iter().map(|(item, cost)| row![*object, *item, *id, *cost]));
    }
    (orders, lines)
}

fn new_payment(
    ledger: &LedgerState,
    of: Of,
    payment: &Payment,
    now: Timestamp,
) -> Result<Vec<Value>, StoreError> {
    let by = ledger.credited.get(&of).copied();
    Ok(row![
        of.0,
        of.1,
        payment.order,
        payment.method,
        payment.stored,
        payment.profile,
        payment.status.number(),
        payment.amount,
        &*payment.currency,
        to_json(&payment.parameters)?,
        payment.store,
        payment.key.map(|hash| hash.0.to_vec()),
        payment.aggregator,
        payment.task,
        now,
        by.map(|_| now),
        by,
    ])
}

/// The rows of what stored payments change.
struct Credited {
    payments: Rows,
    paid: Rows,
    kept: Rows,
}

fn credited(ledger: &LedgerState, now: Timestamp) -> Result<Credited, StoreError> {
    let mut rows = Credited { payments: Rows::new(), paid: Rows::new(), kept: Rows::new() };
    let stored = ledger.credited.iter().filter(|(of, _)| !ledger.made.contains(of));
    for (of, task) in stored {
        let Some(payment) = ledger.payment(*of) else { continue };
        rows.payments.push(row![of.0, of.1, *task, now]);
        rows.paid.push(row![of.0, payment.order, *task, now]);
        if payment.store {
            let (method, profile) = (payment.method, payment.profile);
            let parameters = to_json(&payment.parameters)?;
            rows.kept.push(row![of.0, of.1, method, profile, parameters, *task, now]);
        }
    }
    Ok(rows)
}

fn entry(entry: &Entry, now: Timestamp) -> Vec<Value> {
    // A task makes at most one of each kind.
    let line: i64 = match entry.kind {
        EntryKind::Payment => 0,
        EntryKind::Order => 1,
        EntryKind::Renewal => 2,
        EntryKind::Refund => 3,
    };
    let Entry { object, task, kind, amount, order, payment, service, starts_at } = entry;
    let kind = kind.as_str();
    row![*object, *task, line, kind, *amount, *order, *payment, now, *service, *starts_at]
}
