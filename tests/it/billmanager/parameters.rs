//! Every parameter is honoured or refused by its name; none is dropped.

use std::collections::BTreeSet;

use wsa::protocols::billmanager::wire::known::{self, BROWSER, COMMON, PLACES};
use wsa::protocols::billmanager::wire::request::Function;
use wsa::web::parameters::Use;

use super::shop::*;
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;

const CLOUD: &str = "v2.instances.order.param";

#[tokio::test(flavor = "multi_thread")]
async fn a_count_and_what_the_price_list_declares_go_with_the_order_on_sqlite() {
    a_count_and_what_the_price_list_declares_go_with_the_order(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_and_what_the_price_list_declares_go_with_the_order_on_postgres() {
    a_count_and_what_the_price_list_declares_go_with_the_order(Stores::Postgres).await;
}

async fn a_count_and_what_the_price_list_declares_go_with_the_order(store: Stores) {
    let (app, shop) = shop_on(store, Queues::InProcess).await;
    // 45.00 for 5 months, 2 * 5 for the seats and 7.25 * 5 for the system: 91.25, three times.
    let cloud = [
        ("pricelist", "9"),
        ("order_period", "5"),
        ("order_count", "3"),
        ("autoprolong", "1"),
        ("servername", "web.example.com"),
        ("password", "hunter2 of the server"),
        ("seats", "4"),
        ("use_ssh_key", "off"),
        ("instances_os", "windows"),
    ];
    let item = ok(&app, ANNA, CLOUD, &cloud).await.number("lineitem.id");
    let shown = by(&app, ANNA, "cart", &[]).await;
    assert_eq!(cart(&app, ANNA).await, (vec![item], Some("273.75".into())));
    deposit(&app, shop.anna, "300").await;
    let paid = confirm(&app, ANNA, item, &[("paymethod_id", "0")]).await;
    let order = paid.number("billorder").to_string();
    assert_eq!(balance(&app.place, shop.anna).await, 30_000 - 27_375);

    let summary = by(&app, ANNA, "cartorder", &[("elid", &order)]).await;
    let doc = summary.doc();
    let detail = &doc["list"][2]["elem"][0];
    assert_eq!(detail["count"]["$"], "3 pcs.");
    assert_eq!(detail["price"]["price"]["cost"]["$"], "273.75");
    assert_eq!(doc[&format!("autoprolong_{item}")]["$period"], "1");
    let lines = detail["configuration"]["elem"].as_array().unwrap();
    let lines: Vec<(&str, &str, &str)> = lines
        .iter()
        .map(|line| {
            let text = |name: &str| line[name]["$"].as_str().unwrap();
            let cost = line["configuration_price"]["price"]["cost"]["$"].as_str().unwrap();
            (text("configuration_name"), text("configuration_value"), cost)
        })
        .collect();
    let expected = [
        ("Server name", "web.example.com", "0.00"),
        ("Password", "set", "0.00"),
        ("Seats", "4", "30.00"),
        ("Key", "Off", "0.00"),
        ("System", "Windows", "108.75"),
    ];
    assert_eq!(lines[1..], expected);
    for answer in [shown, paid, summary] {
        assert!(!answer.text.contains("hunter2"), "{answer:?}");
    }
    // What provisioning takes from the store has all of it.
    let columns = "order_count, autoprolong_period, parameters";
    let kept = app.place.rows(&format!("SELECT {columns} FROM bm_items")).await;
    let text = |column: usize| kept[0][column].clone().unwrap();
    assert_eq!((text(0), text(1)), ("3".into(), "1".into()));
    let parameters: serde_json::Value = serde_json::from_str(&text(2)).unwrap();
    let expected = serde_json::json!({
        "instances_os": "windows", "password": "hunter2 of the server", "seats": "4",
        "servername": "web.example.com", "use_ssh_key": "off",
    });
    assert_eq!(parameters, expected);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_declared_is_refused_by_name_and_nothing_is_ordered() {
    let (app, shop) = shop().await;
    deposit(&app, shop.anna, "1000").await;
    let base = [("pricelist", "2"), ("order_period", "1")];
    for name in [
        "servername",
        "password",
        "username",
        "ostempl",
        "recipe",
        "domain",
        "remoteid",
        "instances_os",
        "use_ssh_key",
        "licence_agreement",
        "period",
        "Order_count",
        "key",
        "elid",
    ] {
        let params = [&base[..], &[("skipbasket", "on"), (name, "x")][..]].concat();
        let refused = ok(&app, ANNA, "v2.vds.order.param", &params).await;
        assert_eq!(refused.error(), format!("value {name}"), "{refused:?}");
        // The form refuses it as well.
        let form = [&base[..], &[(name, "x")][..]].concat();
        let refused = by(&app, ANNA, "v2.vds.order.param", &form).await;
        assert_eq!(refused.error(), format!("value {name}"), "{refused:?}");
        let unchosen = by(&app, ANNA, "v2.vds.order.param", &[(name, "x")]).await;
        assert_eq!(unchosen.error(), format!("value {name}"));
    }
    let cloud = [("pricelist", "9"), ("order_period", "1")];
    assert_eq!(ok(&app, ANNA, CLOUD, &cloud).await.error(), "missed servername");
    // The form names what there is.
    let form = by(&app, ANNA, CLOUD, &cloud).await.doc();
    let lists = form["list"].as_array().unwrap();
    let declared = &lists.iter().find(|list| list["$name"] == "parameters").unwrap()["elem"];
    let names: Vec<_> = declared.as_array().unwrap().iter().map(|one| &one["name"]["$"]).collect();
    assert_eq!(names, ["servername", "password", "seats", "use_ssh_key", "instances_os"]);
    assert_eq!(app.place.number("SELECT count(*) FROM bm_items").await, 0);
    assert_eq!(balance(&app.place, shop.anna).await, 100_000);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_that_is_no_month_is_ordered_for_what_it_costs() {
    let (app, _) = shop().await;
    let order = |more: &'static [(&'static str, &'static str)]| {
        let app = &app;
        async move {
            let base = [("pricelist", "9"), ("servername", "s")];
            ok(app, ANNA, CLOUD, &[&base[..], more].concat()).await
        }
    };
    for (more, wrong) in [
        (&[("order_period", "0"), ("seats", "1")][..], "value seats"),
        (&[("order_period", "-50"), ("instances_os", "windows")][..], "value instances_os"),
        (&[("order_period", "0"), ("autoprolong", "on")][..], "value autoprolong"),
        (&[("order_period", "1"), ("autoprolong", "12")][..], "value autoprolong"),
        (&[("order_period", "2")][..], "value order_period"),
    ] {
        assert_eq!(order(more).await.error(), wrong, "{more:?}");
    }
    for (period, total) in [("-100", "0.00"), ("-50", "0.50"), ("0", "777.50"), ("5", "822.50")] {
        let params = [("pricelist", "9"), ("servername", "s"), ("order_period", period)];
        ok(&app, ANNA, CLOUD, &params).await.number("lineitem.id");
        assert_eq!(cart(&app, ANNA).await.1.as_deref(), Some(total), "{period}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_with_another_password_is_another_request() {
    let (app, _) = shop().await;
    let send_with = |password: &'static str| {
        let app = &app;
        async move {
            let params = [
                ("sok", "ok"),
                ("pricelist", "9"),
                ("order_period", "1"),
                ("servername", "s"),
                ("password", password),
            ];
            send(post(app, body_of(ANNA, CLOUD, &params)).header("Idempotency-Key", "one")).await
        }
    };
    let first = send_with("first").await.number("lineitem.id");
    assert_eq!(send_with("first").await.number("lineitem.id"), first);
    assert_eq!(send_with("second").await.error(), "exists Idempotency-Key");
    app.finish().await;
}

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

#[tokio::test(flavor = "multi_thread")]
async fn a_line_item_of_an_older_program_is_one_and_renewed_for_its_period() {
    let (app, _) = shop().await;
    let params = [("pricelist", "2"), ("order_period", "3")];
    ok(&app, ANNA, "v2.vds.order.param", &params).await.number("lineitem.id");
    let older = "UPDATE bm_items SET autoprolong = true, autoprolong_period = NULL";
    app.place.execute(older).await.unwrap();
    let doc = by(&app, ANNA, "cart", &[]).await.doc();
    assert_eq!(doc["elem"][0]["autoprolong"]["$period"], "3");
    assert_eq!(doc["elem"][0]["order_count"]["$"], "1");
    assert_eq!(doc["total"]["price"]["cost"]["$"], "27.33");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_of_a_payment_refuses_what_no_method_has() {
    let (app, _) = shop().await;
    let item = add(&app, ANNA).await.to_string();
    let form = |name: &'static str| {
        let (app, item) = (&app, item.as_str());
        async move {
            let params = [("elid", item), (name, "x")];
            by(app, ANNA, "cartorder.create.confirm", &params).await
        }
    };
    assert!(form("payment_method").await.doc().get("error").is_none());
    assert_eq!(form("phone").await.error(), "value phone");
    // A project that is named is the only one that is offered.
    for (project, offered) in [("1", 3), ("2", 0)] {
        let doc = by(&app, ANNA, "v2.vds.order.param", &[("project", project)]).await.doc();
        let lists = doc["slist"][0]["val"].as_array().map_or(0, Vec::len);
        assert_eq!(lists, offered, "{project}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_vendors_pages_add_changes_nothing() {
    let (app, _) = shop().await;
    let params = [("pricelist", "2"), ("order_period", "1"), ("sfrom", "ajax"), ("project", "1")];
    let unused = [("progressid", "false"), ("operafake", "1650000000")];
    let params = [&params[..], &unused[..]].concat();
    ok(&app, ANNA, "v2.vds.order.param", &params).await.number("lineitem.id");
    assert_eq!(cart(&app, ANNA).await.1.as_deref(), Some("10.00"));
    app.finish().await;
}
