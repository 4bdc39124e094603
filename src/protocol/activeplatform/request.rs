//! Reading what a manager asks for.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::money::{Money, brief, number_text, shown};
use crate::task::activeplatform::Complete;
use crate::task::guid::whole;
use crate::task::{Code, Command, Refusal};

/// The longest number of a document, and of an external transaction, in characters.
pub const LONGEST_ID: usize = 255;

/// `data.attributes` of a request.
#[derive(Debug, Default, PartialEq, Deserialize)]
pub struct Attributes {
    /// What it was paid with.
    #[serde(deserialize_with = "id")]
    pub payment_method_id: i64,
    /// How much came.
    #[serde(default, deserialize_with = "amount")]
    amount: Option<Money>,
    /// The same, as older clients name it.
    #[serde(default, deserialize_with = "amount")]
    total: Option<Money>,
    /// The currency that it came in.
    #[serde(default)]
    pub currency_code: Option<String>,
    /// The bridge's own number of it.
    #[serde(default, deserialize_with = "transaction")]
    pub external_transaction_id: Option<String>,
}

impl Attributes {
    /// How much came, by either name.
    pub fn amount(&self) -> Option<Money> {
        self.amount.or(self.total)
    }
}

/// A body that is no request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bad {
    /// 400 for what is no JSON, 422 for what says something wrong.
    pub status: u16,
    /// Which rule it breaks.
    pub title: String,
}

/// Reads a body.
pub fn read(body: &str) -> Result<Attributes, Bad> {
    #[derive(Deserialize)]
    struct Document {
        data: Data,
    }
    #[derive(Deserialize)]
    struct Data {
        attributes: Attributes,
    }
    let deserializer = &mut serde_json::Deserializer::from_str(body);
    let document: Document =
        serde_path_to_error::deserialize(&mut *deserializer).map_err(|error| {
            let (path, inner) = (error.path().to_string(), error.inner());
            match inner.classify() {
                serde_json::error::Category::Data => {
                    Bad { status: 422, title: brief(format!("{path}: {inner}")) }
                }
                _ => Bad { status: 400, title: format!("The body is not JSON: {inner}") },
            }
        })?;
    deserializer
        .end()
        .map_err(|error| Bad { status: 400, title: format!("The body is not JSON: {error}") })?;
    Ok(document.data.attributes)
}

/// Reads a stored request.
pub fn read_command(request: &str) -> Result<Command, Refusal> {
    let complete: Complete = serde_json::from_str(request).map_err(|error| {
        Refusal::new(Code::BadRequest, format!("the request cannot be read: {error}"))
    })?;
    Ok(Command::ActivePlatform(Box::new(complete)))
}

/// The number of something, in a path.
pub fn path_id(text: &str) -> Option<i64> {
    whole(text).filter(|id| *id > 0)
}

/// A text that names something: not empty, not endless, printable.
pub fn is_name(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?;
    let text = number_text(raw).unwrap_or(raw.get());
    path_id(text).ok_or_else(|| {
        let text = shown(text);
        serde::de::Error::custom(format!("{text} is not an id: it must be a positive whole number"))
    })
}

/// `null` counts as absent.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?;
    Ok((raw.get() != "null").then_some(raw))
}

fn amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Money>, D::Error> {
    let Some(raw) = given(deserializer)? else { return Ok(None) };
    let text = number_text(raw).unwrap_or(raw.get());
    Money::parse_positive(text).map(Some).map_err(|rule| {
        serde::de::Error::custom(format!("{} is not an amount: {rule}", shown(text)))
    })
}

/// A text or a number.
fn transaction<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let Some(raw) = given(deserializer)? else { return Ok(None) };
    let text = match raw.get().starts_with('"') {
        true => serde_json::from_str(raw.get()).map_err(serde::de::Error::custom)?,
        false => number_text(raw).unwrap_or_default().to_owned(),
    };
    match is_name(&text) {
        true => Ok(Some(text)),
        false => Err(serde::de::Error::custom(format!(
            "it must be a number or a text of 1 to {LONGEST_ID} printable characters"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(json: &str) -> Result<Attributes, Bad> {
        read(&format!(r#"{{"data": {{"attributes": {json}}}}}"#))
    }

    #[test]
    fn ids_and_amounts_are_numbers_or_texts() {
        for json in [
            r#"{"payment_method_id": 2, "amount": 99.5, "external_transaction_id": 7}"#,
            r#"{"payment_method_id": "2", "total": "99.50", "external_transaction_id": "7"}"#,
        ] {
            let read = attributes(json).unwrap();
            assert_eq!((read.payment_method_id, read.amount().unwrap().kopecks()), (2, 9950));
            assert_eq!(read.external_transaction_id.as_deref(), Some("7"));
        }
        let read = attributes(r#"{"payment_method_id": 2, "amount": null, "x": [1]}"#).unwrap();
        assert_eq!(read, Attributes { payment_method_id: 2, ..Attributes::default() });
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        for (json, told) in [
            (r"{}", "payment_method_id"),
            (r#"{"payment_method_id": 0}"#, "payment_method_id: 0 is not an id"),
            (r#"{"payment_method_id": -2}"#, "positive whole number"),
            (r#"{"payment_method_id": 2, "amount": -1}"#, "attributes.amount: -1"),
            (r#"{"payment_method_id": 2, "amount": 0}"#, "more than zero"),
            (r#"{"payment_method_id": 2, "amount": 1.005}"#, "two decimals"),
            (r#"{"payment_method_id": 2, "amount": true}"#, "true is not an amount"),
            (r#"{"payment_method_id": 2, "external_transaction_id": ""}"#, "1 to 255"),
            (r#"{"payment_method_id": 2, "external_transaction_id": []}"#, "1 to 255"),
        ] {
            let bad = attributes(json).unwrap_err();
            assert!(bad.status == 422 && bad.title.contains(told), "{json}: {bad:?}");
        }
        let of = |length: usize| {
            let id = "x".repeat(length);
            attributes(&format!(r#"{{"payment_method_id": 2, "external_transaction_id": "{id}"}}"#))
        };
        assert!(of(LONGEST_ID).is_ok() && of(LONGEST_ID + 1).unwrap_err().status == 422);
        for body in ["", "{", "[]x", "{\"data\": {\"attributes\": {\"payment_method_id\": 2}}} x"] {
            let status = read(body).unwrap_err().status;
            assert!(status == 400 || (body == "[]x" && status == 422), "{body}: {status}");
        }
    }
}
