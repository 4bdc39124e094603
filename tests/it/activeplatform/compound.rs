//! Compound documents: what is included, and which fields are answered.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use wsa::protocols::activeplatform::wire::lists::Kind;

use super::bridge::*;
use super::lists::{furnish, ids};
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;

async fn get(app: &TestApp, path: &str) -> Value {
    let path = format!("/api/v3/resellers/{path}");
    let answer = send(request(app, Method::GET, &path)).await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.json()
}

/// Types and ids of what is included, each once, none of it an entry itself.
fn included(document: &Value) -> Vec<String> {
    let name =
        |it: &Value| format!("{} {}", it["type"].as_str().unwrap(), it["id"].as_str().unwrap());
    let all: Vec<String> = document["included"].as_array().unwrap().iter().map(name).collect();
    let own = match &document["data"] {
        Value::Array(entries) => entries.iter().map(name).collect(),
        one => vec![name(one)],
    };
    let each: BTreeSet<&String> = all.iter().chain(&own).collect();
    assert_eq!(each.len(), all.len() + own.len(), "{document}");
    all
}

async fn what_is_related_is_included_once(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    furnish(&app).await;
    for (document, amount) in [("doc%2F1", "1"), ("doc%2F2", "2"), ("doc%2F1", "99")] {
        let answer = by_document(&app, document, json!({"amount": amount})).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    for (path, kind, right) in [
        ("1/payments?include=account", Kind::Payments, &["accounts 505", "accounts 506"][..]),
        (
            "1/payments?filter[id][gt]=1&page[size]=1&include=account",
            Kind::Payments,
            &["accounts 505"],
        ),
        (
            "1/payments?include=payment_method,reseller",
            Kind::Payments,
            &["resellers 1", "payment_methods 2"],
        ),
        (
            "1/payments?include=corrections.payment",
            Kind::Payments,
            &["corrections 1", "corrections 2"],
        ),
        ("1/payments?include=", Kind::Payments, &[]),
        (
            "1/payments/1?include=corrections.account,account",
            Kind::Payment,
            &["accounts 505", "corrections 1"],
        ),
        ("1/payments/3?include=corrections,payment_method", Kind::Payment, &[]),
        (
            "1/payments/2/corrections?include=payment.account.reseller",
            Kind::Corrections,
            &["resellers 1", "accounts 505", "payments 2"],
        ),
        ("1/corrections?include=payment", Kind::Corrections, &["payments 1", "payments 2"]),
        ("1/corrections/1?include=payment.corrections", Kind::Correction, &["payments 1"]),
        ("1/accounts?include=reseller", Kind::Accounts, &["resellers 1"]),
        ("1/payment_methods/2?include=reseller", Kind::Method, &["resellers 1"]),
        // A list has what is included with it already.
        ("1/child_resellers?include=parent", Kind::Resellers, &["resellers 1"]),
        ("4?include=parent.parent", Kind::Reseller, &["resellers 1", "resellers 2"]),
        ("1?include=parent", Kind::Reseller, &[]),
    ] {
        let document = get(&app, path).await;
        jsonschema::validate(&kind.schema(), &document)
            .unwrap_or_else(|bad| panic!("{path}: {bad}"));
        assert_eq!(included(&document), right, "{path}");
        for entry in document["included"].as_array().unwrap() {
            let (kind, id) = (entry["type"].as_str().unwrap(), entry["id"].as_str().unwrap());
            let at = if kind == "resellers" { id.to_owned() } else { format!("1/{kind}/{id}") };
            assert_eq!(get(&app, &at).await["data"], *entry, "{path}");
        }
    }
    assert!(get(&app, "1/payments").await.get("included").is_none());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_related_is_included_once_on_sqlite() {
    what_is_related_is_included_once(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_related_is_included_once_on_postgres() {
    what_is_related_is_included_once(Stores::Postgres).await;
}

async fn accounts_of_resellers_below_are_found(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    furnish(&app).await;
    for (path, right) in [
        ("1/child_reseller_accounts", &[2, 3, 4][..]),
        ("2/child_reseller_accounts", &[4]),
        ("4/child_reseller_accounts", &[]),
        ("1/child_reseller_accounts?filter[reseller_id]=3", &[3]),
        ("2/child_reseller_accounts?filter[reseller_id]=3", &[]),
        // Its own accounts are not those of resellers below.
        ("1/child_reseller_accounts?filter[reseller_id]=1", &[]),
        ("1/child_reseller_accounts?page[size]=1&page[number]=2", &[3]),
        ("1/child_reseller_accounts?filter[id][gt]=505", &[]),
    ] {
        let list = get(&app, path).await;
        jsonschema::validate(&Kind::Accounts.schema(), &list).unwrap();
        let entries = list["data"].as_array().unwrap().iter();
        let of: Vec<i64> =
            entries.map(|it| it["attributes"]["reseller_id"].as_i64().unwrap()).collect();
        assert_eq!(of, right, "{path}");
        assert!(ids(&list).iter().all(|id| *id == ACCOUNT), "{path}");
    }
    let next = get(&app, "1/child_reseller_accounts?page[size]=2").await;
    assert!(next["links"]["next"].is_string(), "{next}");
    let one = get(&app, "2/child_reseller_accounts/505?include=reseller.parent").await;
    assert_eq!(
        (one["data"]["attributes"]["reseller_id"].as_i64(), included(&one).len()),
        (Some(4), 2)
    );
    let one = get(&app, "1/child_reseller_accounts/505?filter[reseller_id]=3").await;
    assert_eq!(one["data"]["attributes"]["reseller_id"], 3);
    for (path, status, title) in [
        ("1/child_reseller_accounts/506", 404, "Account not found."),
        ("4/child_reseller_accounts/505", 404, "Account not found."),
        (
            "1/child_reseller_accounts/505",
            400,
            "filter[reseller_id]: the resellers 2, 3, 4 have an account 505 each",
        ),
    ] {
        let path = format!("/api/v3/resellers/{path}");
        let told = send(request(&app, Method::GET, &path)).await.error(status);
        assert!(told.starts_with(title), "{path}: {told}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_of_resellers_below_are_found_on_sqlite() {
    accounts_of_resellers_below_are_found(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_of_resellers_below_are_found_on_postgres() {
    accounts_of_resellers_below_are_found(Stores::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_below_is_told_nothing_of_what_is_above_by_what_is_included() {
    let app = TestApp::embedded().await;
    seed(app.store()).await;
    let path = "/api/v3/resellers/2/accounts/505?include=reseller.parent";
    let answer = send(app.request(Method::GET, path).header("X-Api-Token", token(12))).await.json();
    assert_eq!(included(&answer), ["resellers 2"]);
    assert_eq!(answer["included"][0]["attributes"]["parent_id"], Value::Null);
    assert_eq!(answer["included"][0]["relationships"]["parent"]["data"], Value::Null);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fields_that_are_asked_for_are_answered_and_no_others() {
    let app = TestApp::embedded().await;
    seed(app.store()).await;
    put(app.store(), &waiting(TOP, 1, "1")).await;
    let query = "include=account,reseller&fields[payments]=total,account&fields[accounts]=name&fields[resellers]=";
    for path in ["1/payments", "1/payments/1"] {
        let document = get(&app, &format!("{path}?{query}")).await;
        let payment = document["data"].get(0).unwrap_or(&document["data"]);
        let account = json!({"data": {"id": "505", "type": "accounts"}});
        let right = json!({"id": "1", "type": "payments", "attributes": {"total": "99.0"},
            "relationships": {"account": account}});
        assert_eq!(*payment, right);
        let account = json!({"id": "505", "type": "accounts", "attributes": {"name": "Customer"}});
        assert_eq!(document["included"], json!([{"id": "1", "type": "resellers"}, account]));
    }
    app.finish().await;
}
