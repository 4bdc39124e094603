//! `AddPrepayOrder`: the fields of its request (White Server page, "Tasks").

use schemars::JsonSchema;
use serde::Deserialize;

use super::pay_order::CardCode;
use crate::domain::money::{self, Money};
use crate::domain::task::guid::{CurrencyGuid, OrderGuid};
use crate::protocols::whiteserver::contract::forms;

/// A request to add one prepayment to an open order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct AddPrepay {
    /// The order.
    #[serde(rename = "orderGuid")]
    pub order: OrderGuid,
    /// How much: more than zero, at most two decimals.
    #[serde(deserialize_with = "money::positive")]
    #[schemars(schema_with = "forms::positive_amount")]
    pub amount: Money,
    /// Paid with; without it: the object's own currency for prepayments.
    #[serde(rename = "currencyGuid", default)]
    pub currency: Option<CurrencyGuid>,
    /// As the caller says it; stored with the payment.
    #[serde(default, deserialize_with = "crate::protocols::whiteserver::command::or_default")]
    #[schemars(with = "Option<bool>")]
    pub promised: bool,
    /// A loyalty card; stored with the payment, never logged.
    #[serde(rename = "cardCode", default)]
    pub card_code: Option<CardCode>,
}

impl AddPrepay {
    /// Shape checks that need no store; the message names the field and the rule.
    pub fn check(&self) -> Result<(), String> {
        self.card_code.as_ref().map_or(Ok(()), |card| card.check("params.cardCode"))
    }
}
