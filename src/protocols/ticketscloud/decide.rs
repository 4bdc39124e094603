//! A transition of an order of tickets. The order that is to be is made whole first, then it takes the place of
//! the one that was: a refusal changes nothing.

mod refunds;
mod states;
#[cfg(test)]
mod tests;
mod tickets;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

pub use self::states::{Move, permitted};
use super::command::{Answered, Changes, Command, OrderView, PaymentChange, Transition, Which};
use super::hex_id::{OrderId, PromocodeId, SystemId};
use super::model::refund::RefundStatus;
use super::model::{
    Entry, EntryKind, Event, InventoryState, Order, OrderStatus, Promocode, Values, shown_number,
};
use crate::domain::money::{Money, shown};
use crate::domain::task::{ObjectId, TaskKey};

/// What a customer speaks when nobody says otherwise.
const LANG: (&str, &str) = ("lang", "ru");

fn refused(status: u16, error: impl Into<String>) -> Answered {
    Answered::Refused { status, errors: vec![error.into()] }
}

fn bad(error: impl Into<String>) -> Answered {
    refused(400, error)
}

/// Carries out one task.
pub(crate) fn decide(
    inventory: &mut InventoryState,
    now: Timestamp,
    key: TaskKey,
    command: &Command,
) -> Answered {
    let event = inventory.events.get(&key.object).cloned();
    let Some(event) = event else { return refused(404, "The event no longer exists.") };
    let answered = match command {
        Command::Order(ask) => decided(inventory, event, now, key, ask),
        Command::Ask(ask) => refunds::ask(inventory, &event, key, ask, now),
        Command::Settle(ask) => refunds::settle(inventory, &event, key, ask, now),
    };
    answered.unwrap_or_else(|refused| refused)
}

fn decided(
    inventory: &mut InventoryState,
    event: Event,
    now: Timestamp,
    key: TaskKey,
    ask: &Transition,
) -> Result<Answered, Answered> {
    let object = key.object;
    let was = before(inventory, &event, key, ask, now)?;
    let mut order = was.clone();
    change(inventory, &event, key, &mut order, &ask.changes, now)?;
    if let Some(to) = ask.status {
        step(&mut order, to, now, ask.payment_s)?;
    }
    order.updated_at = now;
    let (from, to) = (was.status, order.status);
    if let Which::New { .. } = ask.which {
        // Counted when nothing can go wrong any more: a refused order leaves no gap.
        order.number = inventory.number(object).unwrap_or(event.last_number);
        order.shown_number = shown_number(object, order.number);
    }
    let id = order.id;
    let entry = |kind, amount| Entry { task: key.guid, order: id, refund: None, kind, amount };
    // Only a step moves money: a request that changes nothing leaves a refunded order as it is.
    let entry = match (from != to).then_some(to) {
        Some(OrderStatus::Done) => {
            (order.done_at, order.done_by) = (Some(now), Some(key.guid));
            Some(entry(EntryKind::Sale, order.values.full))
        }
        Some(OrderStatus::Refunded) => {
            let amount = refund_rest(inventory, &mut order, &was, key, now)?;
            Some(entry(EntryKind::Refund, amount))
        }
        _ => None,
    };
    inventory.entries.extend(entry.map(|entry| (object, entry)));
    inventory.put(object, order.clone());
    Ok(Answered::Order { view: Box::new(OrderView { order, event }), wide: ask.wide })
}

/// Gives back what is left of an order: what its tickets cost, with their fees.
fn refund_rest(
    inventory: &InventoryState,
    order: &mut Order,
    was: &Order,
    key: TaskKey,
    now: Timestamp,
) -> Result<Money, Answered> {
    let open = inventory.refunds_of(key.object, order.id);
    if open.iter().any(|refund| refund.status == RefundStatus::New) {
        return Err(bad("The order has a refund request that nobody has decided yet."));
    }
    let before = order.refunded;
    let rest = was.held().filter_map(|id| Some((id, was.lines.get(&id)?.cost()))).collect();
    refunds::give_back(order, &rest, key, now)?;
    Ok(order.refunded.checked_sub(before).unwrap_or_default())
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
            refunded: Money::ZERO,
            shown_number: 0,
            done_at: None,
            done_by: None,
            vendor_data: None,
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
    if order.status == OrderStatus::InProgress && changes.is_of_tickets() {
        return tickets::take_out(order, changes.wanted.as_ref());
    }
    if order.status != OrderStatus::Executed {
        let status = order.status;
        return Err(bad(format!(
            "The order is {status}: its tickets, customer, promo codes and payment can be changed only \
             while it is executed, and tickets be taken out of it while it is in_progress."
        )));
    }
    let object = key.object;
    if let Some(data) = &changes.vendor_data {
        order.vendor_data = Some(data.clone());
    }
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
    pay_by(inventory, order, &changes.payment)
}

fn pay_by(
    inventory: &InventoryState,
    order: &mut Order,
    payment: &PaymentChange,
) -> Result<(), Answered> {
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
    if order.lines.is_empty() && matches!(to, OrderStatus::InProgress | OrderStatus::Done) {
        return Err(bad(format!("The order has no tickets: it cannot go to {to}.")));
    }
    if to == OrderStatus::InProgress {
        order.reserved_till = after(now, payment_s);
    }
    order.status = to;
    Ok(())
}
