//! What a partner may sell, refund requests, and v2.

use serde_json::{Map, Value, json};

use super::{EVENT, SET, changes, errors, id, operation, promised, response};
use crate::protocols::ticketscloud::http;
use crate::protocols::ticketscloud::model::refund::{Culprit, RefundStatus};
use crate::protocols::ticketscloud::parameters::{self, Place, Use};
use crate::surface::contract::exactly_one;
use crate::web::request::LONGEST_KEY;

/// A read: its path, what may be asked of it, its name, what it is, and whether it is a list.
type Read = (&'static str, &'static Place, &'static str, &'static str, Shape);

/// What comes back.
#[derive(Clone, Copy)]
enum Shape {
    One,
    List,
    /// `{"data": .., "refs": ..}`
    V2,
}

const READS: &[Read] = &[
    (
        http::SIMPLE_EVENTS,
        &parameters::SIMPLE_EVENTS,
        "listSimpleEvents",
        "What the partner sells",
        Shape::List,
    ),
    (
        http::SIMPLE_EVENT,
        &parameters::SIMPLE_EVENT,
        "getSimpleEvent",
        "An event that it sells",
        Shape::One,
    ),
    (http::EVENTS, &parameters::EVENTS, "listEvents", "Its events as resources", Shape::List),
    (http::EVENT, &parameters::EVENT, "getEvent", "An event as a resource", Shape::One),
    (http::SETS, &parameters::SETS, "listSets", "The sets of an event", Shape::List),
    (http::SET, &parameters::SET, "getSet", "A set of an event", Shape::One),
    (http::TICKETS, &parameters::TICKETS, "listTickets", "The tickets of an event", Shape::List),
    (http::DEALS, &parameters::DEALS, "listDeals", "The partner's deals", Shape::List),
    (http::DEAL, &parameters::DEAL, "getDeal", "A deal", Shape::One),
    (
        http::ORDER_TICKETS,
        &parameters::ORDER_TICKETS,
        "listOrderTickets",
        "The tickets of an order, with barcodes when it is done",
        Shape::List,
    ),
    (http::REFUNDS, &parameters::REFUNDS, "listRefunds", "Refund requests", Shape::List),
    (http::REFUND, &parameters::REFUND, "getRefund", "A refund request", Shape::One),
    (http::ORDERS_V2, &parameters::ORDERS_V2, "listOrdersV2", "The partner's orders", Shape::V2),
    (http::ORDER_V2, &parameters::ORDER_V2, "getOrderV2", "An order", Shape::V2),
    (http::REFUNDS_V2, &parameters::REFUNDS_V2, "listRefundsV2", "Refund requests", Shape::V2),
    (http::REFUND_V2, &parameters::REFUND_V2, "getRefundV2", "A refund request", Shape::V2),
];

/// The paths.
pub(super) fn paths() -> Value {
    let mut paths = Map::new();
    for (path, place, name, summary, shape) in READS {
        let mut operations = json!({"get": read(place, name, summary, *shape)});
        let ids: Vec<Value> = path
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}'))
            .map(|(name, _)| {
                let example = if name == "set_id" { SET } else { EVENT };
                json!({"name": name, "in": "path", "required": true, "description": "An id.",
                       "example": example, "schema": id()})
            })
            .collect();
        if !ids.is_empty() {
            operations["parameters"] = ids.into();
        }
        paths.insert((*path).to_owned(), operations);
    }
    let mut paths = Value::Object(paths);
    writes(&mut paths);
    paths
}

fn writes(paths: &mut Value) {
    let settle = json!({"type": "object", "required": ["status"], "additionalProperties": false,
                        "properties": {"status": {"type": "string", "enum": ["approved", "rejected"]}}});
    let approved = json!({"status": "approved"});
    let ask = (refund(false), refund_example("tickets_refund"));
    paths[http::REFUNDS]["post"] =
        write("createRefund", "Ask that tickets be given back", 201, ask, Shape::One);
    paths[http::REFUND]["patch"] = write(
        "changeRefund",
        "Approve or reject",
        200,
        (settle.clone(), approved.clone()),
        Shape::One,
    );
    let ask = (refund(true), refund_example("tickets"));
    paths[http::REFUNDS_V2]["post"] =
        write("createRefundV2", "Ask that tickets be given back", 200, ask, Shape::V2);
    paths[http::REFUND_V2]["patch"] =
        write("changeRefundV2", "Approve or reject", 200, (settle, approved), Shape::V2);
    let create = (order(false), json!({"event": EVENT}));
    paths[http::ORDERS_V2]["post"] = write(
        "createOrderV2",
        "Make an order, which may have no tickets yet",
        200,
        create,
        Shape::V2,
    );
    let change = (order(true), json!({"random": {SET: 1}}));
    paths[http::ORDER_V2]["patch"] =
        write("changeOrderV2", "Change an order", 200, change, Shape::V2);
    let mut delete = operation(
        "deleteOrderV2",
        "Cancel an order",
        json!({
            "200": {"description": "It was done; the answer has no body"},
            "400": errors("The order cannot be canceled"),
            "404": errors("No such order of the partner's"),
            "409": errors("An earlier change of the same order is still being worked on"),
        }),
    );
    delete["parameters"] = headers();
    paths[http::ORDER_V2]["delete"] = delete;
}

fn form(shape: Shape) -> Value {
    let object = json!({"title": "TicketscloudEntry", "type": "object", "required": ["id"],
        "properties": {"id": {"type": "string"}}, "additionalProperties": true});
    match shape {
        // A schema of fields may leave anything out.
        Shape::One => json!({"type": "object"}),
        Shape::List => json!({"type": "array", "items": {"type": "object"}}),
        Shape::V2 => {
            json!({"title": "TicketscloudV2Document", "type": "object", "required": ["data", "refs"], "properties": {
                "data": {"anyOf": [object, {"type": "array", "items": object}]},
                "pagination": {"type": "object"},
                "refs": {"type": "object"},
            }})
        }
    }
}

fn read(place: &Place, name: &str, summary: &str, shape: Shape) -> Value {
    let mut read = operation(
        name,
        summary,
        json!({
            "200": response("What there is", form(shape)),
            "400": errors("A parameter is not known, or wrong"),
            "404": errors("There is none that the partner may see"),
        }),
    );
    let honoured = place.parameters().filter_map(|(name, of)| match of {
        Use::Honoured(example) => Some(json!({"name": name, "in": "query", "example": example,
            "description": "See docs/ticketscloud.md.", "schema": {"type": "string"}})),
        Use::Refused(_) => None,
    });
    read["parameters"] = honoured.collect::<Vec<_>>().into();
    read
}

fn headers() -> Value {
    json!([
        {"name": "Idempotency-Key", "in": "header",
         "description": "The caller's own name for the request: the same key and request is the same task.",
         "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY}},
        {"name": "Prefer", "in": "header",
         "description": "`respond-async`, and `wait=<seconds>` for the deadline.",
         "schema": {"type": "string"}},
    ])
}

fn write(
    name: &str,
    summary: &str,
    status: u16,
    (schema, example): (Value, Value),
    shape: Shape,
) -> Value {
    let mut write = operation(
        name,
        summary,
        json!({
            status.to_string(): response("It was done", form(shape)),
            "202": response("Accepted (`Prefer: respond-async`)", promised()),
            "400": errors("The request breaks a rule, which the sentence names"),
            "403": errors("The event is somebody else's"),
            "404": errors("There is none that the partner may see"),
            "408": errors("The body did not arrive in time"),
            "409": errors("An earlier change of the same order is still being worked on"),
            "413": errors("The body is too large"),
            "500": errors("It could not be carried out, and nothing was changed"),
            "504": errors("It was not executed by its deadline and never will be"),
        }),
    );
    write["parameters"] = headers();
    write["requestBody"] = json!({"required": true, "content": {"application/json": {
        "schema": schema, "example": example,
    }}});
    write
}

fn refund(v2: bool) -> Value {
    let culprits: Vec<&str> = Culprit::ALL.iter().map(|culprit| culprit.as_str()).collect();
    let ids = || json!({"type": "array", "items": id()});
    let mut refund = json!({"type": "object", "required": ["order", "culprit"], "additionalProperties": false,
        "properties": {"order": id(), "culprit": {"type": "string", "enum": culprits}, "tickets": ids()}});
    match v2 {
        true => {
            refund["properties"]["requested_at"] = json!({"type": "string"});
            refund["required"] = json!(["order", "culprit", "tickets"]);
        }
        false => {
            refund["properties"]["tickets_refund"] = ids();
            exactly_one(&mut refund, ["tickets", "tickets_refund"]);
        }
    }
    let statuses: Vec<&str> = RefundStatus::ALL.iter().map(|status| status.as_str()).collect();
    refund["description"] = format!("A request is {}.", statuses.join(", ")).into();
    refund
}

fn refund_example(tickets: &str) -> Value {
    json!({"order": "56a76c72f06c5a77b5938010", "culprit": "user", tickets: [EVENT]})
}

/// The body of an order in v2: that of v1, with settings in place of customer and payment.
fn order(with_status: bool) -> Value {
    let mut order = changes(false);
    order["title"] =
        if with_status { "TicketscloudV2OrderChange" } else { "TicketscloudV2NewOrder" }.into();
    let Some(fields) = order["properties"].as_object_mut() else { return order };
    let customer = fields.remove("customer");
    fields.remove("payment");
    fields
        .insert("settings".into(), json!({"title": "TicketscloudV2Settings", "type": "object", "properties": {"customer": customer}}));
    fields.insert(
        "vendor_data".into(),
        json!({"title": "TicketscloudVendorData", "type": "object", "additionalProperties": false,
        "properties": {"order_id": {}, "raw": {}}}),
    );
    match with_status {
        true => {
            let statuses = ["executed", "in_progress", "done", "cancelled"];
            fields.insert("status".into(), json!({"type": "string", "enum": statuses}));
            fields.insert("id".into(), id());
        }
        false => order["required"] = json!(["event"]),
    }
    order
}
