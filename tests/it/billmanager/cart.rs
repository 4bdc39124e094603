//! What is done to carts, and what it costs.

use super::shop::*;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use wsa::protocols::billmanager::sql::Tables;

#[tokio::test(flavor = "multi_thread")]
async fn three_lines_with_add_ons_and_a_promo_code_cost_what_they_should_on_sqlite() {
    three_lines_with_add_ons_and_a_promo_code_cost_what_they_should(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_lines_with_add_ons_and_a_promo_code_cost_what_they_should_on_postgres() {
    three_lines_with_add_ons_and_a_promo_code_cost_what_they_should(Stores::Postgres).await;
}

async fn three_lines_with_add_ons_and_a_promo_code_cost_what_they_should(store: Stores) {
    let (app, shop) = shop_on(store, Queues::InProcess).await;
    let vds = "v2.vds.order.param";
    // 27.33 for 3 months, and 7 units for 1.00 a month: 27.33 + 21.00 = 48.33.
    let small = [("pricelist", "2"), ("order_period", "3"), ("addon_2", "7")];
    let small = ok(&app, ANNA, vds, &small).await.number("lineitem.id");
    // 4999.99 for 12 months; 10 GB of which 4 are included: 6 * 33.33 * 12 = 2399.76; backups 4.55 * 12 =
    // 54.60; Windows 7.25 * 12 = 87.00. Together 7541.35.
    let large = [
        ("pricelist", "5"),
        ("order_period", "12"),
        ("addon_50", "10"),
        ("addon_51", "on"),
        ("addon_52", "126"),
        ("autoprolong", "on"),
    ];
    let large = ok(&app, ANNA, vds, &large).await.number("lineitem.id");
    let ssl = [
        ("pricelist", "4"),
        ("order_period", "12"),
        ("clicked_button", "quickbasket"),
        ("force_use_new_cart", "on"),
    ];
    let ssl = ok(&app, ANNA, "ssl.order.param", &ssl).await.number("lineitem.id");
    let all = vec![small, large, ssl];
    // 48.33 + 7541.35 + 1290.01.
    assert_eq!(cart(&app, ANNA).await, (all.clone(), Some("8879.69".into())));

    // 15 %: 7.2495 -> 7.25, 1131.2025 -> 1131.20, 193.5015 -> 193.50.
    let promocode = [("clicked_button", "apply_promocode"), ("promocode", "IDDQD")];
    let applied = ok(&app, ANNA, "cart", &promocode).await;
    assert!(applied.doc().get("ok").is_some(), "{applied:?}");
    let doc = by(&app, ANNA, "cart", &[]).await.doc();
    let costs: Vec<(&str, &str)> = doc["elem"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let cost = item["price"]["price"]["cost"]["$"].as_str().unwrap();
            (cost, item["promocode"]["$discount"].as_str().unwrap())
        })
        .collect();
    let expected = [("41.08", "7.25"), ("6410.15", "1131.20"), ("1096.51", "193.50")];
    assert_eq!(costs, expected);
    assert_eq!(doc["total"]["price"]["cost"]["$"], "7547.74");

    // 41.08 + 6410.15 + 1096.51 = 7547.74, paid from 8000.00.
    deposit(&app, shop.anna, "8000").await;
    let elid = all.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let pay = [("elid", elid.as_str()), ("paymethod_id", "0")];
    let paid = ok(&app, ANNA, "cartorder.create.confirm", &pay).await;
    assert!(paid.doc().get("ok").is_none(), "there is nothing left to pay: {paid:?}");
    assert_eq!(balance(&app.place, shop.anna).await, 45_226);
    let order = paid.number("billorder").to_string();
    let doc = by(&app, ANNA, "cartorder", &[("elid", &order)]).await.doc();
    assert_eq!(doc["list"][0]["elem"][0]["to_pay"]["$"], "Paid: 7547.74 RUB");
    assert_eq!(doc["list"][1]["elem"][0]["position_count"]["$"], "3 items");
    assert_eq!(doc[&format!("autoprolong_{large}")]["$"], "on");
    let lines = doc["list"][2]["elem"][1]["configuration"]["elem"].as_array().unwrap();
    let costs: Vec<&str> = lines
        .iter()
        .map(|line| line["configuration_price"]["price"]["cost"]["$"].as_str().unwrap())
        .collect();
    assert_eq!(costs, ["4999.99", "2399.76", "54.60", "87.00", "-1131.20"]);
    assert_eq!(cart(&app, ANNA).await, (vec![], None));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_price_list_does_not_offer_is_refused() {
    let (app, _) = shop().await;
    let order = |params: &'static [(&'static str, &'static str)]| {
        let app = &app;
        async move { ok(app, ANNA, "v2.vds.order.param", params).await.error() }
    };
    for (params, wrong) in [
        (&[("pricelist", "2"), ("order_period", "12")][..], "value order_period"),
        (&[("pricelist", "2"), ("order_period", "1"), ("addon_50", "2")][..], "value addon_50"),
        (&[("pricelist", "2"), ("order_period", "1"), ("addon_2", "101")][..], "value addon_2"),
        (&[("pricelist", "2"), ("order_period", "1"), ("addon_2", "-1")][..], "value addon_2"),
        (&[("pricelist", "5"), ("order_period", "1"), ("addon_50", "5")][..], "value addon_50"),
        (&[("pricelist", "5"), ("order_period", "1"), ("addon_51", "1")][..], "value addon_51"),
        (&[("pricelist", "5"), ("order_period", "1"), ("addon_52", "7")][..], "value addon_52"),
        (
            &[("pricelist", "2"), ("order_period", "1"), ("datacenter", "9")][..],
            "missed datacenter",
        ),
        (&[("pricelist", "99"), ("order_period", "1")][..], "missed pricelist"),
        // Another kind of product, another currency, one that is withdrawn, one of another provider.
        (&[("pricelist", "3"), ("order_period", "1")][..], "value pricelist"),
        (&[("pricelist", "6"), ("order_period", "1")][..], "value pricelist"),
        (&[("pricelist", "7"), ("order_period", "1")][..], "value pricelist"),
        (&[("pricelist", "8"), ("order_period", "1")][..], "missed pricelist"),
    ] {
        assert_eq!(order(params).await, wrong, "{params:?}");
    }
    assert_eq!(cart(&app, ANNA).await, (vec![], None));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_is_of_one_client_at_one_provider() {
    let (app, _) = shop().await;
    let (annas, boriss) = (add(&app, ANNA).await, add(&app, BORIS).await);
    Tables::of(app.store()).add_account(ANNA, 2, "RUB").await.unwrap().unwrap();
    let other = [("pricelist", "8"), ("order_period", "1"), ("datacenter", "9")];
    let other = ok(&app, ANNA, "v2.vds.order.param", &other).await.number("lineitem.id");
    assert_eq!(cart(&app, ANNA).await.0, [annas]);
    assert_eq!(cart(&app, BORIS).await.0, [boriss]);
    let doc = by(&app, ANNA, "cart", &[("project", "2")]).await.doc();
    assert_eq!(doc["elem"][0]["id"]["$"], other.to_string());
    assert_eq!(by(&app, BORIS, "cart", &[("project", "2")]).await.error(), "missed project");

    // What is another's, or at another provider, is not in the cart.
    let (annas, boriss, other) = (annas.to_string(), boriss.to_string(), other.to_string());
    let delete = |login, selected: String| {
        let app = &app;
        async move {
            let params = [("clicked_button", "delete"), ("selected", selected.as_str())];
            ok(app, login, "cart", &params).await
        }
    };
    assert_eq!(delete(ANNA, boriss.clone()).await.error(), "missed selected");
    assert_eq!(delete(ANNA, format!("{annas},{boriss}")).await.error(), "value selected");
    assert_eq!(delete(ANNA, format!("{annas},{other}")).await.error(), "value selected");
    assert_eq!(cart(&app, ANNA).await.0.len(), 1, "a refusal changes nothing");
    assert!(delete(ANNA, annas.clone()).await.doc().get("ok").is_some());
    assert_eq!(delete(ANNA, annas).await.error(), "value selected");
    assert!(delete(ANNA, other).await.doc().get("ok").is_some());
    assert_eq!(cart(&app, ANNA).await.0, [] as [i64; 0]);
    assert_eq!(cart(&app, BORIS).await.0.len(), 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_free_is_activated() {
    let (app, shop) = shop().await;
    let paid = add(&app, ANNA).await;
    let free = [("pricelist", "3"), ("order_period", "1")];
    let free = ok(&app, ANNA, "v2.soft.order.param", &free).await.number("lineitem.id");
    let both = format!("{free},{paid}");
    let activate = [("clicked_button", "activate"), ("selected", both.as_str())];
    assert_eq!(ok(&app, ANNA, "cart", &activate).await.error(), "value selected");
    assert_eq!(cart(&app, ANNA).await.0, [paid, free]);
    // With a code that takes everything off, both are free.
    let all = [("clicked_button", "apply_promocode"), ("promocode", "ALL")];
    ok(&app, ANNA, "cart", &all).await;
    let order = ok(&app, ANNA, "cart", &activate).await.number("billorder").to_string();
    let summary = by(&app, ANNA, "cartorder", &[("elid", &order)]).await.doc();
    assert_eq!(summary["list"][0]["elem"][0]["to_pay"]["$"], "Paid: 0.00 RUB");
    assert_eq!(ok(&app, ANNA, "cart", &activate).await.error(), "value selected");
    assert_eq!(balance(&app.place, shop.anna).await, 0);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promo_code_must_be_the_providers_and_not_be_over() {
    let (app, _) = shop().await;
    let apply = |code: &'static str| {
        let app = &app;
        async move {
            let params = [("clicked_button", "apply_promocode"), ("promocode", code)];
            ok(app, ANNA, "cart", &params).await
        }
    };
    assert_eq!(apply("IDDQD").await.error(), "value promocode");
    let item = add(&app, ANNA).await;
    for code in ["OLD", "OTHERS", "iddqd", "no such code"] {
        assert_eq!(apply(code).await.error(), "value promocode", "{code}");
    }
    assert_eq!(cart(&app, ANNA).await.1.as_deref(), Some("20.00"));
    // A code replaces another, and what comes later has none.
    assert!(apply("ALL").await.doc().get("ok").is_some());
    assert!(apply("IDDQD").await.doc().get("ok").is_some());
    assert_eq!(cart(&app, ANNA).await.1.as_deref(), Some("17.00"));
    let later = add(&app, ANNA).await;
    assert_eq!(cart(&app, ANNA).await, (vec![item, later], Some("37.00".into())));
    assert!(Tables::of(app.store()).remove_promocode(1, "IDDQD").await.unwrap());
    assert_eq!(apply("IDDQD").await.error(), "value promocode");
    assert_eq!(cart(&app, ANNA).await.1.as_deref(), Some("37.00"), "what was given stays");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn skipping_the_cart_pays_at_once_or_does_nothing() {
    let (app, shop) = shop().await;
    let skip = [("pricelist", "2"), ("order_period", "1"), ("skipbasket", "on")];
    let order = || ok(&app, ANNA, "v2.vds.order.param", &skip);
    assert_eq!(order().await.error(), "limit balance");
    deposit(&app, shop.anna, "19.99").await;
    let done = order().await;
    assert!(done.number("billorder") > 0 && done.number("lineitem.id") > 0);
    assert!(done.number("payment_id") > 0 && done.doc().get("ok").is_none());
    assert_eq!(balance(&app.place, shop.anna).await, 999);
    assert_eq!(order().await.error(), "limit balance");
    let free = [("pricelist", "3"), ("order_period", "1"), ("skipbasket", "on")];
    let free = ok(&app, ANNA, "v2.soft.order.param", &free).await;
    assert!(free.number("billorder") > 0 && free.doc().get("payment_id").is_none());
    assert_eq!(balance(&app.place, shop.anna).await, 999);
    assert_eq!(cart(&app, ANNA).await.0, [] as [i64; 0]);
    assert_eq!(app.place.number("SELECT count(*) FROM bm_items").await, 2);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_is_what_it_was_when_the_line_was_added() {
    let (app, shop) = shop().await;
    let item = add(&app, ANNA).await;
    let dearer = CATALOGUE.replace("\"1\": \"10.00\"", "\"1\": \"99.00\"");
    let dearer = wsa::protocols::billmanager::sql::catalogue::Catalogue::read(&dearer).unwrap();
    Tables::of(app.store()).put_catalogue(&dearer).await.unwrap();
    assert_eq!(Tables::of(app.store()).catalogue().await.unwrap().pricelists.len(), 8);
    assert_eq!(cart(&app, ANNA).await.1.as_deref(), Some("20.00"));
    deposit(&app, shop.anna, "20").await;
    confirm(&app, ANNA, item, &[("paymethod_id", "0")]).await.number("billorder");
    assert_eq!(balance(&app.place, shop.anna).await, 0);
    add(&app, ANNA).await;
    assert_eq!(cart(&app, ANNA).await.1.as_deref(), Some("109.00"));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_has_at_most_a_hundred_lines() {
    let (app, _) = shop().await;
    let adding = (0..105).map(|_| async {
        let params = [("pricelist", "3"), ("order_period", "1")];
        ok(&app, ANNA, "v2.soft.order.param", &params).await
    });
    let answers = futures_util::future::join_all(adding).await;
    let refused: Vec<_> =
        answers.iter().filter(|answer| answer.doc().get("error").is_some()).collect();
    assert_eq!(refused.len(), 5);
    assert!(refused.iter().all(|answer| answer.error() == "limit cart"));
    assert_eq!(cart(&app, ANNA).await.0.len(), 100);
    app.finish().await;
}
