//! Orders as rows have them.

use crate::database::{Row, StoreError};
use crate::domain::task::OrderKey;
use crate::protocols::whiteserver::command::OrderContent;
use crate::protocols::whiteserver::model::{Order, OrderStatus, TillSide};
use crate::protocols::whiteserver::reply::Reason;

/// An order, with its content where the row has it.
pub(super) fn read_order(mut row: Row) -> Result<(OrderKey, Order), StoreError> {
    let content = read_content(&mut row)?;
    let key = OrderKey { object: row.get("object_id")?, guid: row.get("order_guid")? };
    Ok((key, read_state(&mut row, content)?))
}

/// The content of an order, where the row has it.
pub(super) fn read_content(row: &mut Row) -> Result<Option<OrderContent>, StoreError> {
    let content: Option<String> = row.get("content")?;
    content
        .map(|json| serde_json::from_str(&json))
        .transpose()
        .map_err(|error| StoreError::Corrupt(format!("an order's content cannot be read: {error}")))
}

/// The rest of it.
pub(super) fn read_state(
    row: &mut Row,
    content: Option<OrderContent>,
) -> Result<Order, StoreError> {
    let acceptance: Option<String> = row.get("acceptance")?;
    let reason = match (row.get("reject_code")?, row.get("reject_message")?) {
        (Some(code), Some(message)) => Some(Reason { code, message }),
        _ => None,
    };
    Ok(Order {
        status: OrderStatus::of_stored(row.word("status")?, acceptance.as_deref()),
        total: row.get("total")?,
        paid: row.get("paid")?,
        bill_printed: row.get("bill_printed")?,
        created_at: row.get("created_at")?,
        closed_at: row.get("closed_at")?,
        content,
        till: TillSide {
            waiter: row.get("waiter_id")?,
            substate: row.get("substate")?,
            accept_by: row.get("accept_by")?,
            rejected: reason,
        },
        version: row.get("version")?,
    })
}

/// The content of an order as it is stored.
pub(super) fn write_content(content: &OrderContent) -> Result<String, StoreError> {
    serde_json::to_string(content)
        .map_err(|error| StoreError::Corrupt(format!("an order cannot be written: {error}")))
}
