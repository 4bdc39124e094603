//! What the store refuses whatever the program believes.

use uuid::Uuid;
use wsa::protocols::activeplatform::sql::Tables;

use super::bridge::*;
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;

#[tokio::test(flavor = "multi_thread")]
async fn the_store_refuses_what_must_not_be_on_sqlite() {
    the_store_refuses_what_must_not_be(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_refuses_what_must_not_be_on_postgres() {
    the_store_refuses_what_must_not_be(Stores::Postgres).await;
}

async fn the_store_refuses_what_must_not_be(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    seed(app.store()).await;
    put(app.store(), &waiting(TOP, 6475, "2005258")).await;
    assert!(!Tables::of(app.store()).add_payment(&waiting(TOP, 6475, "another")).await.unwrap());
    assert!(!Tables::of(app.store()).add_payment(&waiting(TOP, 6476, "2005258")).await.unwrap());
    let answer = by_document(
        &app,
        "2005258",
        serde_json::json!({"amount": 100, "external_transaction_id": "t"}),
    )
    .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let place = &app.place;
    let guid = place.guid(Uuid::now_v7());
    let first = place.guid(answer.header("x-task-guid").unwrap().parse().unwrap());
    let refused = [
        "UPDATE ap_accounts SET balance = -1 WHERE reseller_id = 1".to_owned(),
        "UPDATE ap_payments SET status = 'waiting_for_payment' WHERE payment_id = 6475".into(),
        "UPDATE ap_payments SET status = 'paid' WHERE payment_id = 6475".into(),
        "UPDATE ap_payments SET status = 'cancelled' WHERE payment_id = 6475".into(),
        // A second closing, and a second correction by one task.
        format!(
            "INSERT INTO ap_entries (reseller_id, task_guid, line, account_id, payment_id, kind,
                                     amount, manager_id, entered_at)
             SELECT reseller_id, {guid}, 0, account_id, payment_id, kind, amount, manager_id, entered_at
             FROM ap_entries WHERE kind = 'payment'"
        ),
        format!(
            "INSERT INTO ap_corrections (reseller_id, correction_id, account_id, payment_id,
                 document_id, manager_id, amount, currency, comment, task_guid, created_at)
             SELECT reseller_id, 77, account_id, payment_id, document_id, manager_id, amount,
                    currency, comment, {first}, created_at FROM ap_corrections"
        ),
        format!(
            "INSERT INTO ap_external_transactions (reseller_id, transaction_id, document_id,
                 payment_id, task_guid, answer, received_at)
             SELECT reseller_id, transaction_id, document_id, payment_id, {guid}, answer, received_at
             FROM ap_external_transactions"
        ),
    ];
    for sql in refused {
        assert!(place.execute(&sql).await.is_err(), "{sql}");
    }
    assert_books_agree(place).await;
    app.finish().await;
}
