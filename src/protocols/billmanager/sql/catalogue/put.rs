//! Putting a catalogue in.

use super::{Catalogue, Choice, Pricelist};
use crate::database::{Rows, Statement, StoreError, Tx, Type, row};
use crate::protocols::billmanager::sql::Tables;
use crate::protocols::billmanager::sql::rows::to_json;

/// Puts rows in; of one whose key is there already, replaces the columns that are no key.
macro_rules! put {
    ($table:literal, [$($column:literal: $kind:ident),*], $key:literal, $set:literal) => {
        Statement::insert(
            $table,
            &[$(($column, Type::$kind)),*],
            concat!("ON CONFLICT (", $key, ") DO UPDATE SET ", $set),
        )
    };
}

static PROVIDERS: Statement = put!(
    "bm_providers", ["provider_id": Int, "name": Text, "faq": Text, "support": Text], "provider_id",
    "name = excluded.name, faq = excluded.faq, support = excluded.support"
);
static ITEMTYPES: Statement = put!(
    "bm_itemtypes", ["itemtype": Text, "name_ru": Text, "name_en": Text, "quick": Bool], "itemtype",
    "name_ru = excluded.name_ru, name_en = excluded.name_en, quick = excluded.quick"
);
static DATACENTERS: Statement = put!(
    "bm_datacenters", ["datacenter_id": Int, "provider_id": Int, "name": Text], "datacenter_id",
    "provider_id = excluded.provider_id, name = excluded.name"
);
static PRICELISTS: Statement = put!(
    "bm_pricelists",
    ["pricelist_id": Int, "provider_id": Int, "itemtype": Text, "name_ru": Text, "name_en": Text,
     "currency": Text, "active": Bool, "parameters": Text, "refund": Text],
    "pricelist_id",
    "provider_id = excluded.provider_id, itemtype = excluded.itemtype, name_ru = excluded.name_ru,
     name_en = excluded.name_en, currency = excluded.currency, active = excluded.active,
     parameters = excluded.parameters, refund = excluded.refund"
);
static PRICES: Statement = put!(
    "bm_prices", ["pricelist_id": Int, "period": Int, "price": Money], "pricelist_id, period",
    "price = excluded.price"
);
static ADDONS: Statement = put!(
    "bm_addons",
    ["addon_id": Int, "pricelist_id": Int, "kind": Text, "name_ru": Text, "name_en": Text,
     "unit_ru": Text, "unit_en": Text, "included": Int, "least": Int, "most": Int, "step": Int,
     "price": Money],
    "addon_id",
    "pricelist_id = excluded.pricelist_id, kind = excluded.kind, name_ru = excluded.name_ru,
     name_en = excluded.name_en, unit_ru = excluded.unit_ru, unit_en = excluded.unit_en,
     included = excluded.included, least = excluded.least, most = excluded.most,
     step = excluded.step, price = excluded.price"
);
static CHOICES: Statement = put!(
    "bm_choices",
    ["addon_id": Int, "value": Int, "name_ru": Text, "name_en": Text, "price": Money],
    "addon_id, value",
    "name_ru = excluded.name_ru, name_en = excluded.name_en, price = excluded.price"
);
static PROMOCODES: Statement = put!(
    "bm_promocodes", ["provider_id": Int, "code": Text, "percent": Int, "expires_at": Time],
    "provider_id, code", "percent = excluded.percent, expires_at = excluded.expires_at"
);
static METHODS: Statement = put!(
    "bm_methods",
    ["method_id": Int, "provider_id": Int, "module": Text, "name_ru": Text, "name_en": Text,
     "needs_profile": Bool, "storable": Bool, "test": Bool, "active": Bool, "parameters": Text],
    "method_id",
    "provider_id = excluded.provider_id, module = excluded.module, name_ru = excluded.name_ru,
     name_en = excluded.name_en, needs_profile = excluded.needs_profile,
     storable = excluded.storable, test = excluded.test, active = excluded.active,
     parameters = excluded.parameters"
);

impl Tables<'_> {
    /// Puts a catalogue in, all of it or nothing.
    pub async fn put_catalogue(self, catalogue: &Catalogue) -> Result<(), StoreError> {
        let tx = self.db.begin().await?;
        let providers = catalogue.providers.iter();
        let providers = providers
            .map(|p| Ok(row![p.id, &*p.name, to_json(&p.faq)?, p.support.as_deref()]))
            .collect::<Result<_, StoreError>>()?;
        put(&tx, &PROVIDERS, providers).await?;
        let itemtypes = catalogue.itemtypes.iter();
        let itemtypes =
            itemtypes.map(|t| row![&*t.itemtype, &*t.name.ru, &*t.name.en, t.quick]).collect();
        put(&tx, &ITEMTYPES, itemtypes).await?;
        let datacenters = catalogue.datacenters.iter();
        let datacenters = datacenters.map(|d| row![d.id, d.provider, &*d.name]).collect();
        put(&tx, &DATACENTERS, datacenters).await?;
        put_pricelists(&tx, &catalogue.pricelists).await?;
        let promocodes = catalogue.promocodes.iter();
        let promocodes =
            promocodes.map(|p| row![p.provider, &*p.code, p.percent, p.expires_at]).collect();
        put(&tx, &PROMOCODES, promocodes).await?;
        let methods = catalogue.methods.iter().map(|m| {
            let (ru, en) = (&*m.name.ru, &*m.name.en);
            let parameters = to_json(&m.parameters)?;
            let (needs, storable) = (m.needs_profile, m.storable);
            let module = &*m.module;
            Ok(row![
                m.id, m.provider, module, ru, en, needs, storable, m.test, m.active, parameters
            ])
        });
        put(&tx, &METHODS, methods.collect::<Result<_, StoreError>>()?).await?;
        tx.commit().await
    }
}

async fn put_pricelists(tx: &Tx, lists: &[Pricelist]) -> Result<(), StoreError> {
    let (mut rows, mut prices) = (Rows::new(), Rows::new());
    let (mut addons, mut choices) = (Rows::new(), Rows::new());
    for list in lists {
        let (itemtype, currency) = (&*list.itemtype, &*list.currency);
        let (ru, en) = (&*list.name.ru, &*list.name.en);
        let parameters = to_json(&list.parameters)?;
        let (id, provider, active) = (list.id, list.provider, list.active);
        let refund = list.refund.as_str();
        rows.push(row![id, provider, itemtype, ru, en, currency, active, parameters, refund]);
        prices.extend(list.prices.iter().map(|(period, price)| row![list.id, *period, *price]));
        for addon in &list.addons {
            addons.push(row![
                addon.id,
                list.id,
                &*addon.kind,
                &*addon.name.ru,
                &*addon.name.en,
                &*addon.unit.ru,
                &*addon.unit.en,
                addon.included,
                addon.least,
                addon.most,
                addon.step,
                addon.price,
            ]);
            let choice = |c: &Choice| row![addon.id, c.value, &*c.name.ru, &*c.name.en, c.price];
            choices.extend(addon.choices.iter().map(choice));
        }
    }
    put(tx, &PRICELISTS, rows).await?;
    put(tx, &PRICES, prices).await?;
    put(tx, &ADDONS, addons).await?;
    put(tx, &CHOICES, choices).await
}

/// One after the other: rows refer to those before them.
async fn put(tx: &Tx, statement: &'static Statement, rows: Rows) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.execute(statement, rows).await.map(drop)
}
