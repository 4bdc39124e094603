//! Sets, what they cost, and their tickets, as an operator keeps them.

use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::task::ObjectId;
use crate::protocols::ticketscloud::hex_id::{SetId, TicketId};
use crate::protocols::ticketscloud::model::{Period, Rule};
use crate::protocols::ticketscloud::sql::Tables;

/// A set, and how many tickets it has.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct TicketSet {
    pub object: ObjectId,
    pub id: SetId,
    pub name: String,
    pub tickets: i64,
    pub free: i64,
}

static ADD_SET: Statement = Statement::insert(
    "tc_sets",
    &[("object_id", Type::Int), ("set_id", Type::Text), ("name", Type::Text)],
    "ON CONFLICT DO NOTHING RETURNING set_id",
);
static SETS: Statement = Statement::read(
    &[],
    "SELECT s.object_id, s.set_id, s.name, count(t.ticket_id) AS tickets,
            count(CASE WHEN t.order_id IS NULL THEN t.ticket_id END) AS free
     FROM tc_sets s {left all tc_tickets t: object_id = s.object_id, set_id = s.set_id}
     GROUP BY s.object_id, s.set_id, s.name ORDER BY s.object_id, s.set_id",
);
pub(super) static ADD_RULE: Statement = Statement::insert(
    "tc_rules",
    &[
        ("object_id", Type::Int),
        ("rule_id", Type::Text),
        ("set_id", Type::Text),
        ("price", Type::Money),
        ("extra", Type::Money),
        ("starts_at", Type::Time),
        ("ends_at", Type::Time),
    ],
    "ON CONFLICT DO NOTHING RETURNING rule_id",
);
static RULES: Statement = Statement::read(
    &[],
    "SELECT object_id, set_id, rule_id, price, extra, starts_at, ends_at FROM tc_rules
     ORDER BY object_id, set_id, rule_id",
);
pub(super) static ADD_TICKETS: Statement = Statement::insert(
    "tc_tickets",
    &[
        ("object_id", Type::Int),
        ("ticket_id", Type::Text),
        ("set_id", Type::Text),
        ("seat", Type::Text),
        ("place", Type::Text),
    ],
    "ON CONFLICT DO NOTHING RETURNING ticket_id",
);
pub(super) static COUNT_TICKETS: Statement = Statement::write(
    &[("object_id", Type::Int), ("set_id", Type::Text), ("more", Type::Int)],
    "UPDATE tc_sets SET amount = tc_sets.amount + b.more FROM batch b
     {these tc_sets: object_id, set_id}",
);
static REMOVE_TICKETS: Statement = Statement::write(
    &[("object_id", Type::Int), ("ticket_id", Type::Text)],
    "DELETE FROM tc_tickets {those tc_tickets: object_id, ticket_id}
        AND coalesce(tc_tickets.order_id, '') = ''
     RETURNING tc_tickets.set_id",
);
static FREE: Statement = Statement::read(
    &[("object_id", Type::Int), ("set_id", Type::Text), ("most", Type::Int)],
    "SELECT t.ticket_id, t.seat FROM tc_tickets t
     WHERE t.object_id = (SELECT object_id FROM batch) AND t.set_id = (SELECT set_id FROM batch)
       AND t.order_id IS NULL
     ORDER BY t.ticket_id LIMIT (SELECT most FROM batch)",
);

impl Tables<'_> {
    /// Adds a set, which has no tickets and costs nothing yet; `false` when the event has one with this id.
    pub async fn add_set(
        self,
        object: ObjectId,
        id: SetId,
        name: &str,
    ) -> Result<bool, StoreError> {
        Ok(!self.db.run(&ADD_SET, vec![row![object, id, name]]).await?.is_empty())
    }

    /// Every set.
    pub async fn sets(self) -> Result<Vec<TicketSet>, StoreError> {
        let read = |mut row: Row| {
            let (object, id, name) = (row.get("object_id")?, row.word("set_id")?, row.get("name")?);
            Ok(TicketSet { object, id, name, tickets: row.get("tickets")?, free: row.get("free")? })
        };
        self.db.run(&SETS, Vec::new()).await?.into_iter().map(read).collect()
    }

    /// Adds a rule; `false` when the event has one with this id.
    pub async fn add_rule(
        self,
        object: ObjectId,
        set: SetId,
        new: &Rule,
    ) -> Result<bool, StoreError> {
        let Period { starts_at, ends_at } = new.period;
        let row = row![object, new.id, set, new.price, new.extra, starts_at, ends_at];
        Ok(!self.db.run(&ADD_RULE, vec![row]).await?.is_empty())
    }

    /// Every rule, by set.
    pub async fn rules(self) -> Result<Vec<(ObjectId, SetId, Rule)>, StoreError> {
        let read = |mut row: Row| {
            let period = Period { starts_at: row.get("starts_at")?, ends_at: row.get("ends_at")? };
            let rule = Rule {
                id: row.word("rule_id")?,
                price: row.get("price")?,
                extra: row.get("extra")?,
                period,
            };
            Ok((row.get("object_id")?, row.word("set_id")?, rule))
        };
        self.db.run(&RULES, Vec::new()).await?.into_iter().map(read).collect()
    }

    /// Adds tickets with their seats, and tells how many: those whose ids the event has are left as they are.
    pub async fn add_tickets(
        self,
        object: ObjectId,
        set: SetId,
        tickets: &[(TicketId, Option<String>)],
    ) -> Result<usize, StoreError> {
        let none: Option<&str> = None;
        let rows = tickets.iter().map(|(id, seat)| row![object, *id, set, seat.as_deref(), none]);
        // No task of the event is being settled meanwhile, and nobody else counts.
        let tx = self.db.begin().await?;
        tx.query(&super::reference::LOCK_EVENT, vec![row![object]]).await?;
        let added = tx.query(&ADD_TICKETS, rows.collect()).await?.len();
        tx.execute(&COUNT_TICKETS, vec![row![object, set, added as i64]]).await?;
        tx.commit().await?;
        Ok(added)
    }

    /// Removes a ticket that is free; tells whether it did.
    pub async fn remove_ticket(
        self,
        object: ObjectId,
        ticket: TicketId,
    ) -> Result<bool, StoreError> {
        // No task of the event is being settled meanwhile: one might be about to sell it.
        let tx = self.db.begin().await?;
        tx.query(&super::reference::LOCK_EVENT, vec![row![object]]).await?;
        let removed = tx.query(&REMOVE_TICKETS, vec![row![object, ticket]]).await?.pop();
        let removed = removed.map(|mut row| row.word::<SetId>("set_id")).transpose()?;
        if let Some(set) = removed {
            tx.execute(&COUNT_TICKETS, vec![row![object, set, -1_i64]]).await?;
        }
        tx.commit().await?;
        Ok(removed.is_some())
    }

    /// Free tickets of a set with their seats, the lowest ids first.
    pub async fn free_tickets(
        self,
        object: ObjectId,
        set: SetId,
        most: i64,
    ) -> Result<Vec<(TicketId, Option<String>)>, StoreError> {
        let rows = self.db.run(&FREE, vec![row![object, set, most]]).await?;
        rows.into_iter().map(|mut row| Ok((row.word("ticket_id")?, row.get("seat")?))).collect()
    }
}
