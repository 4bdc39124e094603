//! A transition of an order of tickets. The order that is to be is made whole first, then it takes the place of
//! the one that was: a refusal changes nothing.

mod states;
#[cfg(test)]
mod tests;
mod tickets;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

pub use self::states::{Move, permitted};
use super::command::{Answered, Changes, OrderView, Transition, Which};
use super::hex_id::{OrderId, PromocodeId, SystemId};
use super::model::{
    Entry, EntryKind, Event, InventoryState, Order, OrderStatus, Promocode, Values,
};
use crate::domain::money::shown;
use crate::domain::task::{ObjectId, TaskKey};

/// What a customer speaks when nobody says otherwise.
const LANG: (&str, &str) = ("lang", "ru");

fn refused(status: u16, error: impl Into<String>) -> Answered {
    Answered::Refused { status, errors: vec![error.into()] }
}

fn bad(error: impl Into<String>) -> Answered {
    refused(400, error)
}

/// Carries out one transition.
pub(crate) fn decide(
    inventory: &mut InventoryState,
    now: Timestamp,
    key: TaskKey,
    ask: &Transition,
) -> Answered {
    decided(inventory, now, key, ask).unwrap_or_else(|refused| refused)
}

fn decided(
    inventory: &mut InventoryState,
    now: Timestamp,
    key: TaskKey,
    ask: &Transition,
) -> Result<Answered, Answered> {
    let object = key.object;
    let event = inventory.events.get(&object).cloned();
    let event = event.ok_or_else(|| refused(404, "The event no longer exists."))?;
    let was = before(inventory, &event, key, ask, now)?;
    let mut order = was.clone();
    change(inventory, &event, key, &mut order, &ask.changes, now)?;
    if let Some(to) = ask.status {
        step(&mut order, to, now, ask.payment_s)?;
    }
    order.updated_at = now;
    let (from, to, amount) = (was.status, order.status, order.values.full);
    if let Which::New { .. } = ask.which {
        // Counted when nothing can go wrong any more: a refused order leaves no gap.
        order.number = inventory.number(object).unwrap_or(event.last_number);
    }
    let entry = |kind| Entry { task: key.guid, order: order.id, kind, amount };
    // Only a step moves money: a request that changes nothing leaves a refunded order as it is.
    let entry = match (from != to).then_some(to) {
        Some(OrderStatus::Done) => Some(entry(EntryKind::Sale)),
        Some(OrderStatus::Refunded) => Some(entry(EntryKind::Refund)),
        _ => None,
    };
    inventory.entries.extend(entry.map(|entry| (object, entry)));
    inventory.put(object, order.clone());
    Ok(Answered::Order { view: Box::new(OrderView { order, event }), wide: ask.wide })
}

/// The order as it is before: an empty one when the task makes it.
fn before(
    inventory: &InventoryState,
    event: &Event,
    key: TaskKey,
    ask: &Transition,
    now: Timestamp,
) -> Result<Order, Answered> {
    match &ask.which {
        Which::New { deal, reserve_s } => Ok(Order {
            id: OrderId::made_by(key.guid, now),
            number: event.last_number,
            partner: ask.partner,
            deal: *deal,
            status: OrderStatus::Executed,
            created_at: now,
            updated_at: now,
            reserved_till: after(now, *reserve_s),
            customer: [(LANG.0.to_owned(), LANG.1.to_owned())].into(),
            system: None,
            success_url: None,
            failure_url: None,
            promocodes: BTreeSet::new(),
            lines: Default::default(),
            values: Values::default(),
            task: key.guid,
            version: 0,
        }),
        Which::Stored(id) => {
            let order =
                inventory.order(key.object, *id).filter(|order| order.partner == ask.partner);
            let mut order = order.ok_or_else(|| refused(404, "There is no such order."))?.clone();
            if order.status.lapses() && order.reserved_till <= now {
                // Its time is over, whether or not somebody has swept it already.
                order.status = OrderStatus::Expired;
            }
            Ok(order)
        }
    }
}

fn after(now: Timestamp, seconds: i64) -> Timestamp {
    now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

fn change(
    inventory: &InventoryState,
    event: &Event,
    key: TaskKey,
    order: &mut Order,
    changes: &Changes,
    now: Timestamp,
) -> Result<(), Answered> {
    if changes.is_empty() {
        return Ok(());
    }
    if order.status != OrderStatus::Executed {
        let status = order.status;
        return Err(bad(format!(
            "The order is {status}: its tickets, customer, promo codes and payment can be changed only \
             while it is executed."
        )));
    }
    let object = key.object;
    if let Some(wanted) = &changes.wanted {
        let asked = tickets::Asked { event, key, wanted, all_or_nothing: changes.all_or_nothing };
        order.lines = tickets::reserve(inventory, &asked, order, now)?;
    }
    if let Some(codes) = &changes.promocodes {
        order.promocodes = promocodes(inventory, object, order, codes, now)?;
    }
    if changes.wanted.is_some() || changes.promocodes.is_some() {
        let codes = order.promocodes.iter().filter_map(|id| inventory.promocode(object, *id));
        let codes: Vec<&Promocode> = codes.collect();
        for line in order.lines.values_mut() {
            line.discount = Promocode::off(codes.iter().copied(), line.set, line.price);
        }
        order.values = Values::of(order.lines.values())
            .ok_or_else(|| bad("The tickets cost more than an amount can be."))?;
    }
    for (field, value) in &changes.customer {
        match value {
            Some(value) => order.customer.insert(field.clone(), value.clone()),
            None => order.customer.remove(field),
        };
    }
    order.customer.entry(LANG.0.to_owned()).or_insert_with(|| LANG.1.to_owned());
    let payment = &changes.payment;
    if let Some(wanted) = &payment.system {
        let found = wanted.as_ref().map(|wanted| system(inventory, wanted));
        order.system = found.transpose()?;
    }
    if let Some(url) = &payment.success_url {
        order.success_url.clone_from(url);
    }
    if let Some(url) = &payment.failure_url {
        order.failure_url.clone_from(url);
    }
    Ok(())
}

fn system(inventory: &InventoryState, wanted: &str) -> Result<SystemId, Answered> {
    let found = inventory
        .systems
        .values()
        .find(|system| system.code == wanted || system.id.to_string() == wanted);
    let none = || bad(format!("payment.system: there is no payment system {:?}.", shown(wanted)));
    found.map(|system| system.id).ok_or_else(none)
}

/// The promo codes of these names. One that the order has already stays, whatever has become of it.
fn promocodes(
    inventory: &InventoryState,
    object: ObjectId,
    order: &Order,
    codes: &BTreeSet<String>,
    now: Timestamp,
) -> Result<BTreeSet<PromocodeId>, Answered> {
    let find = |code: &String| {
        let message = shown(code);
        let found = inventory.by_code(object, code);
        let found = found
            .ok_or_else(|| bad(format!("promocodes: the event has no promo code {message:?}.")))?;
        if order.promocodes.contains(&found.id) {
            return Ok(found.id);
        }
        if !found.period.contains(now) {
            return Err(bad(format!("promocodes: {message:?} cannot be used at this time.")));
        }
        match found.uses {
            Some(uses) if found.used >= uses => {
                Err(bad(format!("promocodes: {message:?} is used up: it may be in {uses} orders.")))
            }
            _ => Ok(found.id),
        }
    };
    codes.iter().map(find).collect()
}

/// Takes the order to a status.
fn step(
    order: &mut Order,
    to: OrderStatus,
    now: Timestamp,
    payment_s: i64,
) -> Result<(), Answered> {
    if let Some(why) = states::refused(order.status, to, order.system.is_some()) {
        return Err(bad(why));
    }
    if to == OrderStatus::InProgress {
        order.reserved_till = after(now, payment_s);
    }
    order.status = to;
    Ok(())
}
