//! `PayOrder`: the fields of its request (White Server page, "Tasks").

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use crate::domain::money::{self, Money};
use crate::domain::task::guid::{CurrencyGuid, OrderGuid};
use crate::protocols::whiteserver::contract::forms;

/// More lines than any till splits a bill into; a longer list is a mistake.
pub const MOST_PAYMENTS: usize = 100;

/// The longest card code, in characters.
pub(crate) const LONGEST_CARD_CODE: usize = 128;

/// A request to pay one order with one or more currencies, all or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct PayOrder {
    /// The order to pay.
    #[serde(rename = "orderGuid")]
    pub order: OrderGuid,
    /// What is handed over; an empty list is refused with a code of its own.
    #[schemars(length(max = MOST_PAYMENTS))]
    pub payments: Vec<PaymentLine>,
    /// Whether the answer shall carry the whole order.
    #[serde(
        rename = "isFullOrderRequired",
        default,
        deserialize_with = "crate::protocols::whiteserver::command::or_default"
    )]
    #[schemars(with = "Option<bool>")]
    pub full_order: bool,
}

/// One amount in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(rename = "Payment")]
pub struct PaymentLine {
    /// How much: more than zero, at most two decimals.
    #[serde(deserialize_with = "money::positive")]
    #[schemars(schema_with = "forms::positive_amount")]
    pub amount: Money,
    /// The object's currency it is paid with.
    pub currency: CurrencyGuid,
    /// A loyalty card; stored with the payment, never logged.
    #[serde(rename = "cardCode", default)]
    pub card_code: Option<CardCode>,
}

/// A card code. It has no way to be printed, so that it cannot end up in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct CardCode(pub String);

impl<'de> Deserialize<'de> for CardCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<CardCode, D::Error> {
        crate::protocols::whiteserver::command::personal(deserializer).map(CardCode)
    }
}

impl std::fmt::Debug for CardCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CardCode(…)")
    }
}

impl CardCode {
    /// Whether it has a card code's form; the message leaves the value out on purpose: it is the card.
    pub(super) fn check(&self, field: &str) -> Result<(), String> {
        if self.0.chars().count() > LONGEST_CARD_CODE || self.0.chars().any(char::is_control) {
            return Err(format!(
                "{field} must have at most {LONGEST_CARD_CODE} characters and no control characters"
            ));
        }
        Ok(())
    }
}

impl PayOrder {
    /// Shape checks that need no store; the message names the field, the value and the rule.
    pub fn check(&self) -> Result<(), String> {
        if self.payments.len() > MOST_PAYMENTS {
            return Err(format!(
                "params.payments has {} entries: it must have at most {MOST_PAYMENTS}",
                self.payments.len()
            ));
        }
        let cards = self.payments.iter().map(|line| line.card_code.as_ref());
        for (line, card) in cards.enumerate().filter_map(|(line, card)| Some((line, card?))) {
            card.check(&format!("params.payments[{line}].cardCode"))?;
        }
        Ok(())
    }
}
