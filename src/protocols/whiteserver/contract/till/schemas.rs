//! What tills send and read.

use serde_json::{Map, Value, json};

use crate::protocols::whiteserver::command::OrderContent;
use crate::protocols::whiteserver::model::OrderStatus;
use crate::protocols::whiteserver::model::till::HAPPENED;
use crate::protocols::whiteserver::reply::Code;
use crate::surface::contract::{DECIMAL, decimal_read, map, refer};

/// An order in the examples.
pub(super) const OPENED: &str = "7f9c24e8-3b12-4a3c-9d5e-0b6a2f1c8d47";

/// The schemas that have names.
pub(in crate::protocols::whiteserver::contract) fn components() -> Map<String, Value> {
    map(json!({
        "TillOrder": order(),
        "TillPayment": payment(),
        "TillEvent": event(),
        "TillError": error(),
    }))
}

pub(super) fn guid() -> Value {
    json!({"type": "string", "format": "uuid"})
}

fn amount() -> Value {
    json!({"type": "number", "format": DECIMAL, "minimum": 0})
}

fn or_null(kind: &str) -> Value {
    json!({"type": [kind, "null"]})
}

fn time(or_null: bool) -> Value {
    match or_null {
        true => json!({"type": ["string", "null"], "format": "date-time"}),
        false => json!({"type": "string", "format": "date-time"}),
    }
}

fn text(least: usize, most: usize) -> Value {
    json!({"type": "string", "minLength": least, "maxLength": most})
}

fn table() -> Value {
    json!({"type": ["integer", "string", "null"]})
}

fn ingredient() -> Value {
    json!({
        "title": "TillIngredient", "type": "object", "required": ["id", "quantity"],
        "properties": {
            "id": {"type": ["string", "integer"]},
            "name": {"type": "string"},
            "quantity": quantity(),
        },
    })
}

fn products() -> Value {
    json!({"type": "array", "maxItems": OrderContent::MOST_PRODUCTS, "items": {
        "title": "TillNewProduct",
        "type": "object", "additionalProperties": false, "required": ["id", "name", "price", "quantity"],
        "properties": {
            "id": {"type": ["string", "integer"]},
            "name": text(1, 1000),
            "price": decimal_read("Of one; at most two decimals."),
            "quantity": quantity(),
            "ingredients": {"type": "array", "items": ingredient()},
        },
    }})
}

fn quantity() -> Value {
    decimal_read("More than zero, at most three decimals.")
}

fn total() -> Value {
    decimal_read("What the products cost; another total is refused.")
}

pub(super) fn new_order() -> Value {
    json!({
        "type": "object", "additionalProperties": false,
        "properties": {
            "orderGuid": guid(), "tableCode": table(), "waiterId": or_null("integer"),
            "products": products(), "total": total(), "comment": or_null("string"),
            "personsQuantity": or_null("integer"),
        },
    })
}

pub(super) fn edit() -> Value {
    json!({
        "type": "object", "additionalProperties": false, "minProperties": 1,
        "dependentRequired": {"total": ["products"]},
        "properties": {
            "products": products(), "total": total(), "tableCode": table(), "waiterId": or_null("integer"),
            "comment": or_null("string"), "personsQuantity": or_null("integer"), "substate": or_null("string"),
        },
    })
}

fn payment() -> Value {
    json!({
        "type": "object",
        "required": ["taskGuid", "line", "currency", "amount", "writtenOff", "removed"],
        "properties": {
            "taskGuid": guid(), "line": {"type": "integer"}, "currency": guid(), "amount": amount(),
            "writtenOff": amount(), "removed": {"type": "boolean"},
        },
    })
}

/// An order. It has the fields of `CreateOrder` as well.
fn order() -> Value {
    let statuses: Vec<&str> = OrderStatus::ALL.iter().map(|status| status.as_str()).collect();
    json!({
        "type": "object",
        "required": ["orderGuid", "version", "status", "isBillPrinted", "createdAt", "total", "paid", "due", "products"],
        "properties": {
            "orderGuid": guid(),
            "version": {"type": "integer", "minimum": 1},
            "status": {"type": "string", "enum": statuses},
            "isBillPrinted": {"type": "boolean"},
            "createdAt": time(false),
            "closedAt": time(true),
            "waiterId": or_null("integer"),
            "substate": or_null("string"),
            "acceptBy": time(true),
            "rejectingReason": {"type": ["object", "null"], "required": ["code", "message"], "properties": {
                "code": {"type": "string"}, "message": {"type": "string"},
            }},
            "total": amount(), "paid": amount(), "due": amount(),
            "tableCode": {"type": ["integer", "string"]},
            "comment": {"type": "string"},
            "products": {"type": "array", "items": {
                "title": "TillProduct", "type": "object", "required": ["id", "name", "price", "quantity"],
                "properties": {
                    "id": {"type": "string"}, "name": {"type": "string"}, "price": amount(),
                    "quantity": {"anyOf": [{"type": "integer"}, {"type": "number", "format": DECIMAL}]},
                    "voidingReason": {"type": "string"},
                    "ingredients": {"type": "array", "items": ingredient()},
                }}},
            "payments": {"type": "array", "items": refer("TillPayment")},
        },
    })
}

fn event() -> Value {
    json!({
        "type": "object", "required": ["type", "by", "taskGuid", "occurredAt", "payments", "order"],
        "properties": {
            "type": {"type": "string", "enum": HAPPENED},
            "by": {"type": "string", "enum": ["aggregator", "till", "service"]},
            "taskGuid": {"type": ["string", "null"], "format": "uuid"},
            "occurredAt": time(false),
            "payments": {"type": "array", "items": refer("TillPayment")},
            "order": refer("TillOrder"),
        },
    })
}

fn error() -> Value {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    json!({
        "type": "object", "required": ["error"],
        "properties": {"error": {
            "type": "object", "required": ["code", "message"],
            "properties": {
                "code": {"anyOf": [{"type": "string", "enum": codes}, {"type": "string"}]},
                "field": {"type": "string"},
                "message": {"type": "string"},
                "version": {"type": "integer"},
                "mistakes": {"type": "array", "items": {"type": "string"},
                    "description": "Of a catalogue: each with its place."},
            },
        }},
    })
}
