//! What is posted to the URLs of an aggregator, as webhooks of the OpenAPI document.

use serde_json::{Value, json};

use super::answers;
use crate::domain::outbox::EventType;
use crate::protocols::whiteserver::wire::request::TASK_TYPES;
use crate::surface::contract::refer;

/// The webhooks.
pub(super) fn webhooks() -> Value {
    let header = |name: &str, required: bool, description: &str, schema: Value| {
        json!({
            "name": name, "in": "header", "required": required, "description": description,
            "schema": schema,
        })
    };
    let plain = || json!({"type": "string", "pattern": "^([0-9A-Za-z+/]{43}=|[0-9a-f]{64})$"});
    let headers = json!([
        header(
            "Signature",
            true,
            "HMAC-SHA256 of the body, in base64, or in hex where the operator says so.",
            plain()
        ),
        header(
            "Signature-Next",
            false,
            "The same with the new secret, while the secret is changed.",
            plain(),
        ),
        header(
            "webhook-id",
            true,
            "The `taskGuid` or `eventGuid`: the same in every attempt.",
            json!({"type": "string"}),
        ),
        header(
            "webhook-timestamp",
            true,
            "When this attempt was made, in seconds since 1970.",
            json!({"type": "string", "pattern": "^[0-9]+$"}),
        ),
        header(
            "webhook-signature",
            true,
            "`v1,` and the base64 HMAC-SHA256 of `<webhook-id>.<webhook-timestamp>.<body>`; two of them, \
             separated by a space, while the secret is changed.",
            json!({"type": "string", "pattern": "^v1,[0-9A-Za-z+/=]+( v1,[0-9A-Za-z+/=]+)*$"}),
        ),
    ]);
    let posted = |id: &str, summary: &str, schema: Value, examples: Value| {
        json!({"post": {
            "operationId": id,
            "tags": ["callbacks"],
            "summary": summary,
            "description": "Delivered at least once. Events of an order come one after the other, everything else in no \
                            promised order.",
            "security": [],
            "parameters": headers,
            "requestBody": {
                "required": true,
                "content": {"application/json": {"schema": schema, "examples": examples}},
            },
            "responses": {
                "2XX": {"description": "Taken. The body is not looked at."},
                "410": {"description": "Never again: the URL is switched off."},
                "default": {"description": "It is tried again later."},
            },
        }})
    };
    let events = json!({
        "changed": {"value": answers::event_callback(EventType::OrderChanged)},
        "status": {"value": answers::event_callback(EventType::OrderStatusChanged)},
    });
    let one = |value: Value| json!({"example": {"value": value}});
    let done = TASK_TYPES.iter().map(|task_type| refer(&format!("{task_type}Done")));
    let answers: Vec<Value> = [refer("Refusal")].into_iter().chain(done).collect();
    json!({
        "taskAnswer": posted(
            "taskAnswer", "The answer of an asynchronous task", json!({"oneOf": answers}),
            one(answers::refused()),
        ),
        "event": posted(
            "event", "An order changed", refer("EventCallback"), events,
        ),
        "ping": posted("ping", "A test", refer("Ping"), one(answers::ping())),
    })
}
