//! Who calls, and what it may sell and see.

use std::collections::HashMap;

use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::task::{AggregatorId, ObjectId};
use crate::protocols::ticketscloud::hex_id::{DealId, EventId, OrderId, PartnerId};
use crate::protocols::ticketscloud::sql::Tables;

/// A partner before an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selling {
    /// The object that the event is.
    pub object: ObjectId,
    /// By what right; `None`: it is the partner's own.
    pub deal: Option<DealId>,
    /// Whether the partner sells it at all.
    pub may: bool,
}

/// Where an order is, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// The object that its event is.
    pub object: ObjectId,
    /// Who sells it.
    pub partner: PartnerId,
    /// What it is for.
    pub event: EventId,
}

static PARTNERS: Statement = Statement::read(
    &[("aggregator_id", Type::Int)],
    "SELECT k.aggregator_id, k.partner_id FROM batch b
     {one tc_keys k: aggregator_id}",
);

static SELLING: Statement = Statement::read(
    &[("partner_id", Type::Text), ("event_id", Type::Text)],
    "SELECT b.partner_id, b.event_id, e.object_id, d.deal_id,
            e.org = b.partner_id OR d.deal_id IS NOT NULL AS may
     FROM batch b
     {one tc_events e: event_id}
     {left one tc_deals d: object_id = e.object_id, partner_id = b.partner_id
                           WHERE e.org <> b.partner_id}",
);

static PLACED: Statement = Statement::read(
    &[("order_id", Type::Text)],
    "SELECT o.order_id, o.object_id, o.partner_id, e.event_id FROM batch b
     {one tc_orders o: order_id} {one tc_events e: object_id = o.object_id}",
);

impl Tables<'_> {
    /// Whose keys these callers are; nothing of those who are none.
    pub async fn partners_of(
        self,
        callers: &[AggregatorId],
    ) -> Result<HashMap<AggregatorId, PartnerId>, StoreError> {
        let rows = callers.iter().map(|caller| row![*caller]).collect();
        let read = |mut row: Row| Ok((row.get("aggregator_id")?, row.word("partner_id")?));
        self.db.run(&PARTNERS, rows).await?.into_iter().map(read).collect()
    }

    /// How these partners stand to these events; nothing of events that are not there.
    pub async fn selling(
        self,
        wanted: &[(PartnerId, EventId)],
    ) -> Result<HashMap<(PartnerId, EventId), Selling>, StoreError> {
        let rows = wanted.iter().map(|(partner, event)| row![*partner, *event]).collect();
        let read = |mut row: Row| {
            let (object, deal) = (row.get("object_id")?, row.word_if_any("deal_id")?);
            let selling = Selling { object, deal, may: row.get("may")? };
            Ok(((row.word("partner_id")?, row.word("event_id")?), selling))
        };
        self.db.run(&SELLING, rows).await?.into_iter().map(read).collect()
    }

    /// Where these orders are.
    pub async fn placed(self, orders: &[OrderId]) -> Result<HashMap<OrderId, Placed>, StoreError> {
        let rows = orders.iter().map(|order| row![*order]).collect();
        let read = |mut row: Row| {
            let (object, partner, event) =
                (row.get("object_id")?, row.word("partner_id")?, row.word("event_id")?);
            Ok((row.word("order_id")?, Placed { object, partner, event }))
        };
        self.db.run(&PLACED, rows).await?.into_iter().map(read).collect()
    }
}
