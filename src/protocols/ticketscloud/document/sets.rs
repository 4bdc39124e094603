//! The sets of an event: what their tickets cost, how many there are, and where their seats are.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::reader::{Fields, Reader};
use super::{LONGEST_NAME, period};
use crate::domain::money::Money;
use crate::protocols::ticketscloud::hex_id::{SetId, TicketId};
use crate::protocols::ticketscloud::model::Rule;

/// The most tickets of one document.
const MOST_TICKETS: i64 = 100_000;

/// A set as it is to be.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct DocumentSet {
    pub id: SetId,
    pub name: String,
    pub sector: Option<String>,
    pub rules: Vec<Rule>,
    /// So many tickets without seats at least.
    pub amount: i64,
    /// Those with seats.
    pub tickets: Vec<NewTicket>,
    /// Its seats by rows, as JSON.
    pub seats: Option<String>,
}

/// A ticket with a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct NewTicket {
    pub id: TicketId,
    /// For people.
    pub seat: String,
    /// As JSON.
    pub place: String,
}

pub(super) fn sets(reader: &mut Reader, fields: &Fields<'_>) -> Option<Vec<DocumentSet>> {
    let sets = reader.list(fields, "sets").unwrap_or_default();
    let read = |(number, value): (usize, &Value)| set(reader, &format!("sets[{number}]"), value);
    // Every one of them is read before the first mistake counts.
    let sets: Vec<Option<DocumentSet>> = sets.iter().enumerate().map(read).collect();
    let sets: Option<Vec<DocumentSet>> = sets.into_iter().collect();
    let count = |set: &DocumentSet| set.amount.max(set.tickets.len() as i64);
    let tickets: i64 = sets.iter().flatten().map(count).sum();
    if tickets > MOST_TICKETS {
        let rule = format!("they have {tickets} tickets, they must have at most {MOST_TICKETS}");
        reader.at("sets", &rule);
    }
    sets
}

fn set(reader: &mut Reader, place: &str, value: &Value) -> Option<DocumentSet> {
    let known = &["id", "name", "sector", "rules", "amount", "tickets"];
    let of = reader.object(place, value, known)?;
    let id = reader.id::<SetId>(&of, "id", true);
    if let Some(id) = id {
        reader.once(&of, "set", id);
    }
    let name = reader.text(&of, "name", LONGEST_NAME, true);
    let sector = reader.hex(&of, "sector", false);
    let rules = each(reader, &of, "rules", rule);
    if rules.as_ref().is_some_and(Vec::is_empty) {
        reader.wrong(&of, "rules", "there must be one at least: it says what a ticket costs");
    }
    let amount = reader.count(&of, "amount", 0, MOST_TICKETS).unwrap_or_default();
    let tickets = each(reader, &of, "tickets", |reader, place, value| {
        ticket(reader, place, value, sector.as_deref())
    });
    if amount > 0 && tickets.as_ref().is_some_and(|tickets| !tickets.is_empty()) {
        reader.wrong(&of, "amount", "there must be amount or tickets, not both");
    }
    let tickets = tickets?;
    let seats = (!tickets.is_empty()).then(|| seats(&tickets).to_string());
    let tickets = tickets.into_iter().map(|(ticket, ..)| ticket).collect();
    Some(DocumentSet { id: id?, name: name?, sector, rules: rules?, amount, tickets, seats })
}

/// Each entry of a list; `None` when one of them is a mistake.
fn each<T>(
    reader: &mut Reader,
    of: &Fields<'_>,
    name: &str,
    mut read: impl FnMut(&mut Reader, &str, &Value) -> Option<T>,
) -> Option<Vec<T>> {
    let list = reader.list(of, name).unwrap_or_default();
    let at = of.at(name);
    let entries = list
        .iter()
        .enumerate()
        .map(|(number, value)| read(reader, &format!("{at}[{number}]"), value));
    let entries: Vec<Option<T>> = entries.collect();
    entries.into_iter().collect()
}

fn rule(reader: &mut Reader, place: &str, value: &Value) -> Option<Rule> {
    let of = reader.object(place, value, &["id", "price_org", "price_extra", "start", "end"])?;
    let id = reader.id(&of, "id", true);
    if let Some(id) = id {
        let _: crate::protocols::ticketscloud::hex_id::RuleId = id;
        reader.once(&of, "rule", id);
    }
    let price = reader.amount(&of, "price_org", true);
    let extra = reader.amount(&of, "price_extra", false).unwrap_or(Money::ZERO);
    let period = period(reader, &of, false);
    Some(Rule { id: id?, price: price?, extra, period: period? })
}

type Seat = (NewTicket, String, String);

fn ticket(reader: &mut Reader, place: &str, value: &Value, sector: Option<&str>) -> Option<Seat> {
    let of = reader.object(place, value, &["id", "row", "number"])?;
    let id = reader.id::<TicketId>(&of, "id", true);
    if let Some(id) = id {
        reader.once(&of, "ticket", id);
    }
    let (row, number) = (seat_name(reader, &of, "row"), seat_name(reader, &of, "number"));
    let (id, row, number) = (id?, row?, number?);
    let place = json!({"number": number, "row": row, "sector": sector}).to_string();
    let seat = format!("row {row}, seat {number}");
    Some((NewTicket { id, seat, place }, row, number))
}

/// The name of a row or of a seat: a text, or a whole number.
fn seat_name(reader: &mut Reader, of: &Fields<'_>, name: &str) -> Option<String> {
    match of.get(name) {
        Some(Value::Number(number)) if number.is_u64() => Some(number.to_string()),
        _ => reader.text(of, name, 32, true),
    }
}

/// By row: ranges of seats that are next to each other, `[first, last]`.
fn seats(tickets: &[Seat]) -> Value {
    let mut rows = BTreeMap::<&str, Vec<&str>>::new();
    for (_, row, number) in tickets {
        rows.entry(row).or_default().push(number);
    }
    let ranges = rows.into_iter().map(|(row, numbers)| (row.to_owned(), ranges(&numbers)));
    Value::Object(ranges.collect())
}

fn ranges(names: &[&str]) -> Value {
    let mut numbers: Vec<u32> = names.iter().filter_map(|name| name.parse().ok()).collect();
    numbers.sort_unstable();
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if number <= last.saturating_add(1) => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let others = names.iter().filter(|name| name.parse::<u32>().is_err());
    let others = others.map(|name| json!([name, name]));
    ranges.iter().map(|(first, last)| json!([first, last])).chain(others).collect()
}
