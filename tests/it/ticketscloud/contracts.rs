//! The OpenAPI document against a server: its examples are sent, what comes back is held against it.

use reqwest::Method;
use serde_json::{Value, json};
use wsa::contracts::openapi;
use wsa::protocols::ticketscloud;

use super::seller::*;
use crate::support::app::TestApp;

const ONE: &str = "/v1/resources/orders/{order_id}";

/// An operation of the document.
fn operation(path: &str, method: &Method) -> Value {
    let document = openapi::document(&wsa::protocols::ALL);
    document["paths"][path][method.as_str().to_lowercase()].clone()
}

/// A schema of the document, which refers to others of it.
fn validator(schema: &Value) -> jsonschema::Validator {
    let mut schema = schema.clone();
    schema["components"] = openapi::document(&wsa::protocols::ALL)["components"].take();
    jsonschema::validator_for(&schema).unwrap()
}

fn assert_documented(path: &str, method: &Method, answer: &Answer) {
    let operation = operation(path, method);
    let response = &operation["responses"][answer.status.as_str()];
    if answer.text.is_empty() {
        assert!(response.is_object() && response["content"].is_null(), "{method} {path}");
        return;
    }
    let schema = &response["content"]["application/json"]["schema"];
    assert!(schema.is_object(), "{method} {path} {}: not documented", answer.status);
    let validator = validator(schema);
    let errors: Vec<_> = validator.iter_errors(&answer.json()).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{method} {path}: {errors:?} in {answer:?}");
}

fn accepts(path: &str, method: &Method, body: &Value) -> bool {
    let schema = &operation(path, method)["requestBody"]["content"]["application/json"]["schema"];
    validator(schema).is_valid(body)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_is_done_and_every_answer_is_as_documented() {
    assert_eq!((ticketscloud::contract::EVENT, ticketscloud::contract::SET), (EVENT, SET));
    let app = TestApp::embedded().await;
    seed(app.store()).await;
    let sent = async |path: &str, order: &str, method: Method, body: Option<Value>| {
        let at = path.replace("{order_id}", order);
        let mut request = request(&app, ORG, method.clone(), &at);
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        let answer = send(request).await;
        assert_documented(path, &method, &answer);
        answer
    };
    let example = |path: &str, method: &Method| {
        operation(path, method)["requestBody"]["content"]["application/json"]["example"].clone()
    };
    let body = example(ORDERS, &Method::POST);
    assert!(accepts(ORDERS, &Method::POST, &body));
    let created = sent(ORDERS, "", Method::POST, Some(body)).await;
    assert_eq!(created.status, 201);
    let order = created.id();
    let body = example(ONE, &Method::PATCH);
    assert!(accepts(ONE, &Method::PATCH, &body));
    assert_eq!(sent(ONE, &order, Method::PATCH, Some(body)).await.status, 200);
    assert_eq!(sent(ONE, &order, Method::GET, None).await.status, 200);
    assert_eq!(sent(ORDERS, "", Method::GET, None).await.status, 200);
    assert_eq!(sent(ONE, &order, Method::DELETE, None).await.status, 200);
    assert_eq!(sent(ONE, &order, Method::DELETE, None).await.status, 400);
    assert_eq!(sent(ONE, EVENT, Method::GET, None).await.status, 404);
    assert_eq!(sent(ORDERS, "", Method::POST, Some(json!({}))).await.status, 400);
    app.finish().await;
}

/// What the schema of a body accepts is read, and the other way round.
#[tokio::test(flavor = "multi_thread")]
async fn the_schema_of_a_change_is_what_is_read() {
    use wsa::protocols::ticketscloud::wire::request::read_change;
    let tickets: Vec<String> = (0..101).map(|n| ticket(SET, n).to_string()).collect();
    let url = |length: usize| format!("https://seller.example/{:x<1$}", "", length - 23);
    assert_eq!(url(2048).len(), 2048);
    for (body, fine) in [
        (json!({"status": "done"}), true),
        (json!({"status": "paid"}), false),
        (json!({"tickets": tickets[..100]}), true),
        (json!({"tickets": tickets}), false),
        (json!({"tickets": []}), false),
        (json!({"tickets": ["x"]}), false),
        (json!({"random": {SET: 100}}), true),
        (json!({"random": {SET: 101}}), false),
        (json!({"random": {SET: 1}, "tickets": tickets[..1]}), false),
        (json!({"random": {SET: "1"}}), false),
        (json!({"random": {"x": 1}}), false),
        (json!({"status": "done", "all_or_nothing": "true"}), true),
        (json!({"status": "done", "all_or_nothing": 1}), false),
        (json!({"promocodes": ["A", "B"]}), true),
        (json!({"promocodes": [""]}), false),
        (json!({"promocodes": (0..11).map(|n| n.to_string()).collect::<Vec<_>>()}), false),
        (json!({"customer": {"name": "Анна", "email": null}}), true),
        (json!({"customer": {"name": "Анна", "x": 1}}), false),
        (json!({"status": "done", "x": 1}), false),
        (json!({"status": "done", "payment": {"x": 1}}), false),
        (json!({"status": "done", "payment": {"send_tickets": false}}), true),
        (json!({"status": "done", "payment": {"send_tickets": true}}), false),
        (json!({"customer": {"name": ""}}), false),
        (json!({"customer": {"name": 1}}), false),
        (json!({"payment": {"system": null, "success_url": "https://seller.example/"}}), true),
        (json!({"payment": {"system": 1}}), false),
        (json!({"promocodes": ["ж".repeat(64)]}), true),
        (json!({"promocodes": ["ж".repeat(65)]}), false),
        (json!({"customer": {"name": "ж".repeat(255)}}), true),
        (json!({"customer": {"name": "ж".repeat(256)}}), false),
        (json!({"payment": {"system": "x".repeat(64)}}), true),
        (json!({"payment": {"system": "x".repeat(65)}}), false),
        (json!({"payment": {"success_url": url(2048)}}), true),
        (json!({"payment": {"failure_url": url(2049)}}), false),
    ] {
        assert_eq!(accepts(ONE, &Method::PATCH, &body), fine, "{body}");
        assert_eq!(read_change(&body.to_string()).is_ok(), fine, "{body}");
    }
}
