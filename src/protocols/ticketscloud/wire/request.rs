//! Reading what a partner asks for. An error names the field, the value and the rule.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use url::Url;

use super::once::Once;
use super::{CHANGE_REFUND, CREATE_REFUND};
use crate::domain::json;
use crate::domain::money::{brief, shown};
use crate::protocols::ticketscloud::command::{
    Changes, Command, PaymentChange, Transition, Wanted,
};
use crate::protocols::ticketscloud::hex_id::{EventId, OrderId, SetId, TicketId};
use crate::protocols::ticketscloud::model::OrderStatus;
use crate::protocols::ticketscloud::parameters::{self, Place};

/// The most tickets that an order may have.
pub const MOST_TICKETS: usize = 100;
/// The most promo codes that an order may have.
pub const MOST_PROMOCODES: usize = 10;
/// The longest promo code, and the longest code of a payment system, in characters.
pub const LONGEST_CODE: usize = 64;
/// The longest field of a customer, in characters.
pub const LONGEST_FIELD: usize = 255;
/// The longest URL, in characters.
pub const LONGEST_URL: usize = 2048;
/// What can be said of a customer.
pub const CUSTOMER: [&str; 7] =
    ["lang", "name", "first_name", "last_name", "email", "phone", "mobile"];

/// A body as it comes; `null` counts as absent.
#[derive(Deserialize)]
pub(super) struct Body {
    /// As the path has it, when it is there.
    pub(super) id: Option<OrderId>,
    pub(super) event: Option<EventId>,
    pub(super) tickets: Option<Once<TicketId, ()>>,
    pub(super) random: Option<Once<SetId, usize>>,
    #[serde(default, deserialize_with = "flag")]
    pub(super) all_or_nothing: bool,
    pub(super) promocodes: Option<Once<String, ()>>,
    pub(super) customer: Option<BTreeMap<String, Option<serde_json::Value>>>,
    pub(super) payment: Option<PaymentChange>,
    pub(super) status: Option<OrderStatus>,
}

/// A request for a new order: its event, and what is to be in it.
pub fn read_create(body: &str) -> Result<(EventId, Changes), String> {
    let body = read(body, &parameters::CREATE)?;
    let event = body.event.ok_or("event: it must be there, the id of an event")?;
    if let Some(status) = body.status.filter(|status| *status != OrderStatus::Executed) {
        return Err(format!("status: {status} is not where an order begins: that is executed"));
    }
    let changes = changes(body)?;
    match changes.wanted {
        Some(_) => Ok((event, changes)),
        None => Err("tickets: they must be there, or random".into()),
    }
}

/// A request to change an order: what is to be different, and where it is to stand.
pub fn read_change(body: &str) -> Result<(Changes, Option<OrderStatus>), String> {
    changed(read(body, &parameters::CHANGE)?, false)
}

/// The same of this order: a body that names its order, or its event, names these.
pub fn read_change_of(
    body: &str,
    order: OrderId,
    event: EventId,
) -> Result<(Changes, Option<OrderStatus>), String> {
    change(read(body, &parameters::CHANGE)?, order, event, false)
}

/// The same of what was read; `more`: it says more than this.
pub(super) fn change(
    body: Body,
    order: OrderId,
    event: EventId,
    more: bool,
) -> Result<(Changes, Option<OrderStatus>), String> {
    if let Some(id) = body.id.filter(|id| *id != order) {
        return Err(format!("id: {id} is another order than the path has: that is {order}"));
    }
    if let Some(other) = body.event.filter(|id| *id != event) {
        return Err(format!("event: {other} is another event than the order has: that is {event}"));
    }
    changed(body, more)
}

fn changed(body: Body, more: bool) -> Result<(Changes, Option<OrderStatus>), String> {
    let status = body.status;
    let changes = changes(body)?;
    if changes.is_empty() && status.is_none() && !more {
        return Err(
            "nothing is to be changed: there must be status, tickets, random, promocodes, \
                    customer or payment"
                .into(),
        );
    }
    Ok((changes, status))
}

/// Reads a stored request to make or change an order.
pub fn read_command(request: &str) -> Result<Transition, String> {
    read_stored(request)
}

/// Reads a stored request of this type.
pub fn read_task(task_type: &str, request: &str) -> Result<Command, String> {
    match task_type {
        CREATE_REFUND => read_stored(request).map(Command::Ask),
        CHANGE_REFUND => read_stored(request).map(Command::Settle),
        _ => read_stored(request).map(Command::Order),
    }
}

fn read_stored<T: DeserializeOwned>(request: &str) -> Result<T, String> {
    serde_json::from_str(request)
        .map_err(|error| brief(format!("the request cannot be read: {error}")))
}

fn read(body: &str, place: &Place) -> Result<Body, String> {
    read_body(body, place)
}

/// Reads a body that says nothing but what this place honours.
pub(super) fn read_body<T: DeserializeOwned>(body: &str, place: &Place) -> Result<T, String> {
    json::check(body).map_err(|fault| brief(fault.to_string()))?;
    refused_fields(body, place)?;
    let deserializer = &mut serde_json::Deserializer::from_str(body);
    serde_path_to_error::deserialize(&mut *deserializer).map_err(|error| {
        let (path, inner) = (error.path().to_string(), error.inner());
        match path.as_str() {
            "." => brief(format!("the body: {inner}")),
            path => brief(format!("{path}: {inner}")),
        }
    })
}

/// That a body has only fields that are honoured: no other field changes anything.
pub(super) fn refused_fields(body: &str, place: &Place) -> Result<(), String> {
    type Fields<'a> = BTreeMap<String, &'a serde_json::value::RawValue>;
    let Ok(fields) = serde_json::from_str::<Fields<'_>>(body) else { return Ok(()) };
    for (name, value) in &fields {
        if let Some(refusal) = place.refusal(name) {
            return Err(refusal);
        }
        let below = match name.as_str() {
            "payment" | "settings" => serde_json::from_str::<Fields<'_>>(value.get()).ok(),
            _ => None,
        };
        // What says of itself that it is off asks for nothing.
        let below = below
            .unwrap_or_default()
            .into_iter()
            .filter(|(_, value)| !["null", "false"].contains(&value.get()));
        for (field, _) in below {
            if let Some(refusal) = place.refusal(&format!("{name}.{field}")) {
                return Err(refusal);
            }
        }
    }
    Ok(())
}

pub(super) fn changes(body: Body) -> Result<Changes, String> {
    let wanted = match (body.tickets, body.random) {
        (Some(_), Some(_)) => return Err("tickets and random: there must be one of them".into()),
        (Some(ids), None) => {
            let ids: BTreeSet<TicketId> = ids.0.into_keys().collect();
            Some(Wanted::Tickets(bounded("tickets", ids.len(), ids)?))
        }
        (None, Some(Once(counts))) => {
            let sum = counts.values().fold(0_usize, |sum, count| sum.saturating_add(*count));
            let counts = counts.into_iter().filter(|(_, count)| *count > 0).collect();
            Some(Wanted::Random(bounded("random", sum, counts)?))
        }
        (None, None) => None,
    };
    Ok(Changes {
        wanted,
        all_or_nothing: body.all_or_nothing,
        promocodes: body
            .promocodes
            .map(|codes| promocodes(codes.0.into_keys().collect()))
            .transpose()?,
        customer: customer(body.customer.unwrap_or_default())?,
        vendor_data: None,
        payment: payment(body.payment.unwrap_or_default())?,
    })
}

fn bounded<T>(field: &str, tickets: usize, wanted: T) -> Result<T, String> {
    match tickets {
        1..=MOST_TICKETS => Ok(wanted),
        _ => Err(format!(
            "{field}: {tickets} tickets: an order must have 1 to {MOST_TICKETS}; to give up all of them, \
             cancel it"
        )),
    }
}

fn promocodes(codes: BTreeSet<String>) -> Result<BTreeSet<String>, String> {
    if codes.len() > MOST_PROMOCODES {
        let count = codes.len();
        return Err(format!("promocodes: {count}: an order may have {MOST_PROMOCODES}"));
    }
    codes.iter().try_for_each(|code| is_text("promocodes", code, LONGEST_CODE))?;
    Ok(codes)
}

fn customer(
    fields: BTreeMap<String, Option<serde_json::Value>>,
) -> Result<BTreeMap<String, Option<String>>, String> {
    if let Some(other) = fields.keys().find(|field| !CUSTOMER.contains(&field.as_str())) {
        let other = shown(other);
        let there = CUSTOMER.join(", ");
        return Err(format!("customer.{other}: it is not known here: there are {there}"));
    }
    let read = |(field, value): (String, Option<serde_json::Value>)| match value {
        None => Ok((field, None)),
        Some(serde_json::Value::String(text)) => {
            is_text(&format!("customer.{field}"), &text, LONGEST_FIELD)?;
            Ok((field, Some(text)))
        }
        Some(_) => Err(format!("customer.{field}: it must be a text or null")),
    };
    fields.into_iter().map(read).collect()
}

fn payment(payment: PaymentChange) -> Result<PaymentChange, String> {
    if let Some(Some(system)) = &payment.system {
        is_text("payment.system", system, LONGEST_CODE)?;
    }
    for (field, value) in
        [("success_url", &payment.success_url), ("failure_url", &payment.failure_url)]
    {
        let Some(Some(text)) = value else { continue };
        let url = Url::parse(text).ok().filter(|url| ["http", "https"].contains(&url.scheme()));
        if url.is_none() || text.chars().count() > LONGEST_URL {
            return Err(format!(
                "payment.{field}: {:?} must be an http or https URL of at most {LONGEST_URL} characters",
                shown(text)
            ));
        }
    }
    Ok(payment)
}

/// A text that people and tables can hold: not empty, not endless, printable.
fn is_text(field: &str, text: &str, longest: usize) -> Result<(), String> {
    let length = text.chars().count();
    if (1..=longest).contains(&length) && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(format!(
        "{field}: a text of {length} characters: it must have 1 to {longest}, all of them printable"
    ))
}

/// `true` or `"true"`: the vendor's own examples have the text.
pub(super) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    match Option::<serde_json::Value>::deserialize(deserializer)? {
        None | Some(serde_json::Value::Bool(false)) => Ok(false),
        Some(serde_json::Value::Bool(true)) => Ok(true),
        Some(serde_json::Value::String(text)) if text == "true" => Ok(true),
        Some(serde_json::Value::String(text)) if text == "false" => Ok(false),
        Some(_) => Err(D::Error::custom("it must be true or false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = "56a6253df06c5a059a93802e";
    const SET: &str = "56a6254bf06c5a059b93800c";

    #[test]
    fn the_vendors_examples_are_read() {
        let body = format!(
            r#"{{"event": "{EVENT}", "random": {{"{SET}": 2}}, "all_or_nothing": "true"}}"#
        );
        let (event, changes) = read_create(&body).unwrap();
        assert_eq!(event.to_string(), EVENT);
        assert!(changes.all_or_nothing && changes.payment.is_empty());
        assert_eq!(changes.wanted, Some(Wanted::Random([(SET.parse().unwrap(), 2)].into())));
        let body = r#"{"payment": {"system": "api/BASE"}, "status": "in_progress"}"#;
        let (changes, status) = read_change(body).unwrap();
        assert_eq!(status, Some(OrderStatus::InProgress));
        assert_eq!(changes.payment.system, Some(Some("api/BASE".into())));
        assert_eq!(changes.payment.success_url, None);
    }

    #[test]
    fn what_is_null_is_taken_away_where_that_means_something() {
        let body = r#"{"tickets": null, "customer": {"name": null, "email": "a@b"},
                       "payment": {"system": null}}"#;
        let (changes, _) = read_change(body).unwrap();
        assert_eq!(changes.wanted, None);
        let customer = [("email".to_owned(), Some("a@b".to_owned())), ("name".into(), None)];
        assert_eq!(changes.customer, customer.into());
        assert_eq!(changes.payment.system, Some(None));
        let stored = serde_json::to_string(&changes).unwrap();
        assert_eq!(serde_json::from_str::<Changes>(&stored).unwrap(), changes);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let many = vec![format!("\"{SET}\""); 1].join(",");
        let create = |fields: &str| read_create(&format!(r#"{{"event": "{EVENT}", {fields}}}"#));
        for (fields, message) in [
            (r#""promocodes": null"#.to_owned(), "tickets: they must be there, or random"),
            (r#""x": 1"#.into(), "x: it is not known here: there are event, tickets"),
            (r#""payment": {"send_tickets": true}"#.into(), "payment.send_tickets: it is refused"),
            (r#""tickets": []"#.into(), "tickets: 0 tickets: an order must have 1 to 100"),
            (r#""tickets": ["x"]"#.into(), "24 hex digits"),
            (format!(r#""random": {{"{SET}": 101}}"#), "random: 101 tickets"),
            (format!(r#""random": {{"{SET}": 0}}"#), "random: 0 tickets"),
            (format!(r#""random": {{"{SET}": -1}}"#), "random"),
            (format!(r#""random": {{"{SET}": 1.5}}"#), "random"),
            (format!(r#""random": {{"{SET}": 18446744073709551615}}"#), "an order must have"),
            (r#""random": {"x": 1}"#.into(), "24 hex digits"),
            (format!(r#""tickets": [{many}], "random": {{"{SET}": 1}}"#), "one of them"),
            (format!(r#""tickets": [{many}], "status": "done"#) + "\"", "where an order begins"),
            (format!(r#""tickets": [{many}], "all_or_nothing": 1"#), "true or false"),
        ] {
            let error = create(&fields).unwrap_err();
            assert!(error.contains(message), "{fields}: {error}");
        }
        for (body, message) in [
            ("", "not JSON"),
            ("{} x", "not JSON"),
            ("[]x", "the body"),
            ("[]", "the body"),
            ("{}", "nothing is to be changed"),
            (r#"{"status": "paid"}"#, "status: unknown variant"),
            (r#"{"promocodes": [""]}"#, "promocodes: a text of 0 characters"),
            (r#"{"promocodes": ["a\u0000"]}"#, "promocodes[0]: the text holds U+0000"),
            (r#"{"customer": {"nickname": "A"}}"#, "customer.nickname: it is not known"),
            (r#"{"payment": {"x": 1}, "status": "done"}"#, "payment.x: it is not known here"),
            (
                r#"{"reserved_till": "2030-01-01", "status": "done"}"#,
                "reserved_till: it is refused",
            ),
            (r#"{"customer": {"name": 1}}"#, "customer.name: it must be a text or null"),
            (r#"{"payment": {"success_url": "javascript:x"}}"#, "payment.success_url"),
            (r#"{"payment": {"system": ""}}"#, "payment.system"),
        ] {
            let error = read_change(body).unwrap_err();
            assert!(error.contains(message), "{body}: {error}");
        }
        let codes: Vec<String> = (0..11).map(|n| format!("\"{n}\"")).collect();
        let error =
            read_change(&format!(r#"{{"promocodes": [{}]}}"#, codes.join(","))).unwrap_err();
        assert!(error.contains("an order may have 10"), "{error}");
        assert!(read_create("{}").unwrap_err().starts_with("event: "));
    }
}
