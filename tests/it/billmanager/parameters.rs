//! What goes with an order: counts, periods, and what the price list declares.

use super::shop::*;
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
