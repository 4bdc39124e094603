//! The paths that every process answers, and those of the contracts themselves, in the OpenAPI document.

use serde_json::{Map, Value, json};

use crate::surface::contract::{map, refer};

/// The paths.
pub(super) fn paths() -> Map<String, Value> {
    let readiness = |description: &str, example: Value| {
        json!({
            "description": description,
            "content": {"application/json": {
                "schema": refer("Readiness"), "example": example,
            }},
        })
    };
    let fine = json!({"store": "ok", "queue": "ok", "consuming": "ok", "intake": "ok"});
    let broken =
        json!({"store": "not reachable", "queue": "ok", "consuming": "ok", "intake": "ok"});
    let text = |kind: &str| json!({"description": "OK", "content": {kind: {"schema": {"type": "string"}}}});
    let document = document();
    let get = |id: &str, summary: &str, responses: Value| {
        let mut responses = responses;
        responses["405"] = json!({"$ref": "#/components/responses/NoSuchMethod"});
        json!({"get": {
            "operationId": id,
            "tags": ["operations"],
            "summary": summary,
            "security": [],
            "responses": responses,
        }})
    };
    let mut schema = get(
        "schema",
        "The JSON Schema of a request or an answer",
        json!({
            "200": document,
            "404": {"$ref": "#/components/responses/NotFound"},
        }),
    );
    schema["get"]["parameters"] = json!([{
        "name": "name",
        "in": "path",
        "required": true,
        "schema": {"type": "string"},
        "example": "PayOrderRequest.json",
    }]);
    map(json!({
        "/healthz": get("healthz", "The process runs", json!({"200": text("text/plain")})),
        "/readyz": get("readyz", "The process can do its work, or why not", json!({
            "200": readiness("Ready", fine),
            "503": readiness("Not ready", broken),
        })),
        "/metrics": get("metrics", "Metrics in the OpenMetrics format", json!({
            "200": text("application/openmetrics-text"),
        })),
        "/openapi.json": get("openapi", "This document", json!({"200": document})),
        "/clients.json": get(
            "clients",
            "The same for clients that are generated and read a number with a fraction as text",
            json!({"200": document}),
        ),
        "/asyncapi.json": get("asyncapi", "The same for RabbitMQ", json!({"200": document})),
        "/schemas/{name}": schema,
        "/docs": get("docs", "This document, to be read and tried", json!({"200": text("text/html")})),
    }))
}

fn document() -> Value {
    json!({
        "description": "The document",
        "content": {"application/json": {"schema": {"type": "object"}}},
    })
}
