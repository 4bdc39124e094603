//! What forms show: what can be ordered, and how it can be paid.

use std::collections::BTreeMap;

use super::reference::{Profile, profile};
use super::rows::{json, text};
use super::{On, offers};
use crate::database::{Statement, StoreError, Type, row};
use crate::domain::money::Money;
use crate::domain::task::ObjectId;
use crate::protocols::billmanager::command::Text;
use crate::protocols::billmanager::model::{Method, Pricelist, Stored};
use crate::protocols::billmanager::sql::Tables;

/// What a price list can be ordered with.
#[derive(Debug, Clone, Default)]
pub struct Offer {
    /// The price list that was asked for.
    pub chosen: Option<Pricelist>,
    /// Those of its kind of product that can be ordered.
    pub pricelists: BTreeMap<i64, Text>,
    /// Where.
    pub datacenters: BTreeMap<i64, String>,
}

/// How an account can pay.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct Ways {
    pub balance: Money,
    pub currency: String,
    pub methods: BTreeMap<i64, Method>,
    pub stored: BTreeMap<i64, Stored>,
    pub profiles: Vec<Profile>,
}

static ITEMTYPE: Statement = Statement::read(
    &[("itemtype", Type::Text)],
    "SELECT t.quick FROM batch b {one bm_itemtypes t: itemtype}",
);

static PRICELISTS: Statement = Statement::read(
    &[("user_id", Type::Int), ("itemtype", Type::Text), ("provider_id", Type::Int)],
    "SELECT l.pricelist_id, l.name_ru, l.name_en FROM batch b
     {all bm_accounts a: user_id}
     {all bm_pricelists l: provider_id = a.provider_id WHERE l.itemtype = b.itemtype AND l.active}
     WHERE b.provider_id IS NULL OR l.provider_id = b.provider_id",
);

static DATACENTERS: Statement = Statement::read(
    &[("user_id", Type::Int), ("provider_id", Type::Int)],
    "SELECT d.datacenter_id, d.name FROM batch b
     {all bm_accounts a: user_id} {all bm_datacenters d: provider_id = a.provider_id}
     WHERE b.provider_id IS NULL OR d.provider_id = b.provider_id",
);

static BALANCE: Statement = Statement::read(
    &[("object_id", Type::Int)],
    "SELECT a.balance, a.currency FROM batch b {one bm_accounts a: object_id}",
);

static METHODS: Statement = Statement::read(
    &[("object_id", Type::Int)],
    "SELECT m.method_id, m.provider_id, m.module, m.name_ru, m.name_en, m.needs_profile, m.storable,
            m.test, m.active, m.parameters
     FROM batch b {one bm_accounts a: object_id}
     {all bm_methods m: provider_id = a.provider_id WHERE m.active}",
);

static STORED: Statement = Statement::read(
    &[("object_id", Type::Int)],
    "SELECT s.stored_id, s.method_id, s.profile_id, s.parameters
     FROM bm_stored_methods s WHERE s.object_id = (SELECT object_id FROM batch)
     ORDER BY s.stored_id DESC LIMIT 100",
);

static PROFILES: Statement = Statement::read(
    &[("object_id", Type::Int)],
    "SELECT p.profile_id, p.object_id, p.kind, p.name
     FROM batch b {all bm_profiles p: object_id} ORDER BY p.profile_id",
);

impl Tables<'_> {
    /// Whether a kind of product is ordered by the functions of quick ordering; `None` when there is none.
    pub async fn itemtype(self, itemtype: &str) -> Result<Option<bool>, StoreError> {
        let rows = self.db.run(&ITEMTYPE, vec![row![itemtype]]).await?;
        rows.into_iter().next().map(|mut row| row.get("quick")).transpose()
    }

    /// What a client can order of a kind of product, at one provider or at all of them.
    pub async fn offer(
        self,
        user: i64,
        itemtype: &str,
        provider: Option<i64>,
        chosen: Option<i64>,
    ) -> Result<Offer, StoreError> {
        let mut offer = Offer::default();
        for mut row in self.db.run(&PRICELISTS, vec![row![user, itemtype, provider]]).await? {
            offer
                .pricelists
                .insert(row.get("pricelist_id")?, text(&mut row, "name_ru", "name_en")?);
        }
        for mut row in self.db.run(&DATACENTERS, vec![row![user, provider]]).await? {
            offer.datacenters.insert(row.get("datacenter_id")?, row.get("name")?);
        }
        // One that the client cannot order is not shown either.
        if let Some(id) = chosen.filter(|id| offer.pricelists.contains_key(id)) {
            offer.chosen = offers::pricelists(On::Db(self.db), &[id]).await?.remove(&id);
        }
        Ok(offer)
    }

    /// How an account can pay.
    pub async fn ways(self, object: ObjectId) -> Result<Ways, StoreError> {
        let of = || vec![row![object]];
        let mut ways = Ways::default();
        if let Some(mut row) = self.db.run(&BALANCE, of()).await?.into_iter().next() {
            (ways.balance, ways.currency) = (row.get("balance")?, row.get("currency")?);
        }
        let methods = self.db.run(&METHODS, of()).await?;
        ways.methods = methods.into_iter().map(offers::method).collect::<Result<_, _>>()?;
        for mut row in self.db.run(&STORED, of()).await? {
            let (id, method, profile) =
                (row.get("stored_id")?, row.get("method_id")?, row.get("profile_id")?);
            let parameters = json(&mut row, "parameters")?;
            ways.stored.insert(id, Stored { method, profile, parameters });
        }
        let profiles = self.db.run(&PROFILES, of()).await?;
        ways.profiles = profiles.into_iter().map(profile).collect::<Result<_, _>>()?;
        Ok(ways)
    }
}
