//! Amounts: decimals from their text to their text.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// The most digits before the dot that an amount may have.
const MOST_DIGITS: usize = 12;

/// An amount to pay: more than zero, at most two decimals and twelve digits before the dot.
///
/// It is sent as a string of digits, which no reader takes for a binary float.
///
/// ```
/// use wsa_client::Amount;
///
/// let amount: Amount = "449.35".parse().unwrap();
/// assert_eq!(amount.to_string(), "449.35");
/// assert!("449.355".parse::<Amount>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(Decimal);

/// Why a value is no amount to pay.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{value:?} is no amount: it must be more than zero, with at most two decimals and 12 digits before the dot, like 449.35"
)]
pub struct InvalidAmount {
    value: String,
}

impl Amount {
    /// The amount as a decimal.
    pub fn decimal(self) -> Decimal {
        self.0
    }
}

impl TryFrom<Decimal> for Amount {
    type Error = InvalidAmount;

    /// The amount of a decimal.
    ///
    /// # Errors
    ///
    /// When it is not above zero, or has more digits than an amount may have.
    fn try_from(decimal: Decimal) -> Result<Amount, InvalidAmount> {
        decimal.normalize().to_string().parse()
    }
}

impl FromStr for Amount {
    type Err = InvalidAmount;

    /// Reads `449`, `449.3` or `449.35`.
    fn from_str(text: &str) -> Result<Amount, InvalidAmount> {
        let invalid = || InvalidAmount { value: text.chars().take(40).collect() };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || whole.len() > MOST_DIGITS || fraction.len() > 2 {
            return Err(invalid());
        }
        let decimal = Decimal::from_str_exact(text).map_err(|_| invalid())?;
        if decimal.is_zero() { Err(invalid()) } else { Ok(Amount(decimal)) }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}", self.0)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What an order costs and what is still to be paid of it, exactly as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Price {
    /// What it costs.
    #[serde(deserialize_with = "decimal")]
    pub total: Decimal,
    /// What is due (`summToPay`); an answer of `CompleteOrder` does not say it.
    #[serde(default, rename = "summToPay", deserialize_with = "some_decimal")]
    pub due: Option<Decimal>,
}

/// Reads a decimal from the text of a JSON number or string: a number that passes through `f64` is no longer what was sent.
fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?;
    let text = raw.get();
    let digits = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
    Decimal::from_str_exact(digits)
        .map_err(|error| D::Error::custom(format!("{digits} is no decimal: {error}")))
}

fn some_decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    decimal(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_amount_has_its_digits() {
        for (text, sent) in [
            ("449", "449.00"),
            ("0.1", "0.10"),
            ("449.35", "449.35"),
            ("999999999999.99", "999999999999.99"),
        ] {
            let amount: Amount = text.parse().unwrap();
            assert_eq!(serde_json::to_string(&amount).unwrap(), format!("{sent:?}"));
            // Nor is it a float in a value that somebody makes of it.
            assert_eq!(serde_json::to_value(amount).unwrap(), serde_json::json!(sent));
        }
    }

    #[test]
    fn what_is_no_amount_is_named() {
        for text in [
            "",
            "0",
            "0.00",
            "-1",
            "+1",
            "1.",
            ".5",
            "1.005",
            "1e2",
            "1_0",
            " 1",
            "1,5",
            "١",
            "1000000000000",
        ] {
            let error = text.parse::<Amount>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("{text:?} is no amount")), "{error}");
        }
        assert!(Amount::try_from(Decimal::NEGATIVE_ONE).is_err());
        assert_eq!(Amount::try_from(Decimal::new(1_500, 3)).unwrap().to_string(), "1.50");
    }

    #[test]
    fn a_price_is_read_from_its_text() {
        let read = |text: &str| serde_json::from_str::<Price>(text);
        let price = read(r#"{"total":9007199254740993.01,"summToPay":"0.10"}"#).unwrap();
        assert_eq!(price.total.to_string(), "9007199254740993.01");
        assert_eq!(price.due.unwrap().to_string(), "0.10");
        assert_eq!(read(r#"{"total":5}"#).unwrap().due, None);
        for wrong in [r#"{"total":1e2}"#, r#"{"total":null}"#, r#"{"total":"x"}"#, "{}"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_kopeck_survives(kopecks in 1_i64..100_000_000_000_000) {
            let decimal = Decimal::new(kopecks, 2);
            let amount = Amount::try_from(decimal).unwrap();
            prop_assert_eq!(amount.to_string(), format!("{}.{:02}", kopecks / 100, kopecks % 100));
            let price: Price = serde_json::from_str(&format!(r#"{{"total":{amount}}}"#)).unwrap();
            prop_assert_eq!(price.total, decimal);
        }
    }
}
