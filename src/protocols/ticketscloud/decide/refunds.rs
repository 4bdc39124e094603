//! Tickets that are given back of an order that is done: asked for, and decided.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{bad, refused};
use crate::domain::money::Money;
use crate::domain::task::TaskKey;
use crate::protocols::ticketscloud::command::{Answered, Back, RefundAsk, RefundView, Settlement};
use crate::protocols::ticketscloud::hex_id::{RefundId, TicketId};
use crate::protocols::ticketscloud::model::refund::{Refund, RefundStatus};
use crate::protocols::ticketscloud::model::{
    Entry, EntryKind, Event, InventoryState, Order, OrderStatus,
};

/// The most requests that an order may have, whatever became of them.
const MOST: usize = 100;

/// Makes a request.
pub(super) fn ask(
    inventory: &mut InventoryState,
    event: &Event,
    key: TaskKey,
    ask: &RefundAsk,
    now: Timestamp,
) -> Result<Answered, Answered> {
    let object = key.object;
    let order = inventory.order(object, ask.order).filter(|order| order.partner == ask.partner);
    let order = order.ok_or_else(|| refused(404, "There is no such order."))?;
    if order.status != OrderStatus::Done {
        let status = order.status;
        return Err(bad(format!(
            "The order is {status}: tickets can be given back only while it is done."
        )));
    }
    let (all, mut taken) = (inventory.refunds_of(object, order.id), BTreeSet::new());
    if all.len() >= MOST {
        return Err(bad(format!("The order has {MOST} refund requests: it can have no more.")));
    }
    for refund in all.iter().filter(|refund| refund.status == RefundStatus::New) {
        taken.extend(refund.tickets.keys().copied());
    }
    let held: BTreeSet<TicketId> = order.held().collect();
    let back = back(&ask.back, &held, &taken)?;
    let cost = |id: &TicketId| Some((*id, ask.culprit.gives_back(order.lines.get(id)?)));
    let tickets: BTreeMap<TicketId, Money> = back.iter().filter_map(cost).collect();
    let refund = Refund {
        id: RefundId::made_by(key.guid, now),
        order: order.id,
        vendor: order.partner,
        org: event.org,
        culprit: ask.culprit,
        status: RefundStatus::New,
        value: sum(tickets.values())?,
        tickets,
        stay: held.difference(&back).filter(|id| !taken.contains(id)).copied().collect(),
        created_at: now,
        updated_at: now,
        requested_at: ask.requested_at,
        finished_at: None,
        task: key.guid,
        closed_by: None,
        version: 0,
    };
    let view = RefundView { system: order.system, event: event.id, refund: refund.clone() };
    inventory.put_refund(object, refund);
    Ok(Answered::Refund(Box::new(view)))
}

/// The tickets that go back: of the order, and in no other request that is open.
fn back(
    asked: &Back,
    held: &BTreeSet<TicketId>,
    taken: &BTreeSet<TicketId>,
) -> Result<BTreeSet<TicketId>, Answered> {
    let (field, named) = match asked {
        Back::These(ids) => ("tickets_refund", ids),
        Back::AllBut(ids) => ("tickets", ids),
    };
    if let Some(other) = named.iter().find(|id| !held.contains(id)) {
        return Err(bad(format!("{field}: the order has no ticket {other}.")));
    }
    let back: BTreeSet<TicketId> = match asked {
        Back::These(ids) => ids.clone(),
        Back::AllBut(ids) => held.difference(ids).copied().collect(),
    };
    if let Some(twice) = back.iter().find(|id| taken.contains(id)) {
        return Err(bad(format!("{field}: ticket {twice} is in another refund request.")));
    }
    match back.is_empty() {
        true => Err(bad(format!("{field}: no ticket would go back."))),
        false => Ok(back),
    }
}

fn sum<'a>(amounts: impl IntoIterator<Item = &'a Money>) -> Result<Money, Answered> {
    let mut amounts = amounts.into_iter();
    let sum = amounts.try_fold(Money::ZERO, |sum, amount| sum.checked_add(*amount));
    sum.ok_or_else(|| bad("The tickets cost more than an amount can be."))
}

/// Approves a request, or rejects it.
pub(super) fn settle(
    inventory: &mut InventoryState,
    event: &Event,
    key: TaskKey,
    ask: &Settlement,
    now: Timestamp,
) -> Result<Answered, Answered> {
    let object = key.object;
    let none = || refused(404, "There is no such refund request.");
    let refund = inventory.refund(object, ask.refund);
    let refund = refund.filter(|refund| [refund.vendor, refund.org].contains(&ask.partner));
    let mut refund = refund.ok_or_else(none)?.clone();
    if refund.status != RefundStatus::New {
        let status = refund.status;
        return Err(bad(format!("The refund request is {status}: that is its end.")));
    }
    let mut order = inventory.order(object, refund.order).ok_or_else(none)?.clone();
    refund.status = if ask.approve { RefundStatus::Approved } else { RefundStatus::Rejected };
    (refund.updated_at, refund.finished_at) = (now, Some(now));
    refund.closed_by = Some(key.guid);
    let view = RefundView { system: order.system, event: event.id, refund: refund.clone() };
    if ask.approve {
        give_back(&mut order, &refund.tickets, key, now)?;
        if order.held().next().is_none() {
            order.status = OrderStatus::Refunded;
        }
        let (kind, amount) = (EntryKind::Refund, refund.value);
        let entry =
            Entry { task: key.guid, order: order.id, refund: Some(refund.id), kind, amount };
        inventory.entries.push((object, entry));
        inventory.put(object, order);
    }
    inventory.put_refund(object, refund);
    Ok(Answered::Refund(Box::new(view)))
}

/// Takes tickets out of an order that is done, for what is given back for each.
pub(super) fn give_back(
    order: &mut Order,
    tickets: &BTreeMap<TicketId, Money>,
    key: TaskKey,
    now: Timestamp,
) -> Result<(), Answered> {
    for (id, amount) in tickets {
        let line = order.lines.get_mut(id).filter(|line| line.refunded_by.is_none());
        let line = line.ok_or_else(|| bad(format!("Ticket {id} was given back already.")))?;
        (line.refund, line.refunded_by) = (*amount, Some(key.guid));
    }
    order.refunded = sum(order.lines.values().map(|line| &line.refund))?;
    order.updated_at = now;
    Ok(())
}
