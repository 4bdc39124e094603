//! Payments as rows.

use crate::protocols::activeplatform::model::{Method, Payment};
use crate::store::StoreError;
use crate::store::sql::{Row, Statement, Type};

/// The columns that [`payment`] reads.
macro_rules! payment_columns {
    () => {
        "p.reseller_id, p.payment_id, p.account_id, p.document_id, p.status, p.total,
         p.discount_amount, p.currency, p.comment, p.purpose, p.requester_ip, p.external_total,
         p.external_currency, p.payment_method_id, coalesce(m.name, ''), p.manager_id, p.due_date,
         p.expiration_date, p.created_at, p.updated_at, p.closed_at, p.orders, p.invoices"
    };
}
pub(super) use payment_columns;

/// The payments `p` of a batch, with the names of their methods.
macro_rules! payments {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            $crate::protocols::activeplatform::sql::rows::payment_columns!(),
            " FROM batch b JOIN ap_payments p ON p.reseller_id = b.reseller_id AND ",
            $condition,
            " LEFT JOIN ap_payment_methods m
                ON m.reseller_id = p.reseller_id AND m.payment_method_id = p.payment_method_id"
        )
    };
}
pub(super) use payments;

pub(super) static READ: Statement = Statement::read(
    &[("reseller_id", Type::Int), ("payment_id", Type::Int)],
    payments!("p.payment_id = b.payment_id"),
);

pub(super) static CORRECTIONS: Statement = Statement::read(
    &[("reseller_id", Type::Int), ("payment_id", Type::Int)],
    "SELECT c.reseller_id, c.payment_id, c.correction_id FROM batch b
     JOIN ap_corrections c ON c.reseller_id = b.reseller_id AND c.payment_id = b.payment_id
     ORDER BY c.correction_id",
);

/// From such a row; its corrections are read apart.
pub(super) fn payment(mut row: Row) -> Result<Payment, StoreError> {
    let method: Option<i64> = row.get(13)?;
    let name: String = row.get(14)?;
    Ok(Payment {
        reseller: row.get(0)?,
        id: row.get(1)?,
        account: row.get(2)?,
        document: row.get(3)?,
        status: row.word(4)?,
        total: row.get(5)?,
        discount: row.get(6)?,
        currency: row.get(7)?,
        comment: row.get(8)?,
        purpose: row.get(9)?,
        requester_ip: row.get(10)?,
        external_total: row.get(11)?,
        external_currency: row.get(12)?,
        method: method.map(|id| Method { id, name }),
        manager: row.get(15)?,
        due_date: row.get(16)?,
        expiration_date: row.get(17)?,
        created_at: row.get(18)?,
        updated_at: row.get(19)?,
        closed_at: row.get(20)?,
        orders: ids(row.get(21)?)?,
        invoices: ids(row.get(22)?)?,
        corrections: Vec::new(),
    })
}

fn ids(json: String) -> Result<Vec<i64>, StoreError> {
    serde_json::from_str(&json)
        .map_err(|error| StoreError::Corrupt(format!("ids of a payment cannot be read: {error}")))
}
