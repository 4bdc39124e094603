//! What operators are shown of restaurants: objects, orders and payments.

use crate::database::{Statement, Type};
use crate::surface::shown::{Amounts, Class, Find, RECORDS_ASKED, RecordList, Shown, TASKS_ASKED};

macro_rules! object {
    () => {
        "SELECT x.object_id AS id, x.object_id AS object_id, x.name AS title, x.agent_version, x.agent_guid, x.timeout_s, x.time_zone, x.closed_orders, x.all_tables, x.cancel_paid"
    };
}

static OBJECT_NEWEST: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        object!(),
        " FROM (SELECT * FROM objects w WHERE w.object_id < (SELECT number FROM batch)
         ORDER BY w.object_id DESC LIMIT (SELECT most FROM batch)) AS x ORDER BY x.object_id DESC"
    ),
);

static OBJECT_ID: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(object!(), " FROM batch b {one objects x: object_id = b.number}"),
);

static OBJECT_OBJECT: Statement =
    Statement::read(RECORDS_ASKED, concat!(object!(), " FROM batch b {one objects x: object_id}"));

macro_rules! order {
    () => {
        "SELECT x.order_guid AS id, x.object_id AS object_id, x.original_order_id, x.status, x.total, x.paid, x.bill_printed, x.table_code, x.created_at, x.closed_at, x.version"
    };
}

static ORDER_NEWEST: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        order!(),
        " FROM (SELECT * FROM orders w WHERE w.order_guid < (SELECT guid FROM batch)
         ORDER BY w.order_guid DESC LIMIT (SELECT most FROM batch)) AS x ORDER BY x.order_guid DESC"
    ),
);

static ORDER_OBJECT: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        order!(),
        " FROM (SELECT * FROM orders w WHERE {only w.object_id: (SELECT object_id FROM batch)}
           AND w.order_guid < (SELECT guid FROM batch)
         ORDER BY w.object_id DESC, w.order_guid DESC LIMIT (SELECT most FROM batch)) AS x ORDER BY x.order_guid DESC"
    ),
);

static ORDER_ID: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(order!(), " FROM batch b {all orders x: order_guid = b.guid}"),
);

// Object by object, as no index has it for all of them: each payment would be entered there. An object is never deleted.
static ORDER_ORIGINAL: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        order!(),
        " FROM objects o {all orders x: object_id = o.object_id, original_order_id = (SELECT word FROM batch)}
         ORDER BY x.created_at DESC LIMIT (SELECT most FROM batch)"
    ),
);

macro_rules! payment {
    () => {
        "SELECT x.task_guid AS id, x.object_id AS object_id, x.line, x.order_guid, x.currency_guid, x.amount, x.written_off, x.card_code, x.taken_at, x.promised, x.removed_by"
    };
}

static PAYMENT_OBJECT: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        payment!(),
        " FROM (SELECT * FROM payments w WHERE {only w.object_id: (SELECT object_id FROM batch)}
           AND w.task_guid < (SELECT guid FROM batch)
         ORDER BY w.object_id DESC, w.task_guid DESC LIMIT (SELECT most FROM batch)) AS x ORDER BY x.task_guid DESC"
    ),
);

static PAYMENT_ORDER: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        payment!(),
        " FROM batch b {all orders o: order_guid = b.guid}
         {all payments x: object_id = o.object_id, order_guid = o.order_guid} ORDER BY x.taken_at DESC"
    ),
);

static PAYMENT_TASK: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        payment!(),
        " FROM batch b {one tasks t: task_guid = b.guid}
         {all payments x: object_id = t.object_id, task_guid = t.task_guid} ORDER BY x.line"
    ),
);

static PAYMENT_ID: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        payment!(),
        " FROM batch b {one tasks t: task_guid = b.guid}
         {all payments x: object_id = t.object_id, task_guid = t.task_guid} ORDER BY x.line"
    ),
);

static AMOUNTS: Statement = Statement::read(
    TASKS_ASKED,
    "SELECT p.task_guid, p.amount FROM batch b {all payments p: object_id, task_guid}",
);

/// What operators are shown of this protocol.
pub(crate) const SHOWN: Shown = Shown {
    personal: &[
        "customer",
        "courier",
        "address",
        "phone",
        "phoneNumber",
        "mobile",
        "email",
        "eMail",
        "loyalty",
        "cardCode",
        "clientId",
        "interfaceCode",
        "comment",
        "employees",
        "waiter",
        "birthday",
        "authinfo",
    ],
    lists: &[
        RecordList {
            class: Class::Object,
            id: Type::Int,
            columns: &[
                ("title", Type::Text),
                ("agent_version", Type::Text),
                ("agent_guid", Type::Uuid),
                ("timeout_s", Type::Int),
                ("time_zone", Type::Text),
                ("closed_orders", Type::Bool),
                ("all_tables", Type::Bool),
                ("cancel_paid", Type::Bool),
            ],
            amount: None,
            queries: &[
                (Find::Newest, &OBJECT_NEWEST),
                (Find::Id, &OBJECT_ID),
                (Find::Object, &OBJECT_OBJECT),
            ],
        },
        RecordList {
            class: Class::Order,
            id: Type::Uuid,
            columns: &[
                ("original_order_id", Type::Text),
                ("status", Type::Text),
                ("total", Type::Money),
                ("paid", Type::Money),
                ("bill_printed", Type::Bool),
                ("table_code", Type::Text),
                ("created_at", Type::Time),
                ("closed_at", Type::Time),
                ("version", Type::Int),
            ],
            amount: Some("total"),
            queries: &[
                (Find::Newest, &ORDER_NEWEST),
                (Find::Object, &ORDER_OBJECT),
                (Find::Id, &ORDER_ID),
                (Find::Original, &ORDER_ORIGINAL),
            ],
        },
        RecordList {
            class: Class::Payment,
            id: Type::Uuid,
            columns: &[
                ("line", Type::Int),
                ("order_guid", Type::Uuid),
                ("currency_guid", Type::Uuid),
                ("amount", Type::Money),
                ("written_off", Type::Money),
                ("card_code", Type::Text),
                ("taken_at", Type::Time),
                ("promised", Type::Bool),
                ("removed_by", Type::Uuid),
            ],
            amount: Some("amount"),
            queries: &[
                (Find::Object, &PAYMENT_OBJECT),
                (Find::Order, &PAYMENT_ORDER),
                (Find::Task, &PAYMENT_TASK),
                (Find::Id, &PAYMENT_ID),
            ],
        },
    ],
    references: &[
        ("orderGuid", Class::Order, Find::Id),
        ("originalOrderId", Class::Order, Find::Original),
    ],
    amounts: Some(Amounts {
        kept: &AMOUNTS,
        asked: &[("PayOrder", "amount"), ("AddPrepayOrder", "amount")],
        summed: true,
    }),
};
