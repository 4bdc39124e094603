//! Reading what a caller asks for.

use std::collections::BTreeMap;

pub use super::function::{Function, VENDORS_KINDS, is_itemtype};
use super::known;
use super::params::{Params, none_of};
use crate::domain::money::{brief, shown};
use crate::domain::task::guid::whole;
use crate::protocols::billmanager::command::{Add, Ask, Confirm, Fault, FaultKind, Given, PayBy};
use crate::protocols::billmanager::model::{LONGEST_PERIOD, MOST_COUNT, is_period};

/// Whether the operation is confirmed.
pub fn confirmed(params: &Params) -> Result<bool, Fault> {
    match params.get("sok") {
        None => Ok(false),
        Some("ok") => Ok(true),
        Some(other) => Err(none_of("sok", other, "ok")),
    }
}

/// A line item for the cart.
pub fn add(params: &Params, itemtype: &str, quick: bool) -> Result<Add, Fault> {
    button(params, quick)?;
    let period = period("order_period", params.required("order_period")?)?;
    let (autoprolong, autoprolong_period) = autoprolong(params)?;
    let addon = |(id, value): (&str, &str)| {
        let name = format!("addon_{id}");
        let id = whole(id).filter(|id| *id > 0).ok_or_else(|| {
            let ru = "После addon_ нужен номер дополнения";
            Fault::value(&name, ru, "After addon_ there must be the number of an add-on")
        })?;
        Ok((id, value.to_owned()))
    };
    let mut addons = BTreeMap::new();
    for (id, value) in params.beginning("addon_").map(addon).collect::<Result<Vec<_>, Fault>>()? {
        if addons.insert(id, value).is_some() {
            let ru = "Дополнение указано больше одного раза";
            let en = "The add-on was sent more than once";
            return Err(Fault::value(&format!("addon_{id}"), ru, en));
        }
    }
    Ok(Add {
        itemtype: itemtype.to_owned(),
        quick,
        pricelist: params.required_id("pricelist")?,
        period,
        count: count(params)?,
        datacenter: params.id("datacenter")?,
        autoprolong,
        autoprolong_period,
        addons,
        parameters: further(params, quick),
        skip_basket: params.flag("skipbasket")?,
    })
}

/// What an order has beside its own parameters and add-ons.
pub fn further(params: &Params, quick: bool) -> Given {
    let function = Function::Order { itemtype: String::new(), quick };
    Given(known::further(&function, params))
}

/// A period, which a parameter names.
pub(super) fn period(name: &str, text: &str) -> Result<i64, Fault> {
    let digits = text.strip_prefix('-');
    let number = whole(digits.unwrap_or(text)).map(|n| if digits.is_some() { -n } else { n });
    number.filter(|period| is_period(*period)).ok_or_else(|| {
        let all = format!("-100, -50, 0, 1–{LONGEST_PERIOD}");
        none_of(name, text, &all)
    })
}

/// Whether it is renewed by itself, and for how many months when that is said.
pub fn autoprolong(params: &Params) -> Result<(bool, Option<i64>), Fault> {
    match params.get("autoprolong") {
        None | Some("off" | "0") => Ok((false, None)),
        Some("on") => Ok((true, None)),
        Some(text) => {
            let months = whole(text).filter(|months| (1..=LONGEST_PERIOD).contains(months));
            let all = format!("on, off, 0–{LONGEST_PERIOD}");
            months
                .map(|months| (true, Some(months)))
                .ok_or_else(|| none_of("autoprolong", text, &all))
        }
    }
}

/// How many; `None` when that is not said.
fn count(params: &Params) -> Result<Option<i64>, Fault> {
    let Some(text) = params.get("order_count") else { return Ok(None) };
    let count = whole(text).filter(|count| (1..=MOST_COUNT).contains(count));
    count.map(Some).ok_or_else(|| {
        let message = shown(text);
        let ru = format!("{message:?}: нужно целое число от 1 до {MOST_COUNT}");
        let en = format!("{message:?}: it must be a whole number from 1 to {MOST_COUNT}");
        Fault::value("order_count", ru, en)
    })
}

/// The button must be the function's; `sok=ok` implies that of `v2`.
fn button(params: &Params, quick: bool) -> Result<(), Fault> {
    let new_cart = params.flag("force_use_new_cart")?;
    match (quick, params.get("clicked_button")) {
        (false, None | Some("order")) => Ok(()),
        (false, Some(other)) => Err(none_of("clicked_button", other, "order")),
        (true, Some("quickbasket")) if new_cart => Ok(()),
        (true, Some("quickbasket")) => Err(match params.get("force_use_new_cart") {
            None => Fault::missed("force_use_new_cart"),
            Some(other) => none_of("force_use_new_cart", other, "on"),
        }),
        (true, None) => Err(Fault::missed("clicked_button")),
        (true, Some(other)) => Err(none_of("clicked_button", other, "quickbasket")),
    }
}

/// What is to be done to the cart; `None` when it is only looked at.
pub fn cart(params: &Params) -> Result<Option<Ask>, Fault> {
    let button = params.get("clicked_button");
    if params.get("promocode").is_some() && button != Some("apply_promocode") {
        let ru = "Промокод применяет кнопка: clicked_button=apply_promocode";
        let en = "A promo code is applied by its button: clicked_button=apply_promocode";
        return Err(Fault::value("promocode", ru, en));
    }
    let Some(button) = button else { return Ok(None) };
    Ok(Some(match button {
        "activate" => Ask::Activate(params.ids("selected")?),
        "delete" => Ask::Delete(params.ids("selected")?),
        "apply_promocode" => Ask::Promocode(params.required("promocode")?.to_owned()),
        other => return Err(none_of("clicked_button", other, "activate, delete, apply_promocode")),
    }))
}

/// An order of line items.
pub fn confirm(params: &Params) -> Result<Confirm, Fault> {
    let items = params.ids("elid")?;
    if let Some(other) = params.get("clicked_button").filter(|b| !["ok", "order"].contains(b)) {
        return Err(none_of("clicked_button", other, "ok, order"));
    }
    let by = match (params.get("paymethod_id"), params.id("storedmethod_id")?) {
        (None, None) => return Err(Fault::missed("paymethod_id")),
        (Some(_), Some(_)) => {
            let ru = "Укажите либо paymethod_id, либо storedmethod_id";
            let en = "There must be either paymethod_id or storedmethod_id";
            let object = "storedmethod_id";
            return Err(Fault::new(FaultKind::Value, object, ru.into(), en.into()));
        }
        (Some("0"), None) => PayBy::Balance,
        (Some(_), None) => PayBy::Method(params.required_id("paymethod_id")?),
        (None, Some(stored)) => PayBy::Stored(stored),
    };
    params.flag("force_use_new_cart")?;
    Ok(Confirm {
        items,
        by,
        profile: params.id("profile_id")?,
        store: params.flag("store_paymethod")?,
        parameters: known::further(&Function::Confirm, params),
    })
}

/// Reads a stored request.
pub fn read_command(request: &str) -> Result<Ask, String> {
    serde_json::from_str(request)
        .map_err(|error| brief(format!("the request cannot be read: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(query: &str) -> Params {
        Params::read(query, "").unwrap()
    }

    fn object(fault: Fault) -> String {
        format!("{} {}", fault.kind, fault.object.unwrap())
    }

    #[test]
    fn functions_have_names() {
        let order = |itemtype: &str, quick| Function::Order { itemtype: itemtype.into(), quick };
        for (name, function) in [
            ("v2.vds.order.param", Some(order("vds", false))),
            ("ssl.order.param", Some(order("ssl", true))),
            ("cartorder.create.confirm", Some(Function::Confirm)),
            ("v2..order.param", None),
            ("v2.VDS.order.param", None),
            (".order.param", None),
            ("a.b.order.param", None),
            (&*format!("{}.order.param", "a".repeat(32)), Some(order(&"a".repeat(32), true))),
            (&*format!("{}.order.param", "a".repeat(33)), None),
            ("", None),
            ("User.edit", None),
            ("v2.vds.order.pricelist", Some(Function::Pricelists("vds".into()))),
            ("vds.edit", Some(Function::EditService(Some("vds".into())))),
            ("service.delete", Some(Function::DeleteService(None))),
            ("item", Some(Function::Services(None))),
            ("vds", Some(Function::Services(Some("vds".into())))),
        ] {
            assert_eq!(Function::named(name), function, "{name}");
        }
    }

    #[test]
    fn a_line_item_needs_a_price_list_and_a_period() {
        let add = |query: &str| add(&params(query), "vds", false).map_err(object);
        let read = add("pricelist=2&order_period=1&addon_2=10&datacenter=1").unwrap();
        assert_eq!((read.pricelist, read.period, read.datacenter), (2, 1, Some(1)));
        assert_eq!(read.addons[&2], "10");
        assert!(!read.autoprolong && !read.skip_basket);
        for (query, wrong) in [
            ("pricelist=2", "missed order_period"),
            ("order_period=1", "missed pricelist"),
            ("pricelist=x&order_period=1", "value pricelist"),
            ("pricelist=2&order_period=37", "value order_period"),
            ("pricelist=2&order_period=-1", "value order_period"),
            ("pricelist=2&order_period=-", "value order_period"),
            ("pricelist=2&order_period=1&autoprolong=37", "value autoprolong"),
            ("pricelist=2&order_period=1&autoprolong=-50", "value autoprolong"),
            ("pricelist=2&order_period=1&order_count=0", "value order_count"),
            ("pricelist=2&order_period=1&order_count=101", "value order_count"),
            ("pricelist=2&order_period=1&order_count=-1", "value order_count"),
            ("pricelist=2&order_period=1&order_count=1.5", "value order_count"),
            ("pricelist=2&order_period=1&autoprolong=yes", "value autoprolong"),
            ("pricelist=2&order_period=1&clicked_button=quickbasket", "value clicked_button"),
            ("pricelist=2&order_period=1&addon_x=1", "value addon_x"),
            ("pricelist=2&order_period=1&addon_2=1&addon_02=1", "value addon_2"),
            ("pricelist=2&order_period=1&datacenter=0", "value datacenter"),
        ] {
            assert_eq!(add(query).unwrap_err(), wrong, "{query}");
        }
    }

    #[test]
    fn a_count_a_period_and_a_renewal_are_what_was_sent() {
        let add = |query: &str| {
            let query = format!("pricelist=2&{query}");
            add(&params(&query), "vds", false).unwrap()
        };
        for period in [-100, -50, 0, 1, 2, 36] {
            assert_eq!(add(&format!("order_period={period}")).period, period);
        }
        for (sent, expected) in [
            ("", (false, None)),
            ("off", (false, None)),
            ("0", (false, None)),
            ("on", (true, None)),
            ("1", (true, Some(1))),
            ("12", (true, Some(12))),
        ] {
            let read = add(&format!("order_period=1&autoprolong={sent}"));
            assert_eq!((read.autoprolong, read.autoprolong_period), expected, "{sent}");
        }
        assert_eq!(add("order_period=1").count, None);
        assert_eq!(add("order_period=1&order_count=100").count, Some(100));
        let read = add("order_period=1&password=p&username=u&domain=d&addon_2=1&sfrom=ajax&auth=s");
        let further = ["domain", "password", "username"];
        assert_eq!(read.parameters.0.keys().collect::<Vec<_>>(), further);
    }

    #[test]
    fn quick_ordering_says_so() {
        let quick = |query: &str| {
            let query = format!("pricelist=2&order_period=12&{query}");
            add(&params(&query), "ssl", true).map(drop).map_err(object)
        };
        assert_eq!(quick("clicked_button=quickbasket&force_use_new_cart=on"), Ok(()));
        assert_eq!(quick("").unwrap_err(), "missed clicked_button");
        assert_eq!(quick("clicked_button=order").unwrap_err(), "value clicked_button");
        let old_cart = quick("clicked_button=quickbasket");
        assert_eq!(old_cart.unwrap_err(), "missed force_use_new_cart");
    }

    #[test]
    fn an_order_is_paid_in_exactly_one_way() {
        let confirm = |query: &str| confirm(&params(query)).map_err(object);
        let read = confirm("elid=5,6&paymethod_id=3&payment_method=card&sok=ok&authinfo=a:b");
        let read = read.unwrap();
        assert_eq!((read.items, read.by), (vec![5, 6], PayBy::Method(3)));
        assert_eq!(read.parameters, [("payment_method".into(), "card".into())].into());
        assert_eq!(confirm("elid=5&paymethod_id=0").unwrap().by, PayBy::Balance);
        assert_eq!(confirm("elid=5&storedmethod_id=9").unwrap().by, PayBy::Stored(9));
        for (query, wrong) in [
            ("paymethod_id=0", "missed elid"),
            ("elid=5", "missed paymethod_id"),
            ("elid=5&paymethod_id=0&storedmethod_id=9", "value storedmethod_id"),
            ("elid=5&paymethod_id=-1", "value paymethod_id"),
            ("elid=5&storedmethod_id=0", "value storedmethod_id"),
            ("elid=5&paymethod_id=1&profile_id=x", "value profile_id"),
        ] {
            assert_eq!(confirm(query).unwrap_err(), wrong, "{query}");
        }
    }
}
