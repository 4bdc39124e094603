//! The schemas of requests and answers, put together from those of the types in the code.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::{answers, examples};
use crate::health::Report;
use crate::protocols::whiteserver::wire::contract;
use crate::protocols::whiteserver::wire::request::{GET_TASK_RESPONSE, TASK_TYPES};

/// Where the documents keep their schemas.
const PLACE: &str = "#/components/schemas/";

/// A reference to a schema of [`components`].
pub fn refer(name: &str) -> Value {
    json!({"$ref": format!("{PLACE}{name}")})
}

/// The task types of `Create`, with `GetTaskResponse`.
pub fn task_types() -> impl Iterator<Item = &'static str> {
    TASK_TYPES.into_iter().chain([GET_TASK_RESPONSE])
}

/// Every schema by its name.
pub fn components() -> Map<String, Value> {
    let settings = || {
        SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        })
    };
    let (mut reads, mut writes) = (
        settings().for_deserialize().into_generator(),
        settings().for_serialize().into_generator(),
    );
    let mut all = Map::new();
    for task_type in task_types() {
        all.insert(format!("{task_type}Request"), request(task_type, &mut reads));
    }
    all.insert("CreateRequest".into(), any_request());
    all.insert("ListenQueueRequest".into(), contract::listen(&mut reads).into());

    all.insert("Accepted".into(), accepted(&mut writes));
    all.insert("Refusal".into(), refusal(&mut writes));
    for task_type in TASK_TYPES {
        all.insert(format!("{task_type}Done"), done(task_type, &mut writes));
        all.insert(format!("{task_type}Answer"), answer(task_type));
    }
    let answers = || TASK_TYPES.iter().map(|task_type| refer(&format!("{task_type}Done")));
    let any = |description: &str, of: Vec<Value>| json!({"description": description, "anyOf": of});
    let refused = || [refer("Refusal")].into_iter();
    all.insert(
        format!("{GET_TASK_RESPONSE}Answer"),
        any(
            "The stored answer of a task, or why there is none.",
            answers().chain(refused()).collect(),
        ),
    );
    all.insert(
        "CreateResponse".into(),
        any(
            "A task that was accepted, an answer, or a refusal.",
            [refer("Accepted")].into_iter().chain(answers()).chain(refused()).collect(),
        ),
    );
    all.insert("Event".into(), contract::event(&mut writes).into());
    all.insert("EventCallback".into(), contract::event_callback(&mut writes).into());
    all.insert("NoOperations".into(), no_operations());
    let letters = [refer("NoOperations"), refer("Event")].into_iter();
    all.insert(
        "ListenQueueResponse".into(),
        any(
            "Nothing, an event, or an answer.",
            letters.chain(answers()).chain(refused()).collect(),
        ),
    );
    all.insert("Ping".into(), ping());
    all.insert("Readiness".into(), Report::json_schema(&mut writes).into());
    for (name, schema) in
        reads.take_definitions(true).into_iter().chain(writes.take_definitions(true))
    {
        all.entry(name).or_insert(schema);
    }
    for (name, example) in examples::of_schemas() {
        if let Some(schema) = all.get_mut(&name) {
            schema["examples"] = example;
        }
    }
    all
}

fn request(task_type: &str, generator: &mut SchemaGenerator) -> Value {
    let params = contract::params(task_type, generator).map_or(Value::Bool(true), Value::from);
    json!({
        "description": examples::purpose(task_type),
        "type": "object",
        "properties": {"taskType": {"type": "string", "const": task_type}, "params": params},
        "required": ["taskType", "params"],
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
fn common(task_type: Value, generator: &mut SchemaGenerator) -> Value {
    let mut common = Value::from(contract::common(generator));
    common["properties"]["taskType"] = task_type;
    common["required"] = json!(["taskGuid", "taskType", "objectId"]);
    common
}

fn accepted(generator: &mut SchemaGenerator) -> Value {
    json!({
        "description": "An asynchronous task was accepted: what to ask for its answer with.",
        "type": "object",
        "properties": {
            "responseCommon": common(json!({"type": "string", "enum": TASK_TYPES}), generator),
        },
        "required": ["responseCommon"],
    })
}

fn refusal(generator: &mut SchemaGenerator) -> Value {
    json!({
        "description": "A task that was not done, or a request that was refused.",
        "type": "object",
        "properties": {
            "responseCommon": Value::from(contract::common(generator)),
            "error": Value::from(contract::error(generator)),
        },
        "required": ["error"],
    })
}

/// The answer of a task that was done.
fn done(task_type: &str, generator: &mut SchemaGenerator) -> Value {
    let mut replies: Vec<Value> =
        contract::replies(task_type, generator).into_iter().map(Value::from).collect();
    let reply = match replies.len() {
        1 => replies.remove(0),
        _ => json!({"anyOf": replies}),
    };
    let task_type = json!({"type": "string", "const": task_type});
    json!({
        "description": "The task was done.",
        "type": "object",
        "properties": {"taskResponse": reply, "responseCommon": common(task_type, generator)},
        "required": ["taskResponse", "responseCommon"],
    })
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

/// The schemas that are documents of their own: requests, answers, and what else is sent.
pub fn standalone() -> Vec<(String, Value)> {
    let all = components();
    let is_document = |name: &str| {
        ["Request", "Answer", "Response"].iter().any(|end| name.ends_with(end))
            || ["Accepted", "Refusal", "Event", "EventCallback"].contains(&name)
    };
    let names = all.keys().filter(|name| is_document(name));
    names.map(|name| (name.clone(), alone(name, &all))).collect()
}

/// The schema of an answer with no room for fields that it does not name: what this version writes fits
/// it. Clients get the open one, so that a later version may say more.
pub fn closed(name: &str) -> Value {
    let mut schema = alone(name, &components());
    close(&mut schema);
    schema
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.remove("examples");
            if fields.contains_key("properties") && fields.contains_key("type") {
                fields.insert("additionalProperties".into(), false.into());
            }
            fields.values_mut().for_each(close);
        }
        Value::Array(values) => values.iter_mut().for_each(close),
        _ => {}
    }
}

/// A schema with everything that it refers to.
fn alone(name: &str, all: &Map<String, Value>) -> Value {
    let mut document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
    });
    let mut root = all.get(name).cloned().unwrap_or_default();
    let (mut wanted, mut defs) = (Vec::new(), Map::new());
    gather(&mut root, &mut wanted);
    while let Some(next) = wanted.pop() {
        if !defs.contains_key(&next) {
            let mut schema = all.get(&next).cloned().unwrap_or_default();
            gather(&mut schema, &mut wanted);
            defs.insert(next, schema);
        }
    }
    if let (Some(document), Value::Object(root)) = (document.as_object_mut(), root) {
        document.extend(root);
        if !defs.is_empty() {
            defs.sort_keys();
            document.insert("$defs".into(), defs.into());
        }
    }
    document
}

/// Turns references into those of a document of its own, and lists what they refer to.
fn gather(schema: &mut Value, wanted: &mut Vec<String>) {
    match schema {
        Value::Object(fields) => {
            // OpenAPI's; it names the schemas that `oneOf` lists.
            fields.remove("discriminator");
            if let Some(Value::String(to)) = fields.get_mut("$ref")
                && let Some(name) = to.strip_prefix(PLACE).map(str::to_owned)
            {
                *to = format!("#/$defs/{name}");
                wanted.push(name);
            }
            fields.values_mut().for_each(|value| gather(value, wanted));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| gather(value, wanted)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A type that is both read and written has one name and so must have one form.
    #[test]
    fn a_name_stands_for_one_schema() {
        let all = components();
        for name in all.keys() {
            assert!(name.chars().all(char::is_alphanumeric), "{name}");
        }
        let text = Value::from(all.clone()).to_string();
        for to in text.split(PLACE).skip(1) {
            let name = to.split('"').next().unwrap();
            assert!(all.contains_key(name), "nothing is named {name}");
        }
    }
}
