//! What an order says of its payment, its discounts and its reservation.

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::expected_time::ExpectedTime;
use super::scalar::Scalar;
use crate::domain::money::{Money, shown};
use crate::domain::string_enum::string_enum;
use crate::protocols::whiteserver::contract::forms;

/// With what an order will be paid, or is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaidHow {
    /// In cash, on delivery.
    Cash,
    /// By card, on delivery.
    Card,
    /// It is paid already.
    Online,
}

string_enum!(PaidHow { Cash = "cash", Card = "card", Online = "online" });

impl<'de> Deserialize<'de> for PaidHow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PaidHow, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl Serialize for PaidHow {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// How an order is paid.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct OrderPayment {
    /// `cash` or `card` on delivery; `online`: it is paid already, in the object's currency for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<PaidHow>,
    /// Whether the aggregator settles with the restaurant later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub netting_payment: Option<bool>,
    /// What the delivery costs; the total has it in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_fee: Option<Money>,
}

/// A reservation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Booking {
    /// When it begins, as `expectedTime`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "forms::expected_time_read")]
    pub time: Option<ExpectedTime>,
    /// For how long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<Span>,
    /// When the guest is reminded; kept as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remind_time: Option<Scalar>,
}

/// A length of time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Span {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("maximum" = u32::MAX))]
    pub hours: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("maximum" = u32::MAX))]
    pub minutes: Option<u32>,
}

/// A discount of the till, by its number, and with its value where that is open. Given back as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Discount {
    /// By its number.
    Id(i64),
    /// With its value.
    Valued(Valued),
}

/// A discount with its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ValuedDiscount")]
#[allow(missing_docs)]
pub struct Valued {
    pub id: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Scalar>,
}

impl<'de> Deserialize<'de> for Discount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Discount, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let read = match raw.get().starts_with('{') {
            true => serde_json::from_str(raw.get()).map(Discount::Valued),
            false => serde_json::from_str(raw.get()).map(Discount::Id),
        };
        read.map_err(|_| {
            D::Error::custom(format!(
                "{} is not a discount: it must be a whole number, or an object with a whole number as id and a value",
                shown(raw.get())
            ))
        })
    }
}

/// A promotion of the aggregator.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Promo {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount: Option<Scalar>,
}
