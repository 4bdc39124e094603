//! The list of payments: its filters, its columns, and its forms.

use super::shop::*;
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_gives_what_it_names_and_nothing_else_on_sqlite() {
    a_filter_gives_what_it_names_and_nothing_else(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_gives_what_it_names_and_nothing_else_on_postgres() {
    a_filter_gives_what_it_names_and_nothing_else(Stores::Postgres).await;
}

async fn listed(app: &TestApp, filter: &[(&str, &str)]) -> Vec<i64> {
    let doc = by(app, ADMIN, "payment", filter).await.doc();
    assert!(doc.get("error").is_none(), "{filter:?}: {doc}");
    let found = doc["elem"].as_array().cloned().unwrap_or_default();
    found.iter().map(|one| one["id"]["$"].as_str().unwrap().parse().unwrap()).collect()
}

async fn a_filter_gives_what_it_names_and_nothing_else(store: Stores) {
    let (app, shop) = shop_on(store, Queues::InProcess).await;
    deposit(&app, shop.boris, "20").await;
    let payer = shop.payer.to_string();
    let card = [("paymethod_id", "3"), ("profile_id", &payer), ("payment_method", "sbp")];
    let item = add(&app, ANNA).await;
    let old = confirm(&app, ANNA, item, &card).await.number("payment_id");
    let item = add(&app, ANNA).await;
    let bank = confirm(&app, ANNA, item, &[("paymethod_id", "15")]).await.number("payment_id");
    let item = add(&app, BORIS).await;
    let own = confirm(&app, BORIS, item, &[("paymethod_id", "0")]).await.number("payment_id");
    let place = &app.place;
    // 2020-06-03T23:59:59Z: the last second of a day.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let ago = 1_591_228_799_000 - i64::try_from(now.as_millis()).unwrap();
    let moment = place.moment(ago);
    let sql = format!("UPDATE bm_payments SET created_at = {moment} WHERE payment_id = {old}");
    place.execute(&sql).await.unwrap();

    let (old_number, none) = (old.to_string(), Vec::<i64>::new());
    let (old_number, payer) = (old_number.as_str(), payer.as_str());
    let dates = |start: &'static str, end: &'static str| {
        [("createdate", "other"), ("createdatestart", start), ("createdateend", end)]
    };
    for (filter, expected) in [
        (&[][..], vec![own, bank, old]),
        (&[("filter", "on"), ("status", "1")][..], vec![bank, old]),
        (&[("filter", "on"), ("status", "4,1")][..], vec![own, bank, old]),
        (&[("status", "8,9,100")][..], none.clone()),
        (&[("status", "1"), ("paymethod", "3,4"), ("project", "1,3")][..], vec![old]),
        (&[("paymethod", "15,0")][..], vec![own, bank]),
        // 1 is no part of 15.
        (&[("paymethod", "1,5")][..], none.clone()),
        (&[("project", "2")][..], none.clone()),
        (&[("number", old_number)][..], vec![old]),
        (&[("number", old_number), ("id", "1")][..], none.clone()),
        (&[("sender", payer)][..], vec![old]),
        (&[("sender", "notav@example.com")][..], vec![old]),
        (&[("sender", "notav")][..], none.clone()),
        (&[("recipient", "First")][..], vec![own, bank, old]),
        (&[("recipient", "1"), ("account", BORIS)][..], vec![own]),
        (&[("recipient", "Second")][..], none.clone()),
        (&[("account", "nobody")][..], none.clone()),
        (&dates("2020-06-03", "2020-06-03")[..], vec![old]),
        (&dates("2020-06-04", "2020-06-30")[..], none.clone()),
        (&dates("2020-05-01", "2020-06-02")[..], none.clone()),
        (&[("createdatestart", "2020-06-04")][..], vec![own, bank]),
        (&[("createdateend", "2020-06-03")][..], vec![old]),
        (&[("p_cnt", "2")][..], vec![own, bank]),
        (&[("p_cnt", "2"), ("p_num", "2")][..], vec![old]),
        (&[("p_cnt", "2"), ("p_num", "3")][..], none.clone()),
        (&[("su", ANNA), ("account", BORIS)][..], none.clone()),
    ] {
        assert_eq!(listed(&app, filter).await, expected, "{filter:?}");
    }
    for (name, value) in [
        ("status", "0"),
        ("createdate", "lastmonth"),
        ("createdatestart", "03.06.2020"),
        ("subaccountamount", "20.00"),
        ("sort", "id"),
        ("p_col", "+id"),
    ] {
        let refused = by(&app, ADMIN, "payment", &[("filter", "on"), (name, value)]).await;
        assert_eq!(refused.error(), format!("value {name}"));
        assert!(refused.doc().get("elem").is_none(), "{refused:?}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_has_the_columns_that_robots_read_in_every_form() {
    let (app, shop) = shop().await;
    let item = add(&app, ANNA).await;
    let payer = shop.payer.to_string();
    let card = [("paymethod_id", "3"), ("profile_id", &payer), ("payment_method", "sbp")];
    let payment = confirm(&app, ANNA, item, &card).await.number("payment_id").to_string();
    let authinfo = format!("{ADMIN}:{}", password(ADMIN));
    let asked = |out: &'static str| {
        let params = [("authinfo", authinfo.as_str()), ("func", "payment"), ("out", out)];
        send(post(&app, form(&params)))
    };
    let json = asked("json").await;
    let one = &json.doc()["elem"][0];
    for (column, expected) in [
        ("id", payment.as_str()),
        ("number", &payment),
        ("sender_id", &payer),
        ("sender_name", "notav@example.com"),
        ("recipient_name", "First"),
        ("account_name", ANNA),
        ("paymethod_name", "YooKassa"),
        ("subaccountamount_iso", "20.00 RUB"),
        ("status", "1"),
    ] {
        assert_eq!(one[column]["$"], expected, "{column}");
    }
    let date = one["create_date"]["$"].as_str().unwrap();
    assert_eq!(date.len(), "2026-11-29".len());
    let parts: Vec<&str> = date.split('-').collect();
    assert!(parts.iter().all(|part| part.parse::<u16>().is_ok()), "{date}");

    for out in ["xjson", "sjson"] {
        assert_eq!(asked(out).await.text, json.text, "{out}");
        assert_eq!(asked(out).await.header("content-type"), json.header("content-type"));
    }
    let xml = asked("xml").await;
    assert!(xml.text.contains("<elem is_json_array=\"yes\"><id>"), "{xml:?}");
    assert_eq!(asked("devel").await.text, xml.text);
    let text = asked("text").await;
    assert_eq!(text.header("content-type"), Some("text/plain; charset=UTF-8"));
    let line = format!("id={payment} number={payment} account=anna ");
    assert!(text.text.starts_with(&line) && text.text.lines().count() == 1, "{text:?}");
    app.finish().await;
}
