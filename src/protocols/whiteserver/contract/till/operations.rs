//! What the operations of the till door have in common.

use serde_json::{Value, json};

use super::TAG;
use crate::surface::contract::refer;
use crate::web::request::LONGEST_KEY;

/// The schema of a body, and an example of it; `None`: it has none.
pub(super) type Body = Option<(Value, Value)>;

/// A change of an order, with its body and an example of it.
pub(super) fn change(id: &str, summary: &str, description: &str, of: Body) -> Value {
    let mut change = operation(
        id,
        summary,
        json!({
            "200": order_response("It was done"),
            "400": errors("The request breaks a rule, which the sentence names"),
            "404": errors("No such order of the restaurant's"),
            "408": errors("The body did not arrive in time"),
            "409": errors("The state of the order does not permit it"),
            "412": errors("The order has another version by now, which `version` says"),
            "413": errors("The body is too large"),
            "422": errors("It does not fit the order, or the key came with another request before"),
            "428": errors("`If-Match` is missing"),
            "500": errors("It could not be carried out, and nothing was changed"),
            "504": errors("It was not executed by its deadline and never will be"),
        }),
    );
    change["description"] = description.into();
    let version = json!({"name": "If-Match", "in": "header", "required": true,
        "description": "The version that was seen: the `ETag` of the order.",
        "schema": {"type": "string", "pattern": "^\"[0-9]+\"$"}, "example": "\"3\""});
    change["parameters"] = json!([version, key(), prefer()]);
    if let Some((schema, example)) = of {
        change["requestBody"] = body(schema, example);
    }
    change
}

pub(super) fn key() -> Value {
    json!({"name": "Idempotency-Key", "in": "header",
        "description": "The caller's own name for the request: the same key and request is answered with the first answer.",
        "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY}})
}

pub(super) fn prefer() -> Value {
    json!({"name": "Prefer", "in": "header", "description": "`wait=<seconds>` for the deadline.",
        "schema": {"type": "string"}})
}

pub(super) fn body(schema: Value, example: Value) -> Value {
    json!({"required": true, "content": {"application/json": {"schema": schema, "example": example}}})
}

pub(super) fn operation(id: &str, summary: &str, responses: Value) -> Value {
    let mut responses = responses;
    for (status, description) in [
        ("401", "No token, or none of a till's"),
        ("405", "No such method"),
        ("429", "Too fast; see Retry-After"),
        ("503", "Not possible now; see Retry-After"),
    ] {
        responses[status] = errors(description);
    }
    json!({
        "operationId": id,
        "tags": [TAG.0],
        "summary": summary,
        "security": [{"tillToken": []}],
        "responses": responses,
    })
}

pub(super) fn order_response(description: &str) -> Value {
    let mut answer = response(
        description,
        json!({"title": "TillOrderDocument", "type": "object", "required": ["order"],
            "properties": {"order": refer("TillOrder")}}),
    );
    answer["headers"] = json!({"ETag": {"description": "The version of the order.",
        "schema": {"type": "string", "pattern": "^\"[0-9]+\"$"}}});
    answer
}

pub(super) fn response(description: &str, schema: Value) -> Value {
    json!({"description": description, "content": {"application/json": {"schema": schema}}})
}

pub(super) fn errors(description: &str) -> Value {
    response(description, refer("TillError"))
}
