//! Reference data of ticketscloud: partners and their keys, payment systems, events and deals.

use uuid::Uuid;

use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::task::ObjectId;
use crate::domain::token::TokenHash;
use crate::protocols::ticketscloud::hex_id::{DealId, EventId, PartnerId};
use crate::protocols::ticketscloud::model::System;
use crate::protocols::ticketscloud::sql::Tables;

/// A partner: it owns events, sells them, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Partner {
    pub id: PartnerId,
    pub name: String,
}

/// A key of a partner's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Key {
    pub partner: PartnerId,
    pub name: String,
}

impl Key {
    /// The name of its aggregator, by which its token is rotated and its rate set.
    pub fn aggregator(&self) -> String {
        format!("ticketscloud-key-{}", self.name)
    }
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct StoredEvent {
    /// The object that it is, handed out by the store.
    pub object: ObjectId,
    pub id: EventId,
    pub org: PartnerId,
    pub name: String,
    pub on_sale: bool,
}

/// A partner's right to sell somebody else's event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Deal {
    pub id: DealId,
    pub object: ObjectId,
    pub partner: PartnerId,
}

static ADD_PARTNER: Statement = Statement::insert(
    "tc_partners",
    &[("partner_id", Type::Text), ("name", Type::Text)],
    "ON CONFLICT DO NOTHING RETURNING partner_id",
);
static PARTNERS: Statement =
    Statement::read(&[], "SELECT partner_id, name FROM tc_partners ORDER BY partner_id");
static ADD_AGGREGATOR: Statement = Statement::insert(
    "aggregators",
    &[("name", Type::Text), ("token_hash", Type::Bytes), ("guid_salt", Type::Uuid)],
    "ON CONFLICT (name) DO NOTHING RETURNING aggregator_id",
);
static ADD_KEY: Statement = Statement::insert(
    "tc_keys",
    &[("aggregator_id", Type::Int), ("partner_id", Type::Text), ("name", Type::Text)],
    "ON CONFLICT DO NOTHING RETURNING name",
);
static KEYS: Statement = Statement::read(&[], "SELECT partner_id, name FROM tc_keys ORDER BY name");
// Its tasks stay with their aggregator's number, which nobody gets again.
static REMOVE_KEY: Statement = Statement::write(
    &[("name", Type::Text)],
    "DELETE FROM aggregators WHERE aggregator_id = (
        SELECT k.aggregator_id FROM tc_keys k WHERE k.name = (SELECT name FROM batch))
     RETURNING aggregator_id",
);
static ADD_SYSTEM: Statement = Statement::insert(
    "tc_systems",
    &[("system_id", Type::Text), ("code", Type::Text)],
    "ON CONFLICT DO NOTHING RETURNING system_id",
);
static SYSTEMS: Statement =
    Statement::read(&[], "SELECT system_id, code FROM tc_systems ORDER BY code");
pub(super) static ADD_EVENT: Statement = Statement::write(
    &[("event_id", Type::Text), ("org", Type::Text), ("name", Type::Text)],
    "INSERT INTO tc_events (event_id, org, name, created_at, updated_at)
     SELECT event_id, org, name, wsa_now(), wsa_now() FROM batch WHERE true
     ON CONFLICT DO NOTHING RETURNING object_id",
);
static EVENTS: Statement = Statement::read(
    &[],
    "SELECT object_id, event_id, org, name, on_sale FROM tc_events ORDER BY object_id",
);
static SET_SALE: Statement = Statement::write(
    &[("event_id", Type::Text), ("on_sale", Type::Bool)],
    "UPDATE tc_events SET on_sale = b.on_sale FROM batch b
     WHERE tc_events.event_id = (SELECT event_id FROM batch)
     RETURNING tc_events.object_id",
);
static ADD_DEAL: Statement = Statement::insert(
    "tc_deals",
    &[("deal_id", Type::Text), ("object_id", Type::Int), ("partner_id", Type::Text)],
    "ON CONFLICT DO NOTHING RETURNING deal_id",
);
static DEALS: Statement = Statement::read(
    &[],
    "SELECT deal_id, object_id, partner_id FROM tc_deals ORDER BY object_id, partner_id",
);
static REMOVE_DEAL: Statement = Statement::write(
    &[("deal_id", Type::Text)],
    "DELETE FROM tc_deals WHERE deal_id = (SELECT deal_id FROM batch) RETURNING deal_id",
);

/// Holds an event until the transaction ends.
pub(super) static LOCK_EVENT: Statement = Statement::write(
    &[("object_id", Type::Int)],
    "SELECT e.object_id FROM batch b {one tc_events e: object_id} {lock e}",
);

impl Tables<'_> {
    /// Adds a partner; `false` when there is one with this id.
    pub async fn add_partner(self, new: &Partner) -> Result<bool, StoreError> {
        Ok(!self.db.run(&ADD_PARTNER, vec![row![new.id, &*new.name]]).await?.is_empty())
    }

    /// Every partner.
    pub async fn partners(self) -> Result<Vec<Partner>, StoreError> {
        let read =
            |mut row: Row| Ok(Partner { id: row.word("partner_id")?, name: row.get("name")? });
        self.db.run(&PARTNERS, Vec::new()).await?.into_iter().map(read).collect()
    }

    /// Adds a key; `false` when there is one with this name. It has no subscriptions: nothing is told to it but
    /// the answers that it waits for.
    pub async fn add_key(self, new: &Key, token: TokenHash) -> Result<bool, StoreError> {
        let tx = self.db.begin().await?;
        let row = row![new.aggregator(), token.0.to_vec(), Uuid::new_v4()];
        let Some(mut row) = tx.query(&ADD_AGGREGATOR, vec![row]).await?.into_iter().next() else {
            return Ok(false);
        };
        let aggregator: i64 = row.get("aggregator_id")?;
        if tx.query(&ADD_KEY, vec![row![aggregator, new.partner, &*new.name]]).await?.is_empty() {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Every key.
    pub async fn keys(self) -> Result<Vec<Key>, StoreError> {
        let read =
            |mut row: Row| Ok(Key { partner: row.word("partner_id")?, name: row.get("name")? });
        self.db.run(&KEYS, Vec::new()).await?.into_iter().map(read).collect()
    }

    /// Removes a key, which opens nothing from then on; tells whether there was one.
    pub async fn remove_key(self, name: &str) -> Result<bool, StoreError> {
        Ok(!self.db.run(&REMOVE_KEY, vec![row![name]]).await?.is_empty())
    }

    /// Adds a payment system; `false` when there is one with this id or code.
    pub async fn add_system(self, new: &System) -> Result<bool, StoreError> {
        Ok(!self.db.run(&ADD_SYSTEM, vec![row![new.id, &*new.code]]).await?.is_empty())
    }

    /// Every payment system.
    pub async fn systems(self) -> Result<Vec<System>, StoreError> {
        let read = |mut row: Row| Ok(System { id: row.word("system_id")?, code: row.get("code")? });
        self.db.run(&SYSTEMS, Vec::new()).await?.into_iter().map(read).collect()
    }

    /// Adds an event, which is on sale, and gives the object that it is; `None` when there is one with this id.
    pub async fn add_event(
        self,
        id: EventId,
        org: PartnerId,
        name: &str,
    ) -> Result<Option<ObjectId>, StoreError> {
        let rows = self.db.run(&ADD_EVENT, vec![row![id, org, name]]).await?;
        rows.into_iter().next().map(|mut row| row.get("object_id")).transpose()
    }

    /// Every event.
    pub async fn events(self) -> Result<Vec<StoredEvent>, StoreError> {
        let read = |mut row: Row| {
            let (object, id, org, name) =
                (row.get("object_id")?, row.word("event_id")?, row.word("org")?, row.get("name")?);
            Ok(StoredEvent { object, id, org, name, on_sale: row.get("on_sale")? })
        };
        self.db.run(&EVENTS, Vec::new()).await?.into_iter().map(read).collect()
    }

    /// Stops the sale of an event, or lets it go on; tells whether there is such an event.
    pub async fn set_sale(self, id: EventId, on_sale: bool) -> Result<bool, StoreError> {
        Ok(!self.db.run(&SET_SALE, vec![row![id, on_sale]]).await?.is_empty())
    }

    /// Adds a deal; `false` when the partner has one for the event, or the id is taken.
    pub async fn add_deal(self, new: &Deal) -> Result<bool, StoreError> {
        let row = row![new.id, new.object, new.partner];
        Ok(!self.db.run(&ADD_DEAL, vec![row]).await?.is_empty())
    }

    /// Every deal.
    pub async fn deals(self) -> Result<Vec<Deal>, StoreError> {
        let read = |mut row: Row| {
            Ok(Deal {
                id: row.word("deal_id")?,
                object: row.get("object_id")?,
                partner: row.word("partner_id")?,
            })
        };
        self.db.run(&DEALS, Vec::new()).await?.into_iter().map(read).collect()
    }

    /// Removes a deal: no more orders by it; those that are there go on. Tells whether there was one.
    pub async fn remove_deal(self, id: DealId) -> Result<bool, StoreError> {
        Ok(!self.db.run(&REMOVE_DEAL, vec![row![id]]).await?.is_empty())
    }
}
