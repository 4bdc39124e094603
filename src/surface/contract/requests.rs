//! What every request over HTTP may have, and every response has, whatever it is about.
//!
//! The headers of requests are described in words: as a parameter of each operation they would be a parameter of each
//! method of a client that is generated.

use serde_json::{Map, Value, json};

use crate::runtime::context::LONGEST_REQUEST_ID;

/// The header as responses have it.
pub const REQUEST_ID: &str = "X-Request-Id";

/// Where the documents keep it.
const PLACE: &str = "#/components/headers/RequestId";

/// The id of a request, for the description of a document.
pub const IDS: &str = "\
Every response has `X-Request-Id`, by which log lines name the request. A request may bring its own: it is taken over when it is \
sent once and has 1 to 128 letters, digits or `-_.:+/=@~`; otherwise a new one is made.";

/// The trace of a request, likewise.
pub const TRACES: &str = "\
A request may have a `traceparent` (W3C Trace Context): what is done for it then belongs to that trace, and is recorded when \
its caller records it.";

/// Has each response of an OpenAPI document name the header. What a webhook's receiver responds with is its own affair.
pub fn name_request_ids(document: &mut Value) {
    document["components"]["headers"]["RequestId"] = json!({
        "description": "The request's own `X-Request-Id` when it has a usable one, else a new one.",
        "required": true,
        "schema": {
            "type": "string", "minLength": 1, "maxLength": LONGEST_REQUEST_ID,
            "pattern": "^[0-9A-Za-z_.:+/=@~-]+$",
        },
    });
    let paths = fields(document.pointer_mut("/paths"));
    for operation in paths.flat_map(|item| fields(Some(item))) {
        fields(operation.get_mut("responses")).for_each(name_in);
    }
    fields(document.pointer_mut("/components/responses")).for_each(name_in);
}

fn name_in(response: &mut Value) {
    // One that is referred to has it where it stands.
    if response.get("$ref").is_none() {
        response["headers"][REQUEST_ID] = json!({"$ref": PLACE});
    }
}

fn fields(value: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    value.and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
}
