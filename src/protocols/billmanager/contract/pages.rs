//! The pages for people.

use serde_json::{Value, json};

use super::FORM;
use crate::protocols::billmanager::wire::params::LONGEST_VALUE;

/// The page of a payment.
pub(super) fn payment() -> Value {
    let html = json!({"text/html": {"schema": {"type": "string"}}});
    let responses = json!({
        "200": {"description": "The page", "content": html},
        "400": {"description": "A parameter is missing or wrong", "content": html},
        "404": {"description": "No such payment, or another key", "content": html},
        "405": {"description": "No such method"},
        "408": {"description": "The body did not arrive in time", "content": html},
        "413": {"description": "The body is too large", "content": html},
        "429": {"description": "Too fast; see Retry-After", "content": html},
        "503": {"description": "Not possible now; see Retry-After", "content": html},
    });
    let required = json!({"type": "string", "maxLength": LONGEST_VALUE});
    let query =
        |name: &str| json!({"name": name, "in": "query", "required": true, "schema": required});
    let properties = json!({"elid": required, "key": required});
    json!({
        "parameters": [{
            "name": "page", "in": "path", "required": true, "example": "ycpayment",
            "description": "The module of the payment's method, and `payment`.",
            "schema": {"type": "string"},
        }],
        "get": {
            "operationId": "paymentPage",
            "tags": ["billmanager"],
            "summary": "The page of a payment",
            "description": "The link comes with the order. The key in it is all that opens the page.",
            "security": [],
            "parameters": [query("elid"), query("key")],
            "responses": responses,
        },
        "post": {
            "operationId": "payOnPage",
            "tags": ["billmanager"],
            "summary": "Its button, where the method is for trying",
            "security": [],
            "requestBody": {"required": true, "content": {FORM: {"schema": {
                "type": "object", "required": ["elid", "key"], "properties": properties,
            }}}},
            "responses": responses,
        },
    })
}

/// The cart.
pub(super) fn cart() -> Value {
    let html = json!({"text/html": {"schema": {"type": "string"}}});
    let page = |description: &str| json!({"description": description, "content": html});
    let text = json!({"type": "string", "maxLength": LONGEST_VALUE});
    let responses = json!({
        "200": page("The page: the cart, an order, or the form to log in"),
        "303": {"description": "Done: the browser goes on"},
        "400": page("A parameter is missing or wrong"),
        "403": page("The form came from another site, or nobody is logged in"),
        "404": page("There is no such order"),
        "405": {"description": "No such method"},
        "408": page("The body did not arrive in time"),
        "413": page("The body is too large"),
        "429": page("Too fast; see Retry-After"),
        "503": page("Not possible now; see Retry-After"),
    });
    let query = |name: &str| json!({"name": name, "in": "query", "schema": text});
    json!({
        "get": {
            "operationId": "cartPage",
            "tags": ["billmanager"],
            "summary": "The cart for people",
            "description": "`startform=cart` opens it at the paths of the API as well. Who is logged in is a session in a cookie.",
            "security": [],
            "parameters": [query("startform"), query("selected"), query("order"), query("lang")],
            "responses": responses,
        },
        "post": {
            "operationId": "cartPageForm",
            "tags": ["billmanager"],
            "summary": "A form of that page, which a browser sends from it",
            "security": [],
            "requestBody": {"required": true, "content": {FORM: {"schema": {
                "type": "object", "required": ["step"], "properties": {
                    "step": {"type": "string", "enum": ["login", "payer", "order"]},
                    "selected": text,
                },
                "additionalProperties": text,
            }}}},
            "responses": responses,
        },
    })
}
