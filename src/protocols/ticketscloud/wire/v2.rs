//! The same orders and refund requests in the form of v2: `{"data": .., "refs": ..}`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::event;
use super::once::Once;
use super::request::{Body, change, changes, flag, read_body};
use crate::domain::money::{Money, shown};
use crate::protocols::ticketscloud::command::Changes;
use crate::protocols::ticketscloud::hex_id::{EventId, OrderId, SetId, TicketId};
use crate::protocols::ticketscloud::model::OrderStatus;
use crate::protocols::ticketscloud::model::offer::Shown;
use crate::protocols::ticketscloud::parameters;

/// The longest text of a seller's own data, in bytes.
const LONGEST_DATA: usize = 4000;

/// What v2 calls a status; the others have one name.
pub fn status(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Canceled => "cancelled",
        other => other.as_str(),
    }
}

/// A status by its name in v2.
pub fn read_status(text: &str) -> Result<OrderStatus, String> {
    let found = OrderStatus::ALL.iter().find(|one| status(**one) == text);
    found.copied().ok_or_else(|| {
        let all: Vec<&str> = OrderStatus::ALL.iter().map(|one| status(*one)).collect();
        format!("status: {:?} is none of {}", shown(text), all.join(", "))
    })
}

#[derive(Deserialize)]
struct Body2 {
    id: Option<OrderId>,
    event: Option<EventId>,
    tickets: Option<Once<TicketId, ()>>,
    random: Option<Once<SetId, usize>>,
    #[serde(default, deserialize_with = "flag")]
    all_or_nothing: bool,
    promocodes: Option<Once<String, ()>>,
    settings: Option<Settings>,
    vendor_data: Option<BTreeMap<String, Value>>,
    status: Option<String>,
}

#[derive(Deserialize)]
struct Settings {
    customer: Option<BTreeMap<String, Option<Value>>>,
}

impl Body2 {
    /// The body of v1 that asks for the same, and what v1 has no word for.
    fn split(self) -> Result<(Body, Option<String>), String> {
        let status = self.status.as_deref().map(read_status).transpose()?;
        let data = self.vendor_data.map(data).transpose()?;
        let body = Body {
            id: self.id,
            event: self.event,
            tickets: self.tickets,
            random: self.random,
            all_or_nothing: self.all_or_nothing,
            promocodes: self.promocodes,
            customer: self.settings.and_then(|settings| settings.customer),
            payment: None,
            status,
        };
        Ok((body, data))
    }
}

/// `{"order_id": .., "raw": ..}`
fn data(fields: BTreeMap<String, Value>) -> Result<String, String> {
    if let Some(other) = fields.keys().find(|name| !["order_id", "raw"].contains(&name.as_str())) {
        let other = shown(other);
        return Err(format!("vendor_data.{other}: it is not known here: there are order_id, raw"));
    }
    let text = json!(fields).to_string();
    match text.len() <= LONGEST_DATA {
        true => Ok(text),
        false => Err(format!(
            "vendor_data: it has {} bytes, it must have at most {LONGEST_DATA}",
            text.len()
        )),
    }
}

/// A request for a new order, which may have no tickets yet.
pub fn read_create(body: &str) -> Result<(EventId, Changes), String> {
    let body: Body2 = read_body(body, &parameters::CREATE_V2)?;
    let (body, vendor_data) = body.split()?;
    let event = body.event.ok_or("event: it must be there, the id of an event")?;
    if let Some(other) = body.status.filter(|status| *status != OrderStatus::Executed) {
        let other = status(other);
        return Err(format!("status: {other} is not where an order begins: that is executed"));
    }
    Ok((event, Changes { vendor_data, ..changes(body).map_err(below_settings)? }))
}

/// A request to change this order of this event.
pub fn read_change(
    body: &str,
    order: OrderId,
    event: EventId,
) -> Result<(Changes, Option<OrderStatus>), String> {
    let body: Body2 = read_body(body, &parameters::CHANGE_V2)?;
    let (body, vendor_data) = body.split()?;
    if body.status == Some(OrderStatus::Refunded) {
        return Err("status: refunded: tickets are given back by a refund request".into());
    }
    let changed = change(body, order, event, vendor_data.is_some());
    let (changes, status) = changed.map_err(below_settings)?;
    Ok((Changes { vendor_data, ..changes }, status))
}

/// In v2 the customer is one of the settings.
fn below_settings(error: String) -> String {
    match error.starts_with("customer") {
        true => format!("settings.{error}"),
        false => error,
    }
}

/// `2016-01-26T12:54:10.744000+00:00` as `2016-01-26 12:54:10`.
fn time(at: &Value) -> Value {
    let text = at.as_str().and_then(|text| text.get(..19));
    text.map_or(Value::Null, |text| text.replacen('T', " ", 1).into())
}

fn money(value: &Value) -> Money {
    value.as_str().and_then(|text| Money::parse(text).ok()).unwrap_or_default()
}

/// An order, from all that it has.
pub fn order(whole: &Value) -> Value {
    let values = &whole["values"];
    let discount = values.get("discount").cloned().unwrap_or_else(|| "0.00".into());
    let price = money(&values["nominal"]).checked_add(money(&discount)).unwrap_or_default();
    let named = whole["status"].as_str().and_then(|text| text.parse().ok()).map(status);
    let tickets = whole["tickets"].as_array().map_or(&[][..], Vec::as_slice);
    let mut shown = json!({
        "id": whole["id"],
        "created_at": time(&whole["created_at"]),
        "event": whole["event"],
        "expired_after": time(&whole["reserved_till"]),
        "number": whole["number"],
        "org": whole["org"],
        "origin": "api",
        "promocodes": whole["promocodes"],
        "settings": {
            "customer": whole["customer"],
            "invitation": false,
            "send_tickets": false,
            "subscribe_agree": false,
        },
        "status": named,
        "tickets": tickets.iter().map(ticket).collect::<Vec<_>>(),
        "values": {
            "discount": discount,
            "extra": values["extra"],
            "full": values["full"],
            "nominal": values["nominal"],
            "price": price.to_string(),
            "sets_values": sets(tickets),
            "viral_promocodes": [],
        },
        "vendor": whole["vendor"],
        "vendor_data": whole["vendor_data"],
    });
    if !whole["done_at"].is_null() {
        shown["done_at"] = time(&whole["done_at"]);
    }
    if let Some(refunded) = values.get("refunded") {
        shown["values"]["refunded"] = refunded.clone();
    }
    shown
}

fn ticket(ticket: &Value) -> Value {
    let mut shown = ticket.clone();
    if shown["seat"].is_null()
        && let Some(fields) = shown.as_object_mut()
    {
        fields.remove("seat");
    }
    // In v2 a ticket of an order is reserved by it, also when it is paid.
    if shown["status"] == "sold" {
        shown["status"] = "reserved".into();
    }
    shown
}

/// What a ticket of each set costs.
fn sets(tickets: &[Value]) -> Value {
    let mut sets = Map::new();
    for ticket in tickets {
        let Some(id) = ticket["set"].as_str() else { continue };
        sets.entry(id).or_insert_with(|| {
            json!({"id": id, "discount": ticket["discount"], "nominal": ticket["nominal"],
                   "price": ticket["price"]})
        });
    }
    Value::Object(sets)
}

/// A refund request, from all that it has.
pub fn refund(whole: &Value) -> Value {
    json!({
        "id": whole["id"],
        "created_at": time(&whole["created_at"]),
        "culprit": whole["culprit"],
        "customer_money": whole["value"],
        "delta": whole["value"],
        "event": whole["event"],
        "finished_at": time(&whole["finished_at"]),
        "order": whole["order"],
        "org": whole["org"],
        "policy": "general",
        "refund_nominal": whole["value"],
        "requested_at": time(&whole["requested_at"]),
        "status": whole["status"],
        "tickets": whole["tickets_refund"],
        "vendor": whole["vendor"],
    })
}

/// What these orders and refund requests refer to. `now`: when it was read, by the database's clock, which alone says
/// what a ticket costs.
pub fn refs(
    shown: &[Value],
    events: &[Shown],
    names: &BTreeMap<String, String>,
    now: Timestamp,
) -> Value {
    let ids = |field: &str| -> BTreeSet<String> {
        let ids = shown.iter().filter_map(|one| one[field].as_str().map(str::to_owned));
        ids.collect()
    };
    let partner = |id: String| {
        let name = names.get(&id).cloned();
        (id.clone(), json!({"id": id, "name": name}))
    };
    let partners: Map<String, Value> =
        ids("org").into_iter().chain(ids("vendor")).map(partner).collect();
    let with_tickets: BTreeSet<&str> = shown
        .iter()
        .filter_map(|one| one["tickets"].as_array())
        .flatten()
        .filter_map(|ticket| ticket["set"].as_str())
        .collect();
    let (mut of_events, mut sets, mut venues) = (Map::new(), Map::new(), Map::new());
    for one in events {
        let whole = event::event(one, now);
        let venue = whole["venue"].clone();
        let text =
            |at: Option<Timestamp>| at.map(|at| at.strftime("%Y-%m-%d %H:%M:%S").to_string());
        let lifetime =
            json!({"start": text(one.offer.starts_at), "finish": text(one.offer.ends_at)});
        let event = json!({
            "id": whole["id"], "age_rating": whole["age_rating"], "lifetime": lifetime,
            "org": whole["org"]["id"], "status": whole["status"], "title": whole["title"],
            "venue": venue["id"],
        });
        of_events.insert(one.offer.event.to_string(), event);
        for set in &one.sets {
            let id = set.id.to_string();
            if with_tickets.contains(id.as_str()) {
                let price = set.current(now).map(|rule| rule.price.to_string());
                let seats = !set.seats.is_null();
                let set = json!({"id": id, "name": set.name, "price": price, "with_seats": seats});
                sets.insert(id, set);
            }
        }
        if let Some(id) = venue["id"].as_str() {
            venues.insert(id.to_owned(), venue.clone());
        }
    }
    json!({"events": of_events, "partners": partners, "sets": sets, "venues": venues})
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = "56a6253df06c5a059a93802e";
    const SET: &str = "56a6254bf06c5a059b93800c";

    #[test]
    fn the_vendors_examples_are_read() {
        let (event, changes) = read_create(&json!({"event": EVENT}).to_string()).unwrap();
        assert_eq!(event.to_string(), EVENT);
        assert!(changes.is_empty(), "an order without tickets");
        let (order, event) = (EVENT.parse().unwrap(), EVENT.parse().unwrap());
        let read = |body: Value| read_change(&body.to_string(), order, event);
        assert!(read(json!({"random": {SET: 1}})).unwrap().0.wanted.is_some());
        let body = json!({"status": "cancelled", "settings": {"customer": {"name": "Anna"}, "send_tickets": false},
                          "vendor_data": {"order_id": "7"}});
        let (changes, status) = read(body).unwrap();
        assert_eq!(status, Some(OrderStatus::Canceled));
        assert_eq!(changes.customer["name"], Some("Anna".into()));
        assert_eq!(changes.vendor_data.as_deref(), Some(r#"{"order_id":"7"}"#));
        assert!(read(json!({"vendor_data": {"raw": {}}})).is_ok());
        for (body, message) in [
            (json!({}), "nothing is to be changed"),
            (json!({"status": "canceled"}), "status: \"canceled\" is none of executed"),
            (json!({"status": "refunded"}), "by a refund request"),
            (json!({"settings": {"send_tickets": true}}), "settings.send_tickets: it is refused"),
            (json!({"settings": {"colour": 1}}), "settings.colour: it is not known here"),
            (json!({"payment": {}}), "payment: it is refused"),
            (json!({"tariffs": {}}), "tariffs: it is refused"),
            (json!({"vendor_data": {"x": 1}}), "vendor_data.x: it is not known here"),
        ] {
            let error = read(body.clone()).unwrap_err();
            assert!(error.contains(message), "{body}: {error}");
        }
    }

    #[test]
    fn a_set_costs_what_it_does_at_the_moment_of_the_answer() {
        let order = [json!({"tickets": [{"set": SET}]})];
        let moments = [("2016-03-31T23:59:59Z", "90.00"), ("2016-04-01T00:00:00Z", "100.00")];
        for (now, price) in moments {
            let now = now.parse().unwrap();
            let refs = refs(&order, &[event::tests::concert()], &BTreeMap::new(), now);
            assert_eq!(refs["sets"][SET]["price"], price, "{now}");
        }
    }
}
