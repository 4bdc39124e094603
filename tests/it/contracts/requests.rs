//! What every request may have and every response has, as the documents say it.

use serde_json::Value;
use wsa::contracts::ASYNCAPI;
use wsa::ops::contract::OPS;
use wsa::surface::contract::requests::REQUEST_ID;

use super::generators::{METHODS, documents};

/// Where responses of a document stand: those of its operations, and those that they refer to.
fn responses(document: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in METHODS.iter().filter(|method| item.get(**method).is_some()) {
            let all = item[*method]["responses"].as_object().unwrap();
            assert!(!all.is_empty(), "{path} {method}");
            found.extend(all.iter().map(|(status, of)| (format!("{method} {path} {status}"), of)));
        }
    }
    let shared = document["components"]["responses"].as_object().into_iter().flatten();
    found.extend(shared.map(|(name, of)| (name.clone(), of)));
    found
}

#[test]
fn every_response_names_the_id_of_its_request() {
    for (name, document) in documents().iter().filter(|(name, _)| *name != ASYNCAPI) {
        let header = &document["components"]["headers"]["RequestId"];
        assert_eq!(header["required"], true, "{name}: {header}");
        let all = responses(document);
        assert!(all.len() > 200, "{name}: {}", all.len());
        for (place, response) in all {
            // What is referred to is among the shared ones.
            if let Some(to) = response["$ref"].as_str() {
                assert!(to.starts_with("#/components/responses/"), "{name} {place}: {to}");
                continue;
            }
            let of = &response["headers"][REQUEST_ID]["$ref"];
            assert_eq!(of, "#/components/headers/RequestId", "{name} {place}");
        }
        // In words, as a parameter it would be one of each method.
        let about = document["info"]["description"].as_str().unwrap();
        assert!(about.contains(REQUEST_ID), "{name}: {about}");
        assert_eq!(about.contains("traceparent"), *name != OPS, "{name}: {about}");
        let paths = document["paths"].to_string().to_ascii_lowercase();
        let named = ["x-request-id", "traceparent"].map(|name| format!("\"name\":\"{name}\""));
        assert!(named.iter().all(|named| !paths.contains(named)), "{name} has it as a parameter");
    }
}
