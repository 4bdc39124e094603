//! `fields-schema=a,b,ref{c,d}`: which fields of an answer are shown, and which of what it refers to.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::domain::money::shown;

/// The longest schema, in bytes.
const LONGEST: usize = 2000;
/// How deep it goes.
const DEEPEST: usize = 6;

/// Fields by their names, each with those that are shown of it; `None`: all that it has by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schema(BTreeMap<String, Option<Schema>>);

impl Schema {
    /// Reads one, and holds it against the fields that there are.
    pub fn read(text: &str, known: &str) -> Result<Schema, String> {
        if text.len() > LONGEST {
            return Err(format!(
                "fields-schema: it has {} bytes, it must have at most {LONGEST}",
                text.len()
            ));
        }
        let schema = parse(text)?;
        schema.check(&parse(known)?, "")?;
        Ok(schema)
    }

    /// The fields below this one; `None` when it is not asked for or only by its name.
    pub fn below(&self, name: &str) -> Option<&Schema> {
        self.0.get(name).and_then(Option::as_ref)
    }

    fn check(&self, known: &Schema, place: &str) -> Result<(), String> {
        for (name, below) in &self.0 {
            let place = format!("{place}{name}");
            let Some(of) = known.0.get(name) else {
                let there: Vec<&str> = known.0.keys().map(String::as_str).collect();
                let there = there.join(", ");
                return Err(format!("fields-schema: there is no field {place}: there are {there}"));
            };
            match (below, of) {
                (None, _) => {}
                (Some(_), None) => {
                    return Err(format!("fields-schema: {place} has no fields of its own"));
                }
                (Some(_), Some(any)) if any.0.is_empty() => {}
                (Some(below), Some(of)) => below.check(of, &format!("{place}."))?,
            }
        }
        Ok(())
    }

    /// What it shows of a value: a field that is asked for by its name alone is an id where it refers to something.
    pub fn apply(&self, value: &Value, refers: &[&str]) -> Value {
        match value {
            Value::Array(values) => {
                Value::Array(values.iter().map(|value| self.apply(value, refers)).collect())
            }
            Value::Object(fields) => {
                let show = |(name, below): (&String, &Option<Schema>)| {
                    let value = fields.get(name).unwrap_or(&Value::Null);
                    let value = match below {
                        Some(below) => below.apply(value, &[]),
                        None if refers.contains(&name.as_str()) => id_of(value),
                        None => value.clone(),
                    };
                    (name.clone(), value)
                };
                Value::Object(self.0.iter().map(show).collect())
            }
            other => other.clone(),
        }
    }
}

/// The value with ids in place of what it refers to, and only these of its fields.
pub fn plain(value: &Value, fields: &[&str], refers: &[&str]) -> Value {
    let field = |name: &&str| {
        let value = value.get(name).unwrap_or(&Value::Null);
        let value = if refers.contains(name) { id_of(value) } else { value.clone() };
        ((*name).to_owned(), value)
    };
    Value::Object(fields.iter().map(field).collect::<Map<_, _>>())
}

fn id_of(value: &Value) -> Value {
    match value {
        Value::Array(values) => Value::Array(values.iter().map(id_of).collect()),
        Value::Object(fields) => fields.get("id").cloned().unwrap_or(Value::Null),
        other => other.clone(),
    }
}

fn parse(text: &str) -> Result<Schema, String> {
    let mut rest = text;
    let schema = list(&mut rest, 0)?;
    match rest.is_empty() {
        true => Ok(schema),
        false => Err(wrong(rest)),
    }
}

fn wrong(rest: &str) -> String {
    match rest {
        "" => "fields-schema: it ends where a field or a brace is missing: it must be like \
               id,event{title}"
            .into(),
        rest => format!(
            "fields-schema: {:?} is not expected: it must be like id,event{{title}}",
            shown(rest)
        ),
    }
}

fn list(rest: &mut &str, depth: usize) -> Result<Schema, String> {
    if depth >= DEEPEST {
        return Err(format!("fields-schema: it goes deeper than {DEEPEST} levels"));
    }
    let mut fields = BTreeMap::new();
    loop {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '*');
        let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
        if name.is_empty() {
            return Err(wrong(rest));
        }
        *rest = after;
        let below = match rest.strip_prefix('{') {
            None => None,
            Some(after) => {
                *rest = after;
                let below = list(rest, depth + 1)?;
                *rest = rest.strip_prefix('}').ok_or_else(|| wrong(rest))?;
                Some(below)
            }
        };
        // `*` stands for whatever an operator wrote.
        if name != "*" && fields.insert(name.to_owned(), below).is_some() {
            return Err(format!("fields-schema: {name} was sent more than once; send it once"));
        }
        match rest.strip_prefix(',') {
            Some(after) => *rest = after,
            None => return Ok(Schema(fields)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KNOWN: &str = "id,event{id,title{text},any{*}},tickets{id,seat{row}},value";

    #[test]
    fn a_schema_limits_and_widens() {
        let value = json!({"id": "1", "value": "2.00", "event": {"id": "3", "title": {"text": "A", "desc": "B"}},
                           "tickets": [{"id": "4", "seat": null}, {"id": "5", "seat": {"row": 7, "x": 8}}]});
        let show =
            |schema| Schema::read(schema, KNOWN).unwrap().apply(&value, &["event", "tickets"]);
        assert_eq!(
            show("id,event,tickets"),
            json!({"id": "1", "event": "3", "tickets": ["4", "5"]})
        );
        assert_eq!(
            show("event{title{text}},tickets{seat{row}}"),
            json!({"event": {"title": {"text": "A"}}, "tickets": [{"seat": null}, {"seat": {"row": 7}}]})
        );
        assert_eq!(
            plain(&value, &["id", "tickets"], &["tickets"]),
            json!({"id": "1", "tickets": ["4", "5"]})
        );
        assert!(Schema::read("event{any{x{y}}}", KNOWN).is_ok(), "what an operator wrote");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, message) in [
            ("", "it ends where"),
            ("id,", "it ends where"),
            ("event{title", "it ends where"),
            ("id}", "\"}\" is not expected"),
            ("id,,x", "is not expected"),
            ("id,nothing", "there is no field nothing: there are event, id, tickets, value"),
            ("event{nothing}", "there is no field event.nothing"),
            ("value{x}", "value has no fields of its own"),
            ("id,id", "id was sent more than once"),
            ("event{event{event{event{event{event{event}}}}}}", "deeper than"),
        ] {
            let error = Schema::read(text, KNOWN).unwrap_err();
            assert!(
                error.starts_with("fields-schema: ") && error.contains(message),
                "{text}: {error}"
            );
        }
    }
}
