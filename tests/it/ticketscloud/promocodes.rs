//! Promo codes.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use wsa::domain::money::Money;
use wsa::domain::task::ObjectId;
use wsa::protocols::ticketscloud::hex_id::PromocodeId;
use wsa::protocols::ticketscloud::model::{Discount, Period, Promocode};
use wsa::protocols::ticketscloud::sql::Tables;

use super::seller::*;
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;

async fn add(app: &TestApp, object: ObjectId, new: Promocode) -> String {
    assert!(Tables::of(app.store()).add_promocode(object, &new).await.unwrap());
    new.id.to_string()
}

fn percent(code: &str, percent: &str) -> Promocode {
    Promocode {
        id: PromocodeId::random(),
        code: code.into(),
        discount: Discount::Percent(percent.parse().unwrap()),
        set: None,
        uses: None,
        used: 0,
        period: Period::default(),
    }
}

fn fixed(code: &str, amount: &str) -> Promocode {
    let discount = Discount::Fixed(Money::parse(amount).unwrap());
    Promocode { discount, ..percent(code, "1") }
}

fn sums(order: &Value) -> [&str; 4] {
    ["discount", "nominal", "extra", "full"].map(|f| order["values"][f].as_str().unwrap_or("none"))
}

async fn promo_codes_take_off_what_they_say(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    let object = seed(app.store()).await;
    let promo = add(&app, object, percent("PROMO", "30")).await;
    add(&app, object, percent("THIRD", "33.33")).await;
    let balcony = Some(BALCONY.parse().unwrap());
    add(&app, object, Promocode { set: balcony, ..fixed("ФИКС", "1000") }).await;

    // As in the vendor's documentation: three tickets of 100.00, 30 %.
    let made = create(&app, ORG, json!({"random": {SET: 3}})).await;
    assert_eq!(sums(&made.ok(201)), ["none", "300.00", "0.00", "300.00"]);
    let order = made.id();
    let set = async |codes: &[&str]| change(&app, &order, json!({"promocodes": codes})).await;
    let shown = set(&["PROMO"]).await.ok(200);
    assert_eq!(sums(&shown), ["90.00", "210.00", "0.00", "210.00"]);
    assert_eq!(shown["promocodes"], json!([promo]));
    assert_eq!(shown["value"], "210.00");

    // The full wanted set each time; what is rounded is each ticket's discount. The fee stays.
    let shown = change(&app, &order, json!({"random": {SET: 2, BALCONY: 1}})).await.ok(200);
    assert_eq!(sums(&shown), ["135.15", "315.35", "12.25", "327.60"]);
    let shown = set(&["THIRD"]).await.ok(200);
    // 33.33 + 33.33 + 83.49 (250.50 x 0.3333 = 83.49165).
    assert_eq!(sums(&shown), ["150.15", "300.35", "12.25", "312.60"]);
    let shown = set(&["PROMO", "ФИКС"]).await.ok(200);
    // 30 + 30, and the whole price of the balcony, from which nobody takes more.
    assert_eq!(sums(&shown), ["310.50", "140.00", "12.25", "152.25"]);
    let shown = set(&[]).await.ok(200);
    assert_eq!(sums(&shown), ["none", "450.50", "12.25", "462.75"]);
    for (codes, told) in [(["promo"], "no promo code \"promo\""), ([""], "1 to 64")] {
        let error = set(&codes).await.error(400);
        assert!(error.contains(told), "{error}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn promo_codes_take_off_what_they_say_on_sqlite() {
    promo_codes_take_off_what_they_say(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn promo_codes_take_off_what_they_say_on_postgres() {
    promo_codes_take_off_what_they_say(Stores::Postgres).await;
}

async fn a_promo_code_is_used_as_often_as_it_may(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    let object = seed(app.store()).await;
    add(&app, object, Promocode { uses: Some(2), ..percent("TWO", "50") }).await;
    let past = Timestamp::now() - SignedDuration::from_hours(1);
    let over = Period { starts_at: None, ends_at: Some(past) };
    add(&app, object, Promocode { period: over, ..percent("OVER", "50") }).await;
    let with = json!({"random": {SET: 1}, "promocodes": ["TWO"]});
    let (first, second) =
        (create(&app, ORG, with.clone()).await, create(&app, ORG, with.clone()).await);
    first.ok(201);
    second.ok(201);
    let used_up = create(&app, ORG, with.clone()).await.error(400);
    assert!(used_up.contains("\"TWO\" is used up"), "{used_up}");
    let late = create(&app, ORG, json!({"random": {SET: 1}, "promocodes": ["OVER"]})).await;
    assert!(late.error(400).contains("at this time"), "{late:?}");
    // Who has it keeps it; who gives it up, or is canceled, leaves it to others.
    change(&app, &first.id(), json!({"promocodes": ["TWO"], "random": {SET: 2}})).await.ok(200);
    change(&app, &first.id(), json!({"promocodes": []})).await.ok(200);
    let third = create(&app, ORG, with.clone()).await;
    third.ok(201);
    create(&app, ORG, with.clone()).await.error(400);
    step(&app, &second.id(), "canceled").await.ok(200);
    let fourth = create(&app, ORG, with.clone()).await;
    fourth.ok(201);
    // And so does who expires.
    let past = app.place.moment(-1000);
    let sql = format!("UPDATE tc_orders SET reserved_till = {past} WHERE status = 'executed'");
    app.place.execute(&sql).await.unwrap();
    for _ in 0..2 {
        create(&app, ORG, with.clone()).await.ok(201);
    }
    create(&app, ORG, with).await.error(400);

    assert!(
        !Tables::of(app.store()).remove_promocode(object, "TWO").await.unwrap(),
        "orders show it"
    );
    assert!(Tables::of(app.store()).remove_promocode(object, "OVER").await.unwrap());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promo_code_is_used_as_often_as_it_may_on_sqlite() {
    a_promo_code_is_used_as_often_as_it_may(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promo_code_is_used_as_often_as_it_may_on_postgres() {
    a_promo_code_is_used_as_often_as_it_may(Stores::Postgres).await;
}
