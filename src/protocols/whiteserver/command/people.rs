//! For whom an order is, and how it gets there.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::expected_time::ExpectedTime;
use super::scalar::Scalar;
use crate::domain::json::repaired;
use crate::protocols::whiteserver::contract::forms;

/// Who ordered; personal data, never logged.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    /// Their loyalty card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loyalty: Option<Loyalty>,
}

/// A loyalty card; personal data, never logged.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Loyalty {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<Scalar>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_code: Option<Scalar>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interface_code: Option<Scalar>,
}

/// Who brings it; personal data, never logged.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Courier {
    /// A name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A phone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

impl std::fmt::Debug for Courier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Courier(…)")
    }
}

impl std::fmt::Debug for Customer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Customer(…)")
    }
}

/// When an order is expected, and where.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Expedition {
    /// `2008-10-17T00:00:00`, the restaurant's local time, or a moment: `2008-10-17T00:00:00+03:00`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "forms::expected_time_read")]
    pub expected_time: Option<ExpectedTime>,
    /// Where to bring it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Who brings or fetches it.
    #[serde(
        default,
        deserialize_with = "crate::protocols::whiteserver::command::personal",
        skip_serializing_if = "Option::is_none"
    )]
    pub courier: Option<Courier>,
    /// Who takes it from the restaurant: `customer`, ...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taker: Option<String>,
}

/// An address: a JSON object that nothing here looks into. Personal data, never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(String);

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address(…)")
    }
}

impl Address {
    /// The address with this text for one of its fields, or without that field; `None` when nothing is left of it.
    pub fn with(
        address: Option<&Address>,
        field: &str,
        text: Option<String>,
    ) -> serde_json::Result<Option<Address>> {
        let mut fields = address.map_or(Ok(BTreeMap::new()), Address::fields)?;
        match text {
            Some(text) => {
                let text = serde_json::value::to_raw_value(&text)?;
                fields.insert(field.to_owned(), text);
            }
            None => drop(fields.remove(field)),
        }
        Address::of(&fields)
    }

    /// Only this field of it.
    pub fn only(&self, field: &str) -> serde_json::Result<Option<Address>> {
        let mut fields = self.fields()?;
        fields.retain(|name, _| name == field);
        Address::of(&fields)
    }

    fn fields(&self) -> serde_json::Result<BTreeMap<String, Box<RawValue>>> {
        serde_json::from_str(&repaired(&self.0))
    }

    fn of(fields: &BTreeMap<String, Box<RawValue>>) -> serde_json::Result<Option<Address>> {
        if fields.is_empty() {
            return Ok(None);
        }
        serde_json::to_string(fields).map(Address).map(Some)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Address, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        if !raw.get().starts_with('{') {
            return Err(D::Error::custom("an address must be a JSON object"));
        }
        Ok(Address(raw.get().to_owned()))
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // One that was kept before there was a rule for it is still readable for everybody.
        RawValue::from_string(repaired(&self.0).into_owned())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}
