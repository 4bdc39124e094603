//! What a protocol has in the contracts, and what it is written with.

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

pub mod naming;
pub mod requests;

/// Writes an AsyncAPI document, given the prefix of exchanges and queues and the schemas of all protocols.
pub type AsyncApi = fn(&str, Map<String, Value>) -> Value;

/// What a protocol has in the documents.
#[derive(Debug, Clone, Copy)]
pub struct Contract {
    /// Its part of the OpenAPI document.
    pub openapi: fn() -> Part,
    /// Its schemas, when it has some under names.
    pub schemas: Option<Schemas>,
    /// The AsyncAPI document.
    pub asyncapi: Option<AsyncApi>,
}

impl Contract {
    /// Of a protocol that is spoken over HTTP alone, with schemas that stand where they are used.
    pub const fn of(openapi: fn() -> Part) -> Contract {
        Contract { openapi, schemas: None, asyncapi: None }
    }
}

/// What a protocol has in the OpenAPI document.
#[derive(Debug, Default)]
pub struct Part {
    /// What a reader is told first.
    pub about: &'static str,
    /// The groups of its paths, and what each is for.
    pub tags: Vec<(&'static str, &'static str)>,
    /// The groups of its webhooks.
    pub webhook_tags: Vec<(&'static str, &'static str)>,
    /// Its paths.
    pub paths: Map<String, Value>,
    /// What it posts.
    pub webhooks: Map<String, Value>,
    /// What its paths refer to beside schemas, by the kind of it.
    pub components: Map<String, Value>,
    /// How its callers prove who they are.
    pub security: Map<String, Value>,
    /// The one of them that counts for paths which name none.
    pub default_security: Option<&'static str>,
}

/// The fields of an object.
pub fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// Where the documents keep their schemas.
pub const PLACE: &str = "#/components/schemas/";

/// The schemas of a protocol.
#[derive(Debug, Clone, Copy)]
pub struct Schemas {
    /// Each by its name, made by the generators of what is read and of what is written.
    pub all: fn(&mut SchemaGenerator, &mut SchemaGenerator) -> Map<String, Value>,
    /// The examples of some, by the name of the schema.
    pub examples: fn() -> Map<String, Value>,
    /// Those that are documents of their own beside requests, answers and responses.
    pub documents: &'static [&'static str],
}

/// A reference to a schema of the components.
pub fn refer(name: &str) -> Value {
    json!({"$ref": format!("{PLACE}{name}")})
}

/// Has an object have one of two fields, and not both. Generators pass over conditions; of alternatives beside
/// properties they make classes without these.
pub fn exactly_one(schema: &mut Value, [one, other]: [&str; 2]) {
    schema["if"] = json!({"required": [one]});
    schema["then"] = json!({"not": {"required": [other]}});
    schema["else"] = json!({"required": [other]});
}

/// An amount or a quantity as it is read: text first, because a client that picks the first form keeps every digit.
pub fn decimal_read(description: &str) -> Value {
    let mut schema = json!({"anyOf": [
        {"type": "string", "format": DECIMAL},
        {"type": "number", "format": DECIMAL},
    ]});
    if !description.is_empty() {
        schema["description"] = description.into();
    }
    schema
}

/// The format of a number or a text that is an exact decimal, and no binary float.
pub const DECIMAL: &str = "decimal";

/// Where the API is: a client that is generated has a default, and its user another.
pub fn servers(host: &str) -> Value {
    json!([{
        "url": "{scheme}://{host}",
        "description": "An installation.",
        "variables": {
            "scheme": {"enum": ["http", "https"], "default": "http"},
            "host": {"default": host, "description": "Its address and port."},
        },
    }])
}
