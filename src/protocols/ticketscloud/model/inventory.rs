//! The tables of the inventory in memory. Whoever changes an order does so through [`InventoryState::put`], which
//! is the one place where tickets and promo codes change hands.

use std::collections::{BTreeMap, BTreeSet};

use super::refund::Refund;
use super::{Entry, Event, Order, Promocode, Rule, System};
use crate::domain::task::ObjectId;
use crate::protocols::ticketscloud::hex_id::{
    OrderId, PromocodeId, RefundId, SetId, SystemId, TicketId,
};

/// A ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Of which set.
    pub set: SetId,
    /// The order that has it; `None`: it is free.
    pub holder: Option<OrderId>,
    /// Who had it when it was loaded.
    pub loaded: Option<OrderId>,
    /// Where its seat is, as JSON.
    pub place: Option<String>,
}

/// What is loaded, and what is decided so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InventoryState {
    /// The events.
    pub events: BTreeMap<ObjectId, Event>,
    /// The rules of every set of those events, in the order of their ids; a set may have none.
    pub rules: BTreeMap<(ObjectId, SetId), Vec<Rule>>,
    /// The payment systems that were asked for and exist.
    pub systems: BTreeMap<SystemId, System>,
    /// What was taken and given back.
    pub entries: Vec<(ObjectId, Entry)>,
    promocodes: BTreeMap<(ObjectId, PromocodeId), Counted<Promocode>>,
    tickets: BTreeMap<(ObjectId, TicketId), Ticket>,
    free: BTreeMap<(ObjectId, SetId), BTreeSet<TicketId>>,
    orders: BTreeMap<(ObjectId, OrderId), Counted<Order>>,
    refunds: BTreeMap<(ObjectId, RefundId), Counted<Refund>>,
    numbered: BTreeSet<ObjectId>,
}

/// With what it was when it was loaded.
#[derive(Debug, Clone, PartialEq)]
struct Counted<T> {
    now: T,
    loaded: Option<T>,
}

/// What has to be written, in the order of keys.
#[derive(Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Changed {
    /// The events whose last number is another.
    pub events: Vec<(ObjectId, i64)>,
    /// Orders; their version is the one that was read, 0 for new ones.
    pub orders: Vec<(ObjectId, Order)>,
    /// Tickets with their former holder and their holder.
    pub tickets: Vec<(ObjectId, TicketId, Ticket)>,
    /// Promo codes with the number of uses that was read, and the number that is.
    pub promocodes: Vec<(ObjectId, PromocodeId, i64, i64)>,
    pub entries: Vec<(ObjectId, Entry)>,
    /// Requests; their version is the one that was read, 0 for new ones.
    pub refunds: Vec<(ObjectId, Refund)>,
}

impl InventoryState {
    /// Puts in a ticket as the store holds it.
    pub fn load_ticket(
        &mut self,
        object: ObjectId,
        id: TicketId,
        set: SetId,
        holder: Option<OrderId>,
        place: Option<String>,
    ) {
        if holder.is_none() {
            self.free.entry((object, set)).or_default().insert(id);
        }
        self.tickets.insert((object, id), Ticket { set, holder, loaded: holder, place });
    }

    /// Puts in an order as the store holds it.
    pub fn load_order(&mut self, object: ObjectId, order: Order) {
        let loaded = Some(order.clone());
        self.orders.insert((object, order.id), Counted { now: order, loaded });
    }

    /// Puts in a promo code as the store holds it.
    pub fn load_promocode(&mut self, object: ObjectId, promocode: Promocode) {
        let loaded = Some(promocode.clone());
        self.promocodes.insert((object, promocode.id), Counted { now: promocode, loaded });
    }

    /// Puts in a refund request as the store holds it.
    pub fn load_refund(&mut self, object: ObjectId, refund: Refund) {
        let loaded = Some(refund.clone());
        self.refunds.insert((object, refund.id), Counted { now: refund, loaded });
    }

    /// A refund request.
    pub fn refund(&self, object: ObjectId, id: RefundId) -> Option<&Refund> {
        self.refunds.get(&(object, id)).map(|refund| &refund.now)
    }

    /// The refund requests of an order, if that was asked for.
    pub fn refunds_of(&self, object: ObjectId, order: OrderId) -> Vec<&Refund> {
        let of_order = self.refunds.iter().filter(|((of, _), _)| *of == object);
        of_order.map(|(_, refund)| &refund.now).filter(|refund| refund.order == order).collect()
    }

    /// Replaces a refund request, or puts in a new one.
    pub fn put_refund(&mut self, object: ObjectId, refund: Refund) {
        let key = (object, refund.id);
        let loaded = self.refunds.remove(&key).and_then(|refund| refund.loaded);
        self.refunds.insert(key, Counted { now: refund, loaded });
    }

    /// An order.
    pub fn order(&self, object: ObjectId, id: OrderId) -> Option<&Order> {
        self.orders.get(&(object, id)).map(|order| &order.now)
    }

    /// A ticket, when it was asked for or may be needed, and exists.
    pub fn ticket(&self, object: ObjectId, id: TicketId) -> Option<&Ticket> {
        self.tickets.get(&(object, id))
    }

    /// The free tickets of a set, the lowest first.
    pub fn free(&self, object: ObjectId, set: SetId) -> impl Iterator<Item = TicketId> + '_ {
        self.free.get(&(object, set)).into_iter().flatten().copied()
    }

    /// A promo code by its id.
    pub fn promocode(&self, object: ObjectId, id: PromocodeId) -> Option<&Promocode> {
        self.promocodes.get(&(object, id)).map(|promocode| &promocode.now)
    }

    /// A promo code by what a customer types.
    pub fn by_code(&self, object: ObjectId, code: &str) -> Option<&Promocode> {
        let of_event = self.promocodes.iter().filter(|((of, _), _)| *of == object);
        of_event.map(|(_, promocode)| &promocode.now).find(|promocode| promocode.code == code)
    }

    /// Gives the next order of an event its number.
    pub fn number(&mut self, object: ObjectId) -> Option<i64> {
        let event = self.events.get_mut(&object)?;
        event.last_number += 1;
        self.numbered.insert(object);
        Some(event.last_number)
    }

    /// Replaces an order, or puts in a new one. The tickets and promo codes that it has no more are free, and
    /// those that it has are its own.
    pub fn put(&mut self, object: ObjectId, order: Order) {
        let before = self.order(object, order.id).map(held).unwrap_or_default();
        let after = held(&order);
        for ticket in before.0.difference(&after.0) {
            self.hand(object, *ticket, None);
        }
        for ticket in after.0.difference(&before.0) {
            self.hand(object, *ticket, Some(order.id));
        }
        for promocode in before.1.difference(&after.1) {
            self.count(object, *promocode, -1);
        }
        for promocode in after.1.difference(&before.1) {
            self.count(object, *promocode, 1);
        }
        let key = (object, order.id);
        let loaded = self.orders.remove(&key).and_then(|order| order.loaded);
        self.orders.insert(key, Counted { now: order, loaded });
    }

    fn hand(&mut self, object: ObjectId, id: TicketId, to: Option<OrderId>) {
        let Some(ticket) = self.tickets.get_mut(&(object, id)) else { return };
        ticket.holder = to;
        let free = self.free.entry((object, ticket.set)).or_default();
        match to {
            None => free.insert(id),
            Some(_) => free.remove(&id),
        };
    }

    fn count(&mut self, object: ObjectId, id: PromocodeId, by: i64) {
        if let Some(promocode) = self.promocodes.get_mut(&(object, id)) {
            promocode.now.used += by;
        }
    }

    /// What has to be written.
    pub fn into_changed(self) -> Changed {
        let number = |object| Some((object, self.events.get(&object)?.last_number));
        let promocodes = self.promocodes.into_iter().filter_map(|((object, id), promocode)| {
            let (used, now) = (promocode.loaded?.used, promocode.now.used);
            (used != now).then_some((object, id, used, now))
        });
        let changed = |order: &Counted<Order>| order.loaded.as_ref() != Some(&order.now);
        let orders = self.orders.into_iter().filter(|(_, order)| changed(order));
        let tickets = self.tickets.into_iter().filter(|(_, t)| t.holder != t.loaded);
        let asked = |refund: &Counted<Refund>| refund.loaded.as_ref() != Some(&refund.now);
        let refunds = self.refunds.into_iter().filter(|(_, refund)| asked(refund));
        Changed {
            events: self.numbered.into_iter().filter_map(number).collect(),
            orders: orders.map(|((object, _), order)| (object, order.now)).collect(),
            tickets: tickets.map(|((object, id), ticket)| (object, id, ticket)).collect(),
            promocodes: promocodes.collect(),
            entries: self.entries,
            refunds: refunds.map(|((object, _), refund)| (object, refund.now)).collect(),
        }
    }
}

/// The tickets and promo codes that an order has to itself.
fn held(order: &Order) -> (BTreeSet<TicketId>, BTreeSet<PromocodeId>) {
    match order.status.holds() {
        true => (order.held().collect(), order.promocodes.clone()),
        false => Default::default(),
    }
}
