//! Gives the schemas of a document names, and writes them in the form that generators of clients read.
//!
//! A generator makes a class of each object. It names one of the components by its name, and one that stands
//! where it is used by its place, with numbers where places are alike. So every object becomes a component: under
//! its title, or under the name of what it is in and its own.

use serde_json::{Map, Value, json};

use super::{PLACE, refer};

/// The name of objects that may hold anything.
const FREE: &str = "FreeForm";

/// Names every object in an OpenAPI or AsyncAPI document. Two that have one title are one when they are alike;
/// otherwise the second stays where it is, which a test of the contracts refuses.
pub fn name_schemas(document: &mut Value) {
    let schemas = document.pointer_mut("/components/schemas").map(Value::take);
    let mut names = Names { all: schemas.map(super::map).unwrap_or_default() };
    let known: Vec<String> = names.all.keys().cloned().collect();
    for name in known {
        let mut schema = names.all.get_mut(&name).map(Value::take).unwrap_or_default();
        names.inside(&name, &mut schema);
        names.all.insert(name, schema);
    }
    for place in ["/components/responses", "/components/messages"] {
        for (name, part) in fields(document.pointer_mut(place)) {
            names.contents(name, part);
        }
    }
    for place in ["/paths", "/webhooks"] {
        for (_, item) in fields(document.pointer_mut(place)) {
            fields(Some(item)).for_each(|(_, operation)| names.operation(operation));
        }
    }
    if let Some(schemas) = document.pointer_mut("/components/schemas") {
        *schemas = names.all.into();
    }
}

fn fields(value: Option<&mut Value>) -> impl Iterator<Item = (&String, &mut Value)> {
    value.and_then(Value::as_object_mut).into_iter().flatten()
}

struct Names {
    all: Map<String, Value>,
}

impl Names {
    fn operation(&mut self, operation: &mut Value) {
        let Some(name) = operation["operationId"].as_str().map(pascal) else { return };
        if let Some(body) = operation.get_mut("requestBody") {
            self.contents(&format!("{name}Body"), body);
        }
        for parameter in
            operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten()
        {
            let place = pascal(parameter["name"].as_str().unwrap_or_default());
            if let Some(schema) = parameter.get_mut("schema") {
                self.place(&format!("{name}{place}"), schema);
            }
        }
        for (status, response) in fields(operation.get_mut("responses")) {
            let end = if status.starts_with('2') { "Response" } else { status.as_str() };
            self.contents(&format!("{name}{end}"), response);
        }
    }

    /// What has a body: a request, a response, or a message of AsyncAPI.
    fn contents(&mut self, name: &str, of: &mut Value) {
        for (_, content) in fields(of.get_mut("content")) {
            if let Some(schema) = content.get_mut("schema") {
                self.place(name, schema);
            }
        }
    }

    /// A schema where it is used: an object goes to the components.
    fn place(&mut self, name: &str, schema: &mut Value) {
        readable(schema);
        if !deserves_a_name(schema) {
            return self.inside(name, schema);
        }
        let mut own = schema.take();
        let title = own["title"].as_str().map(str::to_owned);
        let name =
            title.unwrap_or_else(|| if is_free(&own) { FREE.into() } else { name.to_owned() });
        self.inside(&name, &mut own);
        let said = own["description"].clone();
        own["title"] = name.as_str().into();
        match self.all.get(&name) {
            Some(there) if !alike(there, &own) => {
                *schema = own;
                return;
            }
            Some(_) => {}
            None => {
                let mut named = own;
                if is_free(&named) {
                    named["description"] = "Any fields.".into();
                }
                remove(&mut named, "title");
                self.all.insert(name.clone(), named);
            }
        }
        *schema = refer(&name);
        if said.is_string() && self.all.get(&name).is_none_or(|there| there["description"] != said)
        {
            schema["description"] = said;
        }
    }

    /// The schemas within one that has this name.
    fn inside(&mut self, name: &str, schema: &mut Value) {
        readable(schema);
        for (property, of) in fields(schema.get_mut("properties")) {
            self.place(&format!("{name}{}", pascal(property)), of);
        }
        for (key, end) in [("items", "Item"), ("additionalProperties", "Value")] {
            if let Some(of) = schema.get_mut(key).filter(|of| of.is_object()) {
                self.place(&format!("{name}{end}"), of);
            }
        }
        for key in ["anyOf", "oneOf", "allOf"] {
            let alternatives = schema.get_mut(key).and_then(Value::as_array_mut);
            for of in alternatives.into_iter().flatten() {
                // Words beside something else: a class of their own, under the name of their place.
                if of["enum"].is_array() && of["title"].is_null() && !self.all.contains_key(name) {
                    of["title"] = name.into();
                }
                self.place(name, of);
            }
        }
    }
}

/// Objects, and lists of words that have a title.
fn deserves_a_name(schema: &Value) -> bool {
    schema["type"] == "object" || (schema["title"].is_string() && schema["enum"].is_array())
}

fn is_free(schema: &Value) -> bool {
    let narrower = ["properties", "patternProperties", "required"];
    schema["additionalProperties"] == true && narrower.iter().all(|key| schema.get(*key).is_none())
}

fn alike(one: &Value, other: &Value) -> bool {
    let bare = |schema: &Value| {
        let mut schema = schema.clone();
        remove(&mut schema, "title");
        remove(&mut schema, "description");
        schema
    };
    bare(one) == bare(other)
}

fn remove(schema: &mut Value, key: &str) -> Option<Value> {
    schema.as_object_mut()?.shift_remove(key)
}

/// Writes a schema as generators read it: the same values are valid.
fn readable(schema: &mut Value) {
    let Some(fields) = schema.as_object_mut() else { return };
    let open = !["properties", "additionalProperties", "patternProperties"]
        .iter()
        .any(|key| fields.contains_key(*key));
    if fields.get("type") == Some(&"object".into()) && open {
        fields.insert("additionalProperties".into(), true.into());
    }
    nullable(schema);
    flat(schema);
}

/// An object or a word, or nothing: two alternatives.
fn nullable(schema: &mut Value) {
    let Some([kind, null]) = schema["type"].as_array().map(Vec::as_slice) else { return };
    if *null != "null" || !(*kind == "object" || schema["enum"].is_array()) {
        return;
    }
    let kind = kind.clone();
    let mut own = schema.take();
    own["type"] = kind;
    if let Some(words) = own.get_mut("enum").and_then(Value::as_array_mut) {
        words.retain(|word| !word.is_null());
    }
    let said = remove(&mut own, "description");
    *schema = json!({"anyOf": [own, {"type": "null"}]});
    if let Some(said) = said {
        schema["description"] = said;
    }
}

/// Alternatives within alternatives are alternatives.
fn flat(schema: &mut Value) {
    let Some(alternatives) = schema.get_mut("anyOf").and_then(Value::as_array_mut) else { return };
    let apart = |of: Value| match of {
        Value::Object(mut fields) if fields.len() == 1 && fields.contains_key("anyOf") => {
            match fields.remove("anyOf") {
                Some(Value::Array(inner)) => inner,
                _ => Vec::new(),
            }
        }
        other => vec![other],
    };
    *alternatives = std::mem::take(alternatives).into_iter().flat_map(apart).collect();
}

/// `orderGuid` as `OrderGuid`, `filter[status]` as `FilterStatus`.
fn pascal(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_ascii_uppercase() + rest
        })
        .collect()
}

/// The name of a schema that a reference leads to.
pub fn name_of(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix(PLACE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(schema: Value) -> Value {
        let mut document = json!({"components": {"schemas": {"Whole": schema}}});
        name_schemas(&mut document);
        document["components"]["schemas"].take()
    }

    #[test]
    fn an_object_gets_the_name_of_its_place_or_its_title() {
        let inner =
            |field: &str| json!({"type": "object", "properties": {field: {"type": "string"}}});
        let mut titled = inner("b");
        titled["title"] = "Other".into();
        let schemas = named(json!({"type": "object", "properties": {
            "params": inner("a"), "list": {"type": "array", "items": titled}, "free": {"type": "object"},
        }}));
        assert_eq!(schemas["WholeParams"], inner("a"));
        assert_eq!(schemas["Other"], inner("b"));
        let properties = &schemas["Whole"]["properties"];
        assert_eq!(properties["params"], refer("WholeParams"));
        assert_eq!(properties["list"]["items"], refer("Other"));
        assert_eq!(properties["free"], refer(FREE));
        assert_eq!(schemas[FREE]["additionalProperties"], true);
    }

    #[test]
    fn one_title_of_two_forms_stays_where_it_is() {
        let titled = |field: &str| json!({"title": "Twice", "type": "object", "properties": {field: {"type": "string"}}});
        let properties = json!({"a": titled("x"), "b": titled("x"), "c": titled("y")});
        let whole = named(json!({"type": "object", "properties": properties}))["Whole"].take();
        assert_eq!(whole["properties"]["b"], refer("Twice"));
        assert_eq!(whole["properties"]["c"]["title"], "Twice");
    }

    #[test]
    fn nothing_is_an_alternative_of_its_own() {
        let either = json!({"anyOf": [{"type": "string"}, {"type": "integer"}]});
        let schemas = named(json!({"type": "object", "properties": {
            "word": {"type": ["string", "null"], "enum": ["a", null], "description": "One."},
            "id": {"anyOf": [either, {"type": "null"}]},
        }}));
        let properties = &schemas["Whole"]["properties"];
        let word = json!({"anyOf": [refer("WholeWord"), {"type": "null"}], "description": "One."});
        assert_eq!(properties["word"], word);
        assert_eq!(schemas["WholeWord"], json!({"type": "string", "enum": ["a"]}));
        let flat = json!({"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]});
        assert_eq!(properties["id"], flat);
    }
}
