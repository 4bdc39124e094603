//! Reads fields, and goes on after a mistake: each is told with its place.

use std::collections::BTreeSet;
use std::str::FromStr;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::domain::money::{Money, shown};

/// Mistakes beyond this many are not told.
const MOST_TOLD: usize = 1000;

/// The fields of an object, and where it is.
pub(super) struct Fields<'a> {
    pub(super) place: String,
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// A field; `null` counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn at(&self, name: &str) -> String {
        match self.place.as_str() {
            "" => name.to_owned(),
            place => format!("{place}.{name}"),
        }
    }
}

/// What reads.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) mistakes: Vec<String>,
    /// Ids that are there already: of each kind, each is there once.
    seen: BTreeSet<(&'static str, String)>,
}

impl Reader {
    /// Tells of a mistake at a place.
    pub(super) fn at(&mut self, place: &str, rule: &str) {
        if self.mistakes.len() < MOST_TOLD {
            let place = if place.is_empty() { "the document" } else { place };
            self.mistakes.push(format!("{place}: {rule}"));
        }
    }

    /// Tells of a mistake in a field.
    pub(super) fn wrong(&mut self, of: &Fields<'_>, name: &str, rule: &str) {
        self.at(&of.at(name), rule);
    }

    /// The fields of an object, of which these are known.
    pub(super) fn object<'a>(
        &mut self,
        place: &str,
        value: &'a Value,
        known: &[&str],
    ) -> Option<Fields<'a>> {
        let Value::Object(map) = value else {
            self.at(place, "it must be an object");
            return None;
        };
        let fields = Fields { place: place.to_owned(), map };
        for name in map.keys().filter(|name| !known.contains(&name.as_str())) {
            let rule = format!("it is not known: there are {}", known.join(", "));
            self.wrong(&fields, &shown(name), &rule);
        }
        Some(fields)
    }

    /// The same of a field.
    pub(super) fn below<'a>(
        &mut self,
        of: &Fields<'a>,
        name: &str,
        known: &[&str],
    ) -> Option<Fields<'a>> {
        self.object(&of.at(name), of.get(name)?, known)
    }

    /// A field that is read from a text; what it must be.
    fn read<T>(
        &mut self,
        of: &Fields<'_>,
        name: &str,
        must: bool,
        read: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Option<T> {
        let Some(value) = of.get(name) else {
            if must {
                self.wrong(of, name, "it is missing");
            }
            return None;
        };
        read(value).map_err(|rule| self.wrong(of, name, &rule)).ok()
    }

    pub(super) fn id<T: FromStr<Err = String>>(
        &mut self,
        of: &Fields<'_>,
        name: &str,
        must: bool,
    ) -> Option<T> {
        self.read(of, name, must, |value| match value {
            Value::String(text) => text.parse(),
            other => Err(format!("it must be an id of 24 hex digits, it is {}", brief(other))),
        })
    }

    /// An id of what is only shown, in its one spelling.
    pub(super) fn hex(&mut self, of: &Fields<'_>, name: &str, must: bool) -> Option<String> {
        let id: Option<crate::protocols::ticketscloud::hex_id::SetId> = self.id(of, name, must);
        id.map(|id| id.to_string())
    }

    /// That an id of a kind is there once.
    pub(super) fn once(&mut self, of: &Fields<'_>, kind: &'static str, id: impl ToString) {
        let id = id.to_string();
        if !self.seen.insert((kind, id.clone())) {
            self.wrong(of, "id", &format!("{id} is there twice"));
        }
    }

    pub(super) fn text(
        &mut self,
        of: &Fields<'_>,
        name: &str,
        longest: usize,
        must: bool,
    ) -> Option<String> {
        self.read(of, name, must, |value| text(value, longest))
    }

    pub(super) fn texts(&mut self, of: &Fields<'_>, name: &str, longest: usize) -> Vec<String> {
        let texts = self.read(of, name, false, |value| match value {
            Value::Array(values) => values.iter().map(|value| text(value, longest)).collect(),
            other => Err(format!("it must be a list of texts, it is {}", brief(other))),
        });
        texts.unwrap_or_default()
    }

    pub(super) fn one_of<'w>(
        &mut self,
        of: &Fields<'_>,
        name: &str,
        words: &[&'w str],
    ) -> Option<&'w str> {
        self.read(of, name, false, |value| {
            let found = words.iter().find(|word| value.as_str() == Some(word));
            found.copied().ok_or_else(|| {
                format!("it must be one of {}, it is {}", words.join(", "), brief(value))
            })
        })
    }

    pub(super) fn count(
        &mut self,
        of: &Fields<'_>,
        name: &str,
        least: i64,
        most: i64,
    ) -> Option<i64> {
        self.read(of, name, false, |value| {
            let number = value.as_i64().filter(|number| (least..=most).contains(number));
            number.ok_or_else(|| {
                format!("it must be a whole number from {least} to {most}, it is {}", brief(value))
            })
        })
    }

    /// An amount: a text, as numbers with a point are not exact.
    pub(super) fn amount(&mut self, of: &Fields<'_>, name: &str, must: bool) -> Option<Money> {
        self.read(of, name, must, |value| {
            let text = match value {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) if number.is_u64() => Some(number.to_string()),
                _ => None,
            };
            let money = text.and_then(|text| Money::parse(&text).ok());
            money.ok_or_else(|| {
                format!("it must be an amount like \"120.50\", it is {}", brief(value))
            })
        })
    }

    pub(super) fn moment(&mut self, of: &Fields<'_>, name: &str, must: bool) -> Option<Timestamp> {
        self.read(of, name, must, |value| {
            let at = value.as_str().and_then(|text| text.parse().ok());
            at.ok_or_else(|| {
                format!("it must be a time like 2030-01-31T12:00:00Z, it is {}", brief(value))
            })
        })
    }

    /// An object that is shown as it was written.
    pub(super) fn free_object(&mut self, of: &Fields<'_>, name: &str) -> Option<Value> {
        self.read(of, name, false, |value| match value {
            Value::Object(_) => Ok(value.clone()),
            other => Err(format!("it must be an object, it is {}", brief(other))),
        })
    }

    pub(super) fn list<'a>(&mut self, of: &Fields<'a>, name: &str) -> Option<&'a [Value]> {
        let value = of.get(name)?;
        match value {
            Value::Array(values) => Some(values),
            other => {
                self.wrong(of, name, &format!("it must be a list, it is {}", brief(other)));
                None
            }
        }
    }
}

fn text(value: &Value, longest: usize) -> Result<String, String> {
    let text = value.as_str().filter(|text| (1..=longest).contains(&text.chars().count()));
    text.map(str::to_owned).ok_or_else(|| {
        format!("it must be a text of 1 to {longest} characters, it is {}", brief(value))
    })
}

/// A value, as an error shows it.
fn brief(value: &Value) -> String {
    shown(&value.to_string())
}
