//! The operator API as an OpenAPI 3.1 document. Each operation stands once in a table, with the role that it needs.

mod operations;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

pub use self::operations::{Field, OPERATIONS, Operation};
use crate::surface::contract::naming::name_schemas;
use crate::surface::contract::requests::{IDS, name_request_ids};
use crate::surface::contract::servers;
use crate::web::parameters::Use;

/// The name of the document.
pub const OPS: &str = "ops.json";

const ABOUT: &str = "\
What operators see and do, on a listener of its own (`ops.listen`). Personal data is masked until somebody with the \
role finance reveals it, which the journal notes.";

/// The document.
pub fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut schemas = settings.for_serialize().into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for operation in OPERATIONS {
        let answer: Value = (operation.answer)(&mut schemas).into();
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method] = described(operation, answer);
    }
    let problem = json!({
        "type": "object",
        "required": ["title", "status", "detail"],
        "properties": {
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "What is wrong: a sentence."},
        },
    });
    let mut all = schemas.take_definitions(true);
    all.insert("Problem".into(), problem);
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "wsa: the operator API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": format!("{ABOUT}\n\n{IDS}"),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": servers("127.0.0.1:8081"),
        "security": [{"operator": []}],
        "paths": paths,
        "components": {
            "schemas": all,
            "securitySchemes": {"operator": {
                "type": "http",
                "scheme": "bearer",
                "description": "The token that `wsa admin operator add` has printed.",
            }},
        },
    });
    name_schemas(&mut document);
    name_request_ids(&mut document);
    document
}

fn described(operation: &Operation, answer: Value) -> Value {
    let Operation { id, role, summary, body, .. } = operation;
    let problem = |description: &str| {
        json!({
            "description": description,
            "content": {"application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
            }},
        })
    };
    let mut described = json!({
        "operationId": id,
        "summary": summary,
        "description": format!("Needs the role {role}, or one above it."),
        "x-role": role.as_str(),
        "parameters": parameters(operation),
        "responses": {
            "200": {
                "description": "Done",
                "content": {"application/json": {"schema": answer}},
            },
            "400": problem("Something in the request is wrong, by name"),
            "401": problem("No operator has this token"),
            "403": problem("The operator has not the role"),
            "404": problem("There is no such thing"),
            "409": problem("It is not in a state for this; nothing was changed"),
            "503": problem("The store cannot do it at the moment; nothing was changed"),
        },
    });
    if !body.is_empty() {
        let fields: Map<String, Value> = body.iter().map(Field::described).collect();
        let required: Vec<&str> =
            body.iter().filter(|field| field.required).map(|field| field.name).collect();
        described["requestBody"] = json!({
            "required": true,
            "content": {"application/json": {"schema": {
                "type": "object",
                "additionalProperties": false,
                "required": required,
                "properties": fields,
            }}},
        });
    }
    described
}

fn parameters(operation: &Operation) -> Vec<Value> {
    let parts = operation.path.split('/').filter_map(|part| part.strip_prefix('{'));
    let path = parts.map(|part| {
        json!({
            "name": part.trim_end_matches('}'),
            "in": "path",
            "required": true,
            "schema": {"type": "string"},
        })
    });
    let query = operation.place.parameters().map(|(name, of)| {
        let mut parameter = json!({"name": name, "in": "query", "schema": {"type": "string"}});
        if let Use::Honoured(example) = of
            && !example.is_empty()
        {
            parameter["example"] = (*example).into();
        }
        parameter
    });
    path.chain(query).collect()
}

impl Field {
    fn described(&self) -> (String, Value) {
        let Field { name, kind, about, .. } = self;
        let mut schema = json!({"type": kind, "description": about});
        if *kind == "array" {
            schema["items"] = json!({"type": "string"});
        }
        ((*name).to_owned(), schema)
    }
}
