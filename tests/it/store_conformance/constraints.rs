//! What the schema refuses, whatever the program believes: each statement here goes past it.

use wsa::domain::task::{OrderGuid, TaskKey};

use crate::support::ask::Ask;
use crate::support::reference::*;
use crate::support::stores::TestStore;

on_each_store![
    an_answer_cannot_be_changed_or_taken_back,
    an_answer_is_whole_or_not_there,
    a_line_of_a_task_is_paid_once,
    an_order_is_never_paid_more_than_it_costs_nor_less_than_nothing,
    an_order_is_not_closed_unpaid,
    a_cancelled_order_holds_no_money,
    a_payment_is_removed_by_a_task_at_a_time_or_not_at_all,
    an_original_order_id_is_taken_once,
];

async fn refused(store: &TestStore, sql: &str, by: &str) {
    let error = store.place.execute(sql).await.expect_err(sql);
    assert!(error.to_lowercase().contains(by), "{sql}: {error}");
}

async fn paid(store: &TestStore) -> (OrderGuid, TaskKey) {
    let order = store.order(V1, "10.00").await;
    let key = store.registered(&Ask::pay(V1, order, &[("4.00", CASH)])).await;
    store.settle(&[key]).await.unwrap();
    (order, key)
}

async fn an_answer_cannot_be_changed_or_taken_back(store: &TestStore) {
    let (_, key) = paid(store).await;
    let first = store.answer_text(key).await;
    let guid = store.place.guid(key.guid.0);
    for change in [
        "outcome = 'timeout'",
        "outcome = NULL, answer = NULL, answered_at = NULL",
        "answer = '{}'",
        "deadline = registered_at",
    ] {
        let sql = format!("UPDATE tasks SET {change} WHERE task_guid = {guid}");
        refused(store, &sql, "is answered and cannot change").await;
    }
    assert_eq!(store.answer_text(key).await, first);
}

async fn an_answer_is_whole_or_not_there(store: &TestStore) {
    let key = store.registered(&Ask::get_order(V1, OrderGuid::new())).await;
    let guid = store.place.guid(key.guid.0);
    for change in [
        "outcome = 'done'",
        "answer = '{}'",
        "outcome = 'done', answer = '{}'",
        "answered_at = registered_at",
    ] {
        let sql = format!("UPDATE tasks SET {change} WHERE task_guid = {guid}");
        refused(store, &sql, "one_answer").await;
    }
    let sql = format!(
        "UPDATE tasks SET outcome = 'perhaps', answer = '{{}}', answered_at = deadline
         WHERE task_guid = {guid}"
    );
    refused(store, &sql, "check").await;
}

async fn a_line_of_a_task_is_paid_once(store: &TestStore) {
    let (order, _) = paid(store).await;
    let again = "INSERT INTO payments SELECT * FROM payments";
    let error = store.place.execute(again).await.unwrap_err().to_lowercase();
    assert!(error.contains("unique"), "{error}");
    for (column, value) in [
        ("amount", store.place.kopecks(0)),
        ("amount", store.place.kopecks(-1)),
        ("written_off", store.place.kopecks(2)),
    ] {
        refused(store, &format!("UPDATE payments SET {column} = {value}"), "check").await;
    }
    assert_eq!(store.books().await.payments_of(order).len(), 1);
}

async fn an_order_is_never_paid_more_than_it_costs_nor_less_than_nothing(store: &TestStore) {
    let (order, _) = paid(store).await;
    for paid in [1001, -1] {
        let sql = format!("UPDATE orders SET paid = {}", store.place.kopecks(paid));
        refused(store, &sql, "check").await;
    }
    let sql = format!("UPDATE orders SET total = {}", store.place.kopecks(399));
    refused(store, &sql, "check").await;
    assert_eq!(store.books().await.order(order).paid, 400);
}

async fn an_order_is_not_closed_unpaid(store: &TestStore) {
    paid(store).await;
    refused(store, "UPDATE orders SET status = 'Complited'", "closed_means_paid").await;
    refused(store, "UPDATE orders SET status = 'Completed'", "check").await;
}

async fn a_cancelled_order_holds_no_money(store: &TestStore) {
    paid(store).await;
    refused(store, "UPDATE orders SET status = 'Canceled'", "check").await;
    let unpaid =
        format!("UPDATE orders SET status = 'Canceled', paid = {}", store.place.kopecks(0));
    assert!(store.place.execute(&unpaid).await.is_ok());
}

async fn a_payment_is_removed_by_a_task_at_a_time_or_not_at_all(store: &TestStore) {
    paid(store).await;
    refused(store, "UPDATE payments SET removed_by = task_guid", "check").await;
    refused(store, "UPDATE payments SET removed_at = taken_at", "check").await;
}

async fn an_original_order_id_is_taken_once(store: &TestStore) {
    store.order(V1, "10.00").await;
    store.order(V1, "10.00").await;
    refused(store, "UPDATE orders SET original_order_id = 'A-1'", "unique").await;
    assert!(store.place.execute("UPDATE orders SET original_order_id = NULL").await.is_ok());
}
