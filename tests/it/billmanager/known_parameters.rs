//! Every parameter that is known is honoured or refused by its name; none is dropped.

use std::collections::BTreeSet;

use wsa::protocols::billmanager::wire::known::{self, BROWSER, COMMON, PLACES};
use wsa::protocols::billmanager::wire::request::Function;
use wsa::web::parameters::Use;

use super::shop::*;
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;

/// A function, what a request of it has, and for each parameter a value that it cannot have and what says so.
type Wrong = (&'static str, &'static [(&'static str, &'static str)], &'static [[&'static str; 3]]);

const WRONG: &[Wrong] = &[
    (
        "v2.vds.order.param",
        &[("sok", "ok"), ("pricelist", "2"), ("order_period", "1")],
        &[
            ["pricelist", "999", "missed pricelist"],
            ["order_period", "-1", "value order_period"],
            ["order_count", "0", "value order_count"],
            ["datacenter", "9", "missed datacenter"],
            ["autoprolong", "yes", "value autoprolong"],
            ["project", "2", "value project"],
            ["skipbasket", "1", "value skipbasket"],
            ["clicked_button", "burn", "value clicked_button"],
            ["force_use_new_cart", "1", "value force_use_new_cart"],
        ],
    ),
    (
        "cart",
        &[],
        &[
            ["selected", "x", "value selected"],
            ["clicked_button", "burn", "value clicked_button"],
            ["promocode", "IDDQD", "value promocode"],
            ["project", "2", "missed project"],
        ],
    ),
    (
        "cartorder.create.confirm",
        &[("sok", "ok"), ("elid", "ITEM"), ("paymethod_id", "15")],
        &[
            ["elid", "999999", "missed elid"],
            ["paymethod_id", "99", "missed paymethod_id"],
            ["storedmethod_id", "1", "value storedmethod_id"],
            ["profile_id", "999", "missed profile_id"],
            ["store_paymethod", "1", "value store_paymethod"],
            ["clicked_button", "burn", "value clicked_button"],
            ["force_use_new_cart", "1", "value force_use_new_cart"],
        ],
    ),
    ("cartorder", &[], &[["elid", "999999", "missed elid"]]),
    ("payment.setpaid", &[], &[["elid", "999999", "missed elid"]]),
    (
        "payment",
        &[],
        &[
            ["id", "x", "value id"],
            ["billorder", "x", "value billorder"],
            ["filter", "off", "value filter"],
            ["number", "x", "value number"],
            ["status", "10", "value status"],
            ["paymethod", "x", "value paymethod"],
            ["project", "x", "value project"],
            ["createdate", "today", "value createdate"],
            ["createdatestart", "2026-6-3", "value createdatestart"],
            ["createdateend", "yesterday", "value createdateend"],
            ["p_cnt", "x", "value p_cnt"],
            ["p_num", "0", "value p_num"],
        ],
    ),
    (
        "service",
        &[],
        &[
            ["id", "x", "value id"],
            ["ip", "here", "value ip"],
            ["filter", "off", "value filter"],
            ["status", "5", "value status"],
            ["itemtype", "VDS", "value itemtype"],
            ["pricelist", "x", "value pricelist"],
            ["project", "x", "value project"],
            ["billorder", "x", "value billorder"],
            ["expiredate", "today", "value expiredate"],
            ["expiredatestart", "2026-6-3", "value expiredatestart"],
            ["expiredateend", "yesterday", "value expiredateend"],
            ["p_cnt", "x", "value p_cnt"],
            ["p_num", "0", "value p_num"],
        ],
    ),
    (
        "service.edit",
        &[("sok", "ok"), ("elid", "SERVICE"), ("autoprolong", "on")],
        &[
            ["elid", "999999", "missed elid"],
            ["autoprolong", "yes", "value autoprolong"],
            ["clicked_button", "burn", "value clicked_button"],
        ],
    ),
    ("service.delete", &[], &[["elid", "999999", "missed elid"]]),
    (
        "service.prolong",
        &[("sok", "ok"), ("elid", "SERVICE"), ("period", "1")],
        &[
            ["elid", "999999", "missed elid"],
            ["period", "37", "value period"],
            ["clicked_button", "burn", "value clicked_button"],
        ],
    ),
    (
        "service.open",
        &[("sok", "ok"), ("elid", "SERVICE")],
        &[["elid", "999999", "missed elid"], ["ip", "here", "value ip"]],
    ),
    ("service.suspend", &[("sok", "ok")], &[["elid", "999999", "missed elid"]]),
    ("service.resume", &[("sok", "ok")], &[["elid", "999999", "missed elid"]]),
    ("service.close", &[("sok", "ok")], &[["elid", "999999", "missed elid"]]),
    (
        "pricelist.export",
        &[],
        &[
            ["elid", "x", "value elid"],
            ["itemtype", "VDS", "value itemtype"],
            ["onlyavailable", "1", "value onlyavailable"],
        ],
    ),
    ("v2.vds.order.pricelist", &[], &[["project", "x", "value project"]]),
    ("subaccount", &[], &[["project", "x", "value project"]]),
    (
        "subaccount.history",
        &[],
        &[
            ["filter", "off", "value filter"],
            ["project", "x", "value project"],
            ["p_cnt", "501", "value p_cnt"],
            ["p_num", "0", "value p_num"],
        ],
    ),
    ("whoami", &[], &[]),
    (
        "usrparam",
        &[
            ("sok", "ok"),
            ("passwd", "a new password"),
            ("confirm", "a new password"),
            ("old_passwd", "x"),
        ],
        &[
            ["passwd", "a new", "value confirm"],
            ["confirm", "a new", "value confirm"],
            ["old_passwd", "no idea", "value old_passwd"],
        ],
    ),
    (
        "auth",
        &[],
        &[["username", "nobody", "auth badpassword"], ["password", "wrong", "auth badpassword"]],
    ),
];

/// Filters that may be any text, by their lists: what they let through is tested with those.
fn any_text(func: &str) -> &'static [&'static str] {
    match func {
        "payment" => &["sender", "recipient", "account"],
        "service" => &["account"],
        _ => &[],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_parameter_is_understood_and_any_other_is_refused_by_name() {
    let app = TestApp::on(Stores::Sqlite, Queues::InProcess).await;
    // More names are tried for each function than a minute has attempts.
    let app = app.set("billmanager.attempts_per_min", 100_000).start().await;
    seed(app.store()).await;
    let item = add(&app, ANNA).await.to_string();
    let service = buy_free(&app, ANNA).await.to_string();
    let mut places = BTreeSet::new();
    for (func, base, wrong) in WRONG {
        let function = Function::named(func).unwrap();
        let place = known::of(&function);
        places.insert(place.at);
        // What a price list or a method declares has tests of its own, and so have add-ons.
        let own = place.parameters().filter(|(name, _)| !name.contains('{'));
        let (honoured, refused): (Vec<_>, Vec<_>) =
            own.partition(|(_, of)| matches!(of, Use::Honoured(_)));
        let known: BTreeSet<&str> = honoured.iter().map(|(name, _)| *name).collect();
        let mut named: BTreeSet<&str> = wrong.iter().map(|[name, ..]| *name).collect();
        named.extend(any_text(func));
        assert_eq!(named, known, "{func}");
        let of_administrators = [
            "payment.setpaid",
            "service.open",
            "service.suspend",
            "service.resume",
            "service.close",
        ];
        let login = if of_administrators.contains(func) { ADMIN } else { ANNA };
        let put = |value: &'static str| match value {
            "ITEM" => item.as_str(),
            "SERVICE" => service.as_str(),
            other => other,
        };
        let base: Vec<(&str, &str)> =
            base.iter().map(|(name, value)| (*name, put(value))).collect();
        let with = |name: &str, value: &str| {
            let mut params = base.clone();
            let (authinfo, password) = (format!("{login}:{}", password(login)), password(login));
            // A session is opened with a name and a password.
            match *func {
                "auth" if name == "password" => params.push(("username", login)),
                "auth" if name == "username" => params.push(("password", &password)),
                _ if name != "authinfo" && name != "auth" => params.push(("authinfo", &authinfo)),
                _ => {}
            }
            let mut all = vec![("out", "json"), ("func", *func)];
            all.append(&mut params);
            // What is asked for replaces what the base has.
            all.retain(|(other, _)| *other != name);
            all.push((name, value));
            form(&all)
        };
        for [name, value, expected] in *wrong {
            let answer = send(post(&app, with(name, value))).await;
            assert_eq!(answer.error(), *expected, "{func} {name}={value}");
        }
        for (name, of) in refused {
            let Use::Refused(why) = of else { continue };
            let answer = send(post(&app, with(name, "1"))).await;
            assert_eq!(answer.error(), format!("value {name}"), "{func}");
            assert_eq!(answer.sentence(), format!("{name} is refused: {why}"), "{func}");
        }
        // A list understands the values that the documentation shows.
        for (name, of) in honoured.iter().filter(|_| base.is_empty() && known.contains("filter")) {
            let Use::Honoured(value) = of else { continue };
            let mut text = with(name, value);
            if *name == "createdate" || *name == "expiredate" {
                text += &format!("&{name}start=2026-01-01");
            }
            let doc = send(post(&app, text)).await.doc();
            assert!(doc.get("error").is_none(), "{func} {name}={value}: {doc}");
        }
        for unknown in ["x", "Elid", "filters", "p_nam", "addon"] {
            let answer = send(post(&app, with(unknown, "1"))).await;
            assert_eq!(answer.error(), format!("value {unknown}"), "{func}");
        }
        for (name, value, expected) in [
            ("lang", "fr", "value lang"),
            ("sok", "yes", "value sok"),
            ("authinfo", "nobody:x", "auth badpassword"),
        ] {
            let answer = send(post(&app, with(name, value))).await;
            assert_eq!(answer.error(), expected, "{func} {name}={value}");
        }
        let su = send(post(&app, with("su", "nobody"))).await.error();
        let refused = ["access su", "missed su", "value su"].contains(&su.as_str());
        assert!(refused, "{func} su: {su}");
        let out = send(post(&app, with("out", "yaml"))).await.text;
        assert!(out.contains("object=\"out\""), "{func}: {out}");
        assert_eq!(send(post(&app, with("func", "no.thing"))).await.error(), "missed func");
    }
    let common: Vec<&str> = COMMON.parameters().map(|(name, _)| *name).collect();
    assert_eq!(common, ["func", "out", "lang", "sok", "su", "authinfo", "auth"]);
    places.insert(COMMON.at);
    // Has tests of its own.
    places.insert(BROWSER.at);
    assert_eq!(
        places,
        PLACES.iter().map(|place| place.at).collect(),
        "a place that is not sent to"
    );
    assert_eq!(cart(&app, ANNA).await.0.len(), 1, "nothing was ordered");
    app.finish().await;
}
