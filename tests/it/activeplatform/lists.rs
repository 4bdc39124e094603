//! Lists: their pages, their filters and their order, the same on both stores.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::Value;
use wsa::domain::money::Money;
use wsa::domain::task::ObjectId;
use wsa::protocols::activeplatform::model::PaymentStatus::{self, *};
use wsa::protocols::activeplatform::sql::Tables;
use wsa::protocols::activeplatform::sql::reference::StoredAccount;
use wsa::protocols::activeplatform::wire::lists::Kind;

use super::bridge::*;
use crate::support::app::TestApp;
use crate::support::place::{Place, Stores};
use crate::support::queues::Queues;

const OTHER_ACCOUNT: i64 = 506;

/// Payments of the operator: id, account, status, and the hours of 2 November 2019 (UTC) at which each was created,
/// updated and closed.
const PAYMENTS: [(i64, i64, PaymentStatus, u32, u32, Option<u32>); 7] = [
    (1, ACCOUNT, Waiting, 7, 7, None),
    (2, ACCOUNT, Completed, 6, 20, Some(10)),
    (3, OTHER_ACCOUNT, Waiting, 5, 12, None),
    (4, ACCOUNT, Expired, 4, 12, None),
    (5, OTHER_ACCOUNT, Completed, 3, 9, Some(9)),
    (6, ACCOUNT, Waiting, 2, 8, None),
    (7, ACCOUNT, Cancelled, 1, 11, Some(11)),
];

/// What a list may be asked for, and which of them that is, in this order.
const ASKED: &[(&str, &[i64])] = &[
    ("", &[1, 2, 3, 4, 5, 6, 7]),
    ("sort=-id", &[7, 6, 5, 4, 3, 2, 1]),
    ("sort=created_at", &[7, 6, 5, 4, 3, 2, 1]),
    ("sort=-created_at", &[1, 2, 3, 4, 5, 6, 7]),
    ("sort=updated_at", &[1, 6, 5, 7, 3, 4, 2]),
    ("sort=-updated_at", &[2, 4, 3, 7, 5, 6, 1]),
    ("filter[id][gt]=2&filter[id][lt]=6", &[3, 4, 5]),
    ("filter[status]=waiting_for_payment", &[1, 3, 6]),
    ("filter[status]=waiting_for_payment&sort=created_at", &[6, 3, 1]),
    ("filter[status]=paid_from_balance", &[]),
    ("filter[account_id]=506", &[3, 5]),
    ("filter[account_id]=506&filter[status]=completed", &[5]),
    ("filter[account_id]=505&sort=-updated_at", &[2, 4, 7, 6, 1]),
    ("filter[account_id]=9", &[]),
    ("filter[document_id]=doc/3", &[3]),
    ("filter[document_id]=doc/3&filter[account_id]=505", &[]),
    ("filter[document_id]=doc", &[]),
    ("filter[created_at]=2019-11-02", &[7, 6, 5, 4, 3, 2, 1]),
    ("filter[created_at]=2019-11-01", &[]),
    ("filter[created_at]=2019-11-02T04:00:00Z", &[4]),
    // The platform's time is UTC+3.
    ("filter[created_at]=2019-11-02T07:00:00", &[4]),
    ("filter[created_at][gt]=2019-11-02T05:00:00Z&sort=id", &[1, 2]),
    ("filter[created_at][lt]=2019-11-02T03:00:00%2B0000", &[7, 6]),
    ("filter[updated_at][gt]=2019-11-02T12:00:00Z", &[2]),
    ("filter[updated_at][gt]=2019-11-02T11:59:59Z", &[3, 4, 2]),
    ("filter[updated_at][gt]=2019-11-02T11:59:59Z&sort=-id", &[4, 3, 2]),
    ("filter[updated_at]=2019-11-02T12:00:00Z&filter[status]=expired", &[4]),
    ("filter[updated_at][lt]=2019-11-02T09:00:00Z", &[1, 6]),
    ("filter[closed_at]=2019-11-02", &[5, 7, 2]),
    ("filter[closed_at]=2019-11-02T10:00:00Z", &[2]),
    ("filter[closed_at][gt]=2019-11-02T09:00:00Z", &[7, 2]),
    ("filter[closed_at][lt]=2019-11-02T11:00:00Z", &[5, 2]),
    ("filter[closed_at][lt]=2019-11-02T11:00:00Z&filter[account_id]=506", &[5]),
];

/// A time of that day, as a store keeps it.
fn hour(place: &Place, hour: u32) -> String {
    let text = format!("2019-11-02T{hour:02}:00:00Z");
    match place {
        Place::Sqlite(_) => text.parse::<jiff::Timestamp>().unwrap().as_microsecond().to_string(),
        Place::Postgres(_) => format!("'{text}'::timestamptz"),
    }
}

pub async fn furnish(app: &TestApp) {
    seed(app.store()).await;
    let account = StoredAccount {
        reseller: TOP,
        id: OTHER_ACCOUNT,
        name: "Another".into(),
        currency: "USD".into(),
        balance: Money::ZERO,
    };
    assert!(Tables::of(app.store()).add_account(&account).await.unwrap());
    for (id, account, status, created, updated, closed) in PAYMENTS {
        let mut payment = waiting(TOP, id, &format!("doc/{id}"));
        (payment.account, payment.status) = (account, status);
        put(app.store(), &payment).await;
        let at = |at| hour(&app.place, at);
        let closed = closed.map_or("NULL".into(), at);
        let times = format!(
            "UPDATE ap_payments SET created_at = {}, updated_at = {}, closed_at = {closed}
             WHERE reseller_id = 1 AND payment_id = {id}",
            at(created),
            at(updated)
        );
        app.place.execute(&times).await.unwrap();
        // Of another reseller, which is never listed with them.
        put(app.store(), &waiting(CHILD, 100 + id, &format!("doc/{id}"))).await;
    }
}

async fn get(app: &TestApp, path: &str) -> Value {
    let answer = send(request(app, Method::GET, path)).await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    assert_eq!(answer.header("content-type"), Some(MEDIA));
    answer.json()
}

pub fn ids(list: &Value) -> Vec<i64> {
    let entries = list["data"].as_array().unwrap();
    entries.iter().map(|entry| entry["id"].as_str().unwrap().parse().unwrap()).collect()
}

/// Every entry of a list, page by page, by the links alone.
async fn walk(app: &TestApp, first: &str) -> Vec<i64> {
    let (mut found, mut at, mut before) = (Vec::new(), Some(first.to_owned()), None::<Vec<i64>>);
    while let Some(path) = at {
        let page = get(app, &path).await;
        if let Some(before) = &before {
            let prev = get(app, page["links"]["prev"].as_str().unwrap()).await;
            assert_eq!(ids(&prev), *before, "{path}");
        } else {
            assert_eq!(page["links"]["prev"], Value::Null);
            assert_eq!(ids(&get(app, page["links"]["first"].as_str().unwrap()).await), ids(&page));
        }
        before = Some(ids(&page));
        found.extend(ids(&page));
        assert_eq!(page["links"]["self"], path);
        at = page["links"]["next"].as_str().map(str::to_owned);
    }
    found
}

async fn every_filter_and_order_gives_what_it_says(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    furnish(&app).await;
    let schema = Kind::Payments.schema();
    let mut wrong = Vec::new();
    for (query, right) in ASKED {
        let path = format!("/api/v3/resellers/1/payments?{query}");
        let list = get(&app, &path).await;
        jsonschema::validate(&schema, &list).unwrap();
        let walked = walk(&app, &format!("{path}&page[size]=2")).await;
        if ids(&list) != *right || walked != *right {
            wrong.push(format!("{query}: {:?} and {walked:?} instead of {right:?}", ids(&list)));
        }
        for entry in list["data"].as_array().unwrap() {
            let alone = look(&app, TOP, entry["id"].as_str().unwrap()).await.json();
            assert_eq!(alone["data"], *entry, "{query}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_and_order_gives_what_it_says_on_sqlite() {
    every_filter_and_order_gives_what_it_says(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_and_order_gives_what_it_says_on_postgres() {
    every_filter_and_order_gives_what_it_says(Stores::Postgres).await;
}

async fn other_lists_are_of_their_reseller(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    furnish(&app).await;
    // Each a correction: too little for a payment that waits, or anything for one that is closed.
    for (document, amount) in [("doc%2F1", "1"), ("doc%2F2", "2"), ("doc%2F2", "3.50")] {
        let attributes = serde_json::json!({"amount": amount});
        assert_eq!(by_document(&app, document, attributes).await.status, 200);
    }
    for (path, kind, right) in [
        ("1/accounts", Kind::Accounts, &[505, 506][..]),
        ("2/accounts", Kind::Accounts, &[505]),
        ("1/accounts?filter[id][gt]=505", Kind::Accounts, &[506]),
        ("1/payment_methods", Kind::Methods, &[2]),
        ("1/child_resellers", Kind::Resellers, &[2, 3, 4]),
        ("1/child_resellers?filter[id][lt]=4", Kind::Resellers, &[2, 3]),
        ("2/child_resellers", Kind::Resellers, &[4]),
        ("4/child_resellers", Kind::Resellers, &[]),
        ("1/corrections", Kind::Corrections, &[1, 2, 3]),
        ("2/corrections", Kind::Corrections, &[]),
        ("1/corrections?filter[payment_id]=2", Kind::Corrections, &[2, 3]),
        ("1/payments/2/corrections", Kind::Corrections, &[2, 3]),
        ("1/payments/3/corrections", Kind::Corrections, &[]),
        ("1/payments/3/invoices", Kind::Invoices, &[]),
    ] {
        let path = format!("/api/v3/resellers/{path}");
        let list = get(&app, &path).await;
        jsonschema::validate(&kind.schema(), &list).unwrap();
        assert_eq!(ids(&list), right, "{path}");
        if kind != Kind::Invoices {
            let paged = format!("{path}{}page[size]=1", if path.contains('?') { '&' } else { '?' });
            assert_eq!(walk(&app, &paged).await, right, "{path}");
        }
    }
    for (path, kind) in [
        ("1", Kind::Reseller),
        ("1/accounts/506", Kind::Account),
        ("1/payment_methods/2", Kind::Method),
        ("1/corrections/3", Kind::Correction),
    ] {
        let one = get(&app, &format!("/api/v3/resellers/{path}")).await;
        jsonschema::validate(&kind.schema(), &one).unwrap();
        let last = path.rsplit('/').next().unwrap();
        assert_eq!(one["data"]["id"], last);
    }
    let correction = get(&app, "/api/v3/resellers/1/corrections/3").await;
    let attributes = &correction["data"]["attributes"];
    assert_eq!((&attributes["total"], &attributes["payment_id"]), (&"3.5".into(), &2.into()));
    for (path, title) in [
        ("1/accounts/507", "Account not found."),
        ("2/accounts/506", "Account not found."),
        ("1/payment_methods/3", "Payment method not found."),
        ("1/corrections/4", "Correction not found."),
        ("2/corrections/1", "Correction not found."),
        ("1/payments/8/corrections", "Payment not found."),
        ("1/payments/101/invoices", "Payment not found."),
        ("1/accounts/x", "Account not found."),
        ("1/accounts/%FF", "Account not found."),
    ] {
        let path = format!("/api/v3/resellers/{path}");
        assert_eq!(send(request(&app, Method::GET, &path)).await.error(404), title, "{path}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_lists_are_of_their_reseller_on_sqlite() {
    other_lists_are_of_their_reseller(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_lists_are_of_their_reseller_on_postgres() {
    other_lists_are_of_their_reseller(Stores::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_lists_what_is_below_it_and_learns_nothing_of_what_is_above() {
    let app = TestApp::embedded().await;
    seed(app.store()).await;
    let of = async |reseller: ObjectId, path: &str| {
        let path = format!("/api/v3/resellers/{path}");
        let token = token(10 + reseller.0);
        send(app.request(Method::GET, &path).header("X-Api-Token", token)).await
    };
    let parents: BTreeMap<(ObjectId, &str), Value> = BTreeMap::from([
        ((TOP, "1"), Value::Null),
        ((TOP, "2"), "1".into()),
        ((CHILD, "2"), Value::Null),
        ((CHILD, "4"), "2".into()),
        ((GRANDCHILD, "4"), Value::Null),
    ]);
    for ((own, reseller), parent) in parents {
        let answer = of(own, reseller).await.json();
        assert_eq!(answer["data"]["attributes"]["parent_id"], parent, "{reseller} for {own}");
        let linked = &answer["data"]["relationships"]["parent"]["data"];
        assert_eq!(linked["id"], parent, "{reseller} for {own}");
    }
    for (own, below) in [(TOP, &[2, 3, 4][..]), (CHILD, &[4]), (SIBLING, &[]), (GRANDCHILD, &[])] {
        let list = of(own, &format!("{own}/child_resellers")).await.json();
        assert_eq!(ids(&list), below, "{own}");
    }
    assert_eq!(of(CHILD, "1").await.error(404), "Reseller not found.");
    app.finish().await;
}
