//! The paths of ticketscloud in the OpenAPI document.

mod more;

use serde_json::{Value, json};

use super::http::{ORDER, ORDERS};
use super::model::OrderStatus;
use super::parameters::{LARGEST_PAGE, LAST_PAGE};
use super::wire::answer;
use super::wire::request::{
    CUSTOMER, LONGEST_CODE, LONGEST_FIELD, LONGEST_URL, MOST_PROMOCODES, MOST_TICKETS,
};
use crate::surface::Contract;
use crate::surface::contract::{Part, exactly_one, map};
use crate::web::request::LONGEST_KEY;

const ID: &str = "^[0-9a-fA-F]{24}$";

/// The event and the set of the examples: those of `wsa up --demo`.
pub const EVENT: &str = "56a6253df06c5a059a93802e";
/// See [`EVENT`].
pub const SET: &str = "56a6254bf06c5a059b93800c";

/// The contract.
pub(super) const CONTRACT: Contract = Contract::of(part);

fn part() -> Part {
    Part {
        tags: vec![(
            "ticketscloud",
            "ticketscloud API v1 and v2: events, orders of tickets, refund requests",
        )],
        paths: map(paths()),
        security: map(json!({"partnerKey": security()})),
        ..Part::default()
    }
}

/// The security scheme of a partner's key.
fn security() -> Value {
    json!({
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`key <key>` with the key of a ticketscloud partner. Of `wsa up --demo` it is \
            `key demo-key`.",
    })
}

/// The paths.
fn paths() -> Value {
    let mut paths = orders();
    for (path, operations) in more::paths().as_object().into_iter().flatten() {
        paths[path] = operations.clone();
    }
    paths
}

fn orders() -> Value {
    json!({
        ORDERS: {
            "get": list(),
            "post": write("createOrder", "Make an order", "Its tickets are reserved.", 201, Some((
                new_order(),
                json!({"event": EVENT, "random": {SET: 1}}),
            ))),
        },
        ORDER: {
            "parameters": [{"name": "order_id", "in": "path", "required": true,
                "description": "The order's id.", "example": "56a76c72f06c5a77b5938010", "schema": id()}],
            "get": read(),
            "patch": write(
                "changeOrder",
                "Change an order, or take it a step further",
                "All of it or, with a refusal, nothing.",
                200,
                Some((
                    changes(true),
                    json!({"payment": {"system": "api/BASE"}, "status": "in_progress"}),
                )),
            ),
            "delete": write(
                "deleteOrder", "Cancel an order", "Its tickets go back on sale.", 200, None,
            ),
        },
    })
}

fn id() -> Value {
    json!({"type": "string", "pattern": ID})
}

/// `id` only, or what else the schema of an answer may be limited to.
fn fields_schema() -> Value {
    json!({"name": "fields-schema", "in": "query", "schema": {"type": "string"},
        "description": "Which fields are shown, `id,event{title{text}}`."})
}

fn read() -> Value {
    operation(
        "getOrder",
        "An order as it is now",
        json!({
            "200": response("The order", answer::schema()),
            "404": errors("No such order of the partner's"),
        }),
    )
}

fn list() -> Value {
    let parameter = |name: &str, description: &str, schema: Value| json!({"name": name, "in": "query", "description": description, "schema": schema});
    let mut list = operation(
        "listOrders",
        "The partner's orders, the newest first",
        json!({
            "200": response("The orders", json!({"type": "array", "items": answer::schema()})),
            "400": errors("A parameter is wrong"),
        }),
    );
    list["parameters"] = json!([
        parameter(
            "status",
            "Only those that stand so: a status, or several between commas.",
            json!({"type": "string"})
        ),
        parameter("event", "Only those of this event.", id()),
        parameter(
            "page",
            "Which page.",
            json!({"type": "integer", "minimum": 1, "maximum": LAST_PAGE, "default": 1})
        ),
        parameter(
            "page_size",
            "How many on a page.",
            json!({"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": 20})
        ),
        fields_schema(),
    ]);
    list
}

/// With its body and an example of it.
fn write(
    id: &str,
    summary: &str,
    description: &str,
    status: u16,
    body: Option<(Value, Value)>,
) -> Value {
    let done = match body {
        Some(_) => response("It was done", answer::schema()),
        None => json!({"description": "It was done; the answer has no body"}),
    };
    let mut operation = operation(
        id,
        summary,
        json!({
            status.to_string(): done,
            "202": response("Accepted (`Prefer: respond-async`); look at the order later", promised()),
            "400": errors("The request breaks a rule, which the sentence names"),
            "403": errors("The event is somebody else's"),
            "404": errors("No such event, or no such order of the partner's"),
            "408": errors("The body did not arrive in time"),
            "409": errors("An earlier change of the same order is still being worked on"),
            "413": errors("The body is too large"),
            "500": errors("It could not be carried out, and nothing was changed"),
            "504": errors("It was not executed by its deadline and never will be"),
        }),
    );
    operation["description"] = description.into();
    operation["parameters"] = json!([
        {"name": "Idempotency-Key", "in": "header",
         "description": "The caller's own name for the request: the same key and request is the same task.",
         "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY}},
        {"name": "Prefer", "in": "header",
         "description": "`respond-async`, and `wait=<seconds>` for the deadline.",
         "schema": {"type": "string"}},
    ]);
    if body.is_some()
        && let Some(parameters) = operation["parameters"].as_array_mut()
    {
        parameters.push(fields_schema());
    }
    if let Some((schema, example)) = body {
        operation["requestBody"] = json!({"required": true, "content": {"application/json": {
            "schema": schema, "example": example,
        }}});
    }
    operation
}

fn operation(id: &str, summary: &str, responses: Value) -> Value {
    let mut responses = responses;
    for (status, description) in [
        ("401", "No key, or one that nobody has"),
        ("405", "No such method"),
        ("429", "Too fast; see Retry-After"),
        ("503", "Not possible now; see Retry-After"),
    ] {
        responses[status] = errors(description);
    }
    json!({
        "operationId": id,
        "tags": ["ticketscloud"],
        "summary": summary,
        "security": [{"partnerKey": []}],
        "responses": responses,
    })
}

fn response(description: &str, schema: Value) -> Value {
    json!({"description": description, "content": {"application/json": {"schema": schema}}})
}

fn errors(description: &str) -> Value {
    response(
        description,
        json!({"title": "TicketscloudRefusal", "type": "object", "required": ["errors"], "properties": {
            "errors": {"type": "array", "minItems": 1, "items": {"type": "string"}},
        }}),
    )
}

fn promised() -> Value {
    json!({"title": "TicketscloudPromise", "type": "object", "required": ["task_guid", "deadline"], "properties": {
        "task_guid": {"type": "string", "format": "uuid"},
        "deadline": {"type": "string", "format": "date-time"},
        "paused": {"type": "boolean", "const": true, "description": "The event is paused by the operator of the service: its tasks wait"},
    }})
}

/// A new order says for which event, and what it is to have.
fn new_order() -> Value {
    let mut order = changes(false);
    order["title"] = "TicketscloudNewOrder".into();
    order["required"] = json!(["event"]);
    order.as_object_mut().map(|fields| fields.remove("not"));
    exactly_one(&mut order, ["tickets", "random"]);
    order
}

fn changes(with_status: bool) -> Value {
    let text = |longest: usize| json!({"type": "string", "minLength": 1, "maxLength": longest});
    let or_null = |schema: Value| json!({"anyOf": [schema, {"type": "null"}]});
    let customer: serde_json::Map<String, Value> =
        CUSTOMER.iter().map(|field| ((*field).to_owned(), or_null(text(LONGEST_FIELD)))).collect();
    let url = || or_null(json!({"type": "string", "format": "uri", "maxLength": LONGEST_URL}));
    let mut changes = json!({
        "title": "TicketscloudOrderChange",
        "type": "object",
        "not": {"required": ["tickets", "random"]},
        "additionalProperties": false,
        "properties": {
            "tickets": {"type": "array", "items": id(), "minItems": 1, "maxItems": MOST_TICKETS},
            "random": {
                "title": "TicketscloudRandom",
                "type": "object",
                "description": "How many tickets of each set, altogether 1 to 100.",
                "minProperties": 1,
                "patternProperties": {ID: {"type": "integer", "minimum": 0, "maximum": MOST_TICKETS}},
                "additionalProperties": false,
            },
            "all_or_nothing": {
                "anyOf": [{"type": "boolean"}, {"type": "string", "enum": ["true", "false"]}],
                "default": false,
            },
            "promocodes": {"type": "array", "items": text(LONGEST_CODE), "maxItems": MOST_PROMOCODES},
            "customer": {"title": "TicketscloudCustomer", "type": "object", "properties": customer, "additionalProperties": false},
            "payment": {"title": "TicketscloudNewPayment", "type": "object", "additionalProperties": false, "properties": {
                "system": or_null(text(LONGEST_CODE)),
                "success_url": url(),
                "failure_url": url(),
                "send_tickets": {"type": "boolean", "const": false},
            }},
            "event": id(),
        },
    });
    if with_status {
        let statuses: Vec<&str> = OrderStatus::ALL.iter().map(|status| status.as_str()).collect();
        changes["properties"]["status"] = json!({"type": "string", "enum": statuses});
        changes["properties"]["id"] = id();
    }
    changes
}
