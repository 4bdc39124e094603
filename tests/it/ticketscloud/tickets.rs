//! Which tickets an order gets, at which price.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use wsa::protocols::ticketscloud::hex_id::RuleId;
use wsa::protocols::ticketscloud::model::Period;
use wsa::protocols::ticketscloud::sql::Tables;

use super::seller::*;
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;

fn ids(set: &str, numbers: &[usize]) -> Vec<String> {
    numbers.iter().map(|number| ticket(set, *number).to_string()).collect()
}

fn sums(order: &Value) -> [&str; 3] {
    ["nominal", "extra", "full"].map(|field| order["values"][field].as_str().unwrap())
}

async fn an_order_has_the_tickets_that_were_asked_for_last(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    seed(app.store()).await;
    let made = create(&app, ORG, json!({"tickets": ids(SET, &[3, 7])})).await;
    assert_eq!(sums(&made.ok(201)), ["200.00", "0.00", "200.00"]);
    let order = made.id();
    let changed = change(&app, &order, json!({"tickets": ids(SET, &[7, 8])})).await;
    changed.ok(200);
    assert_eq!(changed.tickets(), ids(SET, &[7, 8]));
    assert_eq!(free(&app.place).await, 8, "the other one is free again");

    // Of a set, the order's own tickets first, then the lowest that are free; sets that are not named go.
    let changed = change(&app, &order, json!({"random": {SET: 3, BALCONY: 1}})).await;
    let tickets = [ids(SET, &[0, 7, 8]), ids(BALCONY, &[0])].concat();
    assert_eq!(changed.tickets(), tickets);
    let shown = changed.ok(200);
    assert_eq!(sums(&shown), ["550.50", "12.25", "562.75"]);
    assert_eq!((&shown["value"], &shown["value_extra"]), (&json!("562.75"), &json!("12.25")));
    assert_eq!(shown["rules"].as_object().unwrap().len(), 2);
    let changed = change(&app, &order, json!({"random": {BALCONY: 1}})).await;
    assert_eq!(changed.tickets(), ids(BALCONY, &[0]));
    assert_eq!(free(&app.place).await, 10);

    for (body, told) in [
        (json!({"tickets": [RuleId::random().to_string()]}), "the event has no ticket"),
        (json!({"random": {RULE: 1}}), "the event has no set"),
        (json!({"tickets": []}), "1 to 100"),
    ] {
        let error = change(&app, &order, body).await.error(400);
        assert!(error.contains(told), "{error}");
    }
    assert_eq!(look(&app, &order).await.text, changed.text);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_has_the_tickets_that_were_asked_for_last_on_sqlite() {
    an_order_has_the_tickets_that_were_asked_for_last(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_has_the_tickets_that_were_asked_for_last_on_postgres() {
    an_order_has_the_tickets_that_were_asked_for_last(Stores::Postgres).await;
}

async fn all_or_nothing_is_meant(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    seed(app.store()).await;
    create(&app, ORG, json!({"tickets": ids(SET, &[0, 1, 2, 3, 4, 5, 6])})).await.ok(201);
    let own = create(&app, ORG, json!({"tickets": ids(SET, &[7])})).await;
    let own = own.id();
    // 8 and 9 are free.
    for wanted in [json!({"random": {SET: 4}}), json!({"tickets": ids(SET, &[6, 7, 8, 9])})] {
        let mut all = wanted.clone();
        all["all_or_nothing"] = json!("true");
        let error = change(&app, &own, all.clone()).await.error(400);
        assert!(error.contains("nothing was reserved"), "{error}");
        assert_eq!(look(&app, &own).await.tickets(), ids(SET, &[7]), "nothing was released either");
        create(&app, ORG, all).await.error(400);
        let some = change(&app, &own, wanted).await;
        some.ok(200);
        assert_eq!(some.tickets(), ids(SET, &[7, 8, 9]), "as many as there are");
        change(&app, &own, json!({"tickets": ids(SET, &[7]), "all_or_nothing": true}))
            .await
            .ok(200);
    }
    let none = create(&app, ORG, json!({"tickets": ids(SET, &[0, 1])})).await.error(400);
    assert!(none.contains("None of the tickets"), "{none}");
    let fits = json!({"random": {SET: 2, BALCONY: 10}, "all_or_nothing": true});
    assert_eq!(create(&app, ORG, fits).await.tickets().len(), 12);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_or_nothing_is_meant_on_sqlite() {
    all_or_nothing_is_meant(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_or_nothing_is_meant_on_postgres() {
    all_or_nothing_is_meant(Stores::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_price_is_that_of_the_moment_and_stays() {
    let app = TestApp::embedded().await;
    let object = seed(app.store()).await;
    let order = ordered(&app, 1).await;
    let now = Timestamp::now();
    let (before, later) =
        (now - SignedDuration::from_hours(1), now + SignedDuration::from_hours(1));
    let dearer = RuleId::random().to_string();
    let period = Period { starts_at: Some(before), ends_at: Some(later) };
    rule(app.store(), object, SET, &dearer, "150.00", "1.50", period).await;
    for (starts_at, ends_at) in [(Some(later), None), (None, Some(before))] {
        let period = Period { starts_at, ends_at };
        rule(app.store(), object, SET, &RuleId::random().to_string(), "1.00", "0.00", period).await;
    }
    let new = create(&app, ORG, json!({"random": {SET: 2}})).await.ok(201);
    assert_eq!(sums(&new), ["300.00", "3.00", "303.00"]);
    assert_eq!(new["rules"], json!({SET: dearer}));
    // The order that was there has its price, for the tickets that it gets later as well.
    let old = change(&app, &order, json!({"random": {SET: 2}})).await.ok(200);
    assert_eq!((sums(&old), &old["rules"]), (["200.00", "0.00", "200.00"], &json!({SET: RULE})));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_on_sale_is_not_sold() {
    let app = TestApp::embedded().await;
    let object = seed(app.store()).await;
    let unpriced = "56a6254bf06c5a059b938099";
    set(app.store(), object, unpriced, 1).await;
    let error = create(&app, ORG, json!({"random": {unpriced: 1}})).await.error(400);
    assert!(error.contains("not on sale at this time"), "{error}");
    let order = ordered(&app, 2).await;
    assert!(Tables::of(app.store()).set_sale(EVENT.parse().unwrap(), false).await.unwrap());
    for body in [json!({"random": {SET: 1}}), json!({"tickets": ids(SET, &[5])})] {
        let error = create(&app, ORG, body).await.error(400);
        assert!(error.contains("not on sale"), "{error}");
    }
    change(&app, &order, json!({"random": {SET: 3}})).await.error(400);
    // What is reserved can be given up, and paid.
    change(&app, &order, json!({"random": {SET: 1}})).await.ok(200);
    step(&app, &order, "done").await.ok(200);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_and_payment_systems_are_kept() {
    let app = TestApp::embedded().await;
    seed(app.store()).await;
    let fields = json!({
        "random": {SET: 1},
        "customer": {"name": "Анна", "email": "anna@example.org", "phone": "+7 900 000-00-00"},
        "payment": {"system": SYSTEM, "success_url": "https://seller.example/thanks"},
    });
    let made = create(&app, ORG, fields).await;
    let shown = made.ok(201);
    assert_eq!(shown["payment"]["system"], SYSTEM);
    assert_eq!(shown["payment"]["success_url"], "https://seller.example/thanks");
    let all = json!({"lang": "ru", "name": "Анна", "email": "anna@example.org",
                     "phone": "+7 900 000-00-00"});
    assert_eq!(shown["customer"], all);
    let body = json!({"customer": {"lang": "en", "phone": null}, "payment": {"system": null}});
    let shown = change(&app, &made.id(), body).await.ok(200);
    let left = json!({"lang": "en", "name": "Анна", "email": "anna@example.org"});
    assert_eq!((&shown["customer"], &shown["payment"]["system"]), (&left, &Value::Null));
    assert_eq!(shown["payment"]["success_url"], "https://seller.example/thanks");
    let error = change(&app, &made.id(), json!({"payment": {"system": "x/Y"}})).await.error(400);
    assert!(error.contains("no payment system \"x/Y\""), "{error}");
    app.finish().await;
}
