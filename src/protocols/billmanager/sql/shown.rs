//! What operators are shown of accounts: carts, orders, payments and services.

use crate::database::{Statement, Type};
use crate::surface::shown::{Amounts, Class, Find, RECORDS_ASKED, RecordList, Shown, TASKS_ASKED};

macro_rules! account {
    () => {
        "SELECT x.object_id AS id, x.object_id AS object_id, x.provider_id, x.user_id, x.currency, x.balance"
    };
}

static ACCOUNT_NEWEST: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        account!(),
        " FROM (SELECT * FROM bm_accounts w WHERE w.object_id < (SELECT number FROM batch)
         ORDER BY w.object_id DESC LIMIT (SELECT most FROM batch)) AS x ORDER BY x.object_id DESC"
    ),
);

static ACCOUNT_ID: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(account!(), " FROM batch b {one bm_accounts x: object_id = b.number}"),
);

static ACCOUNT_OBJECT: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(account!(), " FROM batch b {one bm_accounts x: object_id}"),
);

macro_rules! order {
    () => {
        "SELECT x.order_id AS id, x.object_id AS object_id, x.status, x.total, x.currency, x.created_at, x.paid_at, x.paid_by, x.task_guid"
    };
}

static ORDER_OBJECT: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        order!(),
        " FROM (SELECT * FROM bm_orders w WHERE {only w.object_id: (SELECT object_id FROM batch)}
           AND w.order_id < (SELECT number FROM batch)
         ORDER BY w.object_id DESC, w.order_id DESC LIMIT (SELECT most FROM batch)) AS x ORDER BY x.order_id DESC"
    ),
);

static ORDER_ID: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        order!(),
        " FROM batch b {one bm_numbers n: number}
         {one bm_orders x: object_id = n.object_id, order_id = n.number}"
    ),
);

static ORDER_TASK: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        order!(),
        " FROM batch b {one tasks t: task_guid = b.guid}
         {all bm_orders x: object_id = t.object_id, task_guid = t.task_guid}"
    ),
);

macro_rules! payment {
    () => {
        "SELECT x.payment_id AS id, x.object_id AS object_id, x.order_id, x.method_id, x.profile_id, x.status, x.amount, x.currency, x.created_at, x.credited_at, x.credited_by, x.task_guid"
    };
}

static PAYMENT_OBJECT: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        payment!(),
        " FROM (SELECT * FROM bm_payments w WHERE {only w.object_id: (SELECT object_id FROM batch)}
           AND w.payment_id < (SELECT number FROM batch)
         ORDER BY w.object_id DESC, w.payment_id DESC LIMIT (SELECT most FROM batch)) AS x ORDER BY x.payment_id DESC"
    ),
);

static PAYMENT_ID: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(payment!(), " FROM batch b {one bm_payments x: payment_id = b.number}"),
);

static PAYMENT_ORDER: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        payment!(),
        " FROM batch b {one bm_numbers n: number}
         {all bm_payments x: object_id = n.object_id, order_id = n.number}"
    ),
);

macro_rules! cart {
    () => {
        "SELECT x.item_id AS id, x.object_id AS object_id, x.pricelist_id, x.itemtype, x.name_en, x.period, x.price, x.discount, x.currency, x.promocode, x.status, x.added_at, x.task_guid"
    };
}

static CART_OBJECT: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        cart!(),
        " FROM (SELECT * FROM bm_items w WHERE {only w.object_id: (SELECT object_id FROM batch)}
           AND w.item_id < (SELECT number FROM batch)
         ORDER BY w.object_id DESC, w.item_id DESC LIMIT (SELECT most FROM batch)) AS x ORDER BY x.item_id DESC"
    ),
);

static CART_ID: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        cart!(),
        " FROM batch b {one bm_numbers n: number}
         {one bm_items x: object_id = n.object_id, item_id = n.number}"
    ),
);

static CART_TASK: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        cart!(),
        " FROM batch b {one tasks t: task_guid = b.guid}
         {all bm_items x: object_id = t.object_id, task_guid = t.task_guid}"
    ),
);

macro_rules! service {
    () => {
        "SELECT x.item_id AS id, x.object_id AS object_id, x.order_id, x.status, x.suspended_for, x.pending, x.autoprolong_period, x.ip, x.ordered_at, x.opened_at, x.expires_at"
    };
}

static SERVICE_OBJECT: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        service!(),
        " FROM (SELECT * FROM bm_services w WHERE {only w.object_id: (SELECT object_id FROM batch)}
           AND w.item_id < (SELECT number FROM batch)
         ORDER BY w.object_id DESC, w.item_id DESC LIMIT (SELECT most FROM batch)) AS x ORDER BY x.item_id DESC"
    ),
);

static SERVICE_ID: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(service!(), " FROM batch b {one bm_services x: item_id = b.number}"),
);

static AMOUNTS: Statement = Statement::read(
    TASKS_ASKED,
    "SELECT p.task_guid, p.amount FROM batch b {all bm_entries p: object_id, task_guid}",
);

/// What operators are shown of this protocol.
pub(crate) const SHOWN: Shown = Shown {
    personal: &[
        "login",
        "name",
        "email",
        "phone",
        "address",
        "ip",
        "parameters",
        "password",
        "inn",
        "passport",
        "profile",
        "person",
        "company",
    ],
    lists: &[
        RecordList {
            class: Class::Account,
            id: Type::Int,
            columns: &[
                ("provider_id", Type::Int),
                ("user_id", Type::Int),
                ("currency", Type::Text),
                ("balance", Type::Money),
            ],
            amount: None,
            queries: &[
                (Find::Newest, &ACCOUNT_NEWEST),
                (Find::Id, &ACCOUNT_ID),
                (Find::Object, &ACCOUNT_OBJECT),
            ],
        },
        RecordList {
            class: Class::Order,
            id: Type::Int,
            columns: &[
                ("status", Type::Text),
                ("total", Type::Money),
                ("currency", Type::Text),
                ("created_at", Type::Time),
                ("paid_at", Type::Time),
                ("paid_by", Type::Uuid),
                ("task_guid", Type::Uuid),
            ],
            amount: Some("total"),
            queries: &[
                (Find::Object, &ORDER_OBJECT),
                (Find::Id, &ORDER_ID),
                (Find::Task, &ORDER_TASK),
            ],
        },
        RecordList {
            class: Class::Payment,
            id: Type::Int,
            columns: &[
                ("order_id", Type::Int),
                ("method_id", Type::Int),
                ("profile_id", Type::Int),
                ("status", Type::Int),
                ("amount", Type::Money),
                ("currency", Type::Text),
                ("created_at", Type::Time),
                ("credited_at", Type::Time),
                ("credited_by", Type::Uuid),
                ("task_guid", Type::Uuid),
            ],
            amount: Some("amount"),
            queries: &[
                (Find::Object, &PAYMENT_OBJECT),
                (Find::Id, &PAYMENT_ID),
                (Find::Order, &PAYMENT_ORDER),
            ],
        },
        RecordList {
            class: Class::Cart,
            id: Type::Int,
            columns: &[
                ("pricelist_id", Type::Int),
                ("itemtype", Type::Text),
                ("name_en", Type::Text),
                ("period", Type::Int),
                ("price", Type::Money),
                ("discount", Type::Money),
                ("currency", Type::Text),
                ("promocode", Type::Text),
                ("status", Type::Text),
                ("added_at", Type::Time),
                ("task_guid", Type::Uuid),
            ],
            amount: Some("price"),
            queries: &[
                (Find::Object, &CART_OBJECT),
                (Find::Id, &CART_ID),
                (Find::Task, &CART_TASK),
            ],
        },
        RecordList {
            class: Class::Service,
            id: Type::Int,
            columns: &[
                ("order_id", Type::Int),
                ("status", Type::Text),
                ("suspended_for", Type::Text),
                ("pending", Type::Text),
                ("autoprolong_period", Type::Int),
                ("ip", Type::Text),
                ("ordered_at", Type::Time),
                ("opened_at", Type::Time),
                ("expires_at", Type::Time),
            ],
            amount: None,
            queries: &[(Find::Object, &SERVICE_OBJECT), (Find::Id, &SERVICE_ID)],
        },
    ],
    references: &[
        ("order", Class::Order, Find::Id),
        ("order_id", Class::Order, Find::Id),
        ("payment", Class::Payment, Find::Id),
        ("item", Class::Cart, Find::Id),
    ],
    amounts: Some(Amounts { kept: &AMOUNTS, asked: &[], summed: false }),
};
