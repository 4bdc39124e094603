//! What tasks of a batch need: the row of each event, locked, then its orders, prices and tickets.
//!
//! The event's row is the one lock of everything that is the event's: whoever settles its tasks holds it, and so
//! does the sweeper when it expires orders, which waits for nobody. Events are locked in the order of their
//! objects, after the tasks.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;
use futures_util::try_join;

use super::expiry::expire;
use super::promocodes::{promocode, promocode_columns};
use super::rows::{assembled, event, orders};
use crate::database::{Row, Rows, Statement, StoreError, Tx, Type, row};
use crate::domain::task::{ObjectId, TaskKey};
use crate::protocols::ticketscloud::command::{Command, RefundAsk, Settlement, Wanted, Which};
use crate::protocols::ticketscloud::hex_id::{OrderId, SetId, TicketId};
use crate::protocols::ticketscloud::model::{InventoryState, OrderStatus, Period, Rule, System};
use crate::protocols::ticketscloud::sql::refunds;

/// How many overdue orders of an event a batch expires before it looks for free tickets.
const MOST_EXPIRED: usize = 500;

static EVENTS: Statement = Statement::write(
    &[("object_id", Type::Int)],
    "SELECT e.object_id, e.event_id, e.org, e.on_sale, e.last_number 
     FROM {sorted object_id} b {one tc_events e: object_id} {lock e}",
);

static ORDERS: Statement = Statement::write(
    &[("object_id", Type::Int), ("order_id", Type::Text)],
    orders!("batch b {one tc_orders o: object_id, order_id}"),
);

static RULES: Statement = Statement::write(
    &[("object_id", Type::Int)],
    "SELECT s.object_id, s.set_id, r.rule_id, r.price, r.extra, r.starts_at, r.ends_at FROM batch b
     {all tc_sets s: object_id}
     {left all tc_rules r: object_id = s.object_id, set_id = s.set_id}",
);

static BY_CODE: Statement = Statement::write(
    &[("object_id", Type::Int), ("code", Type::Text)],
    concat!(
        "SELECT ",
        promocode_columns!(),
        " FROM batch b {one tc_promocodes p: object_id, code}"
    ),
);

static BY_ORDER: Statement = Statement::write(
    &[("object_id", Type::Int), ("order_id", Type::Text)],
    concat!(
        "SELECT ",
        promocode_columns!(),
        " FROM batch b
         {all tc_order_promocodes o: object_id, order_id}
         {one tc_promocodes p: object_id = o.object_id, promocode_id = o.promocode_id}"
    ),
);

static SYSTEMS: Statement = Statement::write(
    &[("wanted", Type::Text)],
    "SELECT s.system_id, s.code FROM batch b {one tc_systems s: code = b.wanted}
     UNION ALL
     SELECT s.system_id, s.code FROM batch b {one tc_systems s: system_id = b.wanted}",
);

static TICKETS: Statement = Statement::write(
    &[("object_id", Type::Int), ("ticket_id", Type::Text)],
    "SELECT t.object_id, t.ticket_id, t.place, t.set_id, t.order_id FROM batch b
     {one tc_tickets t: object_id, ticket_id}",
);

// The condition stands in sub-selects, not in a join, so that the reading ends with the limit; a statement reads
// for one set.
static FREE: Statement = Statement::write(
    &[("object_id", Type::Int), ("set_id", Type::Text), ("most", Type::Int)],
    "SELECT t.object_id, t.ticket_id, t.place, t.set_id, t.order_id FROM tc_tickets t
     WHERE t.object_id = (SELECT object_id FROM batch) AND t.set_id = (SELECT set_id FROM batch)
       AND t.order_id IS NULL
     ORDER BY t.ticket_id LIMIT (SELECT most FROM batch)",
);

/// What the tasks name.
#[derive(Default)]
struct Named {
    events: BTreeSet<ObjectId>,
    orders: BTreeSet<(ObjectId, OrderId)>,
    codes: BTreeSet<(ObjectId, String)>,
    systems: BTreeSet<String>,
    tickets: BTreeSet<(ObjectId, TicketId)>,
    /// The orders whose refund requests are needed.
    refunds: BTreeSet<(ObjectId, OrderId)>,
    /// How many tickets of a set may be needed.
    random: BTreeMap<(ObjectId, SetId), usize>,
}

impl Named {
    fn by(tasks: &[(TaskKey, &Command)]) -> Named {
        let mut named = Named::default();
        for (TaskKey { object, .. }, command) in tasks {
            named.events.insert(*object);
            let ask = match command {
                Command::Order(ask) => ask,
                Command::Ask(RefundAsk { order, .. })
                | Command::Settle(Settlement { order, .. }) => {
                    named.orders.insert((*object, *order));
                    named.refunds.insert((*object, *order));
                    continue;
                }
            };
            if let (Which::Stored(order), Some(OrderStatus::Refunded)) = (&ask.which, ask.status) {
                named.refunds.insert((*object, *order));
            }
            if let Which::Stored(order) = ask.which {
                named.orders.insert((*object, order));
            }
            let codes = ask.changes.promocodes.iter().flatten();
            named.codes.extend(codes.map(|code| (*object, code.clone())));
            named.systems.extend(ask.changes.payment.system.iter().flatten().cloned());
            match &ask.changes.wanted {
                Some(Wanted::Tickets(ids)) => {
                    named.tickets.extend(ids.iter().map(|id| (*object, *id)));
                }
                Some(Wanted::Random(counts)) => {
                    for (set, count) in counts {
                        *named.random.entry((*object, *set)).or_default() += count;
                    }
                }
                None => {}
            }
        }
        named
    }

    /// How many tickets to look for, of each set that there is. Those named by their ids may be taken from
    /// under the free ones.
    fn free<'a>(&'a self, inventory: &'a InventoryState) -> impl Iterator<Item = Rows> + 'a {
        let there = self.random.iter().filter(|(set, _)| inventory.rules.contains_key(set));
        there.map(|((object, set), count)| {
            let here = self.tickets.iter().filter(|(of, _)| of == object).count();
            vec![row![*object, *set, (count + here) as i64]]
        })
    }
}

/// Loads and locks what these tasks need.
pub(crate) async fn load(
    tx: &Tx,
    tasks: &[(TaskKey, &Command)],
) -> Result<InventoryState, StoreError> {
    let mut inventory = InventoryState::default();
    if tasks.is_empty() {
        return Ok(inventory);
    }
    let named = Named::by(tasks);
    let events = || -> Rows { named.events.iter().map(|object| row![*object]).collect() };
    // Prices are the operator's: no lock keeps them, and none is needed.
    let (locked, rules) = try_join!(tx.query(&EVENTS, events()), tx.query(&RULES, events()))?;
    for mut row in locked {
        inventory.events.insert(row.get("object_id")?, event(&mut row)?);
    }
    rules.into_iter().try_for_each(|row| load_rule(&mut inventory, row))?;
    for rules in inventory.rules.values_mut() {
        rules.sort_by_key(|rule| rule.id);
    }
    let objects: Vec<ObjectId> = inventory.events.keys().copied().collect();
    expire(tx, &objects, MOST_EXPIRED).await?;

    let two = |(object, id): &(ObjectId, OrderId)| row![*object, *id];
    let named_orders = || -> Rows { named.orders.iter().map(two).collect() };
    let codes = named.codes.iter().map(|(object, code)| row![*object, &**code]).collect();
    let tickets = named.tickets.iter().map(|(object, id)| row![*object, *id]).collect();
    let of_refunds: Rows = named.refunds.iter().map(two).collect();
    let (found, by_code, by_order, systems, tickets, free, asked) = try_join!(
        tx.query_some(&ORDERS, named_orders()),
        tx.query_some(&BY_CODE, codes),
        tx.query_some(&BY_ORDER, named_orders()),
        tx.query_some(&SYSTEMS, named.systems.iter().map(|wanted| row![&**wanted]).collect()),
        tx.query_some(&TICKETS, tickets),
        try_join_all(named.free(&inventory).map(|rows| tx.query(&FREE, rows))),
        refunds::load(tx, of_refunds),
    )?;
    for (object, refund) in asked {
        inventory.load_refund(object, refund);
    }
    let tickets = tickets.into_iter().chain(free.into_iter().flatten());
    tickets.into_iter().try_for_each(|row| load_ticket(&mut inventory, row))?;
    for (object, view) in assembled(found)? {
        for (ticket, line) in view.order.lines.iter().filter(|(_, line)| view.order.holds(line)) {
            let (holder, place) = (Some(view.order.id), line.place.clone());
            inventory.load_ticket(object, *ticket, line.set, holder, place);
        }
        inventory.load_order(object, view.order);
    }
    for row in by_code.into_iter().chain(by_order) {
        let (object, promocode) = promocode(row)?;
        inventory.load_promocode(object, promocode);
    }
    systems.into_iter().try_for_each(|row| load_system(&mut inventory, row))?;
    Ok(inventory)
}

fn load_ticket(inventory: &mut InventoryState, mut row: Row) -> Result<(), StoreError> {
    inventory.load_ticket(
        row.get("object_id")?,
        row.word("ticket_id")?,
        row.word("set_id")?,
        row.word_if_any("order_id")?,
        row.get("place")?,
    );
    Ok(())
}

fn load_system(inventory: &mut InventoryState, mut row: Row) -> Result<(), StoreError> {
    let system = System { id: row.word("system_id")?, code: row.get("code")? };
    inventory.systems.insert(system.id, system);
    Ok(())
}

fn load_rule(inventory: &mut InventoryState, mut row: Row) -> Result<(), StoreError> {
    let rules = inventory.rules.entry((row.get("object_id")?, row.word("set_id")?)).or_default();
    if let Some(id) = row.word_if_any("rule_id")? {
        let period = Period { starts_at: row.get("starts_at")?, ends_at: row.get("ends_at")? };
        rules.push(Rule { id, price: row.get("price")?, extra: row.get("extra")?, period });
    }
    Ok(())
}
