//! The paths of the till door in the OpenAPI document. Schemas stand where they are used.

mod operations;
mod schemas;

use serde_json::{Map, Value, json};

use self::operations::{
    Body, body, change, errors, key, operation, order_response, prefer, response,
};
pub(super) use self::schemas::components;
use self::schemas::{OPENED, edit, guid, new_order};
use crate::protocols::whiteserver::http::till::{
    ACKNOWLEDGE, BILL, CATALOGUE, EVENTS, ORDER, ORDERS, PAYMENTS,
};
use crate::protocols::whiteserver::model::{CurrencyKind, OrderStatus};
use crate::protocols::whiteserver::wire::till::request::LONGEST_WAIT_S;
use crate::surface::contract::{decimal_read, exactly_one, map, refer};

/// The group of the paths, and what it is for.
pub(super) const TAG: (&str, &str) = ("till", "The door for a restaurant's own system");

/// How a till proves who it is.
pub(super) fn security() -> (String, Value) {
    let scheme = json!({
        "type": "http",
        "scheme": "bearer",
        "description": "The token of a restaurant's till, from `wsa admin till token`.",
    });
    ("tillToken".to_owned(), scheme)
}

/// The paths.
pub(super) fn paths() -> Map<String, Value> {
    let parameters = || json!([path_guid()]);
    let mut paths = map(json!({
        ORDERS: {"get": list(), "post": open()},
        ORDER: {
            "parameters": parameters(),
            "get": operation("tillGetOrder", "An order as it is now, with its payments", json!({
                "200": order_response("The order"),
                "404": errors("No such order of the restaurant's"),
            })),
            "patch": change("tillChangeOrder", "Change an order",
                "What is not named stays; `null` takes it away. The total follows the content.",
                Some((edit(), json!({"comment": "no nuts"})))),
        },
        BILL: {
            "parameters": parameters(),
            "post": change("tillPrintBill", "The bill is printed", "Its content stays as it is from then on.", None),
            "delete": change("tillUndoBill", "As if the bill had not been printed", "Its content may change again.", None),
        },
        PAYMENTS: {
            "parameters": parameters(),
            "post": change("tillPayOrder", "A payment taken at the till", "At most what is due; the order stays open.",
                Some((payment(), json!({"amount": 449.35, "kind": "cash"})))),
        },
        CATALOGUE: {"get": show_catalogue(), "patch": load_catalogue()},
        EVENTS: {"get": listen()},
        ACKNOWLEDGE: {"post": acknowledge()},
    }));
    for (action, id, summary, description, body) in actions() {
        let path = format!("{ORDER}/{action}");
        paths.insert(
            path,
            json!({"parameters": parameters(), "post": change(id, summary, description, body)}),
        );
    }
    paths
}

fn actions() -> [(&'static str, &'static str, &'static str, &'static str, Body); 5] {
    let text = |longest: usize| json!({"type": "string", "minLength": 1, "maxLength": longest});
    let void = json!({
        "type": "object", "additionalProperties": false, "required": ["lines", "reason"],
        "properties": {
            "lines": {"type": "array", "minItems": 1, "uniqueItems": true, "items": {"type": "integer", "minimum": 0}},
            "reason": text(1000),
        },
    });
    let reject = json!({
        "type": "object", "additionalProperties": false, "required": ["message"],
        "properties": {"code": text(64), "message": text(1000)},
    });
    [
        ("close", "tillCloseOrder", "Close an order that is paid", "Nothing may be due.", None),
        (
            "cancel",
            "tillCancelOrder",
            "Cancel an order",
            "What is paid is taken back, where the object permits that.",
            None,
        ),
        (
            "void",
            "tillVoidDishes",
            "Take dishes off the bill",
            "The total goes down by what they cost.",
            Some((void, json!({"lines": [0], "reason": "cold"}))),
        ),
        (
            "accept",
            "tillAcceptOrder",
            "Take an order that waits for acceptance",
            "In time, by the database's clock.",
            None,
        ),
        (
            "reject",
            "tillRejectOrder",
            "Do not take an order that waits for acceptance",
            "Its aggregator is told why.",
            Some((reject, json!({"message": "no fish today"}))),
        ),
    ]
}

fn path_guid() -> Value {
    json!({"name": "orderGuid", "in": "path", "required": true, "description": "The order.",
        "example": OPENED, "schema": guid()})
}

fn query(name: &str, description: &str, schema: Value) -> Value {
    json!({"name": name, "in": "query", "description": description, "schema": schema})
}

fn list() -> Value {
    let statuses: Vec<&str> = OrderStatus::ALL.iter().map(|status| status.as_str()).collect();
    let orders = json!({
        "type": "object", "required": ["orders", "nextCursor"],
        "properties": {
            "orders": {"type": "array", "items": refer("TillOrder")},
            "nextCursor": {"type": ["string", "null"]},
        },
    });
    let mut list = operation(
        "tillListOrders",
        "The newest orders that stand so",
        json!({
            "200": response("The orders", orders),
            "400": errors("A parameter is wrong"),
        }),
    );
    list["parameters"] = json!([
        query(
            "status",
            "How they stand.",
            json!({"type": "string", "enum": statuses, "default": "Created"})
        ),
        query("table", "At which table.", json!({"type": "string"})),
        query("cursor", "The `nextCursor` of the list before.", json!({"type": "string"})),
    ]);
    list
}

fn open() -> Value {
    let example = json!({"tableCode": "12", "waiterId": 7, "products": [
        {"id": "1", "name": "Fish soup", "price": 449.35, "quantity": 1},
    ]});
    let mut open = operation(
        "tillOpenOrder",
        "Open an order",
        json!({
            "201": order_response("It is open"),
            "400": errors("The request breaks a rule, which the sentence names"),
            "408": errors("The body did not arrive in time"),
            "409": errors("The guid or the key was used before"),
            "413": errors("The body is too large"),
            "422": errors("The key came with another request before"),
            "500": errors("It could not be carried out, and nothing was changed"),
            "504": errors("It was not executed by its deadline and never will be"),
        }),
    );
    open["parameters"] = json!([key(), prefer()]);
    open["requestBody"] = body(new_order(), example);
    open
}

/// Its sections are described in `docs/catalogue.md`.
fn sections() -> Value {
    json!({"type": "object", "description": "Sections, as `wsa admin catalogue load` takes them."})
}

fn show_catalogue() -> Value {
    let answer = json!({
        "type": "object", "required": ["version", "loadedAt", "catalogue"],
        "properties": {
            "version": {"type": "integer", "minimum": 0, "description": "0 when nothing was loaded."},
            "loadedAt": {"type": ["string", "null"], "format": "date-time"},
            "catalogue": sections(),
        },
    });
    let answers = json!({"200": response("The catalogue", answer)});
    operation("tillGetCatalogue", "What the restaurant offers, as it was loaded", answers)
}

fn load_catalogue() -> Value {
    let answer = json!({
        "type": "object", "required": ["version", "changed"],
        "properties": {
            "version": {"type": "integer", "minimum": 0},
            "changed": {"type": "array", "items": {"type": "string"}},
        },
    });
    let mut load = operation(
        "tillLoadCatalogue",
        "Replace sections of the catalogue",
        json!({
            "200": response("It is loaded", answer),
            "400": errors("The catalogue would be wrong, and nothing was loaded: `mistakes` has each with its place"),
            "408": errors("The body did not arrive in time"),
            "413": errors("The body is too large"),
        }),
    );
    load["description"] = "What is not named stays; a section that is `null` is taken away.".into();
    load["requestBody"] = body(sections(), json!({"stopList": [{"id": "7", "name": "Soup"}]}));
    load
}

fn payment() -> Value {
    let kinds: Vec<&str> = CurrencyKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let mut payment = json!({
        "type": "object", "additionalProperties": false, "required": ["amount"],
        "properties": {
            "amount": decimal_read("More than zero, at most two decimals."),
            "currency": guid(),
            "kind": {"type": "string", "enum": kinds},
        },
    });
    exactly_one(&mut payment, ["currency", "kind"]);
    payment
}

fn listen() -> Value {
    let events = json!({
        "type": "object", "required": ["events", "cursor"],
        "properties": {
            "events": {"type": "array", "items": {
                "type": "object", "required": ["cursor", "event"],
                "properties": {"cursor": {"type": "integer", "minimum": 1}, "event": refer("TillEvent")},
            }},
            "cursor": {"type": "integer", "minimum": 0},
        },
    });
    let mut listen = operation(
        "tillListenEvents",
        "What happened to the restaurant's orders",
        json!({
            "200": response("The events, the earliest first", events),
            "400": errors("A parameter is wrong"),
        }),
    );
    listen["parameters"] = json!([
        query(
            "after",
            "The cursor after which to begin; without it: what is not acknowledged.",
            json!({"type": "integer", "minimum": 0})
        ),
        query(
            "wait",
            "For how many seconds to wait for the first one.",
            json!({"type": "integer", "minimum": 0, "maximum": LONGEST_WAIT_S, "default": 0})
        ),
    ]);
    listen
}

fn acknowledge() -> Value {
    let asked = json!({
        "type": "object", "additionalProperties": false, "required": ["upTo"],
        "properties": {"upTo": {"type": "integer", "minimum": 0}},
    });
    let answer = json!({
        "type": "object", "required": ["acknowledged"], "properties": {"acknowledged": {"type": "integer"}},
    });
    let mut acknowledge = operation(
        "tillAcknowledgeEvents",
        "Events that need not come again",
        json!({
            "200": response("They are removed", answer),
            "400": errors("There is no such event yet"),
            "408": errors("The body did not arrive in time"),
            "413": errors("The body is too large"),
        }),
    );
    acknowledge["requestBody"] = body(asked, json!({"upTo": 0}));
    acknowledge
}
