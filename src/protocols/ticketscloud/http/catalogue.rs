//! GET of what a partner may sell: events, their sets and tickets, and deals. Whatever else there is, is not there.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::error::Problem;
use super::reading::{Asked, Refused, none, unreachable};
use crate::domain::money::shown;
use crate::domain::task::ObjectId;
use crate::protocols::ticketscloud::hex_id::{DealId, EventId, PartnerId, SetId};
use crate::protocols::ticketscloud::model::offer::{
    self, Key, Offer, Shown, Wanted, WantedTickets,
};
use crate::protocols::ticketscloud::parameters::{Given, LARGEST_PAGE, MOST_TICKETS_SHOWN, PAGE};
use crate::protocols::ticketscloud::sql::Tables;
use crate::protocols::ticketscloud::wire::event;
use crate::protocols::ticketscloud::wire::fields::{Schema, plain};

/// How an event is shown.
type Form = fn(&Shown, Timestamp, Option<&Schema>) -> Value;

/// An event with all that it has.
fn simple(shown: &Shown, now: Timestamp, schema: Option<&Schema>) -> Value {
    limited(schema, event::event(shown, now))
}

/// An event as a resource: what it refers to is only named unless it is asked for.
fn resource(shown: &Shown, now: Timestamp, schema: Option<&Schema>) -> Value {
    let whole = event::event(shown, now);
    match schema {
        Some(schema) => schema.apply(&whole, &event::REFERS),
        None => plain(&whole, &event::RESOURCE, &event::REFERS),
    }
}

fn limited(schema: Option<&Schema>, whole: Value) -> Value {
    match schema {
        Some(schema) => schema.apply(&whole, &[]),
        None => whole,
    }
}

pub(super) async fn simple_events(asked: Asked) -> Refused<Value> {
    list(asked, simple).await
}

pub(super) async fn simple_event(asked: Asked) -> Refused<Value> {
    single(asked, simple).await
}

pub(super) async fn events(asked: Asked) -> Refused<Value> {
    list(asked, resource).await
}

pub(super) async fn event(asked: Asked) -> Refused<Value> {
    single(asked, resource).await
}

async fn list(asked: Asked, form: Form) -> Refused<Value> {
    let wanted = wanted(&asked.given).map_err(Problem::bad)?;
    let schema = asked.schema(event::EVENT)?;
    let tables = asked.tables();
    let (mut offers, now) = tables.offers(asked.partner).await.map_err(unreachable)?;
    if wanted.asks_for_prices() {
        price(tables, &mut offers, now).await?;
    }
    let shown = tables.shown(wanted.of(offers)).await.map_err(unreachable)?;
    Ok(shown.iter().map(|shown| form(shown, now, schema.as_ref())).collect())
}

async fn single(asked: Asked, form: Form) -> Refused<Value> {
    let schema = asked.schema(event::EVENT)?;
    let (shown, now) = one(&asked).await?;
    Ok(form(&shown, now, schema.as_ref()))
}

async fn price(tables: Tables<'_>, offers: &mut [Offer], now: Timestamp) -> Refused<()> {
    let events: Vec<ObjectId> = offers.iter().map(|offer| offer.object).collect();
    let mut sets = BTreeMap::<_, BTreeMap<SetId, Vec<_>>>::new();
    for (object, set, rule) in tables.rules_of(&events).await.map_err(unreachable)? {
        sets.entry(object).or_default().entry(set).or_default().push(rule);
    }
    for offer in offers {
        let own = sets.get(&offer.object).into_iter().flat_map(BTreeMap::values);
        offer.prices = offer::prices(own.map(Vec::as_slice), now);
    }
    Ok(())
}

fn wanted(given: &Given) -> Result<Wanted, String> {
    let text = |name| given.text(name).map(str::to_owned);
    let on_sale = match given.text("status") {
        None => None,
        Some(word) if word == event::status(true) => Some(true),
        Some(word) if word == event::status(false) => Some(false),
        Some(other) => return Err(format!("status: {:?} must be public or hidden", shown(other))),
    };
    let (skip, most) = given.page(LARGEST_PAGE, PAGE)?;
    Ok(Wanted {
        org: given.word("org")?,
        venue: text("venue"),
        country: text("country"),
        city: text("city"),
        on_sale,
        lifetime: given.moments("lifetime__range")?,
        price: given.amounts("price__range")?,
        sort: sort(given.text("sort"))?,
        skip: count(skip),
        most: count(most),
    })
}

fn count(number: i64) -> usize {
    usize::try_from(number).unwrap_or_default()
}

/// `-price,start`; otherwise by when events start.
fn sort(text: Option<&str>) -> Result<Vec<(Key, bool)>, String> {
    let key = |name: &str| {
        let (name, reversed) = match name.strip_prefix('-') {
            Some(name) => (name, true),
            None => (name, false),
        };
        let key = match name {
            "start" => Key::Start,
            "end" => Key::End,
            "price" => Key::Price,
            _ => {
                let rule = "must be start, end or price, with - or without";
                return Err(format!("sort: {:?} {rule}", shown(name)));
            }
        };
        Ok((key, reversed))
    };
    text.map_or_else(|| Ok(vec![(Key::Start, false)]), |text| text.split(',').map(key).collect())
}

/// The object of an event that this partner may sell, and by what right.
async fn selling(asked: &Asked) -> Refused<crate::protocols::ticketscloud::sql::access::Selling> {
    let wanted: EventId = asked.id(0, "event")?;
    let selling = asked.api.partners.selling(asked.partner, wanted).await?;
    selling.filter(|selling| selling.may).ok_or_else(|| none("event"))
}

async fn one(asked: &Asked) -> Refused<(Shown, Timestamp)> {
    let selling = selling(asked).await?;
    let tables = asked.tables();
    let wanted: EventId = asked.id(0, "event")?;
    let (mut offers, now) = tables.events_by(&[wanted]).await.map_err(unreachable)?;
    for offer in &mut offers {
        offer.deal = selling.deal;
    }
    let shown = tables.shown(offers).await.map_err(unreachable)?.pop();
    Ok((shown.ok_or_else(|| none("event"))?, now))
}

pub(super) async fn sets(asked: Asked) -> Refused<Value> {
    let schema = asked.schema(event::SET)?;
    let (shown, now) = one(&asked).await?;
    let show = |set| limited(schema.as_ref(), event::set(set, now));
    Ok(shown.sets.iter().map(show).collect())
}

pub(super) async fn set(asked: Asked) -> Refused<Value> {
    let schema = asked.schema(event::SET)?;
    let (shown, now) = one(&asked).await?;
    let wanted: SetId = asked.id(1, "set")?;
    let set = shown.sets.iter().find(|set| set.id == wanted).ok_or_else(|| none("set"))?;
    Ok(limited(schema.as_ref(), event::set(set, now)))
}

pub(super) async fn tickets(asked: Asked) -> Refused<Value> {
    let schema = asked.schema(event::TICKET)?;
    let statuses = asked.given.text("status").map(statuses).transpose().map_err(Problem::bad)?;
    let page = asked.given.page(MOST_TICKETS_SHOWN, MOST_TICKETS_SHOWN);
    let (skip, most) = page.map_err(Problem::bad)?;
    let selling = selling(&asked).await?;
    let wanted = WantedTickets { statuses, skip, most };
    let found = asked.tables().tickets_of(selling.object, &wanted).await.map_err(unreachable)?;
    let show = |ticket| limited(schema.as_ref(), event::ticket(ticket));
    Ok(found.iter().map(show).collect())
}

/// What a ticket may be, as a filter names it, between commas.
fn statuses(text: &str) -> Result<String, String> {
    let known = |status: &str| ["vacant", "reserved", "sold"].contains(&status);
    match text.split(',').find(|status| !known(status)) {
        Some(other) => Err(format!("status: {:?} must be vacant, reserved or sold", shown(other))),
        None => Ok(format!(",{text},")),
    }
}

pub(super) async fn deals(asked: Asked) -> Refused<Value> {
    let given = &asked.given;
    let event = given.word::<EventId>("event").map_err(Problem::bad)?;
    let partner = given.word::<PartnerId>("partner").map_err(Problem::bad)?;
    if let Some(other) = given.text("status").filter(|status| *status != "accepted") {
        return Err(Problem::bad(format!("status: {:?} must be accepted", shown(other))));
    }
    let (skip, most) = given.page(LARGEST_PAGE, PAGE).map_err(Problem::bad)?;
    let schema = asked.schema(event::DEAL)?;
    let mut found = asked.tables().deals_of(asked.partner).await.map_err(unreachable)?;
    found.retain(|deal| {
        event.is_none_or(|event| event == deal.event)
            && partner.is_none_or(|partner| [deal.org, deal.vendor].contains(&partner))
    });
    let page = found.iter().skip(count(skip)).take(count(most));
    Ok(page.map(|deal| limited(schema.as_ref(), event::deal(deal))).collect())
}

pub(super) async fn deal(asked: Asked) -> Refused<Value> {
    let schema = asked.schema(event::DEAL)?;
    let wanted: DealId = asked.id(0, "deal")?;
    let found = asked.tables().deals_of(asked.partner).await.map_err(unreachable)?;
    let found = found.into_iter().find(|deal| deal.id == wanted).ok_or_else(|| none("deal"))?;
    Ok(limited(schema.as_ref(), event::deal(&found)))
}
