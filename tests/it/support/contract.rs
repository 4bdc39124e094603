//! What is sent and answered, held against the published schemas.

use serde_json::Value;
use wsa::contracts::schemas;

/// Fails when an answer is not as the schema of this name says, or says more than that.
pub fn assert_answer(name: &str, answer: &Value) {
    let validator =
        jsonschema::validator_for(&schemas::closed(&wsa::protocols::ALL, name)).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(answer)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{answer:#} is no {name}:\n{}", errors.join("\n"));
}

/// Judges requests by the schema of this name.
pub fn requests(name: &str) -> jsonschema::Validator {
    let all = schemas::standalone(&wsa::protocols::ALL);
    let (_, schema) = all.iter().find(|(known, _)| known == name).unwrap();
    jsonschema::validator_for(schema).unwrap()
}
