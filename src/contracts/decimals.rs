//! The OpenAPI document for clients that read a number with a fraction as text, so that no amount is ever a binary
//! float in them. On the wire it is the number that it was; only how a client reads it is another.

use serde_json::{Map, Value, json};

use crate::surface::contract::DECIMAL;
use crate::surface::contract::requests::{IDS, TRACES};

const ABOUT: &str = "\
For generated clients. It is the API of openapi.json, as it looks to a client that reads each number with a \
fraction (`518.85`) as the text of it (`\"518.85\"`): an amount is a string in both directions. Read with \
a parser that does so; docs/clients.md has one of a few lines for Python and for TypeScript.";

/// The same document in which exact decimals are text. It has no examples.
pub fn as_text(document: &Value) -> Value {
    let mut document = document.clone();
    document["info"]["description"] = [ABOUT, IDS, TRACES].join("\n\n").into();
    for place in ["/components/schemas", "/paths", "/webhooks", "/components/responses"] {
        if let Some(part) = document.pointer_mut(place) {
            convert(part);
        }
    }
    document
}

fn convert(part: &mut Value) {
    match part {
        Value::Object(fields) => {
            fields.shift_remove("examples");
            // A property may have this name, and is a schema then.
            if fields.get("example").is_some_and(|example| example.get("type").is_none()) {
                fields.shift_remove("example");
            }
            schema(fields);
            fields.values_mut().for_each(convert);
            one_text(fields);
        }
        Value::Array(parts) => parts.iter_mut().for_each(convert),
        _ => {}
    }
}

/// A schema of numbers: those that are decimals are text, and others are either whole or text.
fn schema(fields: &mut Map<String, Value>) {
    match fields.get_mut("type") {
        Some(Value::String(kind)) if kind == "number" => {
            let exact = fields.get("format").is_some_and(|format| format == DECIMAL);
            for bound in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "format"] {
                fields.shift_remove(bound);
            }
            if exact {
                fields.insert("type".into(), "string".into());
                fields.insert("format".into(), DECIMAL.into());
            } else {
                fields.shift_remove("type");
                fields.insert("anyOf".into(), json!([{"type": "integer"}, {"type": "string"}]));
            }
        }
        Some(Value::Array(kinds)) if kinds.contains(&"number".into()) => {
            kinds.retain(|kind| kind != "number" && kind != "string" && kind != "integer");
            kinds.splice(0..0, ["string".into(), "integer".into()]);
            fields.shift_remove("format");
        }
        _ => {}
    }
}

/// Of alternatives that are all text of a decimal, the first is enough.
fn one_text(fields: &mut Map<String, Value>) {
    let Some(Value::Array(alternatives)) = fields.get_mut("anyOf") else { return };
    let mut found = false;
    alternatives.retain(|of| of["format"] != DECIMAL || !std::mem::replace(&mut found, true));
    if let [Value::Object(only)] = alternatives.as_mut_slice() {
        let only = std::mem::take(only);
        fields.shift_remove("anyOf");
        for (name, value) in only {
            fields.entry(name).or_insert(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(schema: Value) -> Value {
        let mut schema = schema;
        convert(&mut schema);
        schema
    }

    #[test]
    fn decimals_are_text_and_whole_numbers_stay() {
        let amount = json!({"type": "number", "format": DECIMAL, "minimum": 0});
        let text = json!({"type": "string", "format": DECIMAL, "pattern": "^[0-9.]+$"});
        assert_eq!(converted(amount.clone()), json!({"type": "string", "format": DECIMAL}));
        assert_eq!(converted(json!({"anyOf": [text, amount], "description": "d"})), {
            json!({"description": "d", "type": "string", "format": DECIMAL, "pattern": "^[0-9.]+$"})
        });
        let quantity = converted(json!({"anyOf": [{"type": "integer"}, amount]}));
        let of_text = json!({"type": "string", "format": DECIMAL});
        assert_eq!(quantity, json!({"anyOf": [{"type": "integer"}, of_text]}));
        let scalar = converted(json!({"type": ["number", "boolean", "null"]}));
        assert_eq!(scalar["type"], json!(["string", "integer", "boolean", "null"]));
    }
}
