//! Which tickets an order gets.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::bad;
use crate::domain::money::Money;
use crate::domain::task::TaskKey;
use crate::protocols::ticketscloud::command::{Answered, Wanted};
use crate::protocols::ticketscloud::hex_id::{SetId, TicketId};
use crate::protocols::ticketscloud::model::{
    Event, InventoryState, Line, Order, Values, in_effect,
};

/// How many tickets an error names.
const MOST_NAMED: usize = 5;

/// What is asked for.
pub(super) struct Asked<'a> {
    pub(super) event: &'a Event,
    pub(super) key: TaskKey,
    pub(super) wanted: &'a Wanted,
    pub(super) all_or_nothing: bool,
}

/// The order's tickets as they are to be, without discounts. Those that it has already keep their prices.
pub(super) fn reserve(
    inventory: &InventoryState,
    asked: &Asked<'_>,
    order: &Order,
    now: Timestamp,
) -> Result<BTreeMap<TicketId, Line>, Answered> {
    let ids = match asked.wanted {
        Wanted::Tickets(ids) => these(inventory, asked, order, ids)?,
        Wanted::Random(counts) => any(inventory, asked, order, counts)?,
    };
    if ids.is_empty() {
        return Err(bad("None of the tickets that are asked for is free."));
    }
    if !asked.event.on_sale && ids.iter().any(|id| !order.lines.contains_key(id)) {
        return Err(bad("The event is not on sale: no tickets can be added."));
    }
    ids.into_iter().map(|id| Ok((id, line(inventory, asked, order, id, now)?))).collect()
}

/// Leaves an order that is being paid only these of its tickets. The others are on sale again, and the order costs less by
/// what they cost; whatever was paid for them is between its seller and the customer.
pub(super) fn take_out(order: &mut Order, wanted: Option<&Wanted>) -> Result<(), Answered> {
    let Some(Wanted::Tickets(stay)) = wanted else {
        return Err(bad(
            "random: the order is in_progress: tickets can only be taken out, by tickets with those that stay.",
        ));
    };
    if let Some(other) = stay.iter().find(|id| !order.lines.contains_key(id)) {
        return Err(bad(format!(
            "tickets: the order has no ticket {other}: it is in_progress, and tickets can only be taken out."
        )));
    }
    order.lines.retain(|id, _| stay.contains(id));
    order.values = Values::of(order.lines.values())
        .ok_or_else(|| bad("The tickets cost more than an amount can be."))?;
    Ok(())
}

/// The tickets of these ids that are free, or the order's own.
fn these(
    inventory: &InventoryState,
    asked: &Asked<'_>,
    order: &Order,
    ids: &BTreeSet<TicketId>,
) -> Result<Vec<TicketId>, Answered> {
    let object = asked.key.object;
    let unknown = ids.iter().filter(|id| inventory.ticket(object, **id).is_none());
    if let Some(message) = named(unknown) {
        return Err(bad(format!("tickets: the event has no {message}.")));
    }
    let (ours, taken): (Vec<TicketId>, Vec<TicketId>) = ids.iter().partition(|id| {
        let holder = inventory.ticket(object, **id).and_then(|ticket| ticket.holder);
        holder.is_none_or(|holder| holder == order.id)
    });
    match named(&taken) {
        Some(message) if asked.all_or_nothing => {
            Err(bad(format!("tickets: not free: {message}; nothing was reserved.")))
        }
        _ => Ok(ours),
    }
}

/// So many tickets of each set: the order's own first, then the lowest that are free.
fn any(
    inventory: &InventoryState,
    asked: &Asked<'_>,
    order: &Order,
    counts: &BTreeMap<SetId, usize>,
) -> Result<Vec<TicketId>, Answered> {
    let object = asked.key.object;
    let mut ids = Vec::new();
    for (set, count) in counts {
        if !inventory.rules.contains_key(&(object, *set)) {
            return Err(bad(format!("random: the event has no set {set}.")));
        }
        let own = order.lines.iter().filter(|(_, line)| line.set == *set).map(|(id, _)| *id);
        let found: Vec<TicketId> = own.chain(inventory.free(object, *set)).take(*count).collect();
        if found.len() < *count && asked.all_or_nothing {
            let there = found.len();
            return Err(bad(format!(
                "random: set {set} has {there} of {count} tickets; nothing was reserved."
            )));
        }
        ids.extend(found);
    }
    Ok(ids)
}

fn line(
    inventory: &InventoryState,
    asked: &Asked<'_>,
    order: &Order,
    id: TicketId,
    now: Timestamp,
) -> Result<Line, Answered> {
    if let Some(line) = order.lines.get(&id) {
        return Ok(line.clone());
    }
    let object = asked.key.object;
    let ticket = inventory.ticket(object, id);
    let ticket = ticket.ok_or_else(|| bad(format!("tickets: the event has no {id}.")))?;
    let (set, place) = (ticket.set, ticket.place.clone());
    // Of one set, an order has tickets at one price: the one that it was given first.
    let mut own = order.lines.values().filter(|line| line.set == set);
    let (rule, price, extra) = match own.next() {
        Some(line) => (line.rule, line.price, line.extra),
        None => {
            let rules = inventory.rules.get(&(object, set)).map_or(&[][..], Vec::as_slice);
            let rule = in_effect(rules, now);
            let rule =
                rule.ok_or_else(|| bad(format!("Set {set} is not on sale at this time.")))?;
            (rule.id, rule.price, rule.extra)
        }
    };
    let (discount, task) = (Money::ZERO, asked.key.guid);
    let (refund, refunded_by) = (Money::ZERO, None);
    Ok(Line { set, rule, price, extra, discount, task, place, refund, refunded_by })
}

/// The first of them, as an error names them; `None` when there are none.
fn named<'a>(ids: impl IntoIterator<Item = &'a TicketId>) -> Option<String> {
    let ids: Vec<String> = ids.into_iter().map(ToString::to_string).collect();
    let more = ids.len().saturating_sub(MOST_NAMED);
    let list = ids.get(..MOST_NAMED).unwrap_or(&ids).join(", ");
    match (ids.len(), more) {
        (0, _) => None,
        (_, 0) => Some(format!("ticket {list}")),
        _ => Some(format!("ticket {list} and {more} more")),
    }
}
