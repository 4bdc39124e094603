//! `CreateOrder`: opens an order at an object (White Server page, "Tasks").

use super::order_content::OrderContent;
use crate::domain::money::Money;

/// A request to open an order.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateOrder {
    /// What the order costs (`order.price.total`).
    pub total: Money,
    /// Everything else that was said about it.
    pub content: OrderContent,
}
