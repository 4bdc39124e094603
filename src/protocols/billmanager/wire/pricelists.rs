//! Price lists, as they are shown before anything is ordered.

use super::document::Element;
use super::params::Params;
use super::request::is_itemtype;
use crate::domain::money::shown;
use crate::protocols::billmanager::command::{Fault, Lang};
use crate::protocols::billmanager::sql::catalogue::Pricelist;

/// Which price lists to show.
pub struct Filter {
    id: Option<i64>,
    itemtype: Option<String>,
    only_available: bool,
}

/// Those that the parameters name.
pub fn filter(params: &Params) -> Result<Filter, Fault> {
    let itemtype = params.get("itemtype");
    if let Some(other) = itemtype.filter(|kind| !is_itemtype(kind)) {
        let message = shown(other);
        let ru = format!("{message:?}: такого вида услуг быть не может");
        let en = format!("{message:?}: there cannot be such a kind of product");
        return Err(Fault::value("itemtype", ru, en));
    }
    Ok(Filter {
        id: params.id("elid")?,
        itemtype: itemtype.map(str::to_owned),
        only_available: params.flag("onlyavailable")?,
    })
}

impl Filter {
    /// Whether this one is among them.
    pub fn lets(&self, list: &Pricelist) -> bool {
        self.id.is_none_or(|id| id == list.id)
            && self.itemtype.as_ref().is_none_or(|kind| *kind == list.itemtype)
            && (list.active || !self.only_available)
    }
}

/// `pricelist.export`: each with its prices.
pub fn exported<'a>(lists: impl Iterator<Item = &'a Pricelist>, lang: Lang) -> Vec<Element> {
    let one = |list: &Pricelist| {
        let prices = list
            .prices
            .iter()
            .map(|(period, price)| Element::text("price", price).with("period", period).many());
        Element::new("pricelist")
            .many()
            .child(Element::text("id", list.id))
            .child(Element::text("name", list.name.of(lang)))
            .child(Element::text("itemtype", &list.itemtype))
            .child(Element::text("project", list.provider))
            .child(Element::text("currency", &list.currency))
            .child(Element::text("available", if list.active { "on" } else { "off" }))
            .children(prices)
    };
    lists.map(one).collect()
}

/// `v2.{itemtype}.order.pricelist`: each with what its shortest period of months costs, or its first if it has none.
pub fn offered<'a>(lists: impl Iterator<Item = &'a Pricelist>, lang: Lang) -> Vec<Element> {
    let one = |list: &Pricelist| {
        let shortest = list.prices.range(1..).next().or_else(|| list.prices.iter().next());
        let cost =
            shortest.map(|(period, price)| Element::text("cost", price).with("period", period));
        Element::elem()
            .child(Element::text("id", list.id))
            .child(Element::text("name", list.name.of(lang)))
            .maybe(cost)
            .child(Element::text("currency", &list.currency))
    };
    lists.map(one).collect()
}
