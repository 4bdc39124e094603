//! What was paid is a service, once, and each sees its own.

use wsa::engine::store::journal::{Act, Actor, Via};

use super::shop::*;
use crate::support::app::TestApp;
use crate::support::eventually;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_service_lives_on_sqlite() {
    a_service_lives(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_lives_on_postgres() {
    a_service_lives(Stores::Postgres).await;
}

/// The text of a column of a service, as an administrator sees it.
async fn column(app: &TestApp, id: &str, column: &str) -> Option<String> {
    let doc = by(app, ADMIN, "service", &[("id", id)]).await.doc();
    doc["elem"][0][column]["$"].as_str().map(str::to_owned)
}

/// What is pending, and for which services.
async fn pending(app: &TestApp) -> Vec<(String, String)> {
    let doc = by(app, ADMIN, "service.pending", &[]).await.doc();
    let found = doc["elem"].as_array().cloned().unwrap_or_default();
    let text = |one: &serde_json::Value, name: &str| one[name]["$"].as_str().unwrap().to_owned();
    found.iter().map(|one| (text(one, "id"), text(one, "pending"))).collect()
}

/// A service's one period ends so many days from now, as if it had been opened on that day of a month; it is looked at
/// then.
async fn moved(app: &TestApp, id: &str, days: i64) {
    const DAY_MS: i64 = 86_400_000;
    let place = &app.place;
    let ends = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(days * 24);
    let anchor = ends.to_zoned(jiff::tz::TimeZone::UTC).day();
    let (from, until) = (place.moment((days - 30) * DAY_MS), place.moment(days * DAY_MS));
    let of = |column: &str| format!("(SELECT {column} FROM bm_periods WHERE item_id = {id})");
    let (starts, ends) = (of("starts_at"), of("ends_at"));
    for sql in [
        format!("UPDATE bm_periods SET starts_at = {from}, ends_at = {until} WHERE item_id = {id}"),
        format!(
            "UPDATE bm_services SET opened_at = {starts}, expires_at = {ends}, look_at = {ends},
                                    anchor_day = {anchor}
             WHERE item_id = {id}"
        ),
    ] {
        place.execute(&sql).await.unwrap();
    }
}

async fn status(app: &TestApp, id: &str, status: &str) {
    eventually("the service has the status", async || {
        column(app, id, "status").await.as_deref() == Some(status)
    })
    .await;
}

async fn a_service_lives(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await;
    let app = app.set("billmanager.unpaid_days", 1).start().await;
    let shop = seed(app.store()).await;
    deposit(&app, shop.anna, "80").await;
    let params = [
        ("pricelist", "9"),
        ("order_period", "1"),
        ("autoprolong", "on"),
        ("servername", "web.example.com"),
        ("password", "hunter2"),
        ("skipbasket", "on"),
    ];
    let bought = ok(&app, ANNA, "v2.instances.order.param", &params).await;
    let id = bought.number("lineitem.id").to_string();
    let elid = [("elid", id.as_str())];
    let to_do = by(&app, ADMIN, "service.pending", &[]).await;
    assert!(to_do.text.contains("hunter2"), "provisioning needs all of it: {to_do:?}");
    assert_eq!(pending(&app).await, [(id.clone(), "open".into())]);
    assert_eq!(by(&app, ANNA, "service.pending", &[]).await.error(), "access func");
    assert_eq!(ok(&app, ANNA, "service.open", &elid).await.error(), "access func");
    assert_eq!(ok(&app, BORIS, "service.prolong", &elid).await.error(), "missed elid");
    let open = [("elid", id.as_str()), ("ip", "192.0.2.7")];
    let form = by(&app, ADMIN, "service.open", &open).await.doc();
    assert!(form.get("form").is_some() && pending(&app).await.len() == 1, "{form}");
    ok(&app, ADMIN, "service.open", &open).await.done();
    assert_eq!(ok(&app, ADMIN, "service.open", &open).await.error(), "exists elid");
    assert_eq!(pending(&app).await, []);
    assert_eq!(column(&app, &id, "status").await.as_deref(), Some("2"));
    assert_eq!(listed(&app, ADMIN, "item", &[("ip", "192.0.2.7")]).await.len(), 1);
    let until = column(&app, &id, "expiredate").await.unwrap();
    let same_day = [("expiredatestart", until.as_str()), ("expiredateend", until.as_str())];
    assert_eq!(listed(&app, ANNA, "service", &same_day).await.len(), 1);

    // A period that was missed is charged once: 10.00 of 70.00.
    moved(&app, &id, -10).await;
    eventually("it is renewed", async || balance(&app.place, shop.anna).await == 6_000).await;
    let periods = format!("SELECT count(*) FROM bm_periods WHERE item_id = {id}");
    assert_eq!(app.place.number(&periods).await, 2);
    // By hand, once for a task: 45.00 for five months.
    let five = body_of(ANNA, "service.prolong", &[("sok", "ok"), elid[0], ("period", "5")]);
    for _ in 0..2 {
        send(post(&app, five.clone()).header("Idempotency-Key", "five")).await.done();
    }
    assert_eq!(balance(&app.place, shop.anna).await, 1_500);
    let again = [elid[0], ("period", "5")];
    assert_eq!(ok(&app, ANNA, "service.prolong", &again).await.error(), "limit balance");
    for (name, value) in [("period", "2"), ("period", "0"), ("period", "-100")] {
        let refused = ok(&app, ANNA, "service.prolong", &[elid[0], (name, value)]).await;
        assert_eq!(refused.error(), "value period", "{value}");
    }
    let edit = |value: &'static str| {
        let (app, elid) = (&app, elid[0]);
        async move { ok(app, ANNA, "instances.edit", &[elid, ("autoprolong", value)]).await }
    };
    assert_eq!(edit("12").await.error(), "value autoprolong");
    assert_eq!(ok(&app, ANNA, "vds.edit", &elid).await.error(), "missed elid");
    edit("off").await.done();
    assert_eq!(column(&app, &id, "autoprolong").await.as_deref(), Some("off"));
    edit("5").await.done();

    // 5.00 pay no further month of another one: it is suspended, and works again when there is money.
    let other = ok(&app, ANNA, "v2.instances.order.param", &params).await.number("lineitem.id");
    let first = id;
    let id = other.to_string();
    let elid = [("elid", id.as_str())];
    ok(&app, ADMIN, "service.open", &elid).await.done();
    moved(&app, &id, -3).await;
    status(&app, &id, "3").await;
    assert_eq!(pending(&app).await, [(id.clone(), "suspend".into())]);
    ok(&app, ADMIN, "service.suspend", &elid).await.done();
    assert_eq!(ok(&app, ADMIN, "service.resume", &elid).await.error(), "value elid");
    deposit(&app, shop.anna, "5").await;
    ok(&app, ANNA, "service.edit", &[elid[0], ("autoprolong", "1")]).await.done();
    status(&app, &id, "2").await;
    assert_eq!(balance(&app.place, shop.anna).await, 0);
    assert_eq!(column(&app, &first, "status").await.as_deref(), Some("2"));
    assert_eq!(pending(&app).await, [(id.clone(), "resume".into())]);
    ok(&app, ADMIN, "service.resume", &elid).await.done();
    ok(&app, ADMIN, "service.suspend", &elid).await.done();
    assert_eq!(column(&app, &id, "suspended_for").await.as_deref(), Some("operator"));
    ok(&app, ADMIN, "service.resume", &elid).await.done();
    ok(&app, ANNA, "service.delete", &elid).await.done();
    assert_eq!(ok(&app, ANNA, "service.delete", &elid).await.error(), "exists elid");
    assert_eq!(pending(&app).await, [(id.clone(), "close".into())]);
    ok(&app, ADMIN, "service.close", &elid).await.done();
    assert_eq!(ok(&app, ADMIN, "service.close", &elid).await.error(), "exists elid");
    assert_eq!(
        (pending(&app).await.len(), column(&app, &id, "status").await.unwrap()),
        (0, "4".into())
    );

    an_unpaid_order_expires(&app).await;
    app.finish().await;
}

async fn an_unpaid_order_expires(app: &TestApp) {
    let item = add(app, BORIS).await;
    let made = confirm(app, BORIS, item, &[("paymethod_id", "15")]).await;
    let payment = made.number("payment_id").to_string();
    let old = app.place.moment(-2 * 86_400_000);
    let order = made.number("billorder");
    let sql = format!("UPDATE bm_orders SET created_at = {old} WHERE order_id = {order}");
    app.place.execute(&sql).await.unwrap();
    let expired = "SELECT count(*) FROM bm_orders WHERE status = 'expired'";
    eventually("it expires", async || app.place.number(expired).await == 1).await;
    let late = ok(app, ADMIN, "payment.setpaid", &[("elid", &payment)]).await;
    assert_eq!(late.error(), "value elid");
    assert_eq!(
        app.place
            .number("SELECT count(*) FROM bm_payments WHERE status = 4 AND method_id <> 0")
            .await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_while_an_account_is_paused_is_renewed_once_afterwards_on_sqlite() {
    what_ends_while_an_account_is_paused_is_renewed_once_afterwards(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_while_an_account_is_paused_is_renewed_once_afterwards_on_postgres() {
    what_ends_while_an_account_is_paused_is_renewed_once_afterwards(Stores::Postgres).await;
}

async fn what_ends_while_an_account_is_paused_is_renewed_once_afterwards(store: Stores) {
    let (app, shop) = shop_on(store, Queues::InProcess).await;
    deposit(&app, shop.anna, "80").await;
    let params = [
        ("pricelist", "9"),
        ("order_period", "1"),
        ("autoprolong", "on"),
        ("servername", "web.example.com"),
        ("password", "hunter2"),
        ("skipbasket", "on"),
    ];
    let bought = ok(&app, ANNA, "v2.instances.order.param", &params).await;
    let id = bought.number("lineitem.id").to_string();
    let elid = [("elid", id.as_str())];
    ok(&app, ADMIN, "service.open", &elid).await.done();
    let anna = Actor { who: "anna".into(), role: Some("operator"), via: Via::Api };
    app.store().pause(shop.anna, &anna, Act::default()).await.unwrap();
    moved(&app, &id, -10).await;
    let waits = "SELECT count(*) FROM tasks WHERE task_type = 'billmanager.Renew' AND held";
    eventually("its renewal waits", async || app.place.number(waits).await == 1).await;
    let before = balance(&app.place, shop.anna).await;
    assert_eq!((before, column(&app, &id, "status").await.as_deref()), (7_000, Some("2")));
    // It times out, and is handed in again when its minute is over.
    let past = app.place.moment(-1_000);
    for sql in [
        format!("UPDATE tasks SET deadline = {past} WHERE held"),
        format!("UPDATE bm_services SET look_at = {past} WHERE item_id = {id}"),
    ] {
        app.place.execute(&sql).await.unwrap();
    }
    let again = "SELECT count(*) FROM tasks WHERE task_type = 'billmanager.Renew'
                 AND (outcome = 'timeout' OR held AND outcome IS NULL)";
    eventually("it is handed in again", async || app.place.number(again).await == 2).await;
    assert_eq!(balance(&app.place, shop.anna).await, before);
    app.store().resume(shop.anna, &anna, Act::default()).await.unwrap();
    eventually("it is renewed", async || balance(&app.place, shop.anna).await == 6_000).await;
    let periods = format!("SELECT count(*) FROM bm_periods WHERE item_id = {id}");
    assert_eq!(app.place.number(&periods).await, 2);
    app.finish().await;
}
