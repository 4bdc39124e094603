//! Which members a body may have. One that is not understood is refused by its name: it may say how much, for
//! whom or when, and a payment would be completed as though it had said nothing.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::request::Bad;
use crate::domain::money::brief;
use crate::protocols::activeplatform::command::Which;

/// Attributes of a payment that is named by the number of its document. By its id it has the first alone.
pub(crate) const ATTRIBUTES: [&str; 5] =
    ["payment_method_id", "amount", "total", "currency_code", "external_transaction_id"];
/// Relationships, which repeat what the path and the attributes say.
pub(crate) const RELATIONSHIPS: [&str; 2] = ["reseller", "payment_method"];

type Members<'a> = BTreeMap<String, &'a RawValue>;

#[derive(Default, Deserialize)]
struct Inner<'a> {
    #[serde(borrow, default)]
    attributes: Members<'a>,
    #[serde(borrow, default)]
    relationships: Option<Members<'a>>,
}

/// Refuses a body with a member that is not understood. The body is JSON with an object `data`.
pub(super) fn understood(body: &str, which: &Which) -> Result<(), Bad> {
    #[derive(Deserialize)]
    struct Body<'a> {
        #[serde(borrow)]
        data: &'a RawValue,
    }
    known("", &members(body)?, &["data", "jsonapi"])?;
    let Body { data } = read(body)?;
    known("data.", &members(data.get())?, &["id", "type", "attributes", "relationships"])?;
    let Inner { attributes, relationships } = read(data.get())?;
    let message = match which {
        Which::Payment(_) => &ATTRIBUTES[..1],
        Which::Document(_) => &ATTRIBUTES[..],
    };
    all_known("data.attributes.", &attributes, &ATTRIBUTES, message)?;
    known("data.relationships.", &relationships.unwrap_or_default(), &RELATIONSHIPS)?;
    let given = |name: &&str| attributes.get(*name).is_some_and(|value| value.get() != "null");
    match which {
        Which::Document(_) => Ok(()),
        Which::Payment(_) => match ATTRIBUTES[1..].iter().find(|name| given(name)) {
            Some(name) => Err(bad(format!(
                "data.attributes.{name}: a payment that is completed by its id is paid as it is. \
                 Leave it out, or POST to the number of the payment's document. Nothing was changed"
            ))),
            None => Ok(()),
        },
    }
}

fn known(place: &str, members: &Members<'_>, known: &[&str]) -> Result<(), Bad> {
    all_known(place, members, known, known)
}

/// Names in the refusal those that are of use here.
fn all_known(
    place: &str,
    members: &Members<'_>,
    known: &[&str],
    message: &[&str],
) -> Result<(), Bad> {
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(bad(format!(
            "{place}{}: this member is not understood here. Understood: {}. Nothing was changed",
            field(name),
            message.join(", ")
        ))),
        None => Ok(()),
    }
}

/// A name as it may be told: what does not look like the name of a field may be personal data.
pub(crate) fn field(name: &str) -> &str {
    let is_field = (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-[].".contains(&byte))
        && name.bytes().any(|byte| byte.is_ascii_alphabetic());
    if is_field { name } else { "[…]" }
}

fn members(json: &str) -> Result<Members<'_>, Bad> {
    read(json)
}

fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, Bad> {
    serde_json::from_str(json).map_err(|error| bad(brief(format!("data: {error}"))))
}

fn bad(title: String) -> Bad {
    Bad { status: 422, title }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_id(body: &str) -> Result<(), Bad> {
        understood(body, &Which::Payment(1))
    }

    fn by_document(body: &str) -> Result<(), Bad> {
        understood(body, &Which::Document("1".into()))
    }

    #[test]
    fn a_member_that_is_not_understood_is_refused_by_its_name() {
        for (body, message) in [
            (r#"{"data": {}, "amount": 5}"#, "amount: this member is not understood"),
            (r#"{"data": {}, "included": []}"#, "included: "),
            (r#"{"data": {"amount": 5}}"#, "data.amount: "),
            (r#"{"data": {"attributes": {"status": "cancelled"}}}"#, "data.attributes.status: "),
            (r#"{"data": {"attributes": {"account_id": null}}}"#, "data.attributes.account_id: "),
            (r#"{"data": {"attributes": {"Anna, 7 900": 1}}}"#, "data.attributes.[…]: "),
            (r#"{"data": {"relationships": {"account": {}}}}"#, "data.relationships.account: "),
            (r#"{"data": []}"#, "data: "),
            (r#"[]"#, "data: "),
        ] {
            for refused in [by_id(body).unwrap_err(), by_document(body).unwrap_err()] {
                assert!(refused.status == 422 && refused.title.starts_with(message), "{refused:?}");
            }
        }
    }

    #[test]
    fn by_its_id_a_payment_is_paid_as_it_is() {
        for name in &ATTRIBUTES[1..] {
            let body = format!(r#"{{"data": {{"attributes": {{"{name}": "1"}}}}}}"#);
            let refused = by_id(&body).unwrap_err();
            let message = format!("data.attributes.{name}: a payment that is completed by its id");
            assert!(refused.title.starts_with(&message), "{refused:?}");
            assert_eq!(by_document(&body), Ok(()));
            assert_eq!(by_id(&body.replace("\"1\"", "null")), Ok(()), "nothing is said with null");
        }
        let all = r#"{"jsonapi": {"version": "1.0"}, "data": {"type": "payments", "id": "1",
            "attributes": {"payment_method_id": 2}, "relationships": {"reseller": {}}}}"#;
        assert_eq!(by_id(all), Ok(()));
        assert_eq!(by_id(r#"{"data": {"relationships": null}}"#), Ok(()));
        let status = r#"{"data": {"attributes": {"status": "completed"}}}"#;
        let message = by_id(status).unwrap_err().title;
        assert!(
            message.ends_with("Understood: payment_method_id. Nothing was changed"),
            "{message}"
        );
        let message = by_document(status).unwrap_err().title;
        assert!(message.contains("Understood: payment_method_id, amount, total, "), "{message}");
    }
}
