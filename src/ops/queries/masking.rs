//! What is personal, masked. A protocol names the members of its JSON whose values may be personal; whatever stands below
//! such a member is replaced, whole. What is no JSON is not shown at all.

use serde_json::Value;

/// What stands for something that is not shown.
pub const MASK: &str = "***";

/// JSON without what is personal; `None` for what is no JSON.
pub fn masked(text: &str, personal: &[&str]) -> Option<Value> {
    let mut value = serde_json::from_str(text).ok()?;
    mask(&mut value, personal);
    Some(value)
}

/// Replaces what stands below these members, at any depth. A text that is JSON itself is looked into as well.
pub fn mask(value: &mut Value, personal: &[&str]) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match personal.iter().any(|one| one.eq_ignore_ascii_case(name)) {
                    true if member.is_null() => {}
                    true => *member = MASK.into(),
                    false => mask(member, personal),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, personal)),
        Value::String(text) if text.trim_start().starts_with(['{', '[']) => {
            if let Ok(mut inner) = serde_json::from_str::<Value>(text) {
                mask(&mut inner, personal);
                *text = inner.to_string();
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_personal_is_replaced_at_any_depth() {
        let text = r#"{"a": {"Phone": "1", "b": [{"name": {"first": "x"}}], "c": null}, "inner": "{\"phone\":2}", "sum": 1}"#;
        let masked = masked(text, &["phone", "name", "c"]).unwrap();
        assert_eq!(
            masked.to_string(),
            r#"{"a":{"Phone":"***","b":[{"name":"***"}],"c":null},"inner":"{\"phone\":\"***\"}","sum":1}"#
        );
        assert_eq!(super::masked("no JSON of +7 900", &["phone"]), None);
    }
}
