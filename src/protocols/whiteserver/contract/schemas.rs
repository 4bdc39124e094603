//! The schemas of White Server's requests and answers.

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use super::{answers, examples};
use crate::protocols::whiteserver::wire::contract;
use crate::protocols::whiteserver::wire::request::{GET_AGENT_LIST, GET_TASK_RESPONSE, TASK_TYPES};
use crate::surface::contract::{PLACE, Schemas, refer};

/// All of them.
pub(super) const SCHEMAS: Schemas = Schemas {
    all,
    examples: examples::of_schemas,
    documents: &["Accepted", "Refusal", "Event", "EventCallback"],
};

/// The task types of `Create`, with `GetTaskResponse`.
pub fn task_types() -> impl Iterator<Item = &'static str> {
    TASK_TYPES.into_iter().chain([GET_AGENT_LIST, GET_TASK_RESPONSE])
}

fn all(reads: &mut SchemaGenerator, writes: &mut SchemaGenerator) -> Map<String, Value> {
    let mut all = Map::new();
    for task_type in task_types() {
        all.insert(format!("{task_type}Request"), request(task_type, reads));
    }
    all.insert("CreateRequest".into(), any_request());
    all.insert("ListenQueueRequest".into(), contract::listen(reads).into());

    all.insert("Accepted".into(), accepted(writes));
    all.insert("Refusal".into(), refusal(writes));
    for task_type in TASK_TYPES {
        all.insert(format!("{task_type}Done"), done(task_type, writes));
        all.insert(format!("{task_type}Answer"), answer(task_type));
    }
    all.insert(format!("{GET_AGENT_LIST}Done"), agent_list(writes));
    all.insert(format!("{GET_AGENT_LIST}Answer"), answer(GET_AGENT_LIST));
    let answers = || TASK_TYPES.iter().map(|task_type| refer(&format!("{task_type}Done")));
    let any = |description: &str, of: Vec<Value>| json!({"description": description, "oneOf": of});
    // First: a reader that takes the first that fits sees a refusal before anything else.
    let refused = || [refer("Refusal")].into_iter();
    all.insert(
        format!("{GET_TASK_RESPONSE}Answer"),
        any(
            "The stored answer of a task, or why there is none.",
            refused().chain(answers()).collect(),
        ),
    );
    all.insert(
        "CreateResponse".into(),
        any(
            "A task that was accepted, an answer, or a refusal.",
            refused()
                .chain(answers())
                .chain([refer(&format!("{GET_AGENT_LIST}Done")), refer("Accepted")])
                .collect(),
        ),
    );
    all.insert("Event".into(), contract::event(writes).into());
    all.insert("EventCallback".into(), contract::event_callback(writes).into());
    all.insert("NoOperations".into(), no_operations());
    let notifications = [refer("NoOperations"), refer("Event")].into_iter();
    all.insert(
        "ListenQueueResponse".into(),
        any(
            "Nothing, an event, or an answer.",
            refused().chain(notifications).chain(answers()).collect(),
        ),
    );
    all.insert("Ping".into(), ping());
    all
}

fn request(task_type: &str, generator: &mut SchemaGenerator) -> Value {
    let params = contract::params(task_type, generator).map(Value::from);
    let mut params = params.unwrap_or_else(|| json!({"description": "Not looked at."}));
    if params["type"] == "object" {
        params["title"] = format!("{task_type}Params").into();
    }
    let required = match task_type {
        GET_AGENT_LIST => json!(["taskType"]),
        _ => json!(["taskType", "params"]),
    };
    json!({
        "description": examples::purpose(task_type),
        "type": "object",
        "properties": {"taskType": {"type": "string", "const": task_type}, "params": params},
        "required": required,
    })
}

fn any_request() -> Value {
    let names = || task_types().map(|task_type| (task_type, format!("{task_type}Request")));
    let mapping: Map<String, Value> = names()
        .map(|(task_type, name)| (task_type.to_owned(), format!("{PLACE}{name}").into()))
        .collect();
    json!({
        "description": "The body of Create.",
        "oneOf": names().map(|(_, name)| refer(&name)).collect::<Vec<_>>(),
        "discriminator": {"propertyName": "taskType", "mapping": mapping},
    })
}

/// `responseCommon` of a task that is accepted.
fn common(title: &str, task_type: Value, generator: &mut SchemaGenerator) -> Value {
    let mut common = Value::from(contract::common(generator));
    common["title"] = title.into();
    common["properties"]["taskType"] = task_type;
    common["required"] = json!(["taskGuid", "taskType", "objectId"]);
    common
}

/// A field that would make another answer of it. It is never there. Its type is one that clients check, and that
/// counts as nothing where a client looks whether it is there.
fn never(why: &str) -> Value {
    // Text: openapi-python-client does not check which boolean it is.
    json!({"type": "string", "const": "", "description": format!("Never there: {why}.")})
}

fn accepted(generator: &mut SchemaGenerator) -> Value {
    let any_type = json!({"type": "string", "enum": TASK_TYPES});
    json!({
        "description": "An asynchronous task was accepted: what to ask for its answer with.",
        "type": "object",
        "properties": {
            "responseCommon": common("AcceptedCommon", any_type, generator),
            "taskResponse": never("what was only accepted has no answer yet"),
            "error": never("a refusal is not accepted"),
        },
        "required": ["responseCommon"],
    })
}

fn refusal(generator: &mut SchemaGenerator) -> Value {
    let mut common = Value::from(contract::common(generator));
    common["title"] = "RefusalCommon".into();
    json!({
        "description": "A task that was not done, or a request that was refused.",
        "type": "object",
        "properties": {
            "responseCommon": common,
            "taskResponse": never("what was refused was not done"),
            "error": Value::from(contract::error(generator)),
        },
        "required": ["error"],
    })
}

/// The answer of a task that was done.
fn done(task_type: &str, generator: &mut SchemaGenerator) -> Value {
    let mut replies: Vec<Value> =
        contract::replies(task_type, generator).into_iter().map(Value::from).collect();
    for (reply, end) in replies.iter_mut().zip(["Result", "ShortResult"]) {
        if reply["type"] == "object" {
            reply["title"] = format!("{task_type}{end}").into();
        }
    }
    let reply = match replies.len() {
        1 => replies.remove(0),
        _ => json!({"anyOf": replies}),
    };
    let common = common(
        &format!("{task_type}Common"),
        json!({"type": "string", "const": task_type}),
        generator,
    );
    json!({
        "description": "The task was done.",
        "type": "object",
        "properties": {
            "taskResponse": reply,
            "responseCommon": common,
            "error": never("what was done was not refused"),
        },
        "required": ["taskResponse", "responseCommon"],
    })
}

/// The answer of `GetAgentList`, which is no task.
fn agent_list(generator: &mut SchemaGenerator) -> Value {
    let mut done = done(GET_AGENT_LIST, generator);
    done["properties"]["responseCommon"]["required"] = json!(["taskType"]);
    done
}

fn answer(task_type: &str) -> Value {
    json!({
        "description": format!("The answer of {task_type}."),
        "oneOf": [refer(&format!("{task_type}Done")), refer("Refusal")],
    })
}

fn no_operations() -> Value {
    json!({
        "description": "Nothing came: listen again.",
        "type": "object",
        "properties": {
            "responseCommon": {
                "type": "object",
                "properties": {"asyncCode": {"type": "string", "const": "NoOperations"}},
                "required": ["asyncCode"],
            },
        },
        "required": ["responseCommon"],
    })
}

fn ping() -> Value {
    json!({
        "description": "What `wsa admin aggregator callback test` posts.",
        "type": "object",
        "properties": {"ping": {"type": "boolean", "const": true}},
        "required": ["ping"],
        "examples": [answers::ping()],
    })
}
