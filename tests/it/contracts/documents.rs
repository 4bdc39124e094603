//! The documents themselves.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use wsa::contracts::{self, PREFIX, schemas};
use wsa::protocols::whiteserver::reply::{Code, Source};

const RENEW: &str =
    "renew it with `cargo run -- contracts --out docs/contracts`, and delete what is too many";

fn published() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/contracts")
}

fn files(directory: &Path) -> BTreeSet<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { [path].into() }).collect()
}

#[test]
fn what_is_published_is_what_the_code_says() {
    let mut there = files(&published());
    for (path, text) in contracts::documents(&wsa::protocols::ALL, PREFIX) {
        let path = published().join(path);
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        // Not assert_eq!: nobody wants to read both.
        assert!(found == text, "{} is out of date: {RENEW}", path.display());
        there.remove(&path);
    }
    assert!(there.is_empty(), "{there:?} is not generated any more: {RENEW}");
}

#[test]
fn every_schema_is_one_and_fits_its_examples() {
    for (name, schema) in schemas::standalone(&wsa::protocols::ALL) {
        assert!(jsonschema::meta::is_valid(&schema), "{name}");
        let validator = jsonschema::validator_for(&schema).unwrap();
        for example in schema["examples"].as_array().into_iter().flatten() {
            assert!(validator.is_valid(example), "{name}: {example}");
        }
    }
}

#[test]
fn the_openapi_document_is_one() {
    let document = contracts::openapi::document(&wsa::protocols::ALL);
    let read = oas3::from_json(document.to_string()).unwrap();
    assert!(read.paths.unwrap().len() > 5 && read.webhooks.len() == 3);
}

#[test]
fn every_reference_leads_somewhere() {
    fn check(whole: &Value, part: &Value) {
        match part {
            Value::Object(fields) => {
                if let Some(Value::String(to)) = fields.get("$ref") {
                    let to = to.strip_prefix('#').unwrap();
                    assert!(whole.pointer(to).is_some(), "{to}");
                }
                fields.values().for_each(|value| check(whole, value));
            }
            Value::Array(values) => values.iter().for_each(|value| check(whole, value)),
            _ => {}
        }
    }
    for (path, text) in contracts::documents(&wsa::protocols::ALL, "other") {
        let document: Value = serde_json::from_str(&text).unwrap();
        check(&document, &document);
        assert!(!text.contains("\"wsa."), "{path} has a prefix of its own");
    }
}

#[test]
fn every_code_is_in_the_container_it_is_reported_in() {
    let schemas = schemas::components(&wsa::protocols::ALL);
    for (field, source) in [("wsError", Source::Server), ("agentError", Source::Agent)] {
        let place = format!("/ErrorContainer/properties/{field}/properties/code/anyOf/0/enum");
        let listed = Value::from(schemas.clone()).pointer(&place).unwrap().clone();
        let codes = Code::ALL.iter().filter(|code| code.source() == source);
        let codes: Vec<&str> = codes.map(|code| code.as_str()).collect();
        assert_eq!(listed, Value::from(codes));
    }
}
