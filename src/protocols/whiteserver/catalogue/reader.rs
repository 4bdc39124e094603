//! Reads a value by its shape, and goes on after a mistake: each is told with its place.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::document::Mistakes;
use super::nearest::nearest;
use super::shape::{Field, Need, Shape};
use crate::domain::money::{Money, number_text, shown};
use crate::domain::task::guid::whole;

/// The longest name and code, and the longest text, in characters.
const LONGEST_NAME: usize = 512;
const LONGEST_TEXT: usize = 8000;

/// What reads, and where it is.
#[derive(Debug, Default)]
pub(super) struct Reader {
    place: String,
    pub(super) mistakes: Mistakes,
}

/// The fields of an object, in their order.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Entries<'a>, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(Fields).map(Entries)
    }
}

/// The fields of the text of an object; `None` when it is none.
pub(super) fn entries(text: &str) -> Option<Vec<(String, &RawValue)>> {
    serde_json::from_str::<Entries<'_>>(text).ok().map(|entries| entries.0)
}

impl Reader {
    /// Reads what stands below this name.
    pub(super) fn below<T>(&mut self, name: &str, read: impl FnOnce(&mut Reader) -> T) -> T {
        let length = self.place.len();
        if length > 0 && !name.starts_with('[') {
            self.place.push('.');
        }
        self.place.push_str(name);
        let read = read(self);
        self.place.truncate(length);
        read
    }

    /// Tells of a mistake here.
    pub(super) fn wrong(&mut self, rule: impl fmt::Display) {
        let place = if self.place.is_empty() { "the document" } else { &self.place };
        self.mistakes.add(format!("{place}: {rule}"));
    }

    /// The value in its one spelling; `None` when it is a mistake, which is told.
    pub(super) fn read(&mut self, shape: &Shape, raw: &RawValue) -> Option<Value> {
        match shape {
            Shape::List(each) => return self.list(each, raw),
            Shape::Object(fields) => return self.object(fields, raw),
            _ => {}
        }
        let read = match shape {
            Shape::Name => text(raw, LONGEST_NAME).filter(|t| is_line(t) && !t.trim().is_empty()),
            Shape::Text => text(raw, LONGEST_TEXT),
            Shape::Code => code(raw),
            Shape::Figure => figure(raw),
            Shape::Count => number(raw).map(|n| n.to_string()),
            Shape::Amount => return self.amount(raw),
            Shape::Guid => text(raw, 64).and_then(|t| Some(Uuid::try_parse(&t).ok()?.to_string())),
            Shape::Word(words) => text(raw, 64).filter(|t| words.contains(&&**t)),
            Shape::Number => return number(raw).map(Value::from).or_else(|| self.no(shape, raw)),
            Shape::Scalar => return scalar(raw).or_else(|| self.no(shape, raw)),
            Shape::List(_) | Shape::Object(_) => None,
        };
        read.map(Value::String).or_else(|| self.no(shape, raw))
    }

    fn no(&mut self, shape: &Shape, raw: &RawValue) -> Option<Value> {
        let must = match shape {
            Shape::Name => format!("a text of 1 to {LONGEST_NAME} characters on one line"),
            Shape::Text => format!("a text of at most {LONGEST_TEXT} characters"),
            Shape::Code => {
                format!("a text of 1 to {LONGEST_NAME} characters on one line, or a whole number")
            }
            Shape::Figure => "a text, or a number like 0.5".into(),
            Shape::Count | Shape::Number => "a whole number from 0 on".into(),
            Shape::Amount => "an amount like 120.50".into(),
            Shape::Guid => "a guid like 7f9c24e8-3b12-4a3c-9d5e-0b6a2f1c8d47".into(),
            Shape::Word(words) => format!("one of {}", words.join(", ")),
            Shape::Scalar => "a text, a number, a boolean or null".into(),
            Shape::List(_) => "a list".into(),
            Shape::Object(_) => "an object".into(),
        };
        self.wrong(format_args!("it must be {must}, it is {}", shown(raw.get())));
        None
    }

    fn amount(&mut self, raw: &RawValue) -> Option<Value> {
        let Some(text) = number_text(raw) else { return self.no(&Shape::Amount, raw) };
        match Money::parse(text) {
            Ok(amount) => Some(Value::String(amount.to_string())),
            Err(rule) => {
                self.wrong(format_args!("{} is not an amount: {rule}", shown(raw.get())));
                None
            }
        }
    }

    fn list(&mut self, each: &'static Shape, raw: &RawValue) -> Option<Value> {
        let Ok(values) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else {
            return self.no(&Shape::List(each), raw);
        };
        let mut read = Vec::with_capacity(values.len());
        for (number, value) in values.into_iter().enumerate() {
            read.push(self.below(&format!("[{number}]"), |reader| reader.read(each, value)));
        }
        // Every one of them is read before the first mistake counts.
        read.into_iter().collect::<Option<Vec<Value>>>().map(Value::Array)
    }

    fn object(&mut self, fields: &'static [Field], raw: &RawValue) -> Option<Value> {
        let Some(mut given) = entries(raw.get()) else {
            return self.no(&Shape::Object(fields), raw);
        };
        let mut whole = Some(Map::new());
        for field in fields {
            let place = given.iter().position(|(name, _)| name == field.name);
            let value = place.map(|place| given.swap_remove(place).1);
            let value = value.filter(|value| value.get() != "null");
            let read = self.below(field.name, |reader| reader.field(field, value));
            match (read, &mut whole) {
                (Err(()), _) => whole = None,
                (Ok(Some(value)), Some(whole)) => drop(whole.insert(field.name.into(), value)),
                (Ok(_), _) => {}
            }
        }
        for (name, _) in &given {
            self.unknown(name, fields.iter().map(|field| field.name));
            whole = None;
        }
        whole.map(Value::Object)
    }

    /// Tells of a key that is none.
    pub(super) fn unknown<'a>(&mut self, name: &str, known: impl Iterator<Item = &'a str> + Clone) {
        let told = match nearest(name, known.clone()) {
            Some(near) => format!("it is not known, did you mean {near}?"),
            None => format!("it is not known: there are {}", known.collect::<Vec<_>>().join(", ")),
        };
        let name = shown(name);
        self.below(&name, |reader| reader.wrong(told));
    }

    fn field(&mut self, field: &Field, value: Option<&RawValue>) -> Result<Option<Value>, ()> {
        match (value, field.need) {
            (Some(value), _) => self.read(&field.shape, value).map(Some).ok_or(()),
            (None, Need::May) => Ok(None),
            (None, Need::OrText) => Ok(Some(json!(""))),
            (None, Need::OrNull) => Ok(Some(Value::Null)),
            (None, Need::OrNone) => Ok(Some(json!([]))),
            (None, Need::Must) => {
                self.wrong("it is missing");
                Err(())
            }
        }
    }
}

fn text(raw: &RawValue, longest: usize) -> Option<String> {
    let text: String = serde_json::from_str(raw.get()).ok()?;
    (text.chars().count() <= longest).then_some(text)
}

fn is_line(text: &str) -> bool {
    !text.contains(char::is_control)
}

fn code(raw: &RawValue) -> Option<String> {
    let code = match raw.get().as_bytes().first() {
        Some(b'"') => text(raw, LONGEST_NAME)?,
        Some(b'0'..=b'9') if raw.get().bytes().all(|b| b.is_ascii_digit()) => raw.get().to_owned(),
        _ => return None,
    };
    (is_line(&code) && !code.is_empty()).then_some(code)
}

fn figure(raw: &RawValue) -> Option<String> {
    let text = raw.get();
    match text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        true => Some(text.to_owned()),
        false => code(raw),
    }
}

fn number(raw: &RawValue) -> Option<i64> {
    whole(number_text(raw)?)
}

fn scalar(raw: &RawValue) -> Option<Value> {
    match raw.get().as_bytes().first() {
        Some(b'{' | b'[') => None,
        Some(b'"') => text(raw, LONGEST_TEXT).map(Value::String),
        _ => serde_json::from_str(raw.get()).ok(),
    }
}
