//! What operators are shown of resellers: their accounts and payments.

use crate::database::{Statement, Type};
use crate::protocols::activeplatform::wire::{COMPLETE_BY_DOCUMENT, COMPLETE_PAYMENT};
use crate::surface::shown::{Amounts, Class, Find, RECORDS_ASKED, RecordList, Shown, TASKS_ASKED};

macro_rules! reseller {
    () => {
        "SELECT x.reseller_id AS id, x.reseller_id AS object_id, x.name AS title, x.parent_id, x.last_correction"
    };
}

static RESELLER_NEWEST: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        reseller!(),
        " FROM (SELECT * FROM ap_resellers w WHERE w.reseller_id < (SELECT number FROM batch)
         ORDER BY w.reseller_id DESC LIMIT (SELECT most FROM batch)) AS x ORDER BY x.reseller_id DESC"
    ),
);

static RESELLER_ID: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(reseller!(), " FROM batch b {one ap_resellers x: reseller_id = b.number}"),
);

static RESELLER_OBJECT: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(reseller!(), " FROM batch b {one ap_resellers x: reseller_id = b.object_id}"),
);

macro_rules! account {
    () => {
        "SELECT x.account_id AS id, x.reseller_id AS object_id, x.name AS title, x.currency, x.balance"
    };
}

static ACCOUNT_OBJECT: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        account!(),
        " FROM (SELECT * FROM ap_accounts w WHERE {only w.reseller_id: (SELECT object_id FROM batch)}
           AND w.account_id < (SELECT number FROM batch)
         ORDER BY w.reseller_id DESC, w.account_id DESC LIMIT (SELECT most FROM batch)) AS x ORDER BY x.account_id DESC"
    ),
);

macro_rules! payment {
    () => {
        "SELECT x.payment_id AS id, x.reseller_id AS object_id, x.account_id, x.document_id, x.status, x.total, x.discount_amount, x.currency, x.comment, x.purpose, x.requester_ip, x.payment_method_id, x.manager_id, x.expires_at, x.created_at, x.updated_at"
    };
}

static PAYMENT_OBJECT: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        payment!(),
        " FROM (SELECT * FROM ap_payments w WHERE {only w.reseller_id: (SELECT object_id FROM batch)}
           AND w.payment_id < (SELECT number FROM batch)
         ORDER BY w.reseller_id DESC, w.payment_id DESC LIMIT (SELECT most FROM batch)) AS x ORDER BY x.payment_id DESC"
    ),
);

static PAYMENT_TASK: Statement = Statement::read(
    RECORDS_ASKED,
    concat!(
        payment!(),
        " FROM batch b {one tasks t: task_guid = b.guid}
         {all ap_entries e: reseller_id = t.object_id, task_guid = t.task_guid}
         {one ap_payments x: reseller_id = e.reseller_id, payment_id = e.payment_id}"
    ),
);

static AMOUNTS: Statement = Statement::read(
    TASKS_ASKED,
    "SELECT p.task_guid, p.amount FROM batch b {all ap_entries p: reseller_id = b.object_id, task_guid = b.task_guid}",
);

/// What operators are shown of this protocol.
pub(crate) const SHOWN: Shown = Shown {
    personal: &["comment", "purpose", "requesterIp", "requester_ip", "name", "email", "phone"],
    lists: &[
        RecordList {
            class: Class::Object,
            id: Type::Int,
            columns: &[
                ("title", Type::Text),
                ("parent_id", Type::Int),
                ("last_correction", Type::Int),
            ],
            amount: None,
            queries: &[
                (Find::Newest, &RESELLER_NEWEST),
                (Find::Id, &RESELLER_ID),
                (Find::Object, &RESELLER_OBJECT),
            ],
        },
        RecordList {
            class: Class::Account,
            id: Type::Int,
            columns: &[("title", Type::Text), ("currency", Type::Text), ("balance", Type::Money)],
            amount: None,
            queries: &[(Find::Object, &ACCOUNT_OBJECT)],
        },
        RecordList {
            class: Class::Payment,
            id: Type::Int,
            columns: &[
                ("account_id", Type::Int),
                ("document_id", Type::Text),
                ("status", Type::Text),
                ("total", Type::Money),
                ("discount_amount", Type::Money),
                ("currency", Type::Text),
                ("comment", Type::Text),
                ("purpose", Type::Text),
                ("requester_ip", Type::Text),
                ("payment_method_id", Type::Int),
                ("manager_id", Type::Int),
                ("expires_at", Type::Time),
                ("created_at", Type::Time),
                ("updated_at", Type::Time),
            ],
            amount: Some("total"),
            queries: &[(Find::Object, &PAYMENT_OBJECT), (Find::Task, &PAYMENT_TASK)],
        },
    ],
    references: &[("payment_id", Class::Payment, Find::Id)],
    amounts: Some(Amounts {
        kept: &AMOUNTS,
        asked: &[(COMPLETE_PAYMENT, "amount"), (COMPLETE_BY_DOCUMENT, "amount")],
        summed: true,
    }),
};
