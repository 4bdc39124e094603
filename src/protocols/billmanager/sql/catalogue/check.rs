//! The rules of a catalogue, so that a mistake is named before the store refuses it.

use super::{Addon, Catalogue, Method, Pricelist, Promocode};
use crate::domain::money::shown;
use crate::protocols::billmanager::command::Text;
use crate::protocols::billmanager::model::{AddonKind, Parameter, ParameterKind, is_period};
use crate::protocols::billmanager::wire::known::is_free;
use crate::protocols::billmanager::wire::params::{LONGEST_NAME, LONGEST_VALUE};
use crate::protocols::billmanager::wire::request::is_itemtype;

/// The longest name, in characters.
const LONGEST: usize = 200;
/// The most units of an add-on.
const MOST_UNITS: i64 = 1_000_000;

type Checked = Result<(), String>;

impl Catalogue {
    /// Reads a document and checks it; an error names the place, the value and the rule.
    pub fn read(json: &str) -> Result<Catalogue, String> {
        crate::domain::json::check(json).map_err(|fault| fault.to_string())?;
        let deserializer = &mut serde_json::Deserializer::from_str(json);
        let catalogue: Catalogue = serde_path_to_error::deserialize(&mut *deserializer)
            .map_err(|error| format!("{}: {}", error.path(), error.inner()))?;
        deserializer.end().map_err(|error| error.to_string())?;
        catalogue.check()?;
        Ok(catalogue)
    }

    fn check(&self) -> Checked {
        for provider in &self.providers {
            let at = format!("provider {}", provider.id);
            id(&at, provider.id)?;
            named(&at, &provider.name)?;
            provider.faq.iter().chain(&provider.support).try_for_each(|link| named(&at, link))?;
        }
        for of in &self.itemtypes {
            let at = format!("itemtype {:?}", shown(&of.itemtype));
            rule(&at, is_itemtype(&of.itemtype), "it must be lower-case letters, digits and _")?;
            both(&at, &of.name)?;
        }
        for of in &self.datacenters {
            let at = format!("datacenter {}", of.id);
            id(&at, of.id)?;
            named(&at, &of.name)?;
        }
        self.pricelists.iter().try_for_each(pricelist)?;
        self.promocodes.iter().try_for_each(promocode)?;
        self.methods.iter().try_for_each(method)
    }
}

fn rule(at: &str, holds: bool, rule: &str) -> Checked {
    if holds { Ok(()) } else { Err(format!("{at}: {rule}")) }
}

fn id(at: &str, id: i64) -> Checked {
    rule(at, id > 0, "the id must be a positive whole number")
}

fn named(at: &str, name: &str) -> Checked {
    let fits = (1..=LONGEST).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    rule(at, fits, "a name must have 1 to 200 printable characters")
}

fn both(at: &str, text: &Text) -> Checked {
    named(at, &text.ru)?;
    named(at, &text.en)
}

fn pricelist(list: &Pricelist) -> Checked {
    let at = format!("pricelist {}", list.id);
    id(&at, list.id)?;
    both(&at, &list.name)?;
    let capitals = list.currency.bytes().all(|byte| byte.is_ascii_uppercase());
    rule(&at, list.currency.len() == 3 && capitals, "the currency must be three capital letters")?;
    rule(&at, !list.prices.is_empty(), "it must have the price of a period")?;
    let periods = list.prices.keys().all(|period| is_period(*period));
    rule(
        &at,
        periods,
        "a period must be -100 (a trial), -50 (a day), 0 (no end), or 1 to 36 months",
    )?;
    list.addons.iter().try_for_each(addon)?;
    let mut names: Vec<&str> = list.parameters.iter().map(|of| of.name.as_str()).collect();
    names.sort_unstable();
    rule(&at, names.windows(2).all(|pair| pair[0] != pair[1]), "a parameter is declared twice")?;
    list.parameters.iter().try_for_each(|of| parameter(&at, of))
}

fn parameter(list: &str, of: &Parameter) -> Checked {
    let at = format!("{list}, parameter {:?}", shown(&of.name));
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.-".contains(&b);
    let fits = (1..=LONGEST_NAME).contains(&of.name.len()) && of.name.bytes().all(plain);
    rule(&at, fits, "its name must be lower-case letters, digits, _, . and -")?;
    rule(&at, is_free(&of.name), "its name is that of a parameter that every order has")?;
    let open = of.name.contains("password") && of.kind != ParameterKind::Secret;
    rule(&at, !open, "a password must be a secret")?;
    both(&at, &of.title)?;
    match of.kind {
        ParameterKind::Number => {
            let range = 0 <= of.least && of.least <= of.most;
            rule(&at, range, "it must be 0 <= least <= most")
        }
        ParameterKind::Choice => {
            rule(&at, !of.values.is_empty(), "a choice needs values")?;
            of.values.iter().try_for_each(|one| {
                let fits = (1..=LONGEST_VALUE).contains(&one.value.chars().count())
                    && !one.value.chars().any(char::is_control);
                rule(&at, fits, "a value must be printable and not empty")?;
                both(&at, &one.title)
            })
        }
        ParameterKind::Text | ParameterKind::Secret | ParameterKind::Flag => Ok(()),
    }
}

fn addon(addon: &Addon) -> Checked {
    let at = format!("addon {}", addon.id);
    id(&at, addon.id)?;
    both(&at, &addon.name)?;
    let kind: AddonKind = addon.kind.parse().map_err(|error| format!("{at}: kind: {error}"))?;
    let Addon { included, least, most, step, .. } = *addon;
    let counts = 0 <= least && least <= most && most <= MOST_UNITS && step > 0 && included >= 0;
    rule(&at, counts, "it must be 0 <= least <= most <= 1000000, step > 0 and included >= 0")?;
    match kind {
        AddonKind::Count => rule(&at, most > 0, "a count needs most"),
        AddonKind::Flag => Ok(()),
        AddonKind::Choice => {
            rule(&at, !addon.choices.is_empty(), "a choice needs choices")?;
            addon.choices.iter().try_for_each(|choice| {
                let at = format!("{at}, choice {}", choice.value);
                id(&at, choice.value)?;
                both(&at, &choice.name)
            })
        }
    }
}

fn promocode(of: &Promocode) -> Checked {
    let at = format!("promocode {:?}", shown(&of.code));
    let code = (1..=64).contains(&of.code.len()) && of.code.bytes().all(|b| b.is_ascii_graphic());
    rule(&at, code, "it must have 1 to 64 visible ASCII characters")?;
    rule(&at, (1..=100).contains(&of.percent), "percent must be from 1 to 100")
}

fn method(method: &Method) -> Checked {
    let at = format!("method {}", method.id);
    id(&at, method.id)?;
    both(&at, &method.name)?;
    rule(&at, is_itemtype(&method.module), "module must be lower-case letters, digits and _")?;
    method.parameters.iter().try_for_each(|(name, values)| {
        let fits = |text: &str, most| {
            (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control)
        };
        let fit = fits(name, LONGEST_NAME) && values.iter().all(|value| fits(value, LONGEST_VALUE));
        rule(&at, fit, "a parameter and its values must be printable and not empty")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_mistake_is_named_with_its_place() {
        let text = json!({"ru": "а", "en": "a"});
        let list = |change: &dyn Fn(&mut Value)| {
            let mut list = json!({"id": 2, "provider": 1, "itemtype": "vds", "name": text,
                "currency": "RUB", "prices": {"1": "10.00"},
                "addons": [{"id": 2, "kind": "count", "name": text, "most": 5, "price": 1}],
                "parameters": [
                    {"name": "seats", "kind": "number", "title": text, "least": 0, "most": 5},
                    {"name": "domain", "kind": "text", "title": text}]});
            change(&mut list);
            Catalogue::read(&json!({"pricelists": [list]}).to_string())
        };
        let read = list(&|_| ()).unwrap();
        assert_eq!(read.pricelists[0].prices[&1].kopecks(), 1000);
        for (place, value, message) in [
            ("/id", json!(0), "pricelist 0: the id must be"),
            ("/prices", json!({}), "pricelist 2: it must have the price"),
            ("/prices", json!({"37": 1}), "a period must be"),
            ("/prices", json!({"-1": 1}), "a period must be"),
            ("/parameters/0/name", json!("su"), "that every order has"),
            ("/parameters/0/name", json!("addon_7"), "that every order has"),
            ("/parameters/0/name", json!("Имя"), "lower-case"),
            ("/parameters/0/name", json!("password2"), "must be a secret"),
            ("/parameters/0/kind", json!("choice"), "a choice needs values"),
            ("/parameters/0/least", json!(-1), "0 <= least <= most"),
            ("/parameters/1/name", json!("seats"), "declared twice"),
            ("/prices", json!({"1": -1}), "pricelists[0].prices.1: -1 is not an amount"),
            ("/currency", json!("rub"), "three capital letters"),
            ("/name", json!({"ru": "", "en": "a"}), "1 to 200"),
            ("/addons/0/kind", json!("many"), "addon 2: kind: \"many\" is none of"),
            ("/addons/0/kind", json!("choice"), "a choice needs choices"),
            ("/addons/0/most", json!(0), "a count needs most"),
            ("/addons/0/price", json!("1.005"), "two decimals"),
        ] {
            let wrong = list(&|list| *list.pointer_mut(place).unwrap() = value.clone());
            let error = wrong.unwrap_err();
            assert!(error.contains(message), "{place} {value}: {error}");
        }
        assert!(Catalogue::read(r#"{"price_lists": []}"#).unwrap_err().contains("price_lists"));
        assert!(Catalogue::read("{} x").is_err());
    }
}
