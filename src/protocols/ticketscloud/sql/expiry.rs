//! Orders that nobody paid in time: their tickets are free again, and their promo codes.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use futures_util::try_join;

use crate::database::{Rows, Statement, StoreError, Tx, Type, row};
use crate::domain::task::ObjectId;
use crate::protocols::ticketscloud::sql::Tables;

const ORDERS: &[(&str, Type)] = &[("object_id", Type::Int), ("order_id", Type::Text)];

// It waits for nobody: whoever holds an event expires its orders himself before he sells its tickets.
static EVENTS: Statement = Statement::write(
    &[("most", Type::Int)],
    "SELECT e.object_id FROM (
        SELECT DISTINCT due.object_id FROM (
            SELECT o.object_id FROM tc_orders o
            WHERE o.status IN ('executed', 'in_progress') AND o.reserved_till <= (SELECT wsa_now())
            ORDER BY o.reserved_till LIMIT (SELECT most FROM batch)) AS due
        ORDER BY due.object_id) AS b {one tc_events e: object_id} {lock e skip}",
);

// Only a look: what is found is expired event by event. Ordered within, so that nobody reads all orders because they
// are in the order of events.
static LOOK: Statement = Statement::read(
    &[],
    "SELECT DISTINCT due.object_id FROM (
        SELECT o.object_id FROM tc_orders o
        WHERE o.status IN ('executed', 'in_progress') AND o.reserved_till <= (SELECT wsa_now())
        ORDER BY o.reserved_till) AS due
     ORDER BY due.object_id",
);

static EVENT: Statement = Statement::write(
    &[("object_id", Type::Int)],
    "SELECT e.object_id FROM batch b {one tc_events e: object_id} {lock e skip}",
);

// One event a statement: a limit for each row of a batch is not to be had in both databases.
static OVERDUE: Statement = Statement::read(
    &[("object_id", Type::Int), ("most", Type::Int)],
    "SELECT o.object_id, o.order_id FROM tc_orders o
     WHERE o.object_id = (SELECT object_id FROM batch)
       AND o.status IN ('executed', 'in_progress') AND o.reserved_till <= (SELECT wsa_now())
     ORDER BY o.reserved_till LIMIT (SELECT most FROM batch)",
);

// A state by which no index is found: that of orders to expire would be read whole.
static EXPIRE: Statement = Statement::write(
    ORDERS,
    "UPDATE tc_orders SET status = 'expired', updated_at = wsa_now(), version = tc_orders.version + 1
     FROM batch b {these tc_orders: object_id, order_id}
       AND CASE WHEN tc_orders.status IN ('executed', 'in_progress') THEN 1 ELSE 0 END = 1",
);

static FREE_TICKETS: Statement = Statement::write(
    ORDERS,
    "UPDATE tc_tickets SET order_id = NULL FROM batch b
     {these tc_tickets: object_id, order_id}",
);

static FREE_LINES: Statement = Statement::write(
    ORDERS,
    "UPDATE tc_lines SET held = false FROM batch b
     {these tc_lines: object_id, order_id}",
);

static PROMOCODES: Statement = Statement::write(
    ORDERS,
    "SELECT p.object_id, p.promocode_id FROM batch b
     {all tc_order_promocodes p: object_id, order_id}",
);

static GIVE_BACK: Statement = Statement::write(
    &[("object_id", Type::Int), ("promocode_id", Type::Text), ("uses", Type::Int)],
    "UPDATE tc_promocodes SET used = tc_promocodes.used - b.uses FROM batch b
     {these tc_promocodes: object_id, promocode_id}",
);

impl Tables<'_> {
    /// Expires orders whose `reserved_till` has passed, by the database's clock, at most `most` of an event;
    /// tells how many. Events that somebody holds are left to him.
    pub async fn expire_orders(self, most: usize) -> Result<usize, StoreError> {
        let tx = self.db.begin().await?;
        let mut events = Vec::new();
        for mut row in tx.query(&EVENTS, vec![row![most as i64]]).await? {
            events.push(row.get("object_id")?);
        }
        let expired = expire(&tx, &events, most).await?;
        tx.commit().await?;
        Ok(expired)
    }
}

impl Tables<'_> {
    /// As [`Tables::expire_orders`], when something among them cannot be expired: each event alone, at most `most`
    /// orders of each. An order that cannot be expired keeps those of its own event. Gives the error of one that
    /// stays.
    pub async fn expire_orders_around(self, most: usize) -> Result<(), StoreError> {
        let mut outcome = Ok(());
        for mut row in self.db.run(&LOOK, Vec::new()).await? {
            match self.expire_event(row.get("object_id")?, most).await {
                Ok(()) => {}
                Err(error) if error.is_passing() => return Err(error),
                Err(error) => outcome = Err(error),
            }
        }
        outcome
    }

    async fn expire_event(self, event: ObjectId, most: usize) -> Result<(), StoreError> {
        let tx = self.db.begin().await?;
        let held = tx.query(&EVENT, vec![row![event]]).await?;
        if !held.is_empty() {
            expire(&tx, &[event], most).await?;
        }
        tx.commit().await
    }
}

/// The same for these events, whose rows this transaction holds.
pub(super) async fn expire(tx: &Tx, events: &[ObjectId], most: usize) -> Result<usize, StoreError> {
    let look = |event: &ObjectId| tx.query(&OVERDUE, vec![row![*event, most as i64]]);
    let overdue = try_join_all(events.iter().map(look)).await?;
    let mut orders: Vec<(ObjectId, String)> = Vec::new();
    for mut row in overdue.into_iter().flatten() {
        orders.push((row.get("object_id")?, row.get("order_id")?));
    }
    if orders.is_empty() {
        return Ok(0);
    }
    orders.sort_unstable();
    let rows = || -> Rows { orders.iter().map(|(object, id)| row![*object, &**id]).collect() };
    let mut uses: BTreeMap<(ObjectId, String), i64> = BTreeMap::new();
    for mut row in tx.query(&PROMOCODES, rows()).await? {
        *uses.entry((row.get("object_id")?, row.get("promocode_id")?)).or_default() += 1;
    }
    let uses = uses.into_iter().map(|((object, id), uses)| row![object, id, uses]).collect();
    try_join!(
        tx.execute_all(&EXPIRE, rows()),
        tx.execute(&FREE_TICKETS, rows()),
        tx.execute(&FREE_LINES, rows()),
        tx.execute_all(&GIVE_BACK, uses),
    )?;
    Ok(orders.len())
}
