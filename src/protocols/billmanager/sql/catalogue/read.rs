//! Reading the catalogue back.

use std::collections::BTreeMap;

use super::{
    Addon, Catalogue, Choice, Datacenter, Itemtype, Method, Pricelist, Promocode, Provider,
};
use crate::database::{Row, Statement, StoreError};
use crate::protocols::billmanager::sql::Tables;
use crate::protocols::billmanager::sql::rows::{json, text};

macro_rules! all {
    ($select:literal) => {
        Statement::read(&[], $select)
    };
}

static PROVIDERS: Statement =
    all!("SELECT provider_id, name, faq, support FROM bm_providers ORDER BY provider_id");
static ITEMTYPES: Statement =
    all!("SELECT itemtype, name_ru, name_en, quick FROM bm_itemtypes ORDER BY itemtype");
static DATACENTERS: Statement =
    all!("SELECT datacenter_id, provider_id, name FROM bm_datacenters ORDER BY datacenter_id");
static PRICELISTS: Statement = all!(
    "SELECT pricelist_id, provider_id, itemtype, name_ru, name_en, currency, active, parameters,
            refund
     FROM bm_pricelists ORDER BY pricelist_id"
);
static PRICES: Statement = all!("SELECT pricelist_id, period, price FROM bm_prices");
static ADDONS: Statement = all!(
    "SELECT addon_id, pricelist_id, kind, name_ru, name_en, unit_ru, unit_en, included, least, most,
            step, price
     FROM bm_addons ORDER BY addon_id"
);
static CHOICES: Statement = all!(
    "SELECT addon_id, value, name_ru, name_en, price FROM bm_choices ORDER BY addon_id, value"
);
static PROMOCODES: Statement = all!(
    "SELECT provider_id, code, percent, expires_at FROM bm_promocodes ORDER BY provider_id, code"
);
static METHODS: Statement = all!(
    "SELECT method_id, provider_id, module, name_ru, name_en, needs_profile, storable, test, active,
            parameters
     FROM bm_methods ORDER BY method_id"
);

impl Tables<'_> {
    /// All of the catalogue.
    pub async fn catalogue(self) -> Result<Catalogue, StoreError> {
        Ok(Catalogue {
            providers: self.all(&PROVIDERS, provider).await?,
            itemtypes: self.all(&ITEMTYPES, itemtype).await?,
            datacenters: self.all(&DATACENTERS, datacenter).await?,
            pricelists: self.pricelists().await?,
            promocodes: self.all(&PROMOCODES, promocode).await?,
            methods: self.all(&METHODS, method).await?,
        })
    }

    /// What is sold: price lists with their prices, without what can be ordered with them.
    pub async fn sold(self) -> Result<Vec<Pricelist>, StoreError> {
        let mut lists = self.all(&PRICELISTS, pricelist).await?;
        self.put_prices(&mut lists).await?;
        Ok(lists)
    }

    async fn put_prices(self, lists: &mut [Pricelist]) -> Result<(), StoreError> {
        let mut prices: BTreeMap<i64, BTreeMap<_, _>> = BTreeMap::new();
        for mut row in self.db.run(&PRICES, Vec::new()).await? {
            prices
                .entry(row.get("pricelist_id")?)
                .or_default()
                .insert(row.get("period")?, row.get("price")?);
        }
        for list in lists {
            list.prices = prices.remove(&list.id).unwrap_or_default();
        }
        Ok(())
    }

    async fn pricelists(self) -> Result<Vec<Pricelist>, StoreError> {
        let mut choices: BTreeMap<i64, Vec<Choice>> = BTreeMap::new();
        for (addon, choice) in self.all(&CHOICES, choice).await? {
            choices.entry(addon).or_default().push(choice);
        }
        let mut addons: BTreeMap<i64, Vec<Addon>> = BTreeMap::new();
        for (list, mut addon) in self.all(&ADDONS, addon).await? {
            addon.choices = choices.remove(&addon.id).unwrap_or_default();
            addons.entry(list).or_default().push(addon);
        }
        let mut lists = self.all(&PRICELISTS, pricelist).await?;
        self.put_prices(&mut lists).await?;
        for list in &mut lists {
            list.addons = addons.remove(&list.id).unwrap_or_default();
        }
        Ok(lists)
    }

    async fn all<T>(
        self,
        statement: &'static Statement,
        read: fn(Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.db.run(statement, Vec::new()).await?.into_iter().map(read).collect()
    }
}

fn provider(mut row: Row) -> Result<Provider, StoreError> {
    let (id, name) = (row.get("provider_id")?, row.get("name")?);
    Ok(Provider { id, name, faq: json(&mut row, "faq")?, support: row.get("support")? })
}

fn itemtype(mut row: Row) -> Result<Itemtype, StoreError> {
    Ok(Itemtype {
        itemtype: row.get("itemtype")?,
        name: text(&mut row, "name_ru", "name_en")?,
        quick: row.get("quick")?,
    })
}

fn datacenter(mut row: Row) -> Result<Datacenter, StoreError> {
    Ok(Datacenter {
        id: row.get("datacenter_id")?,
        provider: row.get("provider_id")?,
        name: row.get("name")?,
    })
}

fn pricelist(mut row: Row) -> Result<Pricelist, StoreError> {
    Ok(Pricelist {
        id: row.get("pricelist_id")?,
        provider: row.get("provider_id")?,
        itemtype: row.get("itemtype")?,
        name: text(&mut row, "name_ru", "name_en")?,
        currency: row.get("currency")?,
        active: row.get("active")?,
        prices: BTreeMap::new(),
        addons: Vec::new(),
        parameters: json(&mut row, "parameters")?,
        refund: row.word("refund")?,
    })
}

fn addon(mut row: Row) -> Result<(i64, Addon), StoreError> {
    let addon = Addon {
        id: row.get("addon_id")?,
        kind: row.get("kind")?,
        name: text(&mut row, "name_ru", "name_en")?,
        unit: text(&mut row, "unit_ru", "unit_en")?,
        included: row.get("included")?,
        least: row.get("least")?,
        most: row.get("most")?,
        step: row.get("step")?,
        price: row.get("price")?,
        choices: Vec::new(),
    };
    Ok((row.get("pricelist_id")?, addon))
}

fn choice(mut row: Row) -> Result<(i64, Choice), StoreError> {
    let choice = Choice {
        value: row.get("value")?,
        name: text(&mut row, "name_ru", "name_en")?,
        price: row.get("price")?,
    };
    Ok((row.get("addon_id")?, choice))
}

fn promocode(mut row: Row) -> Result<Promocode, StoreError> {
    let (provider, code, percent) =
        (row.get("provider_id")?, row.get("code")?, row.get("percent")?);
    Ok(Promocode { provider, code, percent, expires_at: row.get("expires_at")? })
}

fn method(mut row: Row) -> Result<Method, StoreError> {
    Ok(Method {
        id: row.get("method_id")?,
        provider: row.get("provider_id")?,
        module: row.get("module")?,
        name: text(&mut row, "name_ru", "name_en")?,
        needs_profile: row.get("needs_profile")?,
        storable: row.get("storable")?,
        test: row.get("test")?,
        active: row.get("active")?,
        parameters: json(&mut row, "parameters")?,
    })
}
