//! What operators are shown of events: their orders, tickets and entries.

use crate::database::{Statement, Type};
use crate::surface::shown::{Amounts, Class, Find, RECORDS_ASKED, RecordList, Shown, TASKS_ASKED};

macro_rules! event {
    () => {
        "SELECT x.object_id AS id, x.object_id AS object_id, x.event_id, x.on_sale, x.starts_at, x.ends_at"
    };
}

static EVENT_NEWEST: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        event!(),
        " FROM (SELECT * FROM tc_events w WHERE w.object_id < (SELECT number FROM batch)
         ORDER BY w.object_id DESC LIMIT (SELECT most FROM batch)) AS x ORDER BY x.object_id DESC"
    ),
);

static EVENT_ID: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(event!(), " FROM batch b {all tc_events x: object_id = b.number}"),
);

static EVENT_OBJECT: Statement =
    Statement::read(RECORDS_ASKED, concat!(event!(), " FROM batch b {all tc_events x: object_id}"));

macro_rules! order {
    () => {
        "SELECT x.order_id AS id, x.object_id AS object_id, x.number, x.partner_id, x.deal_id, x.status, x.nominal, x.discount, x.extra, x.value, x.customer, x.created_at, x.updated_at, x.reserved_till, x.task_guid, x.version"
    };
}

static ORDER_NEWEST: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        order!(),
        " FROM (SELECT * FROM tc_orders w WHERE w.order_id < (SELECT word FROM batch)
         ORDER BY w.order_id DESC LIMIT (SELECT most FROM batch)) AS x ORDER BY x.order_id DESC"
    ),
);

static ORDER_OBJECT: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        order!(),
        " FROM (SELECT * FROM tc_orders w WHERE {only w.object_id: (SELECT object_id FROM batch)}
           AND w.order_id < (SELECT word FROM batch)
         ORDER BY w.object_id DESC, w.order_id DESC LIMIT (SELECT most FROM batch)) AS x ORDER BY x.order_id DESC"
    ),
);

static ORDER_ID: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(order!(), " FROM batch b {one tc_orders x: order_id = b.word}"),
);

static ORDER_TASK: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        order!(),
        " FROM batch b {one tasks t: task_guid = b.guid}
         {all tc_orders x: object_id = t.object_id, task_guid = t.task_guid}"
    ),
);

macro_rules! ticket {
    () => {
        "SELECT x.ticket_id AS id, x.object_id AS object_id, x.set_id, x.seat, x.order_id"
    };
}

static TICKET_OBJECT: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        ticket!(),
        " FROM (SELECT * FROM tc_tickets w WHERE {only w.object_id: (SELECT object_id FROM batch)}
           AND w.ticket_id < (SELECT word FROM batch)
         ORDER BY w.object_id DESC, w.ticket_id DESC LIMIT (SELECT most FROM batch)) AS x ORDER BY x.ticket_id DESC"
    ),
);

static TICKET_ORDER: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        ticket!(),
        " FROM batch b {one tc_orders o: order_id = b.word}
         {all tc_tickets x: object_id = o.object_id, order_id = o.order_id} ORDER BY x.ticket_id"
    ),
);

macro_rules! entry {
    () => {
        "SELECT x.task_guid AS id, x.object_id AS object_id, x.order_id, x.kind, x.amount, x.entered_at"
    };
}

static ENTRY_OBJECT: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        entry!(),
        " FROM (SELECT * FROM tc_entries w WHERE {only w.object_id: (SELECT object_id FROM batch)}
           AND w.task_guid < (SELECT guid FROM batch)
         ORDER BY w.object_id DESC, w.task_guid DESC LIMIT (SELECT most FROM batch)) AS x ORDER BY x.task_guid DESC"
    ),
);

static ENTRY_ORDER: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        entry!(),
        " FROM batch b {one tc_orders o: order_id = b.word}
         {all tc_entries x: object_id = o.object_id, order_id = o.order_id} ORDER BY x.entered_at DESC"
    ),
);

static ENTRY_TASK: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        entry!(),
        " FROM batch b {one tasks t: task_guid = b.guid}
         {all tc_entries x: object_id = t.object_id, task_guid = t.task_guid}"
    ),
);

static AMOUNTS: Statement = Statement::read(
    TASKS_ASKED,
    "SELECT p.task_guid, p.amount FROM batch b {all tc_entries p: object_id, task_guid}",
);

/// What operators are shown of this protocol.
pub(crate) const SHOWN: Shown = Shown {
    personal: &[
        "customer",
        "name",
        "first_name",
        "last_name",
        "phone",
        "email",
        "birthday",
        "document",
        "vendor_data",
        "success_url",
        "failure_url",
    ],
    lists: &[
        RecordList {
            class: Class::Object,
            id: Type::Int,
            columns: &[
                ("event_id", Type::Text),
                ("on_sale", Type::Bool),
                ("starts_at", Type::Time),
                ("ends_at", Type::Time),
            ],
            amount: None,
            queries: &[
                (Find::Newest, &EVENT_NEWEST),
                (Find::Id, &EVENT_ID),
                (Find::Object, &EVENT_OBJECT),
            ],
        },
        RecordList {
            class: Class::Order,
            id: Type::Text,
            columns: &[
                ("number", Type::Int),
                ("partner_id", Type::Text),
                ("deal_id", Type::Text),
                ("status", Type::Text),
                ("nominal", Type::Money),
                ("discount", Type::Money),
                ("extra", Type::Money),
                ("value", Type::Money),
                ("customer", Type::Text),
                ("created_at", Type::Time),
                ("updated_at", Type::Time),
                ("reserved_till", Type::Time),
                ("task_guid", Type::Uuid),
                ("version", Type::Int),
            ],
            amount: Some("value"),
            queries: &[
                (Find::Newest, &ORDER_NEWEST),
                (Find::Object, &ORDER_OBJECT),
                (Find::Id, &ORDER_ID),
                (Find::Task, &ORDER_TASK),
            ],
        },
        RecordList {
            class: Class::Ticket,
            id: Type::Text,
            columns: &[("set_id", Type::Text), ("seat", Type::Text), ("order_id", Type::Text)],
            amount: None,
            queries: &[(Find::Object, &TICKET_OBJECT), (Find::Order, &TICKET_ORDER)],
        },
        RecordList {
            class: Class::Payment,
            id: Type::Uuid,
            columns: &[
                ("order_id", Type::Text),
                ("kind", Type::Text),
                ("amount", Type::Money),
                ("entered_at", Type::Time),
            ],
            amount: Some("amount"),
            queries: &[
                (Find::Object, &ENTRY_OBJECT),
                (Find::Order, &ENTRY_ORDER),
                (Find::Task, &ENTRY_TASK),
            ],
        },
    ],
    references: &[
        ("order", Class::Order, Find::Id),
        ("order_id", Class::Order, Find::Id),
        ("id", Class::Order, Find::Id),
    ],
    amounts: Some(Amounts { kept: &AMOUNTS, asked: &[], summed: false }),
};
