//! What an order consists of, as the vendor's interface shows it.

use super::document::Element;
use super::words;
use crate::domain::money::Money;
use crate::protocols::billmanager::command::{Lang, Text};
use crate::protocols::billmanager::model::{Configured, Item};
use crate::protocols::billmanager::sql::views::Summary;

/// The elements of `cartorder`.
pub fn elements(summary: &Summary, lang: Lang, out: &str) -> Vec<Element> {
    let count = words::positions(summary.items.len());
    let count = Element::text("position_count", count.of(lang));
    let details = summary.items.iter().map(|(id, item)| detail(*id, item, lang));
    let mut elements = vec![
        payment_info(summary, lang),
        Element::list("general_info").child(Element::elem().child(count)),
        Element::list("details").children(details),
    ];
    elements.extend(
        summary.items.iter().map(|(id, item)| autoprolong(&format!("autoprolong_{id}"), item)),
    );
    let faq = summary.faq.iter().enumerate().map(|(number, link)| {
        let link = Element::text("link", link)
            .with("internal", "no")
            .with("target", "_blank")
            .with("name", format!("faq_link_{number}"));
        Element::elem().child(link)
    });
    let support = summary.support.as_ref().map(|link| {
        let link = Element::text("link", link).with("name", "help_support_link");
        Element::elem().child(link.with("internal", "yes").with("newtab", "yes"))
    });
    let order = || Element::text("elid", summary.order);
    let tparams = Element::new("tparams").child(order());
    elements.extend([
        Element::list("help_faq").children(faq),
        Element::list("help_support").children(support),
        order(),
        tparams.child(Element::text("out", out)).child(Element::text("func", "cartorder")),
        Element::new("saved_filters"),
    ]);
    elements
}

fn payment_info(summary: &Summary, lang: Lang) -> Element {
    let sized = |img: Element, width, height| img.with("width", width).with("height", height);
    let payer = summary.payer.as_ref().map(|payer| {
        let img = Element::new("img").with("img", "m-account");
        let img = sized(img, "20px", "15px").with("sprite", "yes").with("spritesvg", "yes");
        let name = format!("{}, {}", payer.name, words::profile_kind(payer.kind).of(lang));
        Element::elem().child(img).child(Element::text("profile", name).with("size", "h3"))
    });
    let to_pay = match (summary.paid, lang) {
        (false, Lang::Ru) => "К оплате",
        (false, Lang::En) => "To be paid:",
        (true, Lang::Ru) => "Оплачено",
        (true, Lang::En) => "Paid:",
    };
    let to_pay = format!("{to_pay} {} {}", summary.total, summary.currency);
    let img = sized(Element::new("img").with("img", "card"), "18px", "16px");
    let sum = Element::elem()
        .child(img.with("spritesvg", "yes"))
        .child(Element::text("to_pay", to_pay).with("size", "h3"));
    Element::list("payment_info_list").maybe(payer).child(sum)
}

fn detail(id: i64, item: &Item, lang: Lang) -> Element {
    let count = match (lang, item.count) {
        (Lang::Ru, count) => format!("{count}шт."),
        (Lang::En, 1) => "1 pc.".to_owned(),
        (Lang::En, count) => format!("{count} pcs."),
    };
    let input = Element::new("input")
        .with("name", format!("autoprolong_{id}"))
        .with("type", "checkbox")
        .with("msg_side", "left")
        .with("color_on", "green")
        .with("color_off", "red")
        .with("readonly", "yes");
    let autoprolong = Element::elem().child(Element::new("autoprolong").child(input));
    Element::elem()
        .child(Element::text("item", named(id, item, lang)))
        .child(Element::text("count", count))
        .child(Element::new("price").child(price(&item.currency, item.cost())))
        .child(configuration(id, item, lang))
        .child(Element::new("extra_info").child(autoprolong))
}

/// Whether it is renewed by itself, and for which period.
pub fn autoprolong(name: &str, item: &Item) -> Element {
    match item.autoprolong {
        None => Element::text(name, "off"),
        Some(period) => Element::text(name, "on").with("period", period),
    }
}

/// `oneAddon #4176`
pub fn named(id: i64, item: &Item, lang: Lang) -> String {
    format!("{} #{id}", item.name.of(lang))
}

/// An amount in its currency.
pub fn price(currency: &str, cost: impl ToString) -> Element {
    Element::new("price")
        .child(Element::text("currency", currency))
        .child(Element::text("cost", cost))
}

/// What a line item's price consists of.
pub fn configuration(id: i64, item: &Item, lang: Lang) -> Element {
    let headers = [
        ("configuration_name", Text::new("Услуга", "Service")),
        ("configuration_value", Text::new("Значение", "Value")),
        ("configuration_limit", Text::new("Лимит", "Limit")),
    ];
    let headers = headers.iter().map(|(name, text)| {
        let header = Element::text("header", text.of(lang)).with("name", name);
        header.with("color", "main").many()
    });
    let name = named(id, item, lang);
    let line = |name: &str, value: &str, cost: String| {
        let cost = Element::new("configuration_price").child(price(&item.currency, cost));
        Element::elem()
            .child(Element::text("configuration_name", name))
            .child(Element::text("configuration_value", value))
            .child(cost)
    };
    let lines = item.configuration.iter().map(|Configured { name: addon, value, price }| {
        let name = addon.as_ref().map_or(name.as_str(), |addon| addon.of(lang));
        line(name, value.of(lang), price.to_string())
    });
    let discount = item.promocode.as_ref().filter(|_| item.discount > Money::ZERO).map(|code| {
        let what = Text::new("Промокод", "Promo code");
        line(what.of(lang), code, format!("-{}", item.discount))
    });
    Element::new("configuration").children(headers).children(lines).maybe(discount)
}
