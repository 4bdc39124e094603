//! Writing what a batch decided.

use jiff::Timestamp;

use crate::database::{Rows, Statement, StoreError, Type, Value, Write, row};
use crate::domain::task::ObjectId;
use crate::protocols::ticketscloud::model::{InventoryState, Order};
use crate::protocols::ticketscloud::sql::refunds;

const ORDER: &[(&str, Type)] = &[
    ("object_id", Type::Int),
    ("order_id", Type::Text),
    ("version", Type::Int),
    ("number", Type::Int),
    ("partner_id", Type::Text),
    ("deal_id", Type::Text),
    ("status", Type::Text),
    ("created_at", Type::Time),
    ("updated_at", Type::Time),
    ("reserved_till", Type::Time),
    ("customer", Type::Text),
    ("system_id", Type::Text),
    ("success_url", Type::Text),
    ("failure_url", Type::Text),
    ("nominal", Type::Money),
    ("discount", Type::Money),
    ("extra", Type::Money),
    ("value", Type::Money),
    ("refunded", Type::Money),
    ("shown_number", Type::Int),
    ("done_at", Type::Time),
    ("done_by", Type::Uuid),
    ("vendor_data", Type::Text),
    ("task_guid", Type::Uuid),
];

static INSERT: Statement = Statement::write(
    ORDER,
    "INSERT INTO tc_orders (object_id, order_id, number, partner_id, deal_id, status, created_at,
            updated_at, reserved_till, customer, system_id, success_url, failure_url, nominal, discount,
            extra, value, refunded, shown_number, done_at, done_by, vendor_data, task_guid, version)
     SELECT object_id, order_id, number, partner_id, deal_id, status, created_at, updated_at, reserved_till,
            customer, system_id, success_url, failure_url, nominal, discount, extra, value, refunded,
            shown_number, done_at, done_by, vendor_data, task_guid, version + 1 FROM batch",
);

static UPDATE: Statement = Statement::write(
    ORDER,
    "UPDATE tc_orders SET status = b.status, updated_at = b.updated_at, reserved_till = b.reserved_till,
            customer = b.customer, system_id = b.system_id, success_url = b.success_url,
            failure_url = b.failure_url, nominal = b.nominal, discount = b.discount, extra = b.extra,
            value = b.value, refunded = b.refunded, done_at = b.done_at, done_by = b.done_by,
            vendor_data = b.vendor_data, version = b.version + 1
     FROM batch b {these tc_orders: object_id, order_id} AND tc_orders.version = b.version",
);

static DELETE_LINES: Statement = Statement::write(
    &[("object_id", Type::Int), ("order_id", Type::Text)],
    "DELETE FROM tc_lines {those tc_lines: object_id, order_id}",
);

static DELETE_PROMOCODES: Statement = Statement::write(
    &[("object_id", Type::Int), ("order_id", Type::Text)],
    "DELETE FROM tc_order_promocodes {those tc_order_promocodes: object_id, order_id}",
);

static INSERT_LINES: Statement = Statement::insert(
    "tc_lines",
    &[
        ("object_id", Type::Int),
        ("order_id", Type::Text),
        ("ticket_id", Type::Text),
        ("set_id", Type::Text),
        ("rule_id", Type::Text),
        ("price", Type::Money),
        ("extra", Type::Money),
        ("discount", Type::Money),
        ("held", Type::Bool),
        ("task_guid", Type::Uuid),
        ("place", Type::Text),
        ("refund", Type::Money),
        ("refunded_by", Type::Uuid),
    ],
    "",
);

static INSERT_PROMOCODES: Statement = Statement::insert(
    "tc_order_promocodes",
    &[("object_id", Type::Int), ("order_id", Type::Text), ("promocode_id", Type::Text)],
    "",
);

// The holder is named although the event is locked: a mistake fails here, before the constraints.
static HAND: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("ticket_id", Type::Text),
        ("loaded", Type::Text),
        ("order_id", Type::Text),
    ],
    "UPDATE tc_tickets SET order_id = b.order_id FROM batch b
     {these tc_tickets: object_id, ticket_id}
       AND coalesce(tc_tickets.order_id, '') = coalesce(b.loaded, '')",
);

static COUNT_USES: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("promocode_id", Type::Text),
        ("loaded", Type::Int),
        ("used", Type::Int),
    ],
    "UPDATE tc_promocodes SET used = b.used FROM batch b
     {these tc_promocodes: object_id, promocode_id}
       AND tc_promocodes.used = b.loaded",
);

static COUNT_ORDERS: Statement = Statement::write(
    &[("object_id", Type::Int), ("last_number", Type::Int)],
    "UPDATE tc_events SET last_number = b.last_number FROM batch b
     {these tc_events: object_id}",
);

static ENTER: Statement = Statement::insert(
    "tc_entries",
    &[
        ("object_id", Type::Int),
        ("task_guid", Type::Uuid),
        ("order_id", Type::Text),
        ("refund_id", Type::Text),
        ("kind", Type::Text),
        ("amount", Type::Money),
        ("entered_at", Type::Time),
    ],
    "",
);

/// What is to be written of it.
pub(crate) fn write(inventory: InventoryState, now: Timestamp) -> Result<Vec<Write>, StoreError> {
    let changed = inventory.into_changed();
    let orders = &changed.orders;
    let (new, old): (Vec<_>, Vec<_>) = orders.iter().partition(|(_, order)| order.version == 0);
    let rows = |orders: Vec<&(ObjectId, Order)>| -> Result<Rows, StoreError> {
        orders.into_iter().map(|(object, order)| order_row(*object, order)).collect()
    };
    let stored: Rows = old.iter().map(|(object, order)| row![*object, order.id]).collect();
    let (new, old) = (rows(new)?, rows(old)?);
    let lines = orders.iter().flat_map(|(object, order)| lines(*object, order)).collect();
    let promocodes = orders
        .iter()
        .flat_map(|(object, order)| order.promocodes.iter().map(|id| row![*object, order.id, *id]));
    let tickets = changed
        .tickets
        .iter()
        .map(|(object, id, ticket)| row![*object, *id, ticket.loaded, ticket.holder]);
    let uses = changed
        .promocodes
        .iter()
        .map(|(object, id, loaded, used)| row![*object, *id, *loaded, *used]);
    let numbers = changed.events.iter().map(|(object, last)| row![*object, *last]);
    let entries = changed.entries.iter().map(|(object, entry)| {
        let (task, kind) = (entry.task, entry.kind.as_str());
        row![*object, task, entry.order, entry.refund, kind, entry.amount, now]
    });
    let mut writes = vec![
        // Before anybody gets a ticket: it may have been one of these orders'.
        Write::any(&DELETE_LINES, stored.clone()),
        Write::any(&DELETE_PROMOCODES, stored),
        Write::each(&INSERT, new),
        Write::each(&UPDATE, old),
        Write::each(&INSERT_LINES, lines),
        Write::each(&INSERT_PROMOCODES, promocodes.collect()),
        Write::each(&HAND, tickets.collect()),
        Write::each(&COUNT_USES, uses.collect()),
        Write::each(&COUNT_ORDERS, numbers.collect()),
        Write::each(&ENTER, entries.collect()),
    ];
    writes.extend(refunds::write(&changed.refunds));
    Ok(writes)
}

fn order_row(object: ObjectId, order: &Order) -> Result<Vec<Value>, StoreError> {
    let customer = serde_json::to_string(&order.customer)
        .map_err(|error| StoreError::Corrupt(format!("a customer cannot be written: {error}")))?;
    Ok(row![
        object,
        order.id,
        order.version,
        order.number,
        order.partner,
        order.deal,
        order.status.as_str(),
        order.created_at,
        order.updated_at,
        order.reserved_till,
        customer,
        order.system,
        order.success_url.as_deref(),
        order.failure_url.as_deref(),
        order.values.nominal,
        order.values.discount,
        order.values.extra,
        order.values.full,
        order.refunded,
        order.shown_number,
        order.done_at,
        order.done_by,
        order.vendor_data.as_deref(),
        order.task,
    ])
}

fn lines(object: ObjectId, order: &Order) -> impl Iterator<Item = Vec<Value>> + '_ {
    order.lines.iter().map(move |(ticket, line)| {
        let held = order.holds(line);
        row![
            object,
            order.id,
            *ticket,
            line.set,
            line.rule,
            line.price,
            line.extra,
            line.discount,
            held,
            line.task,
            line.place.as_deref(),
            line.refund,
            line.refunded_by,
        ]
    })
}
