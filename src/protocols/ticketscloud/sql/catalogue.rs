//! Reading what a partner sells.

use jiff::Timestamp;
use serde_json::Value;

use crate::database::{Row, Rows, Statement, StoreError, Type, row};
use crate::domain::task::ObjectId;
use crate::protocols::ticketscloud::hex_id::{EventId, PartnerId, SetId};
use crate::protocols::ticketscloud::model::offer::{
    Offer, Shown, ShownDeal, ShownSet, ShownTicket, WantedTickets,
};
use crate::protocols::ticketscloud::model::{Period, Rule};
use crate::protocols::ticketscloud::sql::Tables;

/// As much of an event as lists are filtered by.
macro_rules! offer_columns {
    () => {
        "e.object_id, e.event_id, e.org, e.on_sale, e.starts_at, e.ends_at, e.venue_id, e.country, e.city,
         wsa_now() AS now"
    };
}

static OFFERS: Statement = Statement::read(
    &[("partner_id", Type::Text)],
    concat!(
        "SELECT ",
        offer_columns!(),
        ", CAST(NULL AS TEXT) AS deal_id FROM batch b {all tc_events e: org = b.partner_id}
         UNION ALL
         SELECT ",
        offer_columns!(),
        ", d.deal_id FROM batch b {all tc_deals d: partner_id}
         {one tc_events e: object_id = d.object_id WHERE e.org <> b.partner_id}"
    ),
);

static EVENTS: Statement = Statement::read(
    &[("event_id", Type::Text)],
    concat!(
        "SELECT ",
        offer_columns!(),
        ", CAST(NULL AS TEXT) AS deal_id FROM batch b {one tc_events e: event_id}"
    ),
);

static CARDS: Statement = Statement::read(
    &[("object_id", Type::Int)],
    "SELECT e.object_id, e.name, e.created_at, e.updated_at, e.card, p.name AS org_name
     FROM batch b {one tc_events e: object_id} {one tc_partners p: partner_id = e.org}",
);

static NAMES: Statement = Statement::read(
    &[("partner_id", Type::Text)],
    "SELECT p.partner_id, p.name FROM batch b {one tc_partners p: partner_id}",
);

static RULES: Statement = Statement::read(
    &[("object_id", Type::Int)],
    "SELECT r.object_id, r.set_id, r.rule_id, r.price, r.extra, r.starts_at, r.ends_at
     FROM batch b {all tc_rules r: object_id}",
);

// A ticket that an order had until its time was over is vacant, whether or not somebody has swept the order already: only
// those that nobody has are counted, so that what is counted is one index.
static SETS: Statement = Statement::read(
    &[("object_id", Type::Int)],
    "SELECT s.object_id, s.set_id, s.pos, s.name, s.sector, s.seats, s.amount,
            (SELECT count(*) FROM {rows tc_tickets t: object_id = s.object_id, set_id = s.set_id
                                   WHERE t.order_id IS NULL}
             WHERE t.order_id IS NULL) AS vacant
     FROM batch b {all tc_sets s: object_id}",
);

static TICKETS: Statement = Statement::read(
    &[("object_id", Type::Int), ("statuses", Type::Text), ("skip", Type::Int), ("most", Type::Int)],
    "SELECT x.ticket_id, x.set_id, x.place, x.status,
            CASE WHEN x.status = 'reserved' THEN x.reserved_till END AS reserved_till
     FROM (SELECT t.ticket_id, t.set_id, t.place, o.reserved_till,
                  CASE WHEN o.status = 'done' THEN 'sold'
                       WHEN o.status IN ('executed', 'in_progress') AND o.reserved_till > wsa_now()
                         THEN 'reserved'
                       ELSE 'vacant' END AS status
           FROM batch b {all tc_tickets t: object_id}
           {left one tc_orders o: object_id = t.object_id, order_id = t.order_id}) AS x
     WHERE (SELECT statuses FROM batch) IS NULL
        OR (SELECT statuses FROM batch) LIKE '%,' || x.status || ',%'
     ORDER BY x.ticket_id LIMIT (SELECT most FROM batch) OFFSET (SELECT skip FROM batch)",
);

static DEALS: Statement = Statement::read(
    &[("partner_id", Type::Text)],
    "SELECT d.deal_id, d.partner_id, e.event_id, e.org FROM batch b {all tc_deals d: partner_id}
     {one tc_events e: object_id = d.object_id}
     UNION ALL
     SELECT d.deal_id, d.partner_id, e.event_id, e.org FROM batch b {all tc_events e: org = b.partner_id}
     {all tc_deals d: object_id = e.object_id WHERE d.partner_id <> b.partner_id}",
);

impl Tables<'_> {
    /// The events that a partner may sell, and the moment at which it was asked; without their prices.
    pub async fn offers(self, partner: PartnerId) -> Result<(Vec<Offer>, Timestamp), StoreError> {
        read_offers(self.db.run(&OFFERS, vec![row![partner]]).await?)
    }

    /// These events in the same way, whoever sells them.
    pub async fn events_by(
        self,
        events: &[EventId],
    ) -> Result<(Vec<Offer>, Timestamp), StoreError> {
        let rows: Rows = events.iter().map(|event| row![*event]).collect();
        if rows.is_empty() {
            return Ok((Vec::new(), Timestamp::UNIX_EPOCH));
        }
        read_offers(self.db.run(&EVENTS, rows).await?)
    }

    /// The rules of these events, each with its set; in the order of their ids.
    pub async fn rules_of(
        self,
        events: &[ObjectId],
    ) -> Result<Vec<(ObjectId, SetId, Rule)>, StoreError> {
        let read = |mut row: Row| {
            let period = Period { starts_at: row.get("starts_at")?, ends_at: row.get("ends_at")? };
            let (price, extra) = (row.get("price")?, row.get("extra")?);
            let rule = Rule { id: row.word("rule_id")?, price, extra, period };
            Ok((row.get("object_id")?, row.word("set_id")?, rule))
        };
        let rules = self.db.run(&RULES, objects(events)).await?.into_iter().map(read);
        let mut rules = rules.collect::<Result<Vec<_>, StoreError>>()?;
        rules.sort_by_key(|(object, _, rule): &(ObjectId, _, Rule)| (*object, rule.id));
        Ok(rules)
    }

    /// These events with all that is shown of them, in this order.
    pub async fn shown(self, offers: Vec<Offer>) -> Result<Vec<Shown>, StoreError> {
        if offers.is_empty() {
            return Ok(Vec::new());
        }
        let events: Vec<ObjectId> = offers.iter().map(|offer| offer.object).collect();
        let (cards, rules, sets) = futures_util::try_join!(
            self.db.run(&CARDS, objects(&events)),
            self.rules_of(&events),
            self.db.run(&SETS, objects(&events)),
        )?;
        let mut shown = Vec::new();
        let cards = cards.into_iter().map(|mut row| Ok((row.get("object_id")?, row)));
        let mut cards = cards.collect::<Result<Vec<(ObjectId, Row)>, StoreError>>()?;
        let sets = sets.into_iter().map(set).collect::<Result<Vec<_>, StoreError>>()?;
        for offer in offers {
            let object = offer.object;
            // One that was taken away meanwhile is not shown.
            let Some(at) = cards.iter().position(|(of, _)| *of == object) else { continue };
            let mut card = cards.swap_remove(at).1;
            let own = sets.iter().filter(|(of, _)| *of == object).map(|(_, set)| set.clone());
            let mut own: Vec<ShownSet> = own.collect();
            own.sort_by_key(|set| (set.pos, set.id));
            for set in &mut own {
                let of_set = rules.iter().filter(|(of, id, _)| *of == object && *id == set.id);
                set.rules = of_set.map(|(_, _, rule)| rule.clone()).collect();
            }
            shown.push(Shown {
                offer,
                org_name: card.get("org_name")?,
                name: card.get("name")?,
                created_at: card.get("created_at")?,
                updated_at: card.get("updated_at")?,
                card: json(card.get("card")?)?,
                sets: own,
            });
        }
        Ok(shown)
    }

    /// What these partners are called.
    pub async fn names_of(
        self,
        partners: &[PartnerId],
    ) -> Result<Vec<(PartnerId, String)>, StoreError> {
        let rows: Rows = partners.iter().map(|partner| row![*partner]).collect();
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let read = |mut row: Row| Ok((row.word("partner_id")?, row.get("name")?));
        self.db.run(&NAMES, rows).await?.into_iter().map(read).collect()
    }

    /// Tickets of an event, in the order of their ids.
    pub async fn tickets_of(
        self,
        event: ObjectId,
        wanted: &WantedTickets,
    ) -> Result<Vec<ShownTicket>, StoreError> {
        let row = row![event, wanted.statuses.as_deref(), wanted.skip, wanted.most];
        let read = |mut row: Row| {
            Ok(ShownTicket {
                id: row.word("ticket_id")?,
                set: row.word("set_id")?,
                status: row.get("status")?,
                reserved_till: row.get("reserved_till")?,
                place: row.get("place")?,
            })
        };
        self.db.run(&TICKETS, vec![row]).await?.into_iter().map(read).collect()
    }

    /// The deals of which this partner is one side, by their ids.
    pub async fn deals_of(self, partner: PartnerId) -> Result<Vec<ShownDeal>, StoreError> {
        let read = |mut row: Row| {
            let (id, event) = (row.word("deal_id")?, row.word("event_id")?);
            Ok(ShownDeal { id, event, org: row.word("org")?, vendor: row.word("partner_id")? })
        };
        let rows = self.db.run(&DEALS, vec![row![partner]]).await?;
        let mut deals = rows.into_iter().map(read).collect::<Result<Vec<_>, StoreError>>()?;
        deals.sort_by_key(|deal: &ShownDeal| deal.id);
        Ok(deals)
    }
}

fn objects(events: &[ObjectId]) -> Rows {
    events.iter().map(|object| row![*object]).collect()
}

fn read_offers(rows: Vec<Row>) -> Result<(Vec<Offer>, Timestamp), StoreError> {
    let mut now = Timestamp::UNIX_EPOCH;
    let offers = rows.into_iter().map(|mut row| {
        now = row.get("now")?;
        offer(&mut row)
    });
    Ok((offers.collect::<Result<Vec<_>, StoreError>>()?, now))
}

fn offer(row: &mut Row) -> Result<Offer, StoreError> {
    Ok(Offer {
        object: row.get("object_id")?,
        event: row.word("event_id")?,
        org: row.word("org")?,
        deal: row.word_if_any("deal_id")?,
        on_sale: row.get("on_sale")?,
        starts_at: row.get("starts_at")?,
        ends_at: row.get("ends_at")?,
        venue: row.get("venue_id")?,
        country: row.get("country")?,
        city: row.get("city")?,
        prices: Vec::new(),
    })
}

fn set(mut row: Row) -> Result<(ObjectId, ShownSet), StoreError> {
    let set = ShownSet {
        id: row.word("set_id")?,
        pos: row.get("pos")?,
        name: row.get("name")?,
        sector: row.get("sector")?,
        seats: json(row.get("seats")?)?,
        amount: row.get("amount")?,
        vacant: row.get("vacant")?,
        rules: Vec::new(),
    };
    Ok((row.get("object_id")?, set))
}

fn json(text: Option<String>) -> Result<Value, StoreError> {
    let read = text.map(|text| serde_json::from_str(&text)).transpose();
    let wrong = |error| StoreError::Corrupt(format!("what an event shows cannot be read: {error}"));
    read.map(Option::unwrap_or_default).map_err(wrong)
}
