//! The history of a balance: its entries.

use jiff::Timestamp;

use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::money::Money;
use crate::domain::task::ObjectId;
use crate::protocols::billmanager::sql::Tables;

/// The most entries of a list.
pub const MOST_ENTRIES: i64 = 500;

/// A line of a balance, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryLine {
    /// `deposit`, `payment`, `order`, `renewal` or `refund`.
    pub kind: String,
    /// How much, whether it came or went.
    pub amount: Money,
    /// The order; a deposit has none.
    pub order: Option<i64>,
    /// The payment, when it is of one.
    pub payment: Option<i64>,
    /// The service, of a renewal or a refund.
    pub service: Option<i64>,
    /// What an operator noted at a deposit.
    pub note: Option<String>,
    /// When it was entered.
    pub entered_at: Timestamp,
}

static NEWEST: Statement = Statement::read(
    &[("object_id", Type::Int), ("most", Type::Int), ("skip", Type::Int)],
    "SELECT e.kind, e.amount, e.order_id, e.payment_id, e.item_id, e.note, e.entered_at
     FROM batch b {all bm_entries e: object_id}
     ORDER BY e.entered_at DESC, e.task_guid DESC, e.line DESC
     LIMIT (SELECT most FROM batch) OFFSET (SELECT skip FROM batch)",
);

impl Tables<'_> {
    /// The entries of an account, the newest first: at most so many, after so many.
    pub async fn history(
        self,
        account: ObjectId,
        most: i64,
        skip: i64,
    ) -> Result<Vec<HistoryLine>, StoreError> {
        let read = |mut row: Row| {
            Ok(HistoryLine {
                kind: row.get("kind")?,
                amount: row.get("amount")?,
                order: row.get("order_id")?,
                payment: row.get("payment_id")?,
                service: row.get("item_id")?,
                note: row.get("note")?,
                entered_at: row.get("entered_at")?,
            })
        };
        let rows = self.db.run(&NEWEST, vec![row![account, most, skip]]).await?;
        rows.into_iter().map(read).collect()
    }
}
