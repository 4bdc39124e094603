//! Loading the document of an event: all of it, or nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::reference::{ADD_EVENT, LOCK_EVENT};
use super::tickets::{ADD_TICKETS, COUNT_TICKETS};
use crate::database::{Row, Rows, Statement, StoreError, Tx, Type, row};
use crate::domain::task::ObjectId;
use crate::protocols::ticketscloud::document::{Document, DocumentSet};
use crate::protocols::ticketscloud::hex_id::{PartnerId, SetId, TicketId};
use crate::protocols::ticketscloud::model::Period;
use crate::protocols::ticketscloud::sql::Tables;

static EVENT: Statement = Statement::write(
    &[("event_id", Type::Text)],
    "SELECT e.object_id, e.org FROM batch b {one tc_events e: event_id}",
);

static OWNER: Statement = Statement::write(
    &[("partner_id", Type::Text)],
    "SELECT p.partner_id FROM batch b {one tc_partners p: partner_id}",
);

static DESCRIBE: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("name", Type::Text),
        ("on_sale", Type::Bool),
        ("starts_at", Type::Time),
        ("ends_at", Type::Time),
        ("venue_id", Type::Text),
        ("country", Type::Text),
        ("city", Type::Text),
        ("card", Type::Text),
    ],
    "UPDATE tc_events SET name = b.name, on_sale = b.on_sale, starts_at = b.starts_at, ends_at = b.ends_at,
            venue_id = b.venue_id, country = b.country, city = b.city, card = b.card, updated_at = wsa_now()
     FROM batch b {these tc_events: object_id}",
);

static SETS: Statement = Statement::write(
    &[("object_id", Type::Int)],
    "SELECT s.set_id, s.amount FROM batch b {all tc_sets s: object_id}",
);

static PUT_SETS: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("set_id", Type::Text),
        ("name", Type::Text),
        ("pos", Type::Int),
        ("sector", Type::Text),
        ("seats", Type::Text),
    ],
    "INSERT INTO tc_sets (object_id, set_id, name, pos, sector, seats)
     SELECT object_id, set_id, name, pos, sector, seats FROM batch WHERE true
     ON CONFLICT (object_id, set_id) DO UPDATE SET name = excluded.name, pos = excluded.pos,
            sector = excluded.sector, seats = excluded.seats",
);

static FORGET_RULES: Statement = Statement::write(
    &[("object_id", Type::Int)],
    "DELETE FROM tc_rules {those tc_rules: object_id}",
);

static TICKETS: Statement = Statement::write(
    &[("object_id", Type::Int), ("ticket_id", Type::Text)],
    "SELECT t.ticket_id, t.set_id FROM batch b {one tc_tickets t: object_id, ticket_id}",
);

static PLACE_TICKETS: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("ticket_id", Type::Text),
        ("seat", Type::Text),
        ("place", Type::Text),
    ],
    "UPDATE tc_tickets SET seat = b.seat, place = b.place FROM batch b
     {these tc_tickets: object_id, ticket_id}",
);

/// What loading came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loaded {
    /// The event is as the document says; so many tickets are new.
    Done(ObjectId, usize),
    /// Nothing was changed; why.
    Wrong(Vec<String>),
}

impl Tables<'_> {
    /// Makes an event as a document says, or has it so. Sets and tickets that it leaves out are a mistake or stay;
    /// rules that it leaves out count no more.
    pub async fn load_event(self, document: &Document) -> Result<Loaded, StoreError> {
        let tx = self.db.begin().await?;
        if tx.query(&OWNER, vec![row![document.org]]).await?.is_empty() {
            let owner = document.org;
            return Ok(Loaded::Wrong(vec![format!("org: there is no partner {owner}")]));
        }
        let new = row![document.id, document.org, &*document.name];
        tx.query(&ADD_EVENT, vec![new]).await?;
        let found = tx.query(&EVENT, vec![row![document.id]]).await?.pop();
        let mut found = found
            .ok_or_else(|| StoreError::Corrupt("an event that was added is not there".into()))?;
        let (object, org): (ObjectId, PartnerId) = (found.get("object_id")?, found.word("org")?);
        // No task of the event is being settled meanwhile.
        tx.query(&LOCK_EVENT, vec![row![object]]).await?;
        let there = sets(&tx, object).await?;
        let tickets = tickets(&tx, object, document).await?;
        let mistakes = mistakes(document, org, &there, &tickets);
        if !mistakes.is_empty() {
            return Ok(Loaded::Wrong(mistakes));
        }
        let added = write(&tx, object, document, &there, &tickets).await?;
        tx.commit().await?;
        Ok(Loaded::Done(object, added))
    }
}

/// The sets that there are, and how many tickets each has.
async fn sets(tx: &Tx, object: ObjectId) -> Result<BTreeMap<SetId, i64>, StoreError> {
    let read = |mut row: Row| Ok((row.word("set_id")?, row.get("amount")?));
    tx.query(&SETS, vec![row![object]]).await?.into_iter().map(read).collect()
}

/// Those of the document's tickets that there are, each with its set.
async fn tickets(
    tx: &Tx,
    object: ObjectId,
    document: &Document,
) -> Result<BTreeMap<TicketId, SetId>, StoreError> {
    let named = document.sets.iter().flat_map(|set| &set.tickets);
    let rows: Rows = named.map(|ticket| row![object, ticket.id]).collect();
    let read = |mut row: Row| Ok((row.word("ticket_id")?, row.word("set_id")?));
    tx.query_some(&TICKETS, rows).await?.into_iter().map(read).collect()
}

/// What the document contradicts of what is there.
fn mistakes(
    document: &Document,
    org: PartnerId,
    there: &BTreeMap<SetId, i64>,
    tickets: &BTreeMap<TicketId, SetId>,
) -> Vec<String> {
    let mut mistakes = Vec::new();
    if org != document.org {
        mistakes.push(format!("org: the event is of {org}, and stays so"));
    }
    let named: BTreeSet<SetId> = document.sets.iter().map(|set| set.id).collect();
    for left_out in there.keys().filter(|id| !named.contains(id)) {
        mistakes.push(format!("sets: the event has set {left_out}, which must be among them"));
    }
    for (number, set) in document.sets.iter().enumerate() {
        for (seat, ticket) in set.tickets.iter().enumerate() {
            if let Some(other) = tickets.get(&ticket.id).filter(|of| **of != set.id) {
                let at = format!("sets[{number}].tickets[{seat}].id");
                mistakes.push(format!("{at}: {} is a ticket of set {other}", ticket.id));
            }
        }
    }
    mistakes
}

async fn write(
    tx: &Tx,
    object: ObjectId,
    document: &Document,
    there: &BTreeMap<SetId, i64>,
    tickets: &BTreeMap<TicketId, SetId>,
) -> Result<usize, StoreError> {
    let of = document;
    let described = row![
        object,
        &*of.name,
        of.on_sale,
        of.lifetime.starts_at,
        of.lifetime.ends_at,
        of.venue.as_deref(),
        of.country.as_deref(),
        of.city.as_deref(),
        &*of.card,
    ];
    tx.execute_all(&DESCRIBE, vec![described]).await?;
    let sets = of.sets.iter().enumerate().map(|(pos, set)| {
        row![object, set.id, &*set.name, pos as i64, set.sector.as_deref(), set.seats.as_deref()]
    });
    tx.execute_all(&PUT_SETS, sets.collect()).await?;
    tx.execute(&FORGET_RULES, vec![row![object]]).await?;
    let rules = of.sets.iter().flat_map(|set| set.rules.iter().map(|rule| (set.id, rule)));
    let rules = rules.map(|(set, rule)| {
        let Period { starts_at, ends_at } = rule.period;
        row![object, rule.id, set, rule.price, rule.extra, starts_at, ends_at]
    });
    tx.query_some(&super::tickets::ADD_RULE, rules.collect()).await?;
    let mut added = 0;
    for set in &of.sets {
        let has = there.get(&set.id).copied().unwrap_or_default();
        added += add(tx, object, set, has, tickets).await?;
    }
    Ok(added)
}

/// The tickets of a set that there are not yet.
async fn add(
    tx: &Tx,
    object: ObjectId,
    set: &DocumentSet,
    has: i64,
    there: &BTreeMap<TicketId, SetId>,
) -> Result<usize, StoreError> {
    let none: Option<&str> = None;
    let seated = set.tickets.iter().filter(|ticket| !there.contains_key(&ticket.id));
    let seated =
        seated.map(|ticket| row![object, ticket.id, set.id, &*ticket.seat, &*ticket.place]);
    let missing = if set.tickets.is_empty() { set.amount - has } else { 0 };
    let bare = (0..missing).map(|_| row![object, TicketId::random(), set.id, none, none]);
    let rows: Rows = seated.chain(bare).collect();
    let added = rows.len();
    tx.query_some(&ADD_TICKETS, rows).await?;
    tx.execute(&COUNT_TICKETS, vec![row![object, set.id, added as i64]]).await?;
    let moved = set.tickets.iter().filter(|ticket| there.contains_key(&ticket.id));
    let moved = moved.map(|ticket| row![object, ticket.id, &*ticket.seat, &*ticket.place]);
    tx.execute_all(&PLACE_TICKETS, moved.collect()).await?;
    Ok(added)
}
