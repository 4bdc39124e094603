//! Reading what a manager asks for.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::members;
use crate::domain::json;
use crate::domain::money::{Money, brief, number_text, shown};
use crate::domain::task::ObjectId;
use crate::domain::task::guid::whole;
use crate::protocols::activeplatform::command::{Complete, Which};

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

/// Reads what a body asks of this payment of the reseller. It contradicts neither its path nor itself, and has
/// nothing that is not understood.
pub fn asked(body: &str, reseller: ObjectId, which: &Which) -> Result<Attributes, Bad> {
    let method = is_addressed(body, reseller, which)?;
    members::understood(body, which)?;
    let attributes = read(body)?;
    let own = attributes.payment_method_id.to_string();
    named(
        method,
        "data.relationships.payment_method.data",
        &own,
        "data.attributes.payment_method_id",
    )?;
    Ok(attributes)
}

/// A body that names itself, or its reseller, names what the path has: JSON:API answers 409 otherwise. Gives the
/// payment method that it names as a relationship.
fn is_addressed(body: &str, reseller: ObjectId, which: &Which) -> Result<Option<Id>, Bad> {
    let Addressed { data } = parse(body)?;
    typed(data.r#type.as_deref(), "data", "payments")?;
    match which {
        Which::Payment(id) => named(data.id, "data", &id.to_string(), "the path")?,
        Which::Document(document) => named(data.id, "data", document, "the path")?,
    }
    let Some(Relationships { reseller: own, payment_method }) = data.relationships else {
        return Ok(None);
    };
    if let Some(link) = own.and_then(|of| of.data) {
        let of = "data.relationships.reseller.data";
        typed(link.r#type.as_deref(), of, "resellers")?;
        named(link.id, of, &reseller.to_string(), "the path")?;
    }
    let Some(link) = payment_method.and_then(|of| of.data) else { return Ok(None) };
    let of = "data.relationships.payment_method.data";
    typed(link.r#type.as_deref(), of, "payment_methods")?;
    Ok(link.id)
}

fn named(id: Option<Id>, of: &str, is: &str, by: &str) -> Result<(), Bad> {
    match id {
        Some(Id(id)) if id != is => {
            let (id, is) = (shown(&id), shown(is));
            let title = format!("{of}.id: {id:?} is another than {by} has: that is {is:?}");
            Err(Bad { status: 409, title })
        }
        _ => Ok(()),
    }
}

fn typed(kind: Option<&str>, of: &str, is: &str) -> Result<(), Bad> {
    match kind {
        Some(kind) if kind != is => {
            let title = format!("{of}.type: {:?} is another type: it must be {is:?}", shown(kind));
            Err(Bad { status: 409, title })
        }
        _ => Ok(()),
    }
}

#[derive(Deserialize)]
struct Addressed {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    id: Option<Id>,
    r#type: Option<String>,
    relationships: Option<Relationships>,
}

#[derive(Deserialize)]
struct Relationships {
    reseller: Option<Linked>,
    payment_method: Option<Linked>,
}

#[derive(Deserialize)]
struct Linked {
    data: Option<Link>,
}

/// How JSON:API names a thing.
#[derive(Deserialize)]
struct Link {
    id: Option<Id>,
    r#type: Option<String>,
}

/// A text, or here a number too.
struct Id(String);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Ok(Id(text)),
            serde_json::Value::Number(number) if number.is_i64() => Ok(Id(number.to_string())),
            _ => Err(serde::de::Error::custom("an id must be a text or a whole number")),
        }
    }
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
    let document: Document = parse(body)?;
    let Attributes { amount, total, .. } = &document.data.attributes;
    match (amount, total) {
        (Some(amount), Some(total)) if amount != total => {
            let title = format!(
                "data.attributes.total: {total} is another amount than data.attributes.amount, \
                 {amount}: send one of them"
            );
            Err(Bad { status: 422, title })
        }
        _ => Ok(document.data.attributes),
    }
}

fn parse<T: DeserializeOwned>(body: &str) -> Result<T, Bad> {
    json::check(body).map_err(|fault| match &fault.rule {
        json::Rule::Syntax(why) => {
            Bad { status: 400, title: format!("The body is not JSON: {why}") }
        }
        _ => Bad { status: 400, title: brief(fault.to_string()) },
    })?;
    let deserializer = &mut serde_json::Deserializer::from_str(body);
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let (path, inner) = (error.path().to_string(), error.inner());
        Bad { status: 422, title: brief(format!("{path}: {inner}")) }
    })
}

/// Reads a stored request.
pub fn read_command(request: &str) -> Result<Complete, String> {
    serde_json::from_str(request)
        .map_err(|error| brief(format!("the request cannot be read: {error}")))
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

/// A text or a whole number: a number has one spelling then, or it would be credited once for each.
fn transaction<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let Some(raw) = given(deserializer)? else { return Ok(None) };
    let text = match raw.get().starts_with('"') {
        true => serde_json::from_str(raw.get()).map_err(serde::de::Error::custom)?,
        false if is_whole(raw.get()) => raw.get().to_owned(),
        false => {
            let message = shown(raw.get());
            let rule = "it must be a text or a whole number";
            return Err(serde::de::Error::custom(format!("{message}: {rule}")));
        }
    };
    match is_name(&text) && text.trim() == text {
        true => Ok(Some(text)),
        false => Err(serde::de::Error::custom(format!(
            "it must be a whole number or a text of 1 to {LONGEST_ID} printable characters, with no \
             space around them"
        ))),
    }
}

/// Whether a JSON value is a number that has one spelling.
fn is_whole(json: &str) -> bool {
    let digits = json.strip_prefix('-').unwrap_or(json);
    json != "-0" && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
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
        for (json, message) in [
            (r"{}", "payment_method_id"),
            (r#"{"payment_method_id": 0}"#, "payment_method_id: 0 is not an id"),
            (r#"{"payment_method_id": -2}"#, "positive whole number"),
            (r#"{"payment_method_id": 2, "amount": -1}"#, "attributes.amount: -1"),
            (r#"{"payment_method_id": 2, "amount": 0}"#, "more than zero"),
            (r#"{"payment_method_id": 2, "amount": 1.005}"#, "two decimals"),
            (r#"{"payment_method_id": 2, "amount": true}"#, "true is not an amount"),
            (
                r#"{"payment_method_id": 2, "amount": 5, "total": 6}"#,
                "total: 6.00 is another amount",
            ),
            (r#"{"payment_method_id": 2, "external_transaction_id": ""}"#, "1 to 255"),
            (
                r#"{"payment_method_id": 2, "external_transaction_id": []}"#,
                "text or a whole number",
            ),
            (
                r#"{"payment_method_id": 2, "external_transaction_id": 1.0}"#,
                "1.0: it must be a text",
            ),
            (
                r#"{"payment_method_id": 2, "external_transaction_id": 1e0}"#,
                "1e0: it must be a text",
            ),
            (r#"{"payment_method_id": 2, "external_transaction_id": -0}"#, "-0: it must be a text"),
            (r#"{"payment_method_id": 2, "external_transaction_id": " 1"}"#, "no space around"),
        ] {
            let bad = attributes(json).unwrap_err();
            assert!(bad.status == 422 && bad.title.contains(message), "{json}: {bad:?}");
        }
        let of = |length: usize| {
            let id = "x".repeat(length);
            attributes(&format!(r#"{{"payment_method_id": 2, "external_transaction_id": "{id}"}}"#))
        };
        assert!(of(LONGEST_ID).is_ok() && of(LONGEST_ID + 1).unwrap_err().status == 422);
        for (json, message) in [
            (
                r#"{"payment_method_id": 2, "payment_method_id": 3}"#,
                "attributes.payment_method_id: the key",
            ),
            (
                r#"{"payment_method_id": 2, "currency_code": "\u0000"}"#,
                "currency_code: the text holds U+0000",
            ),
            (r#"{"payment_method_id": 2, "x": "\ud800"}"#, "x: the text holds half"),
        ] {
            let bad = attributes(json).unwrap_err();
            assert!(bad.status == 400 && bad.title.contains(message), "{json}: {bad:?}");
        }
        for body in ["", "{", "[]x", "{\"data\": {\"attributes\": {\"payment_method_id\": 2}}} x"] {
            let status = read(body).unwrap_err().status;
            assert_eq!(status, 400, "{body}");
        }
    }

    #[test]
    fn a_body_names_what_its_path_names() {
        let of = |data: &str, which: Which| {
            let attributes = r#""attributes": {"payment_method_id": 2}"#;
            let data = if data.is_empty() { attributes } else { &format!("{data}, {attributes}") };
            asked(&format!(r#"{{"data": {{{data}}}}}"#), ObjectId(7), &which)
                .map(|attributes| assert_eq!(attributes.payment_method_id, 2))
                .map_err(|bad| bad.status)
        };
        let payment = |data: &str| of(data, Which::Payment(6476));
        for data in [
            "",
            r#""id": "6476", "type": "payments""#,
            r#""id": 6476, "type": null"#,
            r#""relationships": {"reseller": {"data": {"id": "7", "type": "resellers"}, "links": {}}}"#,
            r#""relationships": {"payment_method": {"data": {"id": 2, "type": "payment_methods"}}}"#,
            r#""relationships": {"reseller": null, "payment_method": {"data": null}}"#,
        ] {
            assert_eq!(payment(data), Ok(()), "{data}");
        }
        for data in [
            r#""id": "6477""#,
            r#""id": "06476""#,
            r#""type": "orders""#,
            r#""id": "6476", "type": "payment""#,
            r#""relationships": {"reseller": {"data": {"id": "8"}}}"#,
            r#""relationships": {"reseller": {"data": {"type": "accounts"}}}"#,
            r#""relationships": {"payment_method": {"data": {"id": "3"}}}"#,
            r#""relationships": {"payment_method": {"data": {"id": 2, "type": "accounts"}}}"#,
        ] {
            assert_eq!(payment(data), Err(409), "{data}");
        }
        for data in [r#""id": 1.5"#, r#""x": 1"#, r#""relationships": {"x": 1}"#] {
            assert_eq!(payment(data), Err(422), "{data}");
        }
        assert_eq!(of(r#""id": "D-1""#, Which::Document("D-1".into())), Ok(()));
        assert_eq!(of(r#""id": "6476""#, Which::Document("D-1".into())), Err(409));
    }
}
