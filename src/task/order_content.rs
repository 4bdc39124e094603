//! What an order consists of beside its money: kept as it was given, given back in `GetOrder`.

use jiff::civil::DateTime;
use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::money::{Money, number_text, shown};

/// The fields of an order that no payment rule looks at. The names are those of the wire, and the
/// store keeps them in this JSON form.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OrderContent {
    /// The aggregator's own number; unique within the object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_order_id: Option<String>,
    /// What was ordered.
    #[serde(deserialize_with = "super::or_default")]
    pub products: Vec<Product>,
    /// Who ordered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<Customer>,
    /// A note to the kitchen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// How many people eat.
    #[serde(skip_serializing_if = "Option::is_none")]
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
    pub table_code: Option<String>,
}

impl OrderContent {
    /// Shape checks that need no store; the message names the field, the value and the rule.
    pub fn check(&self) -> Result<(), String> {
        const LONGEST: usize = 128;
        const MOST_PRODUCTS: usize = 1000;
        if let Some(id) = &self.original_order_id
            && (id.is_empty() || id.chars().count() > LONGEST || id.chars().any(char::is_control))
        {
            return Err(format!(
                "params.order.originalOrderId: {:?} must have 1 to {LONGEST} characters \
                     and no control characters",
                shown(id)
            ));
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    /// The dish's code.
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "super::or_default")]
    pub name: String,
    /// The price of one.
    #[serde(default, deserialize_with = "super::or_default")]
    pub price: Money,
    /// How many, or how much.
    pub quantity: Quantity,
    /// Why the line was taken back, when it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voiding_reason: Option<String>,
    /// What was chosen with it.
    #[serde(default, deserialize_with = "super::or_default")]
    pub ingredients: Vec<Ingredient>,
}

/// A part of a dish.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ingredient {
    /// Its code.
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "super::or_default")]
    pub name: String,
    /// How many.
    pub quantity: Quantity,
}

/// Who ordered; personal data, never logged.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Customer {
    /// A name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A phone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// A mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl std::fmt::Debug for Customer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Customer(…)")
    }
}

/// When an order is expected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Expedition {
    /// The restaurant's local time, `2008-10-17T00:00:00`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_time: Option<DateTime>,
}

/// A count or a weight: more than zero, at most three decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity(Decimal);

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
            "comment":"no nuts","personsQuantity":2,"delivery":{"expectedTime":"2026-11-22T12:30:00"},
            "customer":{"name":"N","phone":"+7"},"somethingElse":[1,2]}"#;
        let content: OrderContent = serde_json::from_str(given).unwrap();
        let stored = serde_json::to_string(&content).unwrap();
        assert_eq!(serde_json::from_str::<OrderContent>(&stored).unwrap(), content);
        insta::assert_snapshot!(stored);
    }

    #[test]
    fn quantities_are_positive_and_exact() {
        for bad in ["0", "-1", "\"\"", "1e2", "0.0001", "true", "2000000"] {
            assert!(serde_json::from_str::<Quantity>(bad).is_err(), "{bad}");
        }
        assert_eq!(serde_json::from_str::<Quantity>("\"1.250\"").unwrap().to_string(), "1.25");
    }
}
