//! `CreateOrder`: opens an order at an object (White Server page, "Tasks").

use super::order_content::OrderContent;
use crate::domain::money::Money;
use crate::domain::task::guid::OrderGuid;

/// A request to open an order.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateOrder {
    /// What the order costs (`order.price.total`).
    pub total: Money,
    /// Everything else that was said about it.
    pub content: OrderContent,
    /// The guid that it is to have (`order.withRkId`).
    pub guid: Option<OrderGuid>,
}
