//! The paths of ActivePlatform in the OpenAPI document.

mod reads;

use serde_json::{Value, json};

use super::reads::{PAYMENT, Read};
use super::wire::MEDIA_TYPE;
use super::wire::lists::Kind;
use super::wire::request::LONGEST_ID;
use crate::surface::Contract;
use crate::surface::contract::{DECIMAL, Part, map};
use crate::web::request::LONGEST_KEY;

/// The contract.
pub(super) const CONTRACT: Contract = Contract::of(part);

fn part() -> Part {
    Part {
        tags: vec![("activeplatform", "ActivePlatform API v3: payments and what belongs to them")],
        paths: map(paths()).into_iter().chain(reads::paths()).collect(),
        security: map(json!({"managerToken": security()})),
        ..Part::default()
    }
}

/// The security scheme of a manager's token.
fn security() -> Value {
    json!({
        "type": "apiKey",
        "in": "header",
        "name": "X-Api-Token",
        "description": "The token of an ActivePlatform manager. Of `wsa up --demo` it is `demo-manager`.",
    })
}

/// The paths.
fn paths() -> Value {
    let document = json!({"amount": 99.5, "currency_code": "USD", "external_transaction_id": "bank-1",
        "payment_method_id": 2});
    json!({ PAYMENT: {
        "parameters": [reseller_id()],
        "get": {
            "operationId": "getPayment",
            "tags": ["activeplatform"],
            "summary": "A payment as it is now",
            "security": [{"managerToken": []}],
            "parameters": reads::parameters(Read::Payment),
            "responses": reads::responses("The payment", Kind::Payment),
        },
        "patch": write(
            "completePayment",
            "Complete a payment by its id",
            "Only a payment that waits or has expired; otherwise 422. It is paid as it is: no attribute but the method.",
            id("The payment's id.", json!({"type": "integer", "minimum": 1})),
            json!({"payment_method_id": 2}),
        ),
        "post": write(
            "completePaymentByDocument",
            "Complete a payment by the number of its document",
            "What is more or less than the payment's total, or comes for a closed payment, becomes a correction.",
            id("The number of the document.",
               json!({"type": "string", "minLength": 1, "maxLength": LONGEST_ID})),
            document,
        ),
    }})
}

fn reseller_id() -> Value {
    json!({"name": "reseller_id", "in": "path", "required": true, "example": 1,
        "description": "The manager's reseller, or one below it.",
        "schema": {"type": "integer", "minimum": 1}})
}

fn id(description: &str, schema: Value) -> Value {
    json!({"name": "payment_id", "in": "path", "required": true, "example": "6475",
        "description": description, "schema": schema})
}

fn write(operation: &str, summary: &str, description: &str, id: Value, attributes: Value) -> Value {
    let mut responses = read();
    let others = [
        (202, "Accepted (`Prefer: respond-async`); look at the payment later"),
        (400, "The body is not JSON, or a parameter of the query is not understood"),
        (403, "The manager's role does not complete payments"),
        (408, "The body did not arrive in time"),
        (409, "The body contradicts its path or itself"),
        (413, "The body is too large"),
        (415, "The Content-Type is another"),
        (422, "The payment cannot be completed, or an attribute is wrong"),
        (500, "It could not be carried out, and nothing was changed"),
        (504, "It was not executed by its deadline and never will be"),
    ];
    for (status, description) in others {
        let schema = if status == 202 { promised() } else { error() };
        responses[status.to_string()] = response(description, schema);
    }
    json!({
        "operationId": operation,
        "tags": ["activeplatform"],
        "summary": summary,
        "description": description,
        "security": [{"managerToken": []}],
        "parameters": [
            id,
            {"name": "Idempotency-Key", "in": "header",
             "description": "The caller's own name for the request: the same key and request is the same task.",
             "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY}},
            {"name": "Prefer", "in": "header",
             "description": "`respond-async`, and `wait=<seconds>` for the deadline.",
             "schema": {"type": "string"}},
        ],
        "requestBody": {"required": true, "content": {MEDIA_TYPE: {
            "schema": request(&id["schema"]["type"] == "string"),
            "example": {"data": {"attributes": attributes}},
        }}},
        "responses": responses,
    })
}

fn read() -> Value {
    let mut responses = json!({"200": response("The payment", Kind::Payment.schema())});
    let errors = [
        (400, "A parameter of the query is not understood"),
        (401, "No token, or not a manager's"),
        (404, "No such reseller within reach, or no such payment"),
        (405, "No such method"),
        (406, "JSON:API is not accepted"),
        (429, "Too fast; see Retry-After"),
        (503, "Not possible now; see Retry-After"),
    ];
    for (status, description) in errors {
        responses[status.to_string()] = response(description, error());
    }
    responses
}

fn response(description: &str, schema: Value) -> Value {
    json!({"description": description, "content": {MEDIA_TYPE: {"schema": schema}}})
}

/// An error: one object.
fn error() -> Value {
    json!({"title": "ActivePlatformRefusal", "type": "object", "required": ["errors"], "properties": {"errors": {
        "title": "ActivePlatformError",
        "type": "object",
        "required": ["title", "status"],
        "properties": {
            "title": {"type": "string"},
            "status": {"type": "string", "pattern": "^[45][0-9]{2}$", "description": "That of the response."},
            // Of a parameter that is refused.
            "source": {"title": "ActivePlatformErrorSource", "type": "object", "properties": {"parameter": {"type": "string"}}},
        },
    }}})
}

fn promised() -> Value {
    json!({"title": "ActivePlatformPromise", "type": "object", "required": ["meta"], "properties": {"meta": {
        "type": "object",
        "required": ["task_guid", "deadline"],
        "properties": {
            "task_guid": {"type": "string", "format": "uuid"},
            "deadline": {"type": "string", "format": "date-time"},
            "paused": {
                "type": "boolean", "const": true,
                "description": "The reseller is paused by the operator of the service: its tasks wait",
            },
        },
    }}})
}

/// A body; for a payment by its document it says how much came.
fn request(by_document: bool) -> Value {
    let id = json!({"anyOf": [
        {"type": "integer", "minimum": 1},
        {"type": "string", "pattern": "^[0-9]*[1-9][0-9]*$"},
    ]});
    let amount = json!({"anyOf": [
        {"type": "string", "format": DECIMAL, "pattern": "^[0-9]{1,12}(\\.[0-9]{1,2})?$"},
        {"type": "number", "format": DECIMAL, "exclusiveMinimum": 0},
        {"type": "null"},
    ]});
    let more = json!({
        "amount": amount,
        "total": amount,
        "currency_code": {"type": ["string", "null"]},
        "external_transaction_id": {"anyOf": [
            {"type": "string", "minLength": 1, "maxLength": LONGEST_ID},
            {"type": "integer"},
            {"type": "null"},
        ]},
    });
    let mut attributes = json!({"payment_method_id": id});
    for (name, schema) in map(more) {
        attributes[name] = if by_document { schema } else { json!({"type": "null"}) };
    }
    let link = |kind: &str| {
        json!({"type": ["object", "null"], "properties": {"data": {
            "type": ["object", "null"],
            "properties": {"type": {"type": "string", "const": kind}, "id": {"type": ["string", "integer"]}},
        }}})
    };
    json!({"type": "object", "required": ["data"], "additionalProperties": false, "properties": {
        "jsonapi": {},
        "data": {
            "type": "object",
            "required": ["attributes"],
            "additionalProperties": false,
            "properties": {
                "type": {"anyOf": [{"type": "string", "const": "payments"}, {"type": "null"}]},
                "id": {"type": ["string", "integer", "null"]},
                "relationships": {
                    "type": ["object", "null"],
                    "additionalProperties": false,
                    "properties": {
                        "reseller": link("resellers"),
                        "payment_method": link("payment_methods"),
                    },
                },
                "attributes": {
                    "type": "object",
                    "required": ["payment_method_id"],
                    "additionalProperties": false,
                    "properties": attributes,
                },
            },
        },
    }})
}
