//! Amounts of money: whole kopecks in an `i64`, never a binary float.
//!
//! On the wire an amount is a JSON number or a string with a dot; both are read from their *text*,
//! because a JSON number that passes through `f64` is no longer the number that was sent.

use std::fmt;

use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// The most integer digits an amount may have; `numeric(14,2)` holds exactly that.
const MAX_INTEGER_DIGITS: usize = 12;

/// An amount in kopecks (hundredths of a rouble), from 0 to 999 999 999 999.99.
///
/// Written as a JSON number with two decimals (`449.35`), printed the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i64);

/// Why a text is not an amount of money (White Server page, "Amounts").
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not digits with an optional dot and decimals.
    #[error("it must be digits with at most one dot, like 449.35")]
    NotAnAmount,
    /// A minus sign.
    #[error("it must not be negative")]
    Negative,
    /// Scientific notation such as `1e3`.
    #[error("exponent notation is not accepted, write it out like 1000.00")]
    Exponent,
    /// More precise than a kopeck.
    #[error("it must have at most two decimals")]
    TooManyDecimals,
    /// More than twelve digits before the dot.
    #[error("it must have at most 12 digits before the dot")]
    TooLarge,
    /// Zero where something has to be paid.
    #[error("it must be more than zero")]
    Zero,
}

impl Money {
    /// Nothing.
    pub const ZERO: Money = Money(0);
    /// One hundredth: what a 100 % discount leaves unpaid.
    pub const KOPECK: Money = Money(1);

    /// An amount from whole kopecks; `None` when negative or over twelve integer digits.
    pub fn from_kopecks(kopecks: i64) -> Option<Money> {
        let limit = 10_i64.pow(MAX_INTEGER_DIGITS as u32 + 2);
        (0..limit).contains(&kopecks).then_some(Money(kopecks))
    }

    /// The amount in kopecks.
    pub fn kopecks(self) -> i64 {
        self.0
    }

    /// The sum, or `None` when it is larger than an amount can be.
    pub fn checked_add(self, other: Money) -> Option<Money> {
        self.0.checked_add(other.0).and_then(Money::from_kopecks)
    }

    /// The difference, or `None` when it would be below zero.
    pub fn checked_sub(self, other: Money) -> Option<Money> {
        self.0.checked_sub(other.0).and_then(Money::from_kopecks)
    }

    /// So many times as much, or `None` when that is negative or larger than an amount can be.
    pub fn checked_mul(self, times: i64) -> Option<Money> {
        self.0.checked_mul(times).and_then(Money::from_kopecks)
    }

    /// So many hundredths of it, half a kopeck rounded up; `None` when that is more than an amount can be.
    pub fn percent(self, percent: u8) -> Option<Money> {
        let hundredths = i128::from(self.0) * i128::from(percent);
        i64::try_from((hundredths + 50) / 100).ok().and_then(Money::from_kopecks)
    }

    /// Reads `449`, `449.3` or `449.35`; zero is allowed (a free dish has a price).
    pub fn parse(text: &str) -> Result<Money, MoneyError> {
        if text.starts_with('-') {
            return Err(MoneyError::Negative);
        }
        let (integer, fraction) = match text.split_once('.') {
            Some((_, "")) => return Err(MoneyError::NotAnAmount),
            Some(parts) => parts,
            None => (text, ""),
        };
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if integer.is_empty() || !digits(integer) || !digits(fraction) {
            let exponent = text.starts_with(|c: char| c.is_ascii_digit())
                && text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))
                && text.contains(['e', 'E']);
            return Err(if exponent { MoneyError::Exponent } else { MoneyError::NotAnAmount });
        }
        if fraction.len() > 2 {
            return Err(MoneyError::TooManyDecimals);
        }
        if integer.len() > MAX_INTEGER_DIGITS {
            return Err(MoneyError::TooLarge);
        }
        let number = |part: &str| part.bytes().fold(0_i64, |n, b| n * 10 + i64::from(b - b'0'));
        let hundredths = match fraction.len() {
            1 => number(fraction) * 10,
            _ => number(fraction),
        };
        Ok(Money(number(integer) * 100 + hundredths))
    }

    /// As [`Money::parse`], but zero is refused: for an amount that is to be paid.
    pub fn parse_positive(text: &str) -> Result<Money, MoneyError> {
        match Money::parse(text)? {
            Money::ZERO => Err(MoneyError::Zero),
            amount => Ok(amount),
        }
    }
}

/// The text of a JSON number or of a JSON string without escapes; anything else is `None`.
pub(crate) fn number_text(raw: &RawValue) -> Option<&str> {
    let text = raw.get();
    match text.as_bytes().first()? {
        b'"' => {
            text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).filter(|t| !t.contains('\\'))
        }
        b'-' | b'0'..=b'9' => Some(text),
        _ => None,
    }
}

/// A value as it may stand in an error message: what was sent, cut to a readable length.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The most characters of a sentence about what is wrong.
pub const LONGEST_SENTENCE: usize = 600;

/// A sentence cut to what a header, a log line and an answer can carry: libraries quote a wrong value whole.
pub(crate) fn brief(sentence: String) -> String {
    match sentence.char_indices().nth(LONGEST_SENTENCE - 1) {
        Some((end, last)) if end + last.len_utf8() < sentence.len() => {
            format!("{}…", &sentence[..end])
        }
        _ => sentence,
    }
}

fn from_wire<'de, D: Deserializer<'de>>(
    deserializer: D,
    parse: fn(&str) -> Result<Money, MoneyError>,
) -> Result<Money, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?;
    number_text(raw)
        .ok_or(MoneyError::NotAnAmount)
        .and_then(parse)
        .map_err(|rule| D::Error::custom(format!("{} is not an amount: {rule}", shown(raw.get()))))
}

/// An amount from a JSON number or string, zero allowed.
impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
        from_wire(deserializer, Money::parse)
    }
}

/// `#[serde(deserialize_with = "money::positive")]`: an amount that must be more than zero.
pub(crate) fn positive<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
    from_wire(deserializer, Money::parse_positive)
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_string())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl From<Money> for Decimal {
    fn from(money: Money) -> Decimal {
        Decimal::new(money.0, 2)
    }
}

impl TryFrom<Decimal> for Money {
    type Error = MoneyError;

    fn try_from(decimal: Decimal) -> Result<Money, MoneyError> {
        let decimal = decimal.normalize();
        if decimal.scale() > 2 {
            return Err(MoneyError::TooManyDecimals);
        }
        let hundredths = decimal.mantissa().checked_mul(10_i128.pow(2 - decimal.scale()));
        let hundredths = hundredths.and_then(|n| i64::try_from(n).ok());
        hundredths.and_then(Money::from_kopecks).ok_or(MoneyError::TooLarge)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wire(json: &str) -> Result<Money, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn numbers_and_strings_are_read_exactly() {
        for (json, kopecks) in [
            ("0.1", 10),
            ("449.35", 44_935),
            ("\"449.35\"", 44_935),
            ("\"5\"", 500),
            ("999999999999.99", 99_999_999_999_999),
            ("0.29", 29),
        ] {
            assert_eq!(wire(json).unwrap().kopecks(), kopecks, "{json}");
        }
    }

    #[test]
    fn what_is_not_an_amount_is_refused_by_its_own_rule() {
        use MoneyError::*;
        for (text, rule) in [
            ("", NotAnAmount),
            (".5", NotAnAmount),
            ("5.", NotAnAmount),
            ("1,5", NotAnAmount),
            ("+5", NotAnAmount),
            ("1 000", NotAnAmount),
            ("٣", NotAnAmount),
            ("NaN", NotAnAmount),
            ("e", NotAnAmount),
            ("-0.01", Negative),
            ("1e3", Exponent),
            ("1E-2", Exponent),
            ("1.005", TooManyDecimals),
            ("10.000", TooManyDecimals),
            ("9007199254740993.01", TooLarge),
        ] {
            assert_eq!(Money::parse(text), Err(rule), "{text:?}");
        }
        assert_eq!(Money::parse_positive("0.00"), Err(Zero));
    }

    #[test]
    fn an_error_shows_what_was_sent() {
        let error = wire("12.345").unwrap_err().to_string();
        assert!(error.starts_with("12.345 is not an amount: it must have at most two"), "{error}");
        assert!(wire("true").is_err() && wire("null").is_err() && wire("[1]").is_err());
    }

    #[test]
    fn a_sentence_does_not_grow_with_what_it_is_about() {
        let whole = "я".repeat(LONGEST_SENTENCE);
        assert_eq!(brief(whole.clone()), whole);
        let cut = brief(whole.clone() + "я");
        assert_eq!((cut.chars().count(), cut.ends_with("я…")), (LONGEST_SENTENCE, true));
    }

    proptest! {
        #[test]
        fn every_amount_survives_the_wire(kopecks in 0..100_000_000_000_000_i64) {
            let money = Money::from_kopecks(kopecks).unwrap();
            let json = serde_json::to_string(&money).unwrap();
            prop_assert_eq!(wire(&json).unwrap(), money);
            prop_assert_eq!(wire(&format!("\"{money}\"")).unwrap(), money);
            prop_assert_eq!(Money::try_from(Decimal::from(money)).unwrap(), money);
        }

        #[test]
        fn hundredths_add_up_to_within_a_kopeck_of_the_whole(
            kopecks in 0..100_000_000_000_000_i64, percent in 0..=100_u8
        ) {
            let money = Money::from_kopecks(kopecks).unwrap();
            let (part, rest) = (money.percent(percent).unwrap(), money.percent(100 - percent).unwrap());
            let sum = part.kopecks() + rest.kopecks();
            prop_assert!((kopecks..=kopecks + 1).contains(&sum));
            prop_assert!(part <= money && money.percent(100) == Some(money));
            prop_assert_eq!(money.checked_mul(3).map(Money::kopecks),
                Some(kopecks * 3).filter(|n| *n < 100_000_000_000_000));
            prop_assert_eq!(money.checked_mul(-1).is_some(), kopecks == 0);
        }

        #[test]
        fn any_text_is_read_or_refused_without_a_panic(text in ".{0,40}") {
            if let Ok(money) = Money::parse(&text) {
                prop_assert_eq!(Decimal::from(money), text.parse::<Decimal>().unwrap());
            }
        }
    }
}
