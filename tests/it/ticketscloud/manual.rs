//! The vendor's example of a confirmation by hand, replayed.

use serde_json::{Value, json};

use super::seller::*;
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;

/// The order as the example shows it; `reserved_till`, `status`, `system` and times differ by request.
fn example(status: &str, system: Value) -> Value {
    json!({
        "id": "56a76c72f06c5a77b5938010",
        "created_at": "2016-01-26T12:54:10.744000+00:00",
        "customer": {"lang": "ru"},
        "deal": null,
        "event": EVENT,
        "number": 497291907,
        "org": ORG,
        "payment": {"failure_url": null, "success_url": null, "system": system},
        "promocodes": [],
        "reserved_till": "2016-01-26T13:04:10.757000+00:00",
        "rules": {SET: RULE},
        "status": status,
        "tickets": [ticket(SET, 0).to_string()],
        "updated_at": "2016-01-26T12:54:10.758000+00:00",
        "value": "100.00",
        "value_extra": "0.00",
        "values": {"extra": "0.00", "full": "100.00", "nominal": "100.00"},
        "vendor": ORG,
    })
}

/// The same keys in the same order, values of the same types, and the same values but for ids and times.
fn assert_like(ours: &Answer, status: u16, example: &Value) {
    let (ours, text) = (ours.ok(status), &ours.text);
    let fields =
        |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(fields(&ours), fields(example));
    // As written: `id` first, then in order of the alphabet.
    let mut at = 0;
    let mut expected = fields(example);
    expected.retain(|field| field != "id");
    for field in std::iter::once("id".to_owned()).chain(expected) {
        let found = text[at..].find(&format!("\"{field}\":"));
        at += found.unwrap_or_else(|| panic!("{field} is not where it should be: {text}"));
    }
    for (field, value) in example.as_object().unwrap() {
        match field.as_str() {
            "id" => assert!(ours[field].as_str().unwrap().len() == 24),
            "number" => assert!(ours[field].is_u64()),
            "created_at" | "updated_at" | "reserved_till" => {
                let (ours, form) = (ours[field].as_str().unwrap(), value.as_str().unwrap());
                assert_eq!(ours.len(), form.len(), "{ours}");
                assert!(ours.ends_with("+00:00") && ours.as_bytes()[10] == b'T', "{ours}");
                ours.parse::<jiff::Timestamp>().unwrap();
            }
            _ => assert_eq!(&ours[field], value, "{field}"),
        }
    }
}

fn seconds(order: &Value, from: &str, to: &str) -> i64 {
    let at = |field: &str| order[field].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    at(to).duration_since(at(from)).as_secs()
}

async fn the_example_is_answered_as_the_vendor_does(store: Stores, queue: Queues) {
    let app = TestApp::on(store, queue).await.start().await;
    seed(app.store()).await;
    let created = create(&app, ORG, json!({"random": {SET: 1}})).await;
    assert_like(&created, 201, &example("executed", Value::Null));
    assert_eq!(created.header("x-partner"), Some(ORG));
    assert!(created.header("x-task-guid").is_some());
    assert_eq!(seconds(&created.json(), "created_at", "reserved_till"), 600);
    let order = created.id();

    let body = json!({"payment": {"system": "api/BASE"}, "status": "in_progress"});
    let paying = change(&app, &order, body).await;
    assert_like(&paying, 200, &example("in_progress", SYSTEM.into()));
    assert_eq!(paying.header("x-partner"), Some(ORG));
    assert_eq!(seconds(&paying.json(), "updated_at", "reserved_till"), 12 * 3600);

    let done = step(&app, &order, "done").await;
    assert_like(&done, 200, &example("done", SYSTEM.into()));
    assert_eq!(done.json()["reserved_till"], paying.json()["reserved_till"]);
    for field in ["id", "number", "created_at"] {
        assert_eq!(done.json()[field], created.json()[field], "{field}");
    }
    assert_eq!(look(&app, &order).await.text, done.text, "it is read as it was answered");

    assert_eq!(free(&app.place).await, 9);
    assert_office_agrees(&app.place).await;
    assert_eq!(app.finish().await.count(Some("done")), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_is_answered_as_the_vendor_does_embedded() {
    the_example_is_answered_as_the_vendor_does(Stores::Sqlite, Queues::InProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_is_answered_as_the_vendor_does_on_servers() {
    the_example_is_answered_as_the_vendor_does(Stores::Postgres, Queues::Amqp).await;
}
