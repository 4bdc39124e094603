//! The list of services: which ones, and what is shown of each.

use std::net::IpAddr;

use jiff::Timestamp;

use super::document::Element;
use super::filter::{Page, days, listed, page};
use super::params::{Params, none_of};
use super::request::{self, is_itemtype};
use super::summary::{configuration, named};
use super::words;
use crate::domain::money::shown;
use crate::protocols::billmanager::command::{Fault, Lang};
use crate::protocols::billmanager::model::ServiceStatus;
use crate::protocols::billmanager::sql::services::{ListedService, MOST_SERVICES, ServiceFilter};

/// The services of a client, or of all of them, that the parameters name; of one kind of product where the function
/// is named for it.
pub fn filter(
    params: &Params,
    user: Option<i64>,
    kind: Option<&str>,
) -> Result<ServiceFilter, Fault> {
    let (expires_from, expires_before) = days(params, "expiredate")?;
    let Page { most, skip } = page(params, MOST_SERVICES)?;
    let positive = |number| number > 0;
    Ok(ServiceFilter {
        user,
        id: params.id("id")?,
        order: params.id("billorder")?,
        itemtype: itemtype(params, kind)?,
        pricelists: listed(params, "pricelist", positive)?,
        statuses: statuses(params)?,
        providers: listed(params, "project", positive)?,
        ip: ip(params)?,
        login: params.get("account").map(str::to_owned),
        expires_from,
        expires_before,
        most,
        skip,
    })
}

/// The kind of product: of the function, or of the filter where the function is of all of them.
fn itemtype(params: &Params, kind: Option<&str>) -> Result<Option<String>, Fault> {
    match (kind, params.get("itemtype")) {
        (Some(kind), Some(other)) if kind != other => {
            let message = shown(other);
            let ru = format!("{message:?}: эта функция показывает только {kind}");
            let en = format!("{message:?}: this function is of {kind} only");
            Err(Fault::value("itemtype", ru, en))
        }
        (None, Some(other)) if !is_itemtype(other) => {
            let message = shown(other);
            let ru = format!("{message:?}: такого вида услуг быть не может");
            let en = format!("{message:?}: there cannot be such a kind of product");
            Err(Fault::value("itemtype", ru, en))
        }
        (kind, asked) => Ok(kind.or(asked).map(str::to_owned)),
    }
}

/// The words of the statuses whose numbers were named, like `,active,`.
fn statuses(params: &Params) -> Result<Option<String>, Fault> {
    let Some(text) = params.get("status") else { return Ok(None) };
    let mut statuses = String::from(",");
    for part in text.split(',') {
        let number = part.trim().parse().ok();
        let status = number.and_then(ServiceStatus::numbered).ok_or_else(|| {
            let all: Vec<String> =
                ServiceStatus::ALL.iter().map(|status| status.number().to_string()).collect();
            none_of("status", part, &all.join(", "))
        })?;
        statuses += &format!("{status},");
    }
    Ok(Some(statuses))
}

/// Services, as a list.
pub fn list(services: &[ListedService], lang: Lang) -> Vec<Element> {
    services.iter().map(|listed| elem(listed, lang)).collect()
}

/// What provisioning has to do with each, and all that it needs for that, secrets included.
pub fn to_do(services: &[ListedService], lang: Lang) -> Vec<Element> {
    let elem = |listed: &ListedService| {
        let given = listed.item.parameters.0.iter();
        let given = given.map(|(name, value)| {
            Element::elem().child(Element::text("name", name)).child(Element::text("value", value))
        });
        elem(listed, lang)
            .maybe(listed.service.pending.map(|what| Element::text("pending", what)))
            .child(Element::list("parameters").children(given))
            .child(configuration(listed.id, &listed.item, lang))
    };
    services.iter().map(elem).collect()
}

/// The form of a change of a service: which one it is, what it may be prolonged for, and that nothing was done.
pub fn form(listed: &ListedService, lang: Lang) -> Vec<Element> {
    let msg = match lang {
        Lang::Ru => "Это форма: ничего не изменено. Чтобы изменить, пришлите sok=ok",
        Lang::En => "This is the form: nothing was changed. To change it, send sok=ok",
    };
    let periods = listed.item.renewals.iter().map(|(period, price)| {
        let text = format!("{}: {price} {}", words::period(*period).of(lang), listed.item.currency);
        Element::val(period, &text).with("cost", price)
    });
    vec![
        Element::text("elid", listed.id),
        Element::new("form").child(Element::text("msg", msg)),
        Element::slist("period").children(periods),
        elem(listed, lang),
    ]
}

/// Whether it is renewed by itself, which must be said.
pub fn autoprolong(params: &Params) -> Result<(bool, Option<i64>), Fault> {
    params.required("autoprolong")?;
    request::autoprolong(params)
}

/// The period that a service is prolonged for.
pub fn period(params: &Params) -> Result<i64, Fault> {
    request::period("period", params.required("period")?)
}

/// The button, when it is named.
pub fn button(params: &Params) -> Result<(), Fault> {
    match params.get("clicked_button").filter(|button| *button != "ok") {
        None => Ok(()),
        Some(other) => Err(none_of("clicked_button", other, "ok")),
    }
}

/// The address of what was opened: IPv4 or IPv6.
pub fn ip(params: &Params) -> Result<Option<String>, Fault> {
    let Some(text) = params.get("ip") else { return Ok(None) };
    let address: IpAddr = text.parse().map_err(|_| {
        let message = shown(text);
        let ru = format!("{message:?}: нужен адрес IPv4 или IPv6");
        Fault::value("ip", ru, format!("{message:?}: it must be an address of IPv4 or IPv6"))
    })?;
    Ok(Some(address.to_string()))
}

fn elem(listed: &ListedService, lang: Lang) -> Element {
    let ListedService { id, item, service, login, provider, provider_name, .. } = listed;
    let date = |name: &str, moment: Timestamp| {
        let date = Element::text(name, moment.strftime("%Y-%m-%d"));
        date.with("moment", moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
    };
    let period = words::period(item.period);
    let renewed = match service.autoprolong {
        None => Element::text("autoprolong", "off"),
        Some(period) => Element::text("autoprolong", "on").with("period", period),
    };
    let status = words::service_status(service.status);
    Element::elem()
        .child(Element::text("id", id))
        .child(Element::text("name", named(*id, item, lang)))
        .maybe(item.parameters.get("domain").map(|domain| Element::text("domain", domain)))
        .maybe(service.ip.as_ref().map(|ip| Element::text("ip", ip)))
        .child(Element::text("itemtype", &item.itemtype))
        .child(Element::text("pricelist", item.name.of(lang)).with("id", item.pricelist))
        .child(Element::text("period", period.of(lang)).with("period", item.period))
        .child(Element::text("order_count", item.count))
        .child(renewed)
        .child(Element::text("refund", item.refund))
        .child(Element::text("cost", item.price))
        .child(Element::text("item_cost", item.price))
        .child(Element::text("currency", &item.currency))
        .maybe(item.datacenter.map(|id| Element::text("datacenter", id)))
        .child(date("createdate", service.ordered_at))
        .maybe(service.opened_at.map(|moment| date("opendate", moment)))
        .maybe(service.expires_at.map(|moment| date("expiredate", moment)))
        .child(Element::text("status", service.status.number()))
        .child(Element::text("status_name", status.of(lang)))
        .maybe(service.suspended_for.map(|why| Element::text("suspended_for", why)))
        .child(Element::text("billorder", service.order))
        .child(Element::text("account", login))
        .child(Element::text("project", provider_name).with("id", provider))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str, kind: Option<&str>) -> Result<ServiceFilter, String> {
        filter(&Params::read(query, "").unwrap(), Some(7), kind)
            .map_err(|fault| format!("{} {}", fault.kind, fault.object.unwrap()))
    }

    #[test]
    fn a_filter_is_what_was_sent() {
        let query = "filter=on&status=2,%203&pricelist=2,9&itemtype=vds&expiredatestart=2027-01-31";
        let filter = read(query, None).unwrap();
        assert_eq!(filter.statuses.as_deref(), Some(",active,suspended,"));
        assert_eq!(filter.pricelists.as_deref(), Some(",2,9,"));
        assert_eq!(filter.expires_from, Some("2027-01-31T00:00:00Z".parse().unwrap()));
        assert_eq!((filter.user, filter.expires_before), (Some(7), None));
        assert_eq!(filter.itemtype.as_deref(), Some("vds"));
        assert_eq!(read("", Some("soft")).unwrap().itemtype.as_deref(), Some("soft"));
        assert!(read("itemtype=vds", Some("vds")).is_ok());
    }

    #[test]
    fn what_is_not_understood_is_refused_by_name() {
        for (query, wrong) in [
            ("status=5", "value status"),
            ("status=active", "value status"),
            ("status=", ""),
            ("itemtype=vds", "value itemtype"),
            ("expiredate=today", "value expiredate"),
            ("expiredateend=31.01.2027", "value expiredateend"),
            ("pricelist=x", "value pricelist"),
            ("id=x", "value id"),
            ("p_cnt=501", "value p_cnt"),
        ] {
            assert_eq!(read(query, Some("soft")).err().unwrap_or_default(), wrong, "{query}");
        }
    }
}
