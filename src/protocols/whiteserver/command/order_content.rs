//! What an order consists of beside its money: kept as it was given, given back in `GetOrder`.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::expected_time::ExpectedTime;
pub use super::extras::{Booking, Discount, OrderPayment, PaidHow, Promo, Span};
pub use super::people::{Address, Courier, Customer, Expedition, Loyalty};
use super::scalar::Scalar;
use super::table_code::TableCode;
use crate::domain::money::{Money, number_text, shown};
use crate::protocols::whiteserver::contract::forms;

/// The most products of one order.
const MOST_PRODUCTS: usize = 1000;

/// The fields of an order that no payment rule looks at. The names are those of the wire, and the
/// store keeps them in this JSON form.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct OrderContent {
    /// The aggregator's own number; unique within the object.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "forms::original_order_id")]
    pub original_order_id: Option<String>,
    /// What was ordered.
    #[serde(deserialize_with = "crate::protocols::whiteserver::command::or_default")]
    #[schemars(with = "Option<Vec<Product>>", extend("maxItems" = MOST_PRODUCTS))]
    pub products: Vec<Product>,
    /// Who ordered.
    #[serde(
        deserialize_with = "crate::protocols::whiteserver::command::personal",
        skip_serializing_if = "Option::is_none"
    )]
    pub customer: Option<Customer>,
    /// A note to the kitchen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// How many people eat.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("maximum" = u32::MAX))]
    pub persons_quantity: Option<u32>,
    /// `delivery`, `pickup`, ... as the aggregator names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expedition_type: Option<String>,
    /// When and where to bring it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Expedition>,
    /// When it is fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pickup: Option<Expedition>,
    /// The table it is served at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_code: Option<TableCode>,
    /// The number of where the order comes from in the first place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_order_id: Option<Scalar>,
    /// How it will be paid, in the aggregator's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pay_method: Option<Scalar>,
    /// The reservation it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booking: Option<Booking>,
    /// When the kitchen is to begin, as `expectedTime`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "forms::expected_time_read")]
    pub expected_start_time: Option<ExpectedTime>,
    /// Whether it is paid already, and with what it will be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment: Option<OrderPayment>,
    /// The banknote that change is brought for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_back_from: Option<Money>,
    /// Discounts of the till; the total is after them.
    #[serde(
        deserialize_with = "crate::protocols::whiteserver::command::or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schemars(with = "Option<Vec<Discount>>")]
    pub discount_ids: Vec<Discount>,
    /// The till that it was sent to (`params.cashStationId`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub cash_station_id: Option<Scalar>,
    /// The system that it was sent to (`params.sync.systemName`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub system_name: Option<Scalar>,
}

impl OrderContent {
    /// The most products of one order.
    pub(crate) const MOST_PRODUCTS: usize = MOST_PRODUCTS;

    /// Shape checks that need no store; the message names the field, the value and the rule.
    pub fn check(&self) -> Result<(), String> {
        const LONGEST: usize = 128;
        if let Some(id) = &self.original_order_id
            && (id.is_empty() || id.chars().count() > LONGEST || id.chars().any(char::is_control))
        {
            return Err(format!(
                "params.order.originalOrderId: {:?} must have 1 to {LONGEST} characters \
                     and no control characters",
                shown(id)
            ));
        }
        if let Some(table) = &self.table_code {
            table.check("params.order.tableCode")?;
        }
        if self.products.len() > MOST_PRODUCTS {
            return Err(format!(
                "params.order.products has {} entries: it must have at most {MOST_PRODUCTS}",
                self.products.len()
            ));
        }
        Ok(())
    }
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    /// The dish's code; a number is read as its digits.
    #[serde(deserialize_with = "code")]
    #[schemars(schema_with = "forms::menu_code")]
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "crate::protocols::whiteserver::command::or_default")]
    #[schemars(with = "Option<String>")]
    pub name: String,
    /// The price of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// How many, or how much.
    pub quantity: Quantity,
    /// Why the line was taken back, when it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voiding_reason: Option<String>,
    /// What was chosen with it.
    #[serde(default, deserialize_with = "crate::protocols::whiteserver::command::or_default")]
    #[schemars(with = "Option<Vec<Ingredient>>")]
    pub ingredients: Vec<Ingredient>,
    /// A note to the kitchen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Discounts of the till; the total is after them.
    #[serde(
        default,
        deserialize_with = "crate::protocols::whiteserver::command::or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schemars(with = "Option<Vec<Discount>>")]
    pub discount_ids: Vec<Discount>,
    /// Promotions of the aggregator; the total is after them.
    #[serde(
        default,
        deserialize_with = "crate::protocols::whiteserver::command::or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schemars(with = "Option<Vec<Promo>>")]
    pub yandex_promos: Vec<Promo>,
}

/// A part of a dish, which may have parts itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ingredient {
    /// Its code, as a dish's.
    #[serde(deserialize_with = "code")]
    #[schemars(schema_with = "forms::menu_code")]
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "crate::protocols::whiteserver::command::or_default")]
    #[schemars(with = "Option<String>")]
    pub name: String,
    /// How many.
    pub quantity: Quantity,
    /// The price of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// What was chosen with it.
    #[serde(
        default,
        deserialize_with = "crate::protocols::whiteserver::command::or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schemars(with = "Option<Vec<Ingredient>>")]
    pub ingredients: Vec<Ingredient>,
}

/// A code of the menu: a string, or a number as the documentation has it.
pub(super) fn code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'"') => serde_json::from_str(text).map_err(D::Error::custom),
        Some(b'0'..=b'9') if text.bytes().all(|b| b.is_ascii_digit()) => Ok(text.to_owned()),
        _ => Err(D::Error::custom(format!(
            "{} is not a code: it must be a string or a whole number",
            shown(text)
        ))),
    }
}

/// A count or a weight: more than zero, at most three decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity(Decimal);

impl Quantity {
    /// What so much costs, rounded to the kopeck; `None` for more than any order costs.
    pub fn of(self, price: Money) -> Option<Money> {
        let exact = Decimal::from(price.kopecks()).checked_mul(self.0)?;
        let rounded = exact.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        Money::from_kopecks(rounded.to_i64()?)
    }
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.normalize().fmt(f)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Quantity, D::Error> {
        const LARGEST: i64 = 1_000_000;
        let raw = <&RawValue>::deserialize(deserializer)?;
        number_text(raw)
            .filter(|text| text.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
            .and_then(|text| Decimal::from_str_exact(text).ok())
            .filter(|n| *n > Decimal::ZERO && *n <= LARGEST.into() && n.normalize().scale() <= 3)
            .map(Quantity)
            .ok_or_else(|| {
                D::Error::custom(format!(
                    "{} is not a quantity: it must be a number above 0 and up to {LARGEST}, \
                     with at most three decimals",
                    shown(raw.get())
                ))
            })
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_string())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_comes_back_as_it_was_given() {
        let given = r#"{"originalOrderId":"A-1","products":[{"id":"7","name":"Pie","price":120.50,
            "quantity":"1.5","ingredients":[{"id":"9","name":"Salt","quantity":2}]}],
            "comment":"no nuts","personsQuantity":2,"delivery":{"expectedTime":"2026-11-22T12:30:00",
            "address":{"fullAddress":"Nevsky 1","coordinates":{"latitude":"59.93"}}},
            "tableCode":12,"customer":{"name":"N","phone":"+7"},"somethingElse":[1,2]}"#;
        let content: OrderContent = serde_json::from_str(given).unwrap();
        let stored = serde_json::to_string(&content).unwrap();
        assert_eq!(serde_json::from_str::<OrderContent>(&stored).unwrap(), content);
        insta::assert_snapshot!(stored);
    }

    #[test]
    fn a_code_is_a_string_or_digits_and_an_address_an_object() {
        let product = |id: &str| format!(r#"{{"id":{id},"quantity":1}}"#);
        let read = |id: &str| serde_json::from_str::<Product>(&product(id)).map(|read| read.id);
        assert_eq!(read("1000345").unwrap(), "1000345");
        assert_eq!(read("\"A-1\"").unwrap(), "A-1");
        for bad in ["1.5", "-1", "null", "{}"] {
            assert!(read(bad).unwrap_err().to_string().contains("is not a code"), "{bad}");
        }
        let address = |json: &str| serde_json::from_str::<Address>(json);
        assert!(address("\"Nevsky 1\"").is_err() && address("[1]").is_err());
        assert_eq!(format!("{:?}", address(r#"{"a":"Nevsky 1"}"#).unwrap()), "Address(…)");
    }

    #[test]
    fn quantities_are_positive_and_exact() {
        for bad in ["0", "-1", "\"\"", "1e2", "0.0001", "true", "2000000"] {
            assert!(serde_json::from_str::<Quantity>(bad).is_err(), "{bad}");
        }
        assert_eq!(serde_json::from_str::<Quantity>("\"1.250\"").unwrap().to_string(), "1.25");
    }
}
