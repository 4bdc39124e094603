//! Writing what a partner sells: events, sets, tickets, deals.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::time;
use crate::domain::money::Money;
use crate::protocols::ticketscloud::model::offer::{Shown, ShownDeal, ShownSet, ShownTicket};
use crate::protocols::ticketscloud::model::{Period, Rule};

/// What an event has, as `fields-schema` names it; `*` is what an operator wrote.
pub const EVENT: &str = "id,age_rating,created_at,deal,lifetime,map{*},media{*},\
    org{id,contact{*},desc,media{*},name,tags},removed,sets{id,amount,amount_vacant,name,pos,price,price_extra,\
    price_org,rules{id,cal,current,price,price_extra,price_org},seats{*},sector},status,tags,tickets_amount,\
    tickets_amount_vacant,title{desc,text},updated_at,venue{id,address,city{*},country{*},desc,name,point{*}}";

/// What a set has.
pub const SET: &str = "id,amount,amount_vacant,name,pos,price,price_extra,price_org,\
    rules{id,cal,current,price,price_extra,price_org},seats{*},sector";

/// What a ticket of an event has.
pub const TICKET: &str = "id,reserved_till,seat{row,number,sector},set,status";

/// What a deal has.
pub const DEAL: &str = "id,created_at,event,obj,reversed_deal,status,subj,updated_at";

/// What an event shows as a resource, and what of it is only named there.
pub const RESOURCE: [&str; 12] = [
    "id",
    "age_rating",
    "created_at",
    "lifetime",
    "media",
    "org",
    "removed",
    "status",
    "tags",
    "title",
    "updated_at",
    "venue",
];
/// See [`RESOURCE`].
pub const REFERS: [&str; 4] = ["org", "venue", "map", "sets"];

/// An event with all that it has.
pub fn event(shown: &Shown, now: Timestamp) -> Value {
    let (offer, card) = (&shown.offer, &shown.card);
    let org = &card["org"];
    let or_empty = |value: &Value| if value.is_null() { json!({}) } else { value.clone() };
    let or_none = |value: &Value| if value.is_null() { json!([]) } else { value.clone() };
    let sets: Vec<Value> = shown.sets.iter().map(|of| set(of, now)).collect();
    let sum = |count: fn(&ShownSet) -> i64| shown.sets.iter().map(count).sum::<i64>();
    let title = match &card["title"] {
        Value::Null => json!({"desc": null, "text": shown.name}),
        title => json!({"desc": title["desc"], "text": title["text"]}),
    };
    json!({
        "id": offer.event.to_string(),
        "age_rating": card["age_rating"].as_i64().unwrap_or_default(),
        "created_at": shown.created_at.map(time),
        "deal": offer.deal.map(|deal| deal.to_string()),
        "lifetime": vevent(Period { starts_at: offer.starts_at, ends_at: offer.ends_at }),
        "map": card["map"],
        "media": or_empty(&card["media"]),
        "org": {
            "id": offer.org.to_string(),
            "contact": or_empty(&org["contact"]),
            "desc": org["desc"],
            "media": or_empty(&org["media"]),
            "name": shown.org_name,
            "tags": or_none(&org["tags"]),
        },
        "removed": false,
        "sets": sets,
        "status": status(offer.on_sale),
        "tags": or_none(&card["tags"]),
        "tickets_amount": sum(|set| set.amount),
        "tickets_amount_vacant": sum(|set| set.vacant),
        "title": title,
        "updated_at": shown.updated_at.map(time),
        "venue": card["venue"],
    })
}

/// What an event is called that is on sale, and one that is not.
pub fn status(on_sale: bool) -> &'static str {
    if on_sale { "public" } else { "hidden" }
}

/// A set.
pub fn set(set: &ShownSet, now: Timestamp) -> Value {
    let current = set.current(now);
    let rules = set.rules.iter().map(|rule| {
        let mut shown = prices(Some(rule));
        shown["id"] = rule.id.to_string().into();
        shown["cal"] = vevent(rule.period).into();
        shown["current"] = (current.map(|current| current.id) == Some(rule.id)).into();
        shown
    });
    let rules: Vec<Value> = rules.collect();
    let mut shown = prices(current);
    for (field, value) in [
        ("id", json!(set.id.to_string())),
        ("amount", json!(set.amount)),
        ("amount_vacant", json!(set.vacant)),
        ("name", json!(set.name)),
        ("pos", json!(set.pos)),
        ("rules", json!(rules)),
        ("seats", set.seats.clone()),
        ("sector", json!(set.sector)),
    ] {
        shown[field] = value;
    }
    shown
}

/// The nominal price, the fee, and both; nothing where no rule counts.
fn prices(rule: Option<&Rule>) -> Value {
    let text = |amount: Option<Money>| amount.map(|amount| amount.to_string());
    json!({
        "price": text(rule.and_then(|rule| rule.price.checked_add(rule.extra))),
        "price_extra": text(rule.map(|rule| rule.extra)),
        "price_org": text(rule.map(|rule| rule.price)),
    })
}

/// A ticket of an event.
pub fn ticket(ticket: &ShownTicket) -> Value {
    json!({
        "id": ticket.id.to_string(),
        "reserved_till": ticket.reserved_till.map(time),
        "seat": place(ticket.place.as_deref()),
        "set": ticket.set.to_string(),
        "status": ticket.status,
    })
}

/// Where a seat is.
pub fn place(place: Option<&str>) -> Value {
    place.and_then(|place| serde_json::from_str(place).ok()).unwrap_or(Value::Null)
}

/// A deal: `obj` owns the event, `subj` sells it.
pub fn deal(deal: &ShownDeal) -> Value {
    json!({
        "id": deal.id.to_string(),
        "created_at": null,
        "event": deal.event.to_string(),
        "obj": deal.org.to_string(),
        "reversed_deal": null,
        "status": "accepted",
        "subj": deal.vendor.to_string(),
        "updated_at": null,
    })
}

/// A period as a VEVENT; `None` when it has neither end.
fn vevent(period: Period) -> Option<String> {
    let line = |name: &str, at: Option<Timestamp>| {
        let at = at.map(|at| at.strftime("%Y%m%dT%H%M%SZ"));
        at.map(|at| format!("{name};VALUE=DATE-TIME:{at}\r\n")).unwrap_or_default()
    };
    let (start, end) = (line("DTSTART", period.starts_at), line("DTEND", period.ends_at));
    (!start.is_empty() || !end.is_empty())
        .then(|| format!("BEGIN:VEVENT\r\n{start}{end}END:VEVENT\r\n"))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::task::ObjectId;
    use crate::protocols::ticketscloud::model::offer::Offer;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// A concert with one set, whose tickets are dearer from April 2016 on.
    pub(in super::super) fn concert() -> Shown {
        let money = |text| Money::parse(text).unwrap();
        let rule = |id: &str, price, starts_at| Rule {
            id: id.parse().unwrap(),
            price: money(price),
            extra: money("10"),
            period: Period { starts_at, ends_at: None },
        };
        Shown {
            offer: Offer {
                object: ObjectId(1),
                event: "56a6253df06c5a059a93802e".parse().unwrap(),
                org: "56810047f06c5a6ac62f4e1d".parse().unwrap(),
                deal: None,
                on_sale: true,
                starts_at: Some(at("2016-05-12T20:00:00Z")),
                ends_at: Some(at("2016-05-13T19:59:00Z")),
                venue: None,
                country: None,
                city: None,
                prices: Vec::new(),
            },
            org_name: "Theatre".into(),
            name: "Concert".into(),
            created_at: Some(at("2016-01-25T13:38:05.007Z")),
            updated_at: None,
            card: Value::Null,
            sets: vec![ShownSet {
                id: "56a6254bf06c5a059b93800c".parse().unwrap(),
                pos: 0,
                name: "Stalls".into(),
                sector: None,
                seats: Value::Null,
                amount: 3,
                vacant: 2,
                rules: vec![
                    rule("56a6254bf06c5a059b93800a", "90", None),
                    rule("56a6254bf06c5a059b93800b", "100", Some(at("2016-04-01T00:00:00Z"))),
                ],
            }],
        }
    }

    #[test]
    fn an_event_has_the_vendors_form() {
        let event = event(&concert(), at("2016-05-01T00:00:00Z"));
        let lifetime = "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE-TIME:20160512T200000Z\r\n\
                        DTEND;VALUE=DATE-TIME:20160513T195900Z\r\nEND:VEVENT\r\n";
        assert_eq!(event["lifetime"], lifetime);
        assert_eq!(event["title"], json!({"desc": null, "text": "Concert"}));
        assert_eq!((&event["tickets_amount"], &event["status"]), (&json!(3), &json!("public")));
        let set = &event["sets"][0];
        assert_eq!((&set["price_org"], &set["price"]), (&json!("100.00"), &json!("110.00")));
        assert_eq!(set["rules"][0]["current"], false);
        assert_eq!(
            set["rules"][1]["cal"],
            "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE-TIME:20160401T000000Z\r\nEND:VEVENT\r\n"
        );
        // What can be asked for is what there is.
        for (value, known) in [(&event, EVENT), (set, SET)] {
            let names: Vec<&String> = value.as_object().unwrap().keys().collect();
            let all = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(",");
            let schema = super::super::fields::Schema::read(&all, known).unwrap();
            assert_eq!(schema.apply(value, &[]), *value);
            assert!(names.iter().all(|name| known.contains(name.as_str())));
        }
    }
}
