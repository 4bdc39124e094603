//! The paths of White Server in the OpenAPI document, and what they refer to.

use serde_json::{Map, Value, json};

use super::{answers, callbacks, examples, till};
use crate::domain::outbox::EventType;
use crate::protocols::whiteserver::http::{CREATE, LISTEN_QUEUE};
use crate::protocols::whiteserver::reply::Code;
use crate::surface::contract::{Part, map, refer};
use crate::web::request::LONGEST_KEY;

const ABOUT: &str = "\
Payments and order tasks for restaurants (White Server v1/v2). Every task is answered, once; a task that was \
answered `Timeout` was not done and never will be.

A request that can be read is answered with status 200, also when it is refused: see `error`. Unknown fields \
are ignored, and `null` counts as absent where a field is optional. Whole numbers are written without a \
fraction or an exponent, amounts without an exponent and with at most two decimals; they are read exactly. \
At most 32 levels of nesting are accepted.";

/// The part of White Server.
pub(super) fn part() -> Part {
    let mut paths = map(json!({
        CREATE: {"post": create()},
        LISTEN_QUEUE: {"post": listen_queue()},
    }));
    paths.extend(till::paths());
    let mut security = map(json!({"token": {
        "type": "apiKey",
        "in": "header",
        "name": "AggregatorAuthentication",
        "description": "The aggregator's token; `Token <token>` is accepted too. Of `wsa up --demo` \
            it is `demo`.",
    }}));
    security.extend([till::security()]);
    Part {
        about: ABOUT,
        tags: vec![("tasks", "Handing in tasks and reading their answers"), till::TAG],
        webhook_tags: vec![("callbacks", "What is posted to an aggregator's URLs")],
        paths,
        webhooks: map(callbacks::webhooks()),
        components: map(json!({
            "responses": responses(),
            "schemas": till::components(),
            "parameters": {"IdempotencyKey": {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "The caller's own name for a task. The same key with the same body is the \
                    same task; with another body it is refused (`IdempotencyMismatch`).",
                "schema": {
                    "type": "string", "minLength": 1, "maxLength": LONGEST_KEY,
                    "pattern": "^[!-~]([ -~]*[!-~])?$",
                },
                "example": "order-1-payment-1",
            }},
            "headers": {"RetryAfter": {
                "description": "After how many seconds to try again.",
                "required": true,
                "schema": {"type": "integer", "minimum": 1},
            }},
        })),
        security,
        default_security: Some("token"),
    }
}

fn create() -> Value {
    let named = |(name, summary, value): (&str, &str, Value)| {
        (name.to_owned(), json!({"summary": summary, "value": value}))
    };
    let requests: Map<String, Value> = examples::requests()
        .into_iter()
        .map(|example| named((example.name, example.summary, example.request)))
        .collect();
    let replies: Map<String, Value> = [
        ("accepted", "An asynchronous task was accepted", answers::accepted()),
        ("refused", "A task was refused", answers::refused()),
    ]
    .into_iter()
    .chain(
        answers::done().into_iter().map(|(task_type, answer)| (task_type, "It was done", answer)),
    )
    .map(named)
    .collect();
    json!({
        "operationId": "create",
        "tags": ["tasks"],
        "summary": "Hand in a task, or ask for its answer",
        "description": "With `params.async` the task is accepted and its guid returned at once; with \
            `params.sync` the request is held until the answer, at the deadline at the latest. \
            `GetTaskResponse` gives the stored answer.",
        "parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}],
        "requestBody": {
            "required": true,
            "content": {"application/json": {
                "schema": refer("CreateRequest"),
                "examples": requests,
            }},
        },
        "responses": answered("CreateResponse", "Accepted, answered, or refused", replies),
    })
}

fn listen_queue() -> Value {
    let replies = [
        ("nothing", "Nothing came", answers::nothing()),
        ("event", "An order changed", answers::event(EventType::OrderChanged)),
        ("status", "It stands elsewhere", answers::event(EventType::OrderStatusChanged)),
    ];
    let replies = replies.into_iter().map(|(name, summary, value)| {
        (name.to_owned(), json!({"summary": summary, "value": value}))
    });
    json!({
        "operationId": "listenQueue",
        "tags": ["tasks"],
        "summary": "Wait for an answer or an event",
        "description": "What waits is answered at once, the oldest first and one a request; otherwise the \
            request is held for up to 20 seconds.",
        "requestBody": {
            "required": true,
            "content": {"application/json": {
                "schema": refer("ListenQueueRequest"),
                "example": examples::listen(),
            }},
        },
        "responses": answered("ListenQueueResponse", "A letter, nothing, or a refusal", replies.collect()),
    })
}

/// The responses of the protocol's own paths.
fn answered(schema: &str, description: &str, examples: Map<String, Value>) -> Value {
    let response = |name: &str| json!({"$ref": format!("#/components/responses/{name}")});
    json!({
        "200": {
            "description": description,
            "content": {"application/json": {"schema": refer(schema), "examples": examples}},
        },
        "404": response("NotFound"),
        "405": response("NoSuchMethod"),
        "408": response("TooSlow"),
        "413": response("TooLarge"),
        "429": response("LimitExceeded"),
        "503": response("Unavailable"),
    })
}

fn responses() -> Value {
    let refused = |description: &str, retry: bool, code, desc: &str| {
        let mut response = json!({
            "description": description,
            "content": {"application/json": {
                "schema": refer("Refusal"),
                "example": answers::refused_at_once(code, desc),
            }},
        });
        if retry {
            response["headers"] =
                json!({"Retry-After": {"$ref": "#/components/headers/RetryAfter"}});
        }
        response
    };
    let bad = Code::BadRequest;
    json!({
        "NotFound": refused("No such path", false, bad, "there is nothing at /x"),
        "NoSuchMethod": refused("No such method", false, bad, "GET is not accepted here"),
        "TooSlow": refused(
            "The body did not arrive in time", false, bad, "the body did not arrive within 10000 ms",
        ),
        "TooLarge": refused(
            "The body is too large", false, bad,
            "the body is larger than 262144 bytes, the most that is accepted",
        ),
        "LimitExceeded": refused(
            "A limit was reached (`LimitExceeded`); nothing was accepted", true, Code::LimitExceeded,
            "you ask faster than you may: the limit is 2000 requests a second",
        ),
        "Unavailable": refused(
            "It cannot be done safely now. Nothing was accepted; but with a `taskGuid` in \
             `responseCommon` it is not known: ask for that guid before submitting again",
            true, Code::InternalError,
            "the store cannot be reached at the moment; nothing was accepted, please try again",
        ),
    })
}
