//! The OpenAPI 3.1 document: the part of each protocol, and what every process answers.

use serde_json::{Map, Value, json};

use super::{operations, schemas};
use crate::surface::ProtocolList;
use crate::surface::contract::naming::name_schemas;
use crate::surface::contract::requests::{IDS, TRACES, name_request_ids};
use crate::surface::contract::{Part, servers};

/// The document of these protocols.
pub fn document(list: &ProtocolList) -> Value {
    let parts: Vec<Part> = list.surfaces().map(|surface| (surface.contract().openapi)()).collect();
    let about = parts.iter().map(|part| part.about).filter(|about| !about.is_empty());
    let about: Vec<&str> = about.chain([IDS, TRACES]).collect();
    let defaults = parts.iter().filter_map(|part| part.default_security);
    let defaults: Vec<Value> = defaults.map(|name| json!({name: []})).collect();
    let operations = ("operations", "Is it alive, is it ready, what did it count");
    let tags = parts.iter().flat_map(|part| part.tags.iter());
    let tags = tags.chain([&operations]).chain(parts.iter().flat_map(|part| &part.webhook_tags));
    let tags: Vec<Value> =
        tags.map(|(name, description)| json!({"name": name, "description": description})).collect();
    let (mut paths, mut webhooks) = (Map::new(), Map::new());
    let (mut components, mut security) = (Map::new(), Map::new());
    components.insert("schemas".into(), schemas::components(list).into());
    for (place, part) in parts.into_iter().enumerate() {
        paths.extend(part.paths);
        webhooks.extend(part.webhooks);
        security.extend(part.security);
        for (kind, more) in part.components {
            let of_kind = components.entry(kind).or_insert_with(|| json!({}));
            if let (Some(of_kind), Value::Object(more)) = (of_kind.as_object_mut(), more) {
                of_kind.extend(more);
            }
        }
        // Next to the protocol in whose form they are refused.
        if place == 0 {
            paths.extend(operations::paths());
        }
    }
    security.sort_keys();
    components.insert("securitySchemes".into(), security.into());
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "wsa",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "An open White Server",
            "description": about.join("\n\n"),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": servers("127.0.0.1:8080"),
        "security": defaults,
        "tags": tags,
        "paths": paths,
        "webhooks": webhooks,
        "components": components,
    });
    name_schemas(&mut document);
    name_request_ids(&mut document);
    document
}
