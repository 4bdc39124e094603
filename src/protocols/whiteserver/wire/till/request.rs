//! Reading what a till sends.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::domain::json;
use crate::domain::money::{self, Money, shown};
use crate::domain::task::{CurrencyGuid, OrderGuid};
use crate::protocols::whiteserver::command::till::{
    Edit, Fault, NewOrder, Rejection, TillCommand, Void,
};
use crate::protocols::whiteserver::model::{CurrencyKind, OrderStatus};
use crate::protocols::whiteserver::reply::{Code, Refusal};

fn bad(desc: impl Into<String>) -> Refusal {
    Refusal::new(Code::BadRequest, desc)
}

fn fault((field, told): Fault) -> Refusal {
    let told = match told.starts_with(field) {
        true => told,
        false => format!("{field}: {told}"),
    };
    bad(told).of_field(field)
}

/// The command of a till's task, as it is kept.
pub fn read_command(request: &str) -> Result<TillCommand, Refusal> {
    serde_json::from_str(request).map_err(|error| bad(format!("the task cannot be read: {error}")))
}

/// Reads a body; an error names the field by its path.
pub fn parse<T: DeserializeOwned>(body: &str) -> Result<T, Refusal> {
    json::check(body).map_err(|fault| match &fault.rule {
        json::Rule::Syntax(why) => bad(format!("the body is not valid JSON: {why}")),
        _ => bad(fault.to_string()),
    })?;
    if !body.trim_start().starts_with('{') {
        return Err(bad("the body must be a JSON object"));
    }
    let mut deserializer = serde_json::Deserializer::from_str(body);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let text = error.into_inner().to_string();
        let text = text.rsplit_once(" at line ").map_or(&*text, |(text, _)| text);
        match path.as_str() {
            "." => bad(format!("the body: {text}")),
            path => bad(format!("{path}: {text}")),
        }
    })
}

/// An order to open.
pub fn new_order(body: &str) -> Result<NewOrder, Refusal> {
    let new: NewOrder = parse(body)?;
    new.check().map_err(fault)?;
    Ok(new)
}

/// What is to change of an order.
pub fn edit(body: &str) -> Result<Edit, Refusal> {
    let edit: Edit = parse(body)?;
    edit.check().map_err(fault)?;
    Ok(edit)
}

/// Which dishes are taken off the bill.
pub fn void(body: &str) -> Result<Void, Refusal> {
    let void: Void = parse(body)?;
    void.check().map_err(fault)?;
    Ok(void)
}

/// Why an order is not taken.
pub fn rejection(body: &str) -> Result<Rejection, Refusal> {
    let rejection: Rejection = parse(body)?;
    rejection.check().map_err(fault)?;
    Ok(rejection)
}

/// A payment: its currency is named, or its kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payment {
    #[serde(deserialize_with = "money::positive")]
    amount: Money,
    currency: Option<CurrencyGuid>,
    kind: Option<String>,
}

/// What a payment is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum With {
    /// This currency.
    Currency(CurrencyGuid),
    /// The object's one currency of this kind.
    Kind(CurrencyKind),
}

/// A payment that was taken at the till.
pub fn payment(body: &str) -> Result<(Money, With), Refusal> {
    let Payment { amount, currency, kind } = parse(body)?;
    match (currency, kind) {
        (Some(currency), None) => Ok((amount, With::Currency(currency))),
        (None, Some(kind)) => {
            let kind = kind.parse().map_err(|told| fault(("kind", told)))?;
            Ok((amount, With::Kind(kind)))
        }
        _ => {
            Err(bad("currency: give either currency, a guid, or kind, like cash")
                .of_field("currency"))
        }
    }
}

/// Up to which event all is known.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Acknowledgement {
    up_to: Box<RawValue>,
}

/// Up to which event all is known.
pub fn acknowledgement(body: &str) -> Result<i64, Refusal> {
    let Acknowledgement { up_to } = parse(body)?;
    crate::domain::task::guid::whole(up_to.get()).ok_or_else(|| {
        let told = format!("upTo: {} must be a cursor that an event had", shown(up_to.get()));
        bad(told).of_field("upTo")
    })
}

/// What a list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// How the orders stand.
    pub status: OrderStatus,
    /// At which table.
    pub table: Option<String>,
    /// After which order: when it was opened, in microseconds, and its guid.
    pub after: Option<(i64, OrderGuid)>,
}

/// Reads the query of a list; a parameter that is not known is refused by its name.
pub fn list_query(query: &str) -> Result<ListQuery, Refusal> {
    let mut read = ListQuery { status: OrderStatus::Created, table: None, after: None };
    for (name, value) in parameters(query) {
        match &*name {
            "status" => {
                read.status = value.parse().map_err(|told| fault(("status", told)))?;
            }
            "table" => read.table = Some(value),
            "cursor" => read.after = Some(cursor(&value)?),
            _ => return Err(unknown(&name, "status, table and cursor")),
        }
    }
    Ok(read)
}

/// Reads the query of the events: after which, and for how many seconds to wait.
pub fn events_query(query: &str) -> Result<(Option<i64>, u64), Refusal> {
    let (mut after, mut wait_s) = (None, 0);
    for (name, value) in parameters(query) {
        let number = crate::domain::task::guid::whole(&value);
        match (&*name, number) {
            ("after", Some(number)) => after = Some(number),
            ("wait", Some(number @ 0..=LONGEST_WAIT_S)) => wait_s = number.unsigned_abs(),
            ("after", None) => return Err(fault(("after", "it must be a cursor".into()))),
            ("wait", _) => {
                let told = format!("it must be whole seconds from 0 to {LONGEST_WAIT_S}");
                return Err(fault(("wait", told)));
            }
            _ => return Err(unknown(&name, "after and wait")),
        }
    }
    Ok((after, wait_s))
}

/// The longest wait for events, in seconds.
pub const LONGEST_WAIT_S: i64 = 20;

fn unknown(name: &str, known: &str) -> Refusal {
    bad(format!("there is no parameter {:?}: there are {known}", shown(name)))
}

fn parameters(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// As [`cursor_of`] wrote it.
fn cursor(text: &str) -> Result<(i64, OrderGuid), Refusal> {
    let parts = text.split_once('.').and_then(|(moment, guid)| {
        Some((moment.parse::<i64>().ok()?, guid.parse::<OrderGuid>().ok()?))
    });
    parts.ok_or_else(|| fault(("cursor", "it must be the nextCursor of a list".into())))
}

/// The cursor of a list that goes on after this order.
pub fn cursor_of(created_us: i64, guid: OrderGuid) -> String {
    format!("{created_us}.{guid}")
}

/// The version in `If-Match`.
pub fn version(header: Option<&str>) -> Result<i64, Refusal> {
    let Some(header) = header else {
        let desc =
            "the header If-Match is missing: it must be the ETag of the order that you have seen";
        return Err(Refusal::new(Code::VersionRequired, desc));
    };
    let number = header.trim().strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    number.and_then(crate::domain::task::guid::whole).ok_or_else(|| {
        bad(format!("If-Match is {:?}: it must be one version, like \"3\"", shown(header)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_one_strong_tag() {
        assert_eq!(version(Some("\"12\"")), Ok(12));
        assert_eq!(version(None).unwrap_err().code, Code::VersionRequired);
        for wrong in ["12", "*", "W/\"12\"", "\"a\"", "\"1\", \"2\"", "\"\"", "\"-1\""] {
            assert_eq!(version(Some(wrong)).unwrap_err().code, Code::BadRequest, "{wrong}");
        }
    }

    #[test]
    fn queries_are_read_or_refused_by_name() {
        let guid = OrderGuid(uuid::Uuid::from_u128(1));
        let text = cursor_of(17, guid);
        let read = list_query(&format!("status=Complited&table=%D0%A2+1&cursor={text}")).unwrap();
        let table = Some("Т 1".to_owned());
        let after = Some((17, guid));
        assert_eq!(read, ListQuery { status: OrderStatus::Complited, table, after });
        assert_eq!(events_query("after=4&wait=20"), Ok((Some(4), 20)));
        for wrong in ["status=open", "page=1", "cursor=1", "cursor=x.y"] {
            assert_eq!(list_query(wrong).unwrap_err().code, Code::BadRequest, "{wrong}");
        }
        for wrong in ["wait=21", "after=x", "from=1", "wait=-1"] {
            assert_eq!(events_query(wrong).unwrap_err().code, Code::BadRequest, "{wrong}");
        }
    }

    #[test]
    fn a_payment_names_a_currency_or_a_kind_and_not_both() {
        let guid = uuid::Uuid::from_u128(1);
        let named = format!(r#"{{"amount":1,"currency":"{guid}"}}"#);
        assert_eq!(payment(&named).unwrap().1, With::Currency(CurrencyGuid(guid)));
        assert_eq!(
            payment(r#"{"amount":1,"kind":"cash"}"#).unwrap().1,
            With::Kind(CurrencyKind::Cash)
        );
        let both = format!(r#"{{"amount":1,"currency":"{guid}","kind":"cash"}}"#);
        for wrong in [
            &*both,
            r#"{"amount":1}"#,
            r#"{"amount":0,"kind":"cash"}"#,
            r#"{"amount":1,"kind":"shells"}"#,
            "[]",
            "7",
        ] {
            assert!(payment(wrong).is_err(), "{wrong}");
        }
    }
}
