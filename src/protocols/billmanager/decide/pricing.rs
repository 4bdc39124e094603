//! What a line item costs: the base price of the period, and each add-on and parameter for as many months, as
//! often as it is ordered.

use std::collections::BTreeMap;

use super::parameters;
use crate::domain::money::{Money, shown};
use crate::domain::task::guid::whole;
use crate::protocols::billmanager::command::{Add, Fault, Text};
use crate::protocols::billmanager::model::{
    Addon, AddonKind, Configured, ENDLESS, MOST_COUNT, Pricelist, TRIAL,
};

/// What a line item consists of and what it costs.
pub(super) struct Priced {
    /// How many there are of it.
    pub(super) count: i64,
    /// What all of them consist of; the sum of the lines is the price.
    pub(super) configuration: Vec<Configured>,
    pub(super) price: Money,
}

/// What the same costs for each period that it may be renewed for: those that have a price and an end.
pub(super) fn renewals(list: &Pricelist, add: &Add) -> BTreeMap<i64, Money> {
    let periods = list.prices.keys().filter(|period| !matches!(**period, TRIAL | ENDLESS));
    // A period in which something has no price is none that it is renewed for.
    periods.filter_map(|period| Some((*period, price(list, add, *period).ok()?.price))).collect()
}

/// What it consists of and what it costs for a period.
pub(super) fn price(list: &Pricelist, add: &Add, period: i64) -> Result<Priced, Fault> {
    let asked = &add.addons;
    let count = add.count.unwrap_or(1);
    if !(1..=MOST_COUNT).contains(&count) {
        let ru = format!("{count}: нужно число от 1 до {MOST_COUNT}");
        let en = format!("{count}: it must be from 1 to {MOST_COUNT}");
        return Err(Fault::value("order_count", ru, en));
    }
    let base = *list.prices.get(&period).ok_or_else(|| {
        let offered: Vec<String> = list.prices.keys().map(ToString::to_string).collect();
        let offered = offered.join(", ");
        let ru = format!("Период {period} не предлагается тарифом {}: есть {offered}", list.id);
        let en = format!("Price list {} does not offer the period {period}: {offered}", list.id);
        Fault::value("order_period", ru, en)
    })?;
    if let Some(id) = asked.keys().find(|id| !list.addons.contains_key(id)) {
        let ru = format!("У тарифа {} нет дополнения {id}", list.id);
        let en = format!("Price list {} has no add-on {id}", list.id);
        return Err(Fault::value(&format!("addon_{id}"), ru, en));
    }
    let value = Text::new("Базовая стоимость", "Base price");
    let mut lines = vec![Configured { name: None, value, price: base }];
    for (id, addon) in &list.addons {
        let line = configured(*id, addon, asked.get(id).map(String::as_str), period)?;
        lines.extend(line);
    }
    lines.extend(parameters::configured(list, period, &add.parameters)?);
    for line in &mut lines {
        line.price = line.price.checked_mul(count).ok_or_else(|| too_much("order_count"))?;
    }
    let sum = lines.iter().try_fold(Money::ZERO, |sum, line| sum.checked_add(line.price));
    Ok(Priced { count, configuration: lines, price: sum.ok_or_else(|| too_much("pricelist"))? })
}

/// What something costs for a period, when it costs so much for a month. What has a price for a month has none for
/// a period that is not of months: it cannot be ordered for that.
pub(super) fn for_period(monthly: Money, period: i64, object: &str) -> Result<Money, Fault> {
    if monthly == Money::ZERO {
        return Ok(Money::ZERO);
    }
    if period <= 0 {
        let ru = format!("Для периода {period} нет цены: цена указана за месяц");
        let en = format!("It has no price for the period {period}: its price is for a month");
        return Err(Fault::value(object, ru, en));
    }
    monthly.checked_mul(period).ok_or_else(|| too_much(object))
}

fn too_much(object: &str) -> Fault {
    Fault::value(object, "Стоимость слишком велика", "The price is larger than an amount can be")
}

/// One add-on; `None` when nothing of it is ordered.
fn configured(
    id: i64,
    addon: &Addon,
    asked: Option<&str>,
    period: i64,
) -> Result<Option<Configured>, Fault> {
    let object = format!("addon_{id}");
    let wrong = |value: &str, ru: String, en: String| {
        let value = shown(value);
        Fault::value(&object, format!("{value:?}: {ru}"), format!("{value:?}: {en}"))
    };
    let (value, monthly) = match addon.kind {
        AddonKind::Count => {
            let Addon { least, most, step, .. } = *addon;
            let fits = |n: &i64| (least..=most).contains(n) && (n - least) % step == 0;
            let count = match asked {
                None => least,
                Some(text) => whole(text).filter(fits).ok_or_else(|| {
                    let ru = format!("нужно целое число от {least} до {most} с шагом {step}");
                    let en = format!("it must be whole, from {least} to {most} in steps of {step}");
                    wrong(text, ru, en)
                })?,
            };
            if count == 0 {
                return Ok(None);
            }
            let paid = (count - addon.included).max(0);
            let value = |unit: &str| format!("{count} {unit}").trim_end().to_owned();
            let value = Text::new(value(&addon.unit.ru), value(&addon.unit.en));
            (value, addon.price.checked_mul(paid))
        }
        AddonKind::Flag => match asked {
            None | Some("off") => return Ok(None),
            Some("on") => (Text::new("Включено", "On"), Some(addon.price)),
            Some(text) => {
                return Err(wrong(text, "нужно on или off".into(), "it must be on or off".into()));
            }
        },
        AddonKind::Choice => {
            let choice = match asked {
                // The first one is the default.
                None => match addon.choices.values().next() {
                    Some(choice) => choice,
                    None => return Ok(None),
                },
                Some(text) => {
                    let found = whole(text).and_then(|number| addon.choices.get(&number));
                    found.ok_or_else(|| {
                        let all: Vec<String> =
                            addon.choices.keys().map(ToString::to_string).collect();
                        let all = all.join(", ");
                        wrong(
                            text,
                            format!("нужно одно из: {all}"),
                            format!("it is none of: {all}"),
                        )
                    })?
                }
            };
            (choice.name.clone(), Some(choice.price))
        }
    };
    let price = for_period(monthly.ok_or_else(|| too_much(&object))?, period, &object)?;
    Ok(Some(Configured { name: Some(addon.name.clone()), value, price }))
}
