//! What generators of clients need of a document: each rule holds for every operation and schema of all of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use wsa::contracts::{self, ASYNCAPI, CLIENTS, OPENAPI, PREFIX};
use wsa::ops::contract::OPS;
use wsa::surface::contract::DECIMAL;
use wsa::surface::contract::naming::name_of;

pub(super) const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// The documents that clients are generated from, by name.
pub(super) fn documents() -> BTreeMap<String, Value> {
    let all = contracts::documents(&wsa::protocols::ALL, PREFIX).into_iter();
    let wanted = [OPENAPI, CLIENTS, ASYNCAPI, OPS];
    let all: BTreeMap<_, _> = all
        .filter(|(name, _)| wanted.contains(&name.as_str()))
        .map(|(name, text)| (name, serde_json::from_str(&text).unwrap()))
        .collect();
    assert_eq!(all.len(), wanted.len());
    all
}

/// Where there are conditions and examples, generators do not look.
const PASSED_OVER: [&str; 9] =
    ["if", "then", "else", "not", "example", "examples", "enum", "const", "default"];

/// Every schema of a document with the place where it stands. What a property is called is no keyword.
fn schemas(document: &Value) -> Vec<(String, &Value)> {
    fn within<'a>(place: &str, schema: &'a Value, found: &mut Vec<(String, &'a Value)>) {
        found.push((place.to_owned(), schema));
        for (key, of) in schema.as_object().into_iter().flatten() {
            let place = format!("{place}/{key}");
            match of {
                _ if PASSED_OVER.contains(&key.as_str()) => {}
                Value::Object(named) if key == "properties" || key == "patternProperties" => {
                    named
                        .iter()
                        .for_each(|(name, of)| within(&format!("{place}/{name}"), of, found));
                }
                Value::Array(all) if key.ends_with("Of") => {
                    all.iter()
                        .enumerate()
                        .for_each(|(n, of)| within(&format!("{place}/{n}"), of, found));
                }
                Value::Object(_) if ["items", "additionalProperties"].contains(&key.as_str()) => {
                    within(&place, of, found);
                }
                _ => {}
            }
        }
    }
    fn look<'a>(place: &str, part: &'a Value, found: &mut Vec<(String, &'a Value)>) {
        for (key, of) in part.as_object().into_iter().flatten() {
            match key.as_str() {
                "schema" => within(&format!("{place}/{key}"), of, found),
                "example" | "examples" | "schemas" => {}
                _ => look(&format!("{place}/{key}"), of, found),
            }
        }
        for (n, of) in part.as_array().into_iter().flatten().enumerate() {
            look(&format!("{place}/{n}"), of, found);
        }
    }
    let mut found = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        within(name, schema, &mut found);
    }
    look("", document, &mut found);
    assert!(found.len() > 100);
    found
}

/// Fails with the places of those schemas that break a rule.
fn assert_none(rule: &str, breaks: impl Fn(&Value, &str, &Value) -> bool) {
    let mut wrong = Vec::new();
    for (name, document) in documents() {
        let all = schemas(&document).into_iter();
        let broken = all.filter(|(place, schema)| breaks(&document, place, schema));
        wrong.extend(broken.map(|(place, schema)| format!("{name} {place}: {schema:.150}")));
    }
    assert!(wrong.is_empty(), "{rule}; not so:\n{}", wrong.join("\n"));
}

#[test]
fn every_operation_has_a_name_that_no_other_has() {
    for (name, document) in documents().iter().filter(|(name, _)| *name != ASYNCAPI) {
        let mut ids = BTreeSet::new();
        let paths = document["paths"].as_object().unwrap().iter();
        let webhooks = document["webhooks"].as_object().into_iter().flatten();
        for (path, item) in paths.chain(webhooks) {
            for method in METHODS.iter().filter(|method| item.get(**method).is_some()) {
                let id = item[*method]["operationId"].as_str().unwrap_or_default();
                // A module of Python has it in small letters.
                assert!(
                    ids.insert(id.to_lowercase()),
                    "{name} {method} {path}: {id:?} is there twice"
                );
                assert!(
                    id.chars().all(char::is_alphanumeric) && !id.is_empty(),
                    "{name} {path}: {id:?}"
                );
            }
        }
        assert!(ids.len() > 40, "{name}");
    }
}

#[test]
fn every_object_is_a_component() {
    // One that two places give one title and different forms stays where it is.
    assert_none("an object has a name", |_, place, schema| {
        place.contains('/') && (schema["type"] == "object" || schema["title"].is_string())
    });
}

#[test]
fn no_component_has_the_name_of_another() {
    for (name, document) in documents() {
        let names = document["components"]["schemas"].as_object().unwrap().keys();
        let mut small = BTreeSet::new();
        for of in names {
            assert!(of.chars().all(char::is_alphanumeric), "{name}: {of}");
            assert!(
                small.insert(of.to_lowercase()),
                "{name}: {of} is there twice, but for capitals"
            );
            // What schemars calls the second of a name, and generators as well.
            let numbered = of.ends_with(char::is_numeric) && names_end(&document, of);
            assert!(!numbered, "{name}: {of} is a name that something else has");
        }
    }
}

/// Whether a schema has this name without the number behind it.
fn names_end(document: &Value, name: &str) -> bool {
    let bare = name.trim_end_matches(char::is_numeric);
    document["components"]["schemas"].get(bare).is_some()
}

#[test]
fn every_object_says_what_is_in_it() {
    let says = ["properties", "additionalProperties", "patternProperties"];
    assert_none("an object has properties, or says that it may have any", |_, _, schema| {
        schema["type"] == "object" && says.iter().all(|key| schema.get(*key).is_none())
    });
    assert_none("a list says of what it is one", |_, _, schema| {
        schema["type"] == "array" && schema.get("items").is_none()
    });
    assert_none("a schema is an object of JSON", |_, _, schema| !schema.is_object());
    assert_none("a constant or a word has a type", |_, _, schema| {
        (schema.get("const").is_some() || schema.get("enum").is_some()) && schema["type"].is_null()
    });
    assert_none("a word that may be nothing is an alternative to nothing", |_, _, schema| {
        schema["type"].is_array()
            && (schema.get("enum").is_some() || schema.get("properties").is_some())
    });
    assert_none("alternatives stand alone: their fields would be lost", |_, _, schema| {
        let alternatives = ["oneOf", "anyOf", "allOf"].iter().any(|key| schema.get(*key).is_some());
        alternatives && schema.get("properties").is_some()
    });
}

#[test]
fn an_amount_is_text_first() {
    assert_none("a number is a decimal", |_, place, schema| {
        // Which says nothing of a machine.
        let number = schema["type"] == "number" || schema["type"][0] == "number";
        number && schema["format"] != DECIMAL && !place.starts_with("Health/")
    });
    assert_none("of a decimal that is read, text is the first form", |_, _, schema| {
        let of = schema["anyOf"].as_array();
        let is = |of: &Value, kind: &str| of["type"] == kind && of["format"] == DECIMAL;
        let number = of.and_then(|of| of.iter().position(|of| is(of, "number")));
        let text = of.and_then(|of| of.iter().position(|of| is(of, "string")));
        matches!((number, text), (Some(number), Some(text)) if text > number || text > 0)
    });
    let clients = &documents()[CLIENTS];
    let numbers: Vec<String> = schemas(clients)
        .into_iter()
        .filter(|(_, schema)| {
            schema["type"] == "number" || schema["type"].to_string().contains("\"number\"")
        })
        .map(|(place, _)| place)
        .collect();
    assert!(numbers.is_empty(), "{CLIENTS} has binary floats: {numbers:?}");
}

#[test]
fn a_discriminator_covers_its_alternatives() {
    let mut seen = 0;
    for (name, document) in documents() {
        for (place, schema) in schemas(&document) {
            let Some(discriminator) = schema.get("discriminator") else { continue };
            seen += 1;
            let property = discriminator["propertyName"].as_str().unwrap();
            let mapping = discriminator["mapping"].as_object().unwrap();
            let alternatives = schema["oneOf"].as_array().unwrap();
            assert_eq!(mapping.len(), alternatives.len(), "{name} {place}");
            for of in alternatives {
                let one = &document["components"]["schemas"][name_of(of).unwrap()];
                let word = one["properties"][property]["const"].as_str().unwrap();
                assert_eq!(mapping[word], of["$ref"], "{name} {place}");
                assert!(one["required"].as_array().unwrap().contains(&property.into()));
            }
        }
    }
    assert_eq!(seen, 2, "of CreateRequest");
}

/// A reader that takes the first alternative with the fields that it must have and with no other than their constants:
/// what clients that are generated do.
fn parses(document: &Value, schema: &Value, value: &Value) -> bool {
    let schema = name_of(schema).map_or(schema, |name| &document["components"]["schemas"][name]);
    if let Some(constant) = schema.get("const") {
        return constant == value;
    }
    let fields = schema["properties"].as_object().into_iter().flatten();
    let required = schema["required"].as_array().into_iter().flatten();
    let there = required.into_iter().all(|name| value.get(name.as_str().unwrap()).is_some());
    there
        && fields
            .into_iter()
            .all(|(name, of)| value.get(name).is_none_or(|value| parses(document, of, value)))
}

#[test]
fn a_refusal_is_read_as_nothing_else() {
    let example = |task: &str| {
        let common = serde_json::json!({
            "taskGuid": "01a201f0-bfcf-74b6-b2fe-92320bfb07ed", "taskType": task, "objectId": 1,
        });
        serde_json::json!({
            "responseCommon": common, "error": {"agentError": {"code": "OfALaterVersion", "desc": "No."}},
        })
    };
    for (name, place) in
        [(OPENAPI, "CreateResponse"), (CLIENTS, "CreateResponse"), (CLIENTS, "ListenQueueResponse")]
    {
        let document = &documents()[name];
        let alternatives = document["components"]["schemas"][place]["oneOf"].as_array().unwrap();
        assert_eq!(name_of(&alternatives[0]), Some("Refusal"), "{name} {place}");
        for task in ["PayOrder", "CancelOrder"] {
            let refusal = example(task);
            let mut accepted = refusal.clone();
            accepted.as_object_mut().unwrap().remove("error");
            let mut done = accepted.clone();
            done["taskResponse"] = serde_json::json!({"status": "Ok", "order": {}, "price": {}});
            let (done_name, expected) = (format!("{task}Done"), ["Refusal", "Accepted"]);
            for (value, expected) in
                [(refusal, expected[0]), (accepted, expected[1]), (done, &*done_name)]
            {
                let read: Vec<_> = alternatives
                    .iter()
                    .filter(|of| parses(document, of, &value))
                    .map(|of| name_of(of).unwrap())
                    .collect();
                let known = expected != "Accepted" || place == "CreateResponse";
                assert_eq!(read, if known { vec![expected] } else { vec![] }, "{name} {place}");
            }
        }
    }
}

#[test]
fn where_the_api_is_can_be_said() {
    for (name, document) in documents().iter().filter(|(name, _)| *name != ASYNCAPI) {
        let servers = document["servers"].as_array().unwrap();
        let [server] = servers.as_slice() else { panic!("{name}: {servers:?}") };
        let url = server["url"].as_str().unwrap();
        let variables = server["variables"].as_object().unwrap();
        for part in url.split('{').skip(1) {
            let variable = &variables[part.split('}').next().unwrap()];
            assert!(variable["default"].is_string(), "{name}: {variable}");
        }
        assert_eq!(variables.len(), 2, "{name}: {url}");
    }
}
