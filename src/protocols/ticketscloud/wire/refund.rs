//! Refund requests: what is asked for, and how they are shown.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::time;
use super::once::Once;
use super::request::{read_body, refused_fields};
use crate::domain::money::shown;
use crate::protocols::ticketscloud::command::{Back, RefundView};
use crate::protocols::ticketscloud::hex_id::{OrderId, TicketId};
use crate::protocols::ticketscloud::model::refund::Culprit;
use crate::protocols::ticketscloud::parameters::{self, Place};

/// What a request has, as `fields-schema` names it.
pub const REFUND: &str = "id,created_at,culprit,event,finished_at,order,org,payment_system,requested_at,status,\
    tickets,tickets_refund,updated_at,value,vendor";

#[derive(Deserialize)]
struct Body {
    order: Option<OrderId>,
    culprit: Option<Culprit>,
    tickets: Option<Once<TicketId, ()>>,
    tickets_refund: Option<Once<TicketId, ()>>,
    requested_at: Option<String>,
}

/// What is asked for: of which order, through whom, which tickets, and since when.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Asked {
    pub order: OrderId,
    pub culprit: Culprit,
    pub back: Back,
    pub requested_at: Option<Timestamp>,
}

/// A request of v1, whose `tickets` are those that stay.
pub fn read_ask(body: &str) -> Result<Asked, String> {
    let body: Body = read_body(body, &parameters::REFUND_CREATE)?;
    let back = match (&body.tickets, &body.tickets_refund) {
        (Some(_), Some(_)) => {
            return Err("tickets and tickets_refund: there must be one of them".into());
        }
        (Some(stay), None) => Back::AllBut(ids(stay)),
        (None, Some(back)) => Back::These(ids(back)),
        (None, None) => return Err("tickets_refund: they must be there, or tickets".into()),
    };
    asked(body, back)
}

/// A request of v2, whose `tickets` are those that go back.
pub fn read_ask_v2(body: &str) -> Result<Asked, String> {
    let body: Body = read_body(body, &parameters::REFUND_CREATE_V2)?;
    let back = body.tickets.as_ref().map(ids).ok_or("tickets: they must be there")?;
    asked(body, Back::These(back))
}

fn ids(tickets: &Once<TicketId, ()>) -> BTreeSet<TicketId> {
    tickets.0.keys().copied().collect()
}

fn asked(body: Body, back: Back) -> Result<Asked, String> {
    let requested_at = body.requested_at.map(|text| {
        let rule = || {
            let text = shown(&text);
            format!("requested_at: {text:?} must be a time like 2019-12-15T13:01:02")
        };
        parameters::moment(&text).ok_or_else(rule)
    });
    Ok(Asked {
        order: body.order.ok_or("order: it must be there, the id of an order")?,
        culprit: body.culprit.ok_or("culprit: it must be there, user or org")?,
        back,
        requested_at: requested_at.transpose()?,
    })
}

/// Whether a request is approved; otherwise it is rejected.
pub fn read_settlement(body: &str, place: &Place) -> Result<bool, String> {
    refused_fields(body, place)?;
    let fields: BTreeMap<String, Value> = read_body(body, place)?;
    match fields.get("status").and_then(Value::as_str) {
        Some("approved") => Ok(true),
        Some("rejected") => Ok(false),
        _ => {
            let given = fields.get("status").map(Value::to_string).unwrap_or_default();
            let given = shown(&given);
            Err(format!("status: {given:?} must be approved or rejected"))
        }
    }
}

/// A request with all that it has.
pub fn refund(view: &RefundView) -> Value {
    let RefundView { refund, event, system } = view;
    let texts = |ids: &[TicketId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    let back: Vec<TicketId> = refund.tickets.keys().copied().collect();
    json!({
        "id": refund.id.to_string(),
        "created_at": time(refund.created_at),
        "culprit": refund.culprit.as_str(),
        "event": event.to_string(),
        "finished_at": refund.finished_at.map(time),
        "order": refund.order.to_string(),
        "org": refund.org.to_string(),
        "payment_system": system.map(|system| system.to_string()),
        "requested_at": refund.requested_at.map(time),
        "status": refund.status.as_str(),
        "tickets": texts(&refund.stay),
        "tickets_refund": texts(&back),
        "updated_at": time(refund.updated_at),
        "value": refund.value.to_string(),
        "vendor": refund.vendor.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &str = "5703d7542d709509727f929c";
    const TICKET: &str = "56ba2b6f9cb53851972a28db";

    #[test]
    fn the_vendors_examples_are_read() {
        let tickets: BTreeSet<TicketId> = [TICKET.parse().unwrap()].into();
        let body = json!({"culprit": "user", "order": ORDER, "tickets_refund": [TICKET]});
        let asked = read_ask(&body.to_string()).unwrap();
        assert_eq!((asked.culprit, &asked.back), (Culprit::User, &Back::These(tickets.clone())));
        let body = json!({"culprit": "org", "order": ORDER, "tickets": [TICKET]});
        assert_eq!(read_ask(&body.to_string()).unwrap().back, Back::AllBut(tickets.clone()));
        let body = json!({"culprit": "user", "order": ORDER, "tickets": [TICKET],
                          "requested_at": "2019-12-15T13:01:02"});
        let asked = read_ask_v2(&body.to_string()).unwrap();
        assert_eq!(asked.back, Back::These(tickets));
        assert_eq!(asked.requested_at, Some("2019-12-15T13:01:02Z".parse().unwrap()));
        let place = &parameters::REFUND_CHANGE;
        assert_eq!(read_settlement(r#"{"status": "approved"}"#, place), Ok(true));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let tickets = format!(r#""order": "{ORDER}", "tickets": ["{TICKET}"]"#);
        for (body, message) in [
            (format!("{{{tickets}}}"), "culprit: it must be there"),
            (format!(r#"{{{tickets}, "culprit": "core"}}"#), "culprit: unknown variant"),
            (r#"{"culprit": "org", "tickets": []}"#.into(), "order: it must be there"),
            (format!(r#"{{{tickets}, "culprit": "org", "tickets_refund": []}}"#), "one of them"),
            (format!(r#"{{"order": "{ORDER}", "culprit": "org"}}"#), "tickets_refund: they must"),
            (format!(r#"{{{tickets}, "culprit": "org", "reason": 1}}"#), "reason: it is refused"),
            (format!(r#"{{{tickets}, "culprit": "org", "x": 1}}"#), "x: it is not known here"),
        ] {
            let error = read_ask(&body).unwrap_err();
            assert!(error.contains(message), "{body}: {error}");
        }
        let place = &parameters::REFUND_CHANGE;
        for (body, message) in [
            (r#"{"status": "new"}"#, "must be approved or rejected"),
            ("{}", "must be approved or rejected"),
            (r#"{"status": "approved", "value": "1.00"}"#, "value: it is refused"),
        ] {
            let error = read_settlement(body, place).unwrap_err();
            assert!(error.contains(message), "{body}: {error}");
        }
    }
}
