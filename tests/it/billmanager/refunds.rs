//! What is not used of what was paid comes back when a service is deleted, once, by the rule of its price list.

use futures_util::future::join_all;
use wsa::protocols::billmanager::sql::Tables;
use wsa::protocols::billmanager::sql::catalogue::Catalogue;

use super::shop::*;
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;

const DAY_MS: i64 = 86_400_000;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_used_comes_back_once_on_sqlite() {
    what_is_not_used_comes_back_once(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_used_comes_back_once_on_postgres() {
    what_is_not_used_comes_back_once(Stores::Postgres).await;
}

/// Price list 9 gives back by this rule from now on.
async fn rule(app: &TestApp, refund: &str) {
    let mut catalogue: serde_json::Value = serde_json::from_str(CATALOGUE).unwrap();
    let lists = catalogue["pricelists"].as_array_mut().unwrap();
    let list = lists.iter_mut().find(|list| list["id"] == 9).unwrap();
    list["refund"] = refund.into();
    let catalogue = Catalogue::read(&catalogue.to_string()).unwrap();
    Tables::of(app.store()).put_catalogue(&catalogue).await.unwrap();
}

/// Buys a cloud for so many months.
async fn bought(app: &TestApp, period: &str) -> String {
    let params = [
        ("pricelist", "9"),
        ("order_period", period),
        ("servername", "web.example.com"),
        ("skipbasket", "on"),
    ];
    ok(app, ANNA, "v2.instances.order.param", &params).await.number("lineitem.id").to_string()
}

async fn opened(app: &TestApp, period: &str) -> String {
    let id = bought(app, period).await;
    ok(app, ADMIN, "service.open", &[("elid", &id)]).await.done();
    id
}

/// A period of 30 days of this service began so many days ago, at midday.
async fn begun(app: &TestApp, id: &str, days: i64) {
    let place = &app.place;
    // Twelve hours of a day are used.
    let (from, until) = (
        place.moment(-days * DAY_MS - DAY_MS / 2),
        place.moment((30 - days) * DAY_MS - DAY_MS / 2),
    );
    let period = |column: &str| format!("(SELECT {column} FROM bm_periods WHERE item_id = {id})");
    for sql in [
        format!("UPDATE bm_periods SET starts_at = {from}, ends_at = {until} WHERE item_id = {id}"),
        format!(
            "UPDATE bm_services SET opened_at = {}, expires_at = {}, look_at = NULL WHERE item_id = {id}",
            period("starts_at"),
            period("ends_at"),
        ),
    ] {
        place.execute(&sql).await.unwrap();
    }
}

async fn what_is_not_used_comes_back_once(store: Stores) {
    let (app, shop) = shop_on(store, Queues::InProcess).await;
    deposit(&app, shop.anna, "1000").await;
    let held = async || balance(&app.place, shop.anna).await;

    // What was ordered by a rule is given back by that rule, whatever the price list says later.
    let kept = opened(&app, "1").await;
    rule(&app, "days").await;
    let paid = held().await;
    ok(&app, ANNA, "service.delete", &[("elid", &kept)]).await.done();
    assert_eq!(held().await, paid, "nothing comes back without a rule");

    // Never opened: all of it, though two clients and an operator want it gone at once.
    let before = held().await;
    let unopened = bought(&app, "5").await;
    assert_eq!(held().await, before - 4_500);
    let gone = (0..12).map(|n| {
        let (app, unopened) = (&app, unopened.as_str());
        let (login, func) = match n % 3 {
            0 => (ANNA, "service.delete"),
            1 => (ADMIN, "instances.delete"),
            _ => (ADMIN, "service.close"),
        };
        async move { ok(app, login, func, &[("elid", unopened)]).await.doc().get("ok").is_some() }
    });
    // What is deleted can still be reported closed, once.
    let done = join_all(gone).await.into_iter().filter(|done| *done).count();
    assert!((1..=2).contains(&done), "{done}");
    assert_eq!(held().await, before);

    // 10.00 for 30 days, of which ten and a half are used: nineteen whole days. Of the renewals all.
    let daily = opened(&app, "1").await;
    begun(&app, &daily, 10).await;
    ok(&app, ANNA, "service.prolong", &[("elid", &daily), ("period", "5")]).await.done();
    ok(&app, ANNA, "service.prolong", &[("elid", &daily), ("period", "-50")]).await.done();
    let before = held().await;
    ok(&app, ANNA, "instances.delete", &[("elid", &daily)]).await.done();
    assert_eq!(held().await, before + 1_000 * 19 / 30 + 4_500 + 50);
    assert_eq!(ok(&app, ANNA, "service.delete", &[("elid", &daily)]).await.error(), "exists elid");

    // By whole months: the month that runs is used.
    rule(&app, "months").await;
    let monthly = opened(&app, "5").await;
    let before = held().await;
    ok(&app, ADMIN, "service.close", &[("elid", &monthly)]).await.done();
    assert_eq!(held().await, before + 4_500 * 4 / 5);
    // Another client's is none.
    let anna = bought(&app, "1").await;
    assert_eq!(ok(&app, BORIS, "service.delete", &[("elid", &anna)]).await.error(), "missed elid");
    let form = by(&app, ANNA, "service.delete", &[("elid", &anna)]).await.doc();
    assert_eq!(form["elem"][0]["refund"]["$"], "months");

    // The history of the balance has all of it, the newest first.
    let doc = by(&app, ANNA, "subaccount.history", &[]).await.doc();
    let lines = doc["elem"].as_array().unwrap();
    let sum: f64 =
        lines.iter().map(|l| l["amount"]["$"].as_str().unwrap().parse::<f64>().unwrap()).sum();
    assert_eq!((sum * 100.0).round() as i64, held().await);
    let refunds: Vec<_> = lines.iter().filter(|l| l["kind"]["$"] == "refund").collect();
    let of = |line: &serde_json::Value| line["service"]["$"].as_str().unwrap().to_owned();
    assert_eq!(refunds.iter().map(|l| of(l)).collect::<Vec<_>>(), [monthly, daily, unopened]);
    assert_eq!(refunds[0]["kind_name"]["$"], "Refund");
    let page = by(&app, ANNA, "subaccount.history", &[("p_cnt", "1"), ("p_num", "2")]).await.doc();
    assert_eq!(page["elem"][0], lines[1]);
    assert!(by(&app, BORIS, "subaccount.history", &[]).await.doc().get("elem").is_none());
    assert_eq!(by(&app, ADMIN, "subaccount.history", &[]).await.error(), "access su");

    // Whatever the program believes: not twice, and not more than was paid.
    let place = &app.place;
    for sql in [
        "UPDATE bm_periods SET refunded = amount + 1".to_owned(),
        "UPDATE bm_periods SET refunded = -1".into(),
        "UPDATE bm_items SET refund = 'weeks'".into(),
        "UPDATE bm_pricelists SET refund = 'weeks'".into(),
        "UPDATE bm_entries SET item_id = NULL WHERE kind = 'refund'".into(),
        format!(
            "INSERT INTO bm_entries (object_id, task_guid, line, kind, amount, order_id, entered_at, item_id)
             SELECT object_id, {}, 3, kind, amount, order_id, entered_at, item_id FROM bm_entries
             WHERE kind = 'refund'",
            place.guid(uuid::Uuid::now_v7())
        ),
    ] {
        assert!(place.execute(&sql).await.is_err(), "{sql}");
    }
    app.finish().await;
}
