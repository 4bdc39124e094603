//! Completing by document number.

use futures_util::future::join_all;
use serde_json::json;
use wsa::protocols::activeplatform::model::PaymentStatus;

use super::bridge::*;
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;

#[tokio::test(flavor = "multi_thread")]
async fn every_cell_of_the_table_on_sqlite() {
    every_cell_of_the_table(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_cell_of_the_table_on_postgres() {
    every_cell_of_the_table(Stores::Postgres).await;
}

async fn every_cell_of_the_table(store: Stores) {
    use PaymentStatus::*;
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    seed(app.store()).await;
    let cells = [
        (Waiting, "99.00", "completed", None),
        (Waiting, "120.50", "completed", Some(2_150)),
        (Waiting, "50", "waiting_for_payment", Some(5_000)),
        (Completed, "99.0", "completed", Some(9_900)),
        (Completed, "120.50", "completed", Some(12_050)),
        (Completed, "50.01", "completed", Some(5_001)),
        (Expired, "99", "completed", None),
        (Expired, "98.99", "expired", Some(9_899)),
        (PaidFromBalance, "99", "paid_from_balance", Some(9_900)),
        (Cancelled, "100", "cancelled", Some(10_000)),
    ];
    for ((status, amount, then, corrected), id) in cells.into_iter().zip(100_i64..) {
        let document = format!("doc/{id}");
        let mut payment = waiting(TOP, id, &document);
        payment.status = status;
        put(app.store(), &payment).await;
        let before = balance(&app.place).await;
        let transaction = format!("bank-{id}");
        let attributes = json!({"amount": amount, "currency_code": "USD",
            "external_transaction_id": transaction});
        let answer = by_document(&app, &document.replace('/', "%2F"), attributes).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let json = answer.json();
        assert_eq!(json["data"]["attributes"]["status"], then, "{status} {amount}");
        let came = wsa::domain::money::Money::parse(amount).unwrap().kopecks();
        assert_eq!(balance(&app.place).await, before + came, "{status} {amount}");

        let column = app.place.in_kopecks("amount");
        let made = format!(
            "SELECT {column}, manager_id, comment, correction_id FROM ap_corrections
             WHERE payment_id = {id}"
        );
        let made = app.place.rows(&made).await;
        let amounts: Vec<i64> =
            made.iter().map(|row| row[0].as_ref().unwrap().parse().unwrap()).collect();
        assert_eq!(amounts, corrected.into_iter().collect::<Vec<_>>(), "{status} {amount}");
        let linked = json["data"]["relationships"]["corrections"]["data"].as_array().unwrap();
        assert_eq!(linked.len(), made.len());
        for (link, row) in linked.iter().zip(&made) {
            assert_eq!(*link, json!({"id": row[3].as_ref().unwrap(), "type": "corrections"}));
            assert_eq!(row[1].as_deref(), Some("234"));
            assert!(row[2].as_ref().unwrap().contains(&document), "{row:?}");
        }
        let stored = format!(
            "SELECT count(*) FROM ap_external_transactions WHERE transaction_id = '{transaction}'"
        );
        assert_eq!(app.place.number(&stored).await, 1, "{status} {amount}");
    }
    assert_books_agree(&app.place).await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_amount_it_is_as_by_id() {
    let app = TestApp::embedded().await;
    seed(app.store()).await;
    put(app.store(), &waiting(TOP, 6475, "2005258")).await;
    assert_eq!(by_document(&app, "2005258", json!({})).await.status, 200);
    let title = by_document(&app, "2005258", json!({})).await.error(422);
    assert_eq!(title, wsa::protocols::activeplatform::decide::NOT_OPEN);
    assert_eq!(balance(&app.place).await, 9_900);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_comes_again_changes_nothing_on_sqlite() {
    a_transaction_that_comes_again_changes_nothing(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_comes_again_changes_nothing_on_postgres() {
    a_transaction_that_comes_again_changes_nothing(Stores::Postgres).await;
}

async fn a_transaction_that_comes_again_changes_nothing(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    seed(app.store()).await;
    put(app.store(), &waiting(TOP, 6475, "2005258")).await;
    put(app.store(), &waiting(TOP, 6476, "2005259")).await;
    let attributes = json!({"total": 40, "external_transaction_id": 77});
    let ask = || by_document(&app, "2005258", attributes.clone());
    let answers = join_all((0..30).map(|_| ask())).await;
    let first = &answers[0];
    assert_eq!(first.status, 200, "{first:?}");
    assert!(answers.iter().all(|a| a.text == first.text), "all get the first answer");
    assert_eq!(balance(&app.place).await, 4_000);
    // Something else happens to the payment; the answer stays the first.
    assert_eq!(complete(&app, TOP, "6475").await.status, 200);
    assert_eq!(ask().await.text, first.text);
    assert_eq!(balance(&app.place).await, 13_900);

    let other = json!({"total": 41, "external_transaction_id": 77});
    by_document(&app, "2005258", other).await.error(422);
    by_document(&app, "2005259", attributes.clone()).await.error(422);
    assert_eq!(balance(&app.place).await, 13_900);
    assert_books_agree(&app.place).await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_currency_method_or_document_is_refused() {
    let app = TestApp::embedded().await;
    seed(app.store()).await;
    put(app.store(), &waiting(TOP, 6475, "2005258")).await;
    let euros = json!({"amount": 99, "currency_code": "EUR", "external_transaction_id": "e"});
    let title = by_document(&app, "2005258", euros).await.error(422);
    assert_eq!(title, "The payment is in USD, not in \"EUR\": nothing was changed.");
    assert_eq!(by_document(&app, "7", json!({"amount": 1})).await.error(404), "Payment not found.");
    let path = path(TOP, "6475");
    let patch = request(&app, reqwest::Method::PATCH, &path)
        .body(r#"{"data": {"attributes": {"payment_method_id": 9}}}"#);
    assert_eq!(send(patch).await.error(422), "Reseller 1 has no payment method 9.");
    assert_eq!(complete(&app, TOP, "1").await.error(404), "Payment not found.");
    assert_eq!(balance(&app.place).await, 0);
    // A refused transaction may come again, right.
    let dollars = json!({"amount": 99, "currency_code": "USD", "external_transaction_id": "e"});
    assert_eq!(by_document(&app, "2005258", dollars).await.status, 200);
    app.finish().await;
}
