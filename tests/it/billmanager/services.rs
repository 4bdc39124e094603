//! What was paid is a service, once, and each sees its own.

use super::shop::*;
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paid_is_a_service_once_on_sqlite() {
    what_is_paid_is_a_service_once(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paid_is_a_service_once_on_postgres() {
    what_is_paid_is_a_service_once(Stores::Postgres).await;
}

async fn listed(app: &TestApp, login: &str, func: &str, filter: &[(&str, &str)]) -> Vec<i64> {
    let doc = by(app, login, func, filter).await.doc();
    assert!(doc.get("error").is_none(), "{func} {filter:?}: {doc}");
    let found = doc["elem"].as_array().cloned().unwrap_or_default();
    found.iter().map(|one| one["id"]["$"].as_str().unwrap().parse().unwrap()).collect()
}

async fn what_is_paid_is_a_service_once(store: Stores) {
    let (app, shop) = shop_on(store, Queues::InProcess).await;
    deposit(&app, shop.anna, "500").await;
    let cloud = [
        ("pricelist", "9"),
        ("order_period", "5"),
        ("order_count", "3"),
        ("autoprolong", "1"),
        ("servername", "web.example.com"),
        ("skipbasket", "on"),
    ];
    let bought = ok(&app, ANNA, "v2.instances.order.param", &cloud).await;
    let (instance, order) = (bought.number("lineitem.id"), bought.number("billorder"));
    let soft = buy_free(&app, ANNA).await;
    let server = add(&app, BORIS).await;
    let payment = confirm(&app, BORIS, server, &[("paymethod_id", "15")]).await;
    let payment = payment.number("payment_id").to_string();
    let elid = [("elid", payment.as_str())];
    let none = Vec::<i64>::new();
    assert_eq!(listed(&app, BORIS, "service", &[]).await, none, "nothing is paid");
    ok(&app, ADMIN, "payment.setpaid", &elid).await;
    assert_eq!(ok(&app, ADMIN, "payment.setpaid", &elid).await.error(), "exists elid");

    let (id, order) = (instance.to_string(), order.to_string());
    for (login, func, filter, expected) in [
        (ANNA, "service", &[][..], vec![soft, instance]),
        (ANNA, "item", &[][..], vec![soft, instance]),
        (ANNA, "instances", &[][..], vec![instance]),
        (ANNA, "vds", &[][..], none.clone()),
        (BORIS, "vds", &[][..], vec![server]),
        (BORIS, "ssl", &[][..], none.clone()),
        (BORIS, "dedic", &[][..], none.clone()),
        (BORIS, "service", &[("id", id.as_str())][..], none.clone()),
        (ADMIN, "service", &[][..], vec![server, soft, instance]),
        (ADMIN, "service", &[("su", BORIS)][..], vec![server]),
        (ADMIN, "service", &[("id", id.as_str())][..], vec![instance]),
        (ADMIN, "service", &[("billorder", order.as_str())][..], vec![instance]),
        (ADMIN, "service", &[("account", ANNA), ("itemtype", "soft")][..], vec![soft]),
        (ADMIN, "service", &[("pricelist", "2,9")][..], vec![server, instance]),
        (ADMIN, "service", &[("project", "2")][..], none.clone()),
        (ADMIN, "service", &[("status", "1,4")][..], vec![server, soft, instance]),
        (ADMIN, "service", &[("status", "2")][..], none.clone()),
        (ADMIN, "service", &[("ip", "192.0.2.1")][..], none.clone()),
        (ADMIN, "service", &[("expiredatestart", "2020-01-01")][..], none.clone()),
        (ADMIN, "service", &[("p_cnt", "2"), ("p_num", "2")][..], vec![instance]),
    ] {
        assert_eq!(listed(&app, login, func, filter).await, expected, "{login} {func} {filter:?}");
    }
    assert_eq!(by(&app, ANNA, "nothing", &[]).await.error(), "missed func");
    assert_eq!(by(&app, ANNA, "service", &[("sort", "id")]).await.error(), "value sort");
    let other = by(&app, ANNA, "vds", &[("itemtype", "soft")]).await;
    assert_eq!(other.error(), "value itemtype");

    let doc = by(&app, ANNA, "instances", &[]).await.doc();
    let one = &doc["elem"][0];
    for (column, expected) in [
        ("name", format!("Cloud #{instance}").as_str()),
        ("itemtype", "instances"),
        ("cost", "135.00"),
        ("currency", "RUB"),
        ("order_count", "3"),
        ("autoprolong", "on"),
        ("status", "1"),
        ("status_name", "Ordered"),
        ("billorder", order.as_str()),
        ("account", ANNA),
    ] {
        assert_eq!(one[column]["$"], expected, "{column}: {one}");
    }
    assert_eq!(one["autoprolong"]["$period"], "1");
    assert!(one.get("expiredate").is_none(), "it is not opened: {one}");
    app.finish().await;
}
