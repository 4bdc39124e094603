//! What can be ordered and how it is paid, read for a batch or for those who look.

use std::collections::HashMap;

use futures_util::try_join;

use super::On;
use super::rows::{json, text};
use crate::database::{Row, Statement, StoreError, Type, row};
use crate::protocols::billmanager::model::{Addon, Choice, Method, Pricelist};

static PRICELISTS: Statement = Statement::read(
    &[("pricelist_id", Type::Int)],
    "SELECT l.pricelist_id, l.provider_id, l.itemtype, t.quick, l.name_ru, l.name_en, l.currency,
            l.active, l.parameters, l.refund
     FROM batch b {one bm_pricelists l: pricelist_id} {one bm_itemtypes t: itemtype = l.itemtype}",
);

static PRICES: Statement = Statement::read(
    &[("pricelist_id", Type::Int)],
    "SELECT p.pricelist_id, p.period, p.price
     FROM batch b {all bm_prices p: pricelist_id}",
);

static ADDONS: Statement = Statement::read(
    &[("pricelist_id", Type::Int)],
    "SELECT a.pricelist_id, a.addon_id, a.kind, a.name_ru, a.name_en, a.unit_ru, a.unit_en,
            a.included, a.least, a.most, a.step, a.price
     FROM batch b {all bm_addons a: pricelist_id}",
);

static CHOICES: Statement = Statement::read(
    &[("pricelist_id", Type::Int)],
    "SELECT a.pricelist_id, c.addon_id, c.value, c.name_ru, c.name_en, c.price
     FROM batch b {all bm_addons a: pricelist_id} {all bm_choices c: addon_id = a.addon_id}",
);

static METHODS: Statement = Statement::read(
    &[("method_id", Type::Int)],
    "SELECT m.method_id, m.provider_id, m.module, m.name_ru, m.name_en, m.needs_profile, m.storable,
            m.test, m.active, m.parameters
     FROM batch b {one bm_methods m: method_id}",
);

/// Those of these price lists that exist, whole.
pub(super) async fn pricelists(
    on: On<'_>,
    wanted: &[i64],
) -> Result<HashMap<i64, Pricelist>, StoreError> {
    let rows = || wanted.iter().map(|id| row![*id]).collect();
    let (lists, prices, addons, choices) = try_join!(
        on.query(&PRICELISTS, rows()),
        on.query(&PRICES, rows()),
        on.query(&ADDONS, rows()),
        on.query(&CHOICES, rows()),
    )?;
    let mut found: HashMap<i64, Pricelist> =
        lists.into_iter().map(pricelist).collect::<Result<_, StoreError>>()?;
    for mut row in prices {
        if let Some(list) = found.get_mut(&row.get("pricelist_id")?) {
            list.prices.insert(row.get("period")?, row.get("price")?);
        }
    }
    for mut row in addons {
        if let Some(list) = found.get_mut(&row.get("pricelist_id")?) {
            list.addons.insert(row.get("addon_id")?, addon(row)?);
        }
    }
    for mut row in choices {
        let addons = found.get_mut(&row.get("pricelist_id")?).map(|list| &mut list.addons);
        let addon: i64 = row.get("addon_id")?;
        if let Some(addon) = addons.and_then(|addons| addons.get_mut(&addon)) {
            let choice =
                Choice { name: text(&mut row, "name_ru", "name_en")?, price: row.get("price")? };
            addon.choices.insert(row.get("value")?, choice);
        }
    }
    Ok(found)
}

fn pricelist(mut row: Row) -> Result<(i64, Pricelist), StoreError> {
    let id = row.get("pricelist_id")?;
    let list = Pricelist {
        id,
        provider: row.get("provider_id")?,
        itemtype: row.get("itemtype")?,
        quick: row.get("quick")?,
        name: text(&mut row, "name_ru", "name_en")?,
        currency: row.get("currency")?,
        active: row.get("active")?,
        prices: Default::default(),
        addons: Default::default(),
        parameters: json(&mut row, "parameters")?,
        refund: row.word("refund")?,
    };
    Ok((id, list))
}

fn addon(mut row: Row) -> Result<Addon, StoreError> {
    Ok(Addon {
        kind: row.word("kind")?,
        name: text(&mut row, "name_ru", "name_en")?,
        unit: text(&mut row, "unit_ru", "unit_en")?,
        included: row.get("included")?,
        least: row.get("least")?,
        most: row.get("most")?,
        step: row.get("step")?,
        price: row.get("price")?,
        choices: Default::default(),
    })
}

/// Those of these methods that exist.
pub(super) async fn methods(
    on: On<'_>,
    wanted: &[i64],
) -> Result<HashMap<i64, Method>, StoreError> {
    let rows = wanted.iter().map(|id| row![*id]).collect();
    on.query(&METHODS, rows).await?.into_iter().map(method).collect()
}

/// From such a row.
pub(super) fn method(mut row: Row) -> Result<(i64, Method), StoreError> {
    let id = row.get("method_id")?;
    let method = Method {
        provider: row.get("provider_id")?,
        module: row.get("module")?,
        name: text(&mut row, "name_ru", "name_en")?,
        needs_profile: row.get("needs_profile")?,
        storable: row.get("storable")?,
        test: row.get("test")?,
        active: row.get("active")?,
        parameters: json(&mut row, "parameters")?,
    };
    Ok((id, method))
}
