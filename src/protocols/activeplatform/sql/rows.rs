//! Payments as rows.

use crate::database::{Row, Statement, StoreError, Type};
use crate::protocols::activeplatform::model::{Method, Payment};

/// The columns that [`payment`] reads.
macro_rules! payment_columns {
    () => {
        "p.reseller_id, p.payment_id, p.account_id, p.document_id, p.status, p.total,
         p.discount_amount, p.currency, p.comment, p.purpose, p.requester_ip, p.external_total,
         p.external_currency, p.payment_method_id, coalesce(m.name, '') AS method_name, p.manager_id,
         p.due_date, p.expiration_date, p.created_at, p.updated_at, p.closed_at, p.orders, p.invoices"
    };
}
pub(super) use payment_columns;

/// The method `m` of a payment `p`, where it has one.
macro_rules! method {
    () => {
        "{left one ap_payment_methods m: reseller_id = p.reseller_id,
                                         payment_method_id = p.payment_method_id}"
    };
}
pub(super) use method;

/// The payments `p` of a batch, by the second column of their key, with the names of their methods.
macro_rules! payments {
    ($batch:literal, $key:literal) => {
        concat!(
            "SELECT ",
            $crate::protocols::activeplatform::sql::rows::payment_columns!(),
            " FROM ",
            $batch,
            " b {one ap_payments p: reseller_id, ",
            $key,
            "} ",
            $crate::protocols::activeplatform::sql::rows::method!()
        )
    };
}
pub(super) use payments;

pub(super) static READ: Statement = Statement::read(
    &[("reseller_id", Type::Int), ("payment_id", Type::Int)],
    payments!("batch", "payment_id"),
);

pub(super) static CORRECTIONS: Statement = Statement::read(
    &[("reseller_id", Type::Int), ("payment_id", Type::Int)],
    "SELECT c.reseller_id, c.payment_id, c.correction_id FROM batch b
     {all ap_corrections c: reseller_id, payment_id}
     ORDER BY c.correction_id",
);

/// From such a row; its corrections are read apart.
pub(super) fn payment(mut row: Row) -> Result<Payment, StoreError> {
    let method: Option<i64> = row.get("payment_method_id")?;
    let name: String = row.get("method_name")?;
    Ok(Payment {
        reseller: row.get("reseller_id")?,
        id: row.get("payment_id")?,
        account: row.get("account_id")?,
        document: row.get("document_id")?,
        status: row.word("status")?,
        total: row.get("total")?,
        discount: row.get("discount_amount")?,
        currency: row.get("currency")?,
        comment: row.get("comment")?,
        purpose: row.get("purpose")?,
        requester_ip: row.get("requester_ip")?,
        external_total: row.get("external_total")?,
        external_currency: row.get("external_currency")?,
        method: method.map(|id| Method { id, name }),
        manager: row.get("manager_id")?,
        due_date: row.get("due_date")?,
        expiration_date: row.get("expiration_date")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        closed_at: row.get("closed_at")?,
        orders: ids(row.get("orders")?)?,
        invoices: ids(row.get("invoices")?)?,
        corrections: Vec::new(),
    })
}

fn ids(json: String) -> Result<Vec<i64>, StoreError> {
    serde_json::from_str(&json)
        .map_err(|error| StoreError::Corrupt(format!("ids of a payment cannot be read: {error}")))
}
