//! A page of a reseller's payments. Each list reads one index, which its filters and its order choose, and not a database
//! by its statistics: what the index does not have stands in an expression, where no other index can be found for it.

use super::rows::{self, method, payment_columns};
use crate::database::{Column, Statement, StoreError, Type, Value, row};
use crate::protocols::activeplatform::listing::{Axis, PaymentsAsked, Sort};
use crate::protocols::activeplatform::model::Payment;
use crate::protocols::activeplatform::sql::Tables;

const ASKED: &[Column] = &[
    ("reseller_id", Type::Int),
    ("after_id", Type::Int),
    ("before_id", Type::Int),
    ("account_id", Type::Int),
    ("status", Type::Text),
    ("document_id", Type::Text),
    ("created_from", Type::Time),
    ("created_until", Type::Time),
    ("updated_from", Type::Time),
    ("updated_until", Type::Time),
    ("closed_from", Type::Time),
    ("closed_until", Type::Time),
    ("earliest", Type::Time),
    ("latest", Type::Time),
    ("most", Type::Int),
    ("skipped", Type::Int),
];

/// Whether a column has the value of a filter, where there is one.
macro_rules! is {
    ($column:literal) => {
        concat!(
            "((SELECT ",
            $column,
            " FROM batch) IS NULL OR p.",
            $column,
            " = (SELECT ",
            $column,
            " FROM batch)) AND "
        )
    };
}

/// Whether a time is within a filter's, where there are some.
macro_rules! is_within {
    ($column:literal, $from:literal, $until:literal) => {
        concat!(
            "((SELECT ",
            $from,
            " FROM batch) IS NULL OR p.",
            $column,
            " >= (SELECT ",
            $from,
            " FROM batch)) AND ((SELECT ",
            $until,
            " FROM batch) IS NULL OR p.",
            $column,
            " < (SELECT ",
            $until,
            " FROM batch)) AND "
        )
    };
}

/// A reseller's payments `p` on an axis, in the order of its index.
macro_rules! ordered {
    ($axis:expr) => {
        concat!(
            "ap_payments p WHERE p.reseller_id = (SELECT reseller_id FROM batch) AND ",
            $axis,
            " AND "
        )
    };
}

/// The same where another order is asked for. They are read by the index of the axis all the same: it has this
/// order, and no other index has it.
macro_rules! to_sort {
    ($axis:expr, $order:literal) => {
        concat!(
            "(SELECT p.* FROM ap_payments p WHERE p.reseller_id = (SELECT reseller_id FROM batch) AND ",
            $axis,
            " ORDER BY ",
            $order,
            ") AS p WHERE "
        )
    };
}

macro_rules! list {
    ($payments:expr, $order:expr) => {
        Statement::read(
            ASKED,
            concat!(
                "SELECT ",
                payment_columns!(),
                " FROM (SELECT p.* FROM ",
                $payments,
                "CASE WHEN ",
                is!("account_id"),
                is!("status"),
                is!("document_id"),
                is_within!("created_at", "created_from", "created_until"),
                is_within!("updated_at", "updated_from", "updated_until"),
                is_within!("closed_at", "closed_from", "closed_until"),
                "p.payment_id > (SELECT after_id FROM batch)
                 AND p.payment_id < (SELECT before_id FROM batch) THEN 1 ELSE 0 END = 1
                  ORDER BY ",
                $order,
                " LIMIT (SELECT most FROM batch) OFFSET (SELECT skipped FROM batch)) AS p ",
                method!(),
                " ORDER BY ",
                $order
            ),
        )
    };
}

/// The statements of an axis, as [`Sort::ALL`] has their orders: the payments for each order, with how it is written.
macro_rules! lists {
    ($by_id:expr, $id:literal; $by_creation:expr, $created:literal; $by_update:expr, $updated:literal) => {
        [
            list!($by_id, $id),
            list!($by_id, concat!($id, " DESC")),
            list!($by_creation, concat!($created, ", p.payment_id")),
            list!($by_creation, concat!($created, " DESC, p.payment_id DESC")),
            list!($by_update, concat!($updated, ", p.payment_id")),
            list!($by_update, concat!($updated, " DESC, p.payment_id DESC")),
        ]
    };
    // In the index by id.
    ($axis:expr) => {
        lists!(
            ordered!($axis), "p.payment_id";
            to_sort!($axis, "p.payment_id"), "coalesce(p.created_at, p.created_at)";
            to_sort!($axis, "p.payment_id"), "coalesce(p.updated_at, p.updated_at)"
        )
    };
}

/// The ids after a value of a column. The last condition says nothing new: what it costs without the index of the column
/// is what has PostgreSQL prefer that to the index by id, which has the order too, where it believes the table empty.
macro_rules! ids_of {
    ($column:literal) => {
        concat!(
            "p.",
            $column,
            " = (SELECT ",
            $column,
            " FROM batch)
             AND p.payment_id > (SELECT after_id FROM batch)
             AND (p.",
            $column,
            ", p.payment_id) > (SELECT ",
            $column,
            ", after_id FROM batch)"
        )
    };
}

macro_rules! times {
    ($column:literal, $from:literal, $until:literal) => {
        concat!(
            "p.",
            $column,
            " >= (SELECT coalesce(",
            $from,
            ", earliest) FROM batch)
             AND p.",
            $column,
            " < (SELECT coalesce(",
            $until,
            ", latest) FROM batch)"
        )
    };
}

type Lists = [Statement; 6];

static BY_ID: Lists = lists!(
    "p.payment_id > (SELECT after_id FROM batch) AND p.payment_id < (SELECT before_id FROM batch)"
);
// With both bounds of the ids SQLite would take the index by id.
static BY_ACCOUNT: Lists = lists!(ids_of!("account_id"));
static BY_STATUS: Lists = lists!(ids_of!("status"));
// One at most.
static BY_DOCUMENT: Lists = lists!(
    "batch b {one ap_payments p: reseller_id, document_id} WHERE ", "p.payment_id";
    "batch b {one ap_payments p: reseller_id, document_id} WHERE ", "p.created_at";
    "batch b {one ap_payments p: reseller_id, document_id} WHERE ", "p.updated_at"
);
static BY_CREATED: Lists = lists!(
    to_sort!(times!("created_at", "created_from", "created_until"), "p.created_at"),
    "p.payment_id + 0";
    ordered!(times!("created_at", "created_from", "created_until")), "p.created_at";
    to_sort!(times!("created_at", "created_from", "created_until"), "p.created_at"),
    "coalesce(p.updated_at, p.updated_at)"
);
static BY_UPDATED: Lists = lists!(
    to_sort!(times!("updated_at", "updated_from", "updated_until"), "p.updated_at"),
    "p.payment_id + 0";
    to_sort!(times!("updated_at", "updated_from", "updated_until"), "p.updated_at"),
    "coalesce(p.created_at, p.created_at)";
    ordered!(times!("updated_at", "updated_from", "updated_until")), "p.updated_at"
);

/// Before and after every time that a filter or a payment has: the years 0 and 10000, in seconds from 1970.
const ALWAYS: (i64, i64) = (-62_167_219_200, 253_402_207_199);

fn statement(axis: Axis, order: Sort) -> &'static Statement {
    let lists = match axis {
        Axis::Ids => &BY_ID,
        Axis::Account => &BY_ACCOUNT,
        Axis::Status => &BY_STATUS,
        Axis::Document => &BY_DOCUMENT,
        Axis::Created => &BY_CREATED,
        Axis::Updated => &BY_UPDATED,
    };
    let [id, id_down, created, created_down, updated, updated_down] = lists;
    match order {
        Sort::Id => id,
        Sort::IdDown => id_down,
        Sort::Created => created,
        Sort::CreatedDown => created_down,
        Sort::Updated => updated,
        Sort::UpdatedDown => updated_down,
    }
}

fn row_of(asked: &PaymentsAsked) -> Vec<Value> {
    let moment = |second| jiff::Timestamp::from_second(second).ok();
    row![
        asked.reseller,
        asked.ids.after,
        asked.ids.before,
        asked.account,
        asked.status.map(|status| status.as_str()),
        asked.document.as_deref(),
        asked.created.from,
        asked.created.until,
        asked.updated.from,
        asked.updated.until,
        asked.closed.from,
        asked.closed.until,
        moment(ALWAYS.0),
        moment(ALWAYS.1),
        asked.page.size + 1,
        asked.page.skipped(),
    ]
}

impl Tables<'_> {
    /// The payments of a page, and one more where there is a next page.
    pub async fn list_payments(self, asked: &PaymentsAsked) -> Result<Vec<Payment>, StoreError> {
        let statement = statement(asked.axis(), asked.order());
        let rows = self.db.run(statement, vec![row_of(asked)]).await?;
        let mut payments = rows.into_iter().map(rows::payment).collect::<Result<Vec<_>, _>>()?;
        self.add_corrections(&mut payments).await?;
        Ok(payments)
    }
}

#[cfg(test)]
mod tests;
