//! What a document would change, by place.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::document::Document;
use crate::domain::money::shown;

/// A place where two documents differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The place, like `menu.products[id=7].price`.
    pub place: String,
    /// What is there; nothing when it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What would be there; nothing when it would be gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Difference { place, before, after } = self;
        let told = |value: &Value| shown(&value.to_string());
        match (before, after) {
            (None, Some(after)) => write!(f, "+ {place}: {}", told(after)),
            (Some(before), None) => write!(f, "- {place}: {}", told(before)),
            (Some(before), Some(after)) => {
                write!(f, "~ {place}: {} -> {}", told(before), told(after))
            }
            (None, None) => f.write_str(place),
        }
    }
}

/// Where the second differs from the first, in the order of sections.
pub fn differences(before: &Document, after: &Document) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(&before.to_value(), &after.to_value(), String::new(), &mut found);
    found
}

/// The field that entries of lists are known by.
fn key_of(entry: &Value) -> Option<String> {
    ["id", "code", "guid"].into_iter().find_map(|key| {
        let value = entry.get(key)?;
        Some(format!("[{key}={}]", value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
    })
}

/// The entries of a list by what they are known by; `None` when one is known by nothing.
fn keyed(list: &[Value]) -> Option<BTreeMap<String, &Value>> {
    let keyed: Option<BTreeMap<_, _>> =
        list.iter().map(|entry| Some((key_of(entry)?, entry))).collect();
    keyed.filter(|keyed| keyed.len() == list.len())
}

fn compare(before: &Value, after: &Value, place: String, found: &mut Vec<Difference>) {
    if before == after {
        return;
    }
    let fields = |value: &Value| -> Option<BTreeMap<String, Value>> {
        let dotted = |name: &String| match place.is_empty() {
            true => name.clone(),
            false => format!(".{name}"),
        };
        match value {
            Value::Object(fields) => {
                Some(fields.iter().map(|(name, value)| (dotted(name), value.clone())).collect())
            }
            Value::Array(list) => {
                let keyed = keyed(list)?.into_iter();
                Some(keyed.map(|(key, value)| (key, value.clone())).collect())
            }
            _ => None,
        }
    };
    let (Some(mut olds), Some(news)) = (fields(before), fields(after)) else {
        let (before, after) = (Some(before.clone()), Some(after.clone()));
        found.push(Difference { place, before, after });
        return;
    };
    let at_start = found.len();
    for (name, new) in news {
        let place = format!("{place}{name}");
        match olds.remove(&name) {
            Some(old) => compare(&old, &new, place, found),
            None => found.push(Difference { place, before: None, after: Some(new) }),
        }
    }
    for (name, old) in olds {
        let place = format!("{place}{name}");
        found.push(Difference { place, before: Some(old), after: None });
    }
    if found.len() == at_start {
        // The same entries in another order.
        let (before, after) = (Some(before.clone()), Some(after.clone()));
        found.push(Difference { place, before, after });
    }
}
