//! Forms, and lists of what there is.

use super::document::Element;
use super::params::Params;
use super::summary::{autoprolong, configuration, named, price};
use super::words;
use crate::domain::money::Money;
use crate::protocols::billmanager::command::{Lang, Text};
use crate::protocols::billmanager::model::{
    Addon, AddonKind, Item, Method, Parameter, ParameterKind, USUAL_PERIODS, Value,
};
use crate::protocols::billmanager::sql::choosing::{Offer, Ways};
use crate::protocols::billmanager::sql::history::HistoryLine;
use crate::protocols::billmanager::sql::payments::ListedPayment;

/// What is in a cart and what it costs.
pub fn cart(items: &[(i64, Item)], selected: &[i64], lang: Lang) -> Vec<Element> {
    let elem = |(id, item): &(i64, Item)| {
        let period = words::period(item.period);
        Element::elem()
            .child(Element::text("id", id))
            .child(Element::text("item", named(*id, item, lang)))
            .child(Element::text("itemtype", &item.itemtype))
            .child(Element::text("pricelist", item.pricelist))
            .child(Element::text("order_period", period.of(lang)).with("period", item.period))
            .maybe(item.datacenter.map(|id| Element::text("datacenter", id)))
            .child(Element::text("order_count", item.count))
            .child(autoprolong("autoprolong", item))
            .child(Element::new("price").child(price(&item.currency, item.cost())))
            .maybe(
                item.promocode
                    .as_ref()
                    .map(|code| Element::text("promocode", code).with("discount", item.discount)),
            )
            .child(configuration(*id, item, lang))
            .maybe(selected.contains(id).then(|| Element::text("selected", "on")))
    };
    let sum = items.iter().try_fold(Money::ZERO, |sum, (_, item)| sum.checked_add(item.cost()));
    let currency = items.first().map(|(_, item)| item.currency.as_str());
    let total =
        sum.zip(currency).map(|(sum, currency)| Element::new("total").child(price(currency, sum)));
    let count = words::positions(items.len());
    vec![Element::text("position_count", count.of(lang)).with("count", items.len())]
        .into_iter()
        .chain(total)
        .chain(items.iter().map(elem))
        .collect()
}

/// The form of an order: what was given, and what could be.
pub fn order(params: &Params, offer: &Offer, lang: Lang) -> Vec<Element> {
    let given = ["pricelist", "order_period", "order_count", "datacenter", "autoprolong"];
    let given = given.into_iter().filter_map(|name| Some(Element::text(name, params.get(name)?)));
    let mut elements: Vec<Element> = given.collect();
    elements.push(
        Element::slist("pricelist")
            .children(offer.pricelists.iter().map(|(id, name)| Element::val(id, name.of(lang)))),
    );
    let Some(list) = &offer.chosen else {
        let periods = USUAL_PERIODS;
        let periods = periods.map(|period| Element::val(period, words::period(period).of(lang)));
        elements.push(Element::slist("order_period").children(periods));
        return elements;
    };
    let periods = list.prices.iter().map(|(period, price)| {
        let text = format!("{}: {price} {}", words::period(*period).of(lang), list.currency);
        Element::val(period, &text).with("cost", price)
    });
    elements.push(Element::slist("order_period").children(periods));
    let datacenters = offer.datacenters.iter().map(|(id, name)| Element::val(id, name));
    elements.push(Element::slist("datacenter").children(datacenters));
    let addons = list.addons.iter().map(|(id, of)| addon(*id, of, &list.currency, lang));
    elements.push(Element::list("addons").children(addons));
    if !list.parameters.is_empty() {
        let parameters = list.parameters.iter().map(|of| parameter(of, &list.currency, lang));
        elements.push(Element::list("parameters").children(parameters));
    }
    elements
}

fn addon(id: i64, addon: &Addon, currency: &str, lang: Lang) -> Element {
    let elem = Element::elem()
        .child(Element::text("name", format!("addon_{id}")))
        .child(Element::text("title", addon.name.of(lang)))
        .child(Element::text("kind", addon.kind));
    match addon.kind {
        AddonKind::Flag => elem.child(price(currency, addon.price)),
        AddonKind::Count => elem
            .child(Element::text("unit", addon.unit.of(lang)))
            .child(Element::text("included", addon.included))
            .child(Element::text("least", addon.least))
            .child(Element::text("most", addon.most))
            .child(Element::text("step", addon.step))
            .child(price(currency, addon.price)),
        AddonKind::Choice => {
            let values = addon.choices.iter().map(|(value, choice)| {
                Element::val(value, choice.name.of(lang)).with("cost", choice.price)
            });
            elem.child(Element::slist(&format!("addon_{id}")).children(values))
        }
    }
}

fn parameter(parameter: &Parameter, currency: &str, lang: Lang) -> Element {
    let flag = |on| if on { "on" } else { "off" };
    let elem = Element::elem()
        .child(Element::text("name", &parameter.name))
        .child(Element::text("title", parameter.title.of(lang)))
        .child(Element::text("kind", parameter.kind.as_str()))
        .child(Element::text("required", flag(parameter.required)));
    match parameter.kind {
        ParameterKind::Number => elem
            .child(Element::text("least", parameter.least))
            .child(Element::text("most", parameter.most))
            .child(price(currency, parameter.price)),
        ParameterKind::Choice => {
            let value =
                |one: &Value| Element::val(&one.value, one.title.of(lang)).with("cost", one.price);
            let values = parameter.values.iter().map(value);
            elem.child(Element::slist(&parameter.name).children(values))
        }
        ParameterKind::Text | ParameterKind::Secret | ParameterKind::Flag => {
            elem.child(price(currency, parameter.price))
        }
    }
}

/// The form of a payment: the ways to pay.
pub fn confirm(params: &Params, ways: &Ways, lang: Lang) -> Vec<Element> {
    let given = ["elid", "paymethod_id", "storedmethod_id", "profile_id", "store_paymethod"];
    let given = given.into_iter().filter_map(|name| Some(Element::text(name, params.get(name)?)));
    let Ways { balance, currency, methods, stored, profiles } = ways;
    let own = format!("{} ({balance} {currency})", words::balance().of(lang));
    let by_method = methods.iter().map(|(id, method)| Element::val(id, method.name.of(lang)));
    let by_stored = stored.iter().filter_map(|(id, stored)| {
        Some(Element::val(id, methods.get(&stored.method)?.name.of(lang)))
    });
    let payers = profiles.iter().map(|payer| {
        let text = format!("{}, {}", payer.name, words::profile_kind(payer.kind).of(lang));
        Element::val(payer.id, &text)
    });
    given
        .chain([
            Element::slist("paymethod_id").child(Element::val(0, &own)).children(by_method),
            Element::slist("storedmethod_id").children(by_stored),
            Element::slist("profile_id").children(payers),
            Element::list("methods").children(methods.iter().map(|(id, m)| method(*id, m))),
        ])
        .collect()
}

/// What a method needs.
fn method(id: i64, method: &Method) -> Element {
    let flag = |name, on| Element::text(name, if on { "on" } else { "off" });
    let parameters = method.parameters.iter().map(|(name, values)| {
        Element::slist(name).children(values.iter().map(|value| Element::val(value, value)))
    });
    Element::elem()
        .child(Element::text("id", id))
        .child(flag("needs_profile", method.needs_profile))
        .child(flag("storable", method.storable))
        .children(parameters)
}

/// Payments.
pub fn payments(payments: &[ListedPayment], lang: Lang) -> Vec<Element> {
    let elem = |listed: &ListedPayment| {
        let ListedPayment { id, payment, method, login, sender, recipient, created_at } = listed;
        let status = words::payment_status(payment.status);
        let method = method.clone().unwrap_or_else(words::balance);
        let amount = format!("{} {}", payment.amount, payment.currency);
        let moment = created_at.strftime("%Y-%m-%dT%H:%M:%SZ");
        let date = Element::text("create_date", created_at.strftime("%Y-%m-%d"));
        Element::elem()
            .child(Element::text("id", id))
            .child(Element::text("number", id))
            .child(Element::text("account", login))
            .child(Element::text("account_name", login))
            .child(Element::text("billorder", payment.order))
            .child(date.with("moment", moment))
            .child(Element::text("paymethod", method.of(lang)).with("id", payment.method))
            .child(Element::text("paymethod_name", method.of(lang)))
            .maybe(payment.profile.map(|id| Element::text("profile_id", id)))
            .maybe(payment.profile.map(|id| Element::text("sender_id", id)))
            .maybe(sender.as_ref().map(|name| Element::text("sender_name", name)))
            .child(Element::text("recipient_name", recipient))
            .child(price(&payment.currency, payment.amount))
            .child(Element::text("paymethodamount_iso", &amount))
            .child(Element::text("subaccountamount_iso", &amount))
            .child(Element::text("status", payment.status.number()))
            .child(Element::text("status_name", status.of(lang)))
    };
    payments.iter().map(elem).collect()
}

/// What came to a balance and went from it; what went has a minus.
pub fn history(lines: &[HistoryLine], currency: &str, lang: Lang) -> Vec<Element> {
    let elem = |line: &HistoryLine| {
        let HistoryLine { kind, amount, order, payment, service, note, entered_at } = line;
        let minus = if matches!(kind.as_str(), "order" | "renewal") { "-" } else { "" };
        let moment = entered_at.strftime("%Y-%m-%dT%H:%M:%SZ");
        let date = Element::text("date", entered_at.strftime("%Y-%m-%d"));
        Element::elem()
            .child(date.with("moment", moment))
            .child(Element::text("kind", kind))
            .child(Element::text("kind_name", words::entry_kind(kind).of(lang)))
            .child(Element::text("amount", format!("{minus}{amount}")))
            .child(Element::text("currency", currency))
            .maybe(order.map(|id| Element::text("billorder", id)))
            .maybe(payment.map(|id| Element::text("payment_id", id)))
            .maybe(service.map(|id| Element::text("service", id)))
            .maybe(note.as_ref().map(|note| Element::text("note", note)))
    };
    lines.iter().map(elem).collect()
}

/// The form of `payment.setpaid`: which payment it is, and that nothing was done.
pub fn set_paid(id: i64, listed: &[ListedPayment], lang: Lang) -> Vec<Element> {
    let msg = Text::new(
        "Это форма: платёж не зачислен. Чтобы зачислить его, пришлите sok=ok",
        "This is the form: the payment was not credited. To credit it, send sok=ok",
    );
    let form = Element::new("form").child(Element::text("msg", msg.of(lang)));
    [Element::text("elid", id), form].into_iter().chain(payments(listed, lang)).collect()
}

/// The page of a payment.
pub struct Page<'a> {
    /// Its number.
    pub id: i64,
    /// What is to be paid.
    pub amount: Money,
    /// What that is in.
    pub currency: &'a str,
    /// What it says of the payment.
    pub message: &'a Text,
    /// The path and the key that the button posts, when there is one.
    pub button: Option<(&'a str, &'a str)>,
}

/// That page, for a browser.
pub fn page(page: &Page<'_>, lang: Lang) -> Element {
    let Page { id, amount, currency, message, button } = page;
    let title = Text::new(format!("Платёж {id}"), format!("Payment {id}"));
    let hidden = |name: &str, value: &dyn ToString| {
        let input = Element::new("input").with("type", "hidden").with("name", name);
        input.with("value", value.to_string())
    };
    let form = button.map(|(path, key)| {
        let pay =
            Text::new("Оплатить (проверка, деньги не списываются)", "Pay (a test: no money moves)");
        let button = Element::text("button", pay.of(lang)).with("type", "submit");
        Element::new("form")
            .with("method", "post")
            .with("action", path)
            .child(hidden("elid", id))
            .child(hidden("key", &key))
            .child(hidden("lang", &lang))
            .child(button)
    });
    let head = Element::new("head")
        .child(Element::new("meta").with("charset", "utf-8"))
        .child(Element::text("title", title.of(lang)));
    let body = Element::new("body")
        .child(Element::text("h1", title.of(lang)))
        .child(Element::text("p", format!("{amount} {currency}")))
        .child(Element::text("p", message.of(lang)))
        .maybe(form);
    Element::new("html").with("lang", lang).child(head).child(body)
}
