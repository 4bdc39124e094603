//! Completing by id: the guide's example, and many at once.

use futures_util::future::join_all;
use serde_json::{Value, json};
use wsa::protocols::activeplatform::model::PaymentStatus;

use super::bridge::*;
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;

/// The answer of the vendor's public API guide.
const GUIDE: &str = r#"{"data": {"id": "6475", "type": "payments", "attributes": {
    "created_at": "2019-11-01T04:30:47.797788+0300", "updated_at": "2019-11-01T04:34:42.986099+0300",
    "account_id": 505, "discount_amount": "0.0", "total": "99.0", "currency_code": "USD",
    "comment": "cash", "status": "completed", "document_id": "2005258", "expiration_date": null,
    "payment_method_id": 2, "requester_ip": "10.0.0.203", "manager_id": 234, "purpose": "",
    "external_total": null, "external_currency": null, "due_date": null,
    "payment_method_name": "Cash", "closed_at": "2019-11-01T04:34:42.986099+0300"},
  "relationships": {"orders": {"data": []}, "invoices": {"data": []}, "corrections": {"data": []},
    "reseller": {"data": {"id": "1", "type": "resellers"}},
    "account": {"data": {"id": "505", "type": "accounts"}},
    "payment_method": {"data": {"id": "2", "type": "payment_methods"}}}}}"#;

const REFUSED: &str = "{\n    \"errors\": {\n        \"title\": \"Only payments with \\\"waiting for \
    payment/expired\\\" status can be completed.\",\n        \"status\": \"422\"\n    }\n}";

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_is_answered_as_in_the_guide_on_sqlite_in_process() {
    a_bridge_is_answered_as_in_the_guide(Stores::Sqlite, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_is_answered_as_in_the_guide_on_sqlite_and_rabbitmq() {
    a_bridge_is_answered_as_in_the_guide(Stores::Sqlite, Queues::Amqp).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_is_answered_as_in_the_guide_on_postgres_in_process() {
    a_bridge_is_answered_as_in_the_guide(Stores::Postgres, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_is_answered_as_in_the_guide_on_postgres_and_rabbitmq() {
    a_bridge_is_answered_as_in_the_guide(Stores::Postgres, Queues::Amqp).await;
}

async fn a_bridge_is_answered_as_in_the_guide(store: Stores, queue: Queues) {
    let app = TestApp::on(store, queue).await.start().await;
    seed(app.store()).await;
    put(app.store(), &waiting(TOP, 6475, "2005258")).await;
    let before = look(&app, TOP, "6475").await.json();
    assert_eq!(before["data"]["attributes"]["status"], "waiting_for_payment");
    assert_eq!(before["data"]["relationships"]["payment_method"]["data"], Value::Null);

    let answer = complete(&app, TOP, "6475").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some(MEDIA));
    assert!(answer.header("x-task-guid").is_some());
    let (mut guide, mut given): (Value, Value) =
        (serde_json::from_str(GUIDE).unwrap(), answer.json());
    let attributes = given["data"]["attributes"].clone();
    assert_eq!(attributes["closed_at"], attributes["updated_at"]);
    for time in ["created_at", "updated_at", "closed_at"] {
        let text = attributes[time].as_str().unwrap();
        assert!(text.len() == 31 && text.ends_with("+0300"), "{text}");
        guide["data"]["attributes"][time] = json!("<time>");
        given["data"]["attributes"][time] = json!("<time>");
    }
    assert_eq!(given, guide);
    assert_eq!(look(&app, TOP, "6475").await.text, answer.text);
    let schema = wsa::protocols::activeplatform::wire::lists::Kind::Payment.schema();
    for document in [&before, &answer.json()] {
        jsonschema::validate(&schema, document).unwrap();
    }
    assert_eq!(balance(&app.place).await, 9_900);

    let again = complete(&app, TOP, "6475").await;
    assert_eq!((again.status.as_u16(), &*again.text), (422, REFUSED));
    assert_eq!(balance(&app.place).await, 9_900);
    assert_books_agree(&app.place).await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_state_is_completed_or_refused() {
    let app = TestApp::embedded().await;
    seed(app.store()).await;
    for (status, id) in PaymentStatus::ALL.iter().zip(1_i64..) {
        let mut payment = waiting(TOP, id, &id.to_string());
        payment.status = *status;
        put(app.store(), &payment).await;
        let answer = complete(&app, TOP, &id.to_string()).await;
        match status {
            PaymentStatus::Waiting | PaymentStatus::Expired => assert_eq!(answer.status, 200),
            _ => assert_eq!((answer.status.as_u16(), &*answer.text), (422, REFUSED), "{status}"),
        }
    }
    assert_eq!(balance(&app.place).await, 2 * 9_900);
    assert_books_agree(&app.place).await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_bridges_at_once_one_completes_the_payment_on_sqlite() {
    of_a_hundred_bridges_at_once_one_completes_the_payment(Stores::Sqlite, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_bridges_at_once_one_completes_the_payment_on_postgres() {
    of_a_hundred_bridges_at_once_one_completes_the_payment(Stores::Postgres, Queues::Amqp).await;
}

async fn of_a_hundred_bridges_at_once_one_completes_the_payment(store: Stores, queue: Queues) {
    // Small batches in two lanes, so that they meet in the store and not in one batch.
    let app = TestApp::on(store, queue).await.set("worker.lanes", 2).set("worker.batch", 4);
    let app = app.start().await;
    seed(app.store()).await;
    put(app.store(), &waiting(TOP, 6475, "2005258")).await;
    let answers = join_all((0..100).map(|_| complete(&app, TOP, "6475"))).await;
    let done: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(done.len(), 1);
    let refused = answers.iter().filter(|answer| answer.text == REFUSED).count();
    assert_eq!(refused, 99);
    let guid: uuid::Uuid = done[0].header("x-task-guid").unwrap().parse().unwrap();
    let by = format!("SELECT count(*) FROM ap_payments WHERE closed_by = {}", app.place.guid(guid));
    assert_eq!(app.place.number(&by).await, 1);
    assert_eq!(app.place.number("SELECT count(*) FROM ap_entries").await, 1);
    assert_eq!(balance(&app.place).await, 9_900);
    assert_books_agree(&app.place).await;
    let books = app.finish().await;
    assert_eq!((books.count(Some("done")), books.count(Some("refused"))), (1, 99));
}
