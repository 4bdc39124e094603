//! The schemas of requests and answers, put together from those of the types in the code.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::engine::health::Report;
use crate::surface::ProtocolList;
use crate::surface::contract::{PLACE, Schemas};

fn of_protocols(list: &ProtocolList) -> impl Iterator<Item = Schemas> {
    list.surfaces().filter_map(|surface| surface.contract().schemas)
}

/// Every schema by its name.
pub fn components(list: &ProtocolList) -> Map<String, Value> {
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
    for schemas in of_protocols(list) {
        all.extend((schemas.all)(&mut reads, &mut writes));
    }
    all.insert("Readiness".into(), Report::json_schema(&mut writes).into());
    for (name, schema) in
        reads.take_definitions(true).into_iter().chain(writes.take_definitions(true))
    {
        all.entry(name).or_insert(schema);
    }
    for (name, example) in of_protocols(list).flat_map(|schemas| (schemas.examples)()) {
        if let Some(schema) = all.get_mut(&name) {
            schema["examples"] = example;
        }
    }
    all
}

/// The schemas that are documents of their own: requests, answers, and what else is sent.
pub fn standalone(list: &ProtocolList) -> Vec<(String, Value)> {
    let all = components(list);
    let is_document = |name: &str| {
        ["Request", "Answer", "Response"].iter().any(|end| name.ends_with(end))
            || of_protocols(list).any(|schemas| schemas.documents.contains(&name))
    };
    let names = all.keys().filter(|name| is_document(name));
    names.map(|name| (name.clone(), alone(name, &all))).collect()
}

/// The schema of an answer with no room for fields that it does not name: what this version writes fits
/// it. Clients get the open one, so that a later version may say more.
pub fn closed(list: &ProtocolList, name: &str) -> Value {
    let mut schema = alone(name, &components(list));
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
    use crate::protocols::ALL;

    /// A type that is both read and written has one name and so must have one form.
    #[test]
    fn a_name_stands_for_one_schema() {
        let all = components(&ALL);
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
