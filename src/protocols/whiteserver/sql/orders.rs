//! Orders outside of tasks: bulk loading, and finding some to try.

use super::Tables;
use super::rows::write_content;
use crate::database::{Rows, Statement, StoreError, Type, Write, row};
use crate::domain::money::Money;
use crate::domain::task::{ObjectId, OrderGuid, OrderKey};
use crate::protocols::whiteserver::model::Order;
use crate::protocols::whiteserver::reply::Reason;

static INSERT: Statement = Statement::insert(
    "orders",
    &[
        ("object_id", Type::Int),
        ("order_guid", Type::Uuid),
        ("original_order_id", Type::Text),
        ("status", Type::Text),
        ("total", Type::Money),
        ("paid", Type::Money),
        ("created_at", Type::Time),
        ("closed_at", Type::Time),
        ("table_code", Type::Text),
        ("content", Type::Text),
        ("version", Type::Int),
        ("bill_printed", Type::Bool),
        ("waiter_id", Type::Int),
        ("substate", Type::Text),
        ("acceptance", Type::Text),
        ("accept_by", Type::Time),
        ("reject_code", Type::Text),
        ("reject_message", Type::Text),
    ],
    "",
);

static PAYABLE: Statement = Statement::read(
    &[("object_id", Type::Int), ("most", Type::Int)],
    "SELECT o.order_guid, o.total, o.paid FROM batch b {all orders o: object_id, status = 'Created'}
     WHERE o.paid < o.total AND o.acceptance IS NULL ORDER BY o.order_guid LIMIT (SELECT most FROM batch)",
);

/// An order that can be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenOrder {
    /// Its guid.
    pub guid: OrderGuid,
    /// What it costs.
    pub total: Money,
    /// What is paid.
    pub paid: Money,
}

impl Tables<'_> {
    /// Opens many orders at once, all or none.
    pub async fn load_orders(&self, orders: Vec<(OrderKey, Order)>) -> Result<(), StoreError> {
        let tx = self.db.begin().await?;
        tx.finish(vec![insert(orders)?]).await.map(drop)
    }

    /// Orders of an object of which something is due, oldest guid first, at most `most`.
    pub async fn open_orders(
        &self,
        object: ObjectId,
        most: usize,
    ) -> Result<Vec<OpenOrder>, StoreError> {
        let rows = self.db.run(&PAYABLE, vec![row![object, most as i64]]).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(OpenOrder {
                    guid: row.get("order_guid")?,
                    total: row.get("total")?,
                    paid: row.get("paid")?,
                })
            })
            .collect()
    }
}

pub(super) fn insert(orders: Vec<(OrderKey, Order)>) -> Result<Write, StoreError> {
    let mut rows: Rows = Vec::with_capacity(orders.len());
    for (key, order) in orders {
        let content = order.content.unwrap_or_default();
        let json = write_content(&content)?;
        let (status, acceptance) = order.status.stored();
        let (code, message) =
            order.till.rejected.map(|Reason { code, message }| (code, message)).unzip();
        rows.push(row![
            key.object,
            key.guid,
            content.original_order_id,
            status,
            order.total,
            order.paid,
            order.created_at,
            order.closed_at,
            content.table_code.map(|table| table.to_string()),
            json,
            order.version.max(1),
            order.bill_printed,
            order.till.waiter,
            order.till.substate,
            acceptance,
            order.till.accept_by,
            code,
            message,
        ]);
    }
    Ok(Write::each(&INSERT, rows))
}
