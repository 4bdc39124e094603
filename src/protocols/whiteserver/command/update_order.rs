//! `UpdateOrder`: replaces what an order consists of (White Server page, "UpdateOrder").

use schemars::JsonSchema;
use serde::Deserialize;

use super::order_content::{Discount, Expedition, OrderContent, Product};
use crate::domain::money::Money;
use crate::domain::task::guid::OrderGuid;

/// A request to change an order.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateOrder {
    /// The order.
    #[serde(rename = "orderGuid")]
    pub order: OrderGuid,
    /// All dishes but those that were voided; without it they stay.
    #[schemars(extend("maxItems" = OrderContent::MOST_PRODUCTS))]
    pub products: Option<Vec<Product>>,
    /// What is to be changed of the delivery; what it does not name stays.
    pub delivery: Option<Expedition>,
    /// All discounts of the order: one that is left out is removed.
    #[serde(default, deserialize_with = "crate::protocols::whiteserver::command::or_default")]
    #[schemars(with = "Option<Vec<Discount>>")]
    pub discount_ids: Vec<Discount>,
    /// What the order costs from now on.
    pub price: Option<SaidPrice>,
}

/// What an order costs: needed where its content does not tell, as with a discount; compared where it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct SaidPrice {
    /// At most two decimals.
    pub total: Money,
}

impl UpdateOrder {
    /// Shape checks that need no store; the message names the field, the value and the rule.
    pub fn check(&self) -> Result<(), String> {
        let products = self.products.as_deref().unwrap_or_default();
        if products.len() > OrderContent::MOST_PRODUCTS {
            return Err(format!(
                "params.products has {} entries: it must have at most {}",
                products.len(),
                OrderContent::MOST_PRODUCTS
            ));
        }
        match products.iter().position(|product| product.voiding_reason.is_some()) {
            Some(line) => Err(format!(
                "params.products[{line}].voidingReason: only the restaurant voids dishes, and those that it has \
                 voided stay in the order: leave this one out"
            )),
            None => Ok(()),
        }
    }
}
