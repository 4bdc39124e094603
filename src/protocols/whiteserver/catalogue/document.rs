//! A document, and a part of one that is loaded.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use super::reader::{Reader, entries};
use super::rules;
use super::sections::Section;
use crate::domain::json;

/// The largest document, as it comes and as it is kept, in bytes.
pub const LARGEST: usize = 8 * 1024 * 1024;

/// Mistakes beyond this many are only counted.
const MOST_TOLD: usize = 1000;

/// What is wrong with a document, each with its place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mistakes {
    told: Vec<String>,
    more: usize,
}

impl Mistakes {
    /// Adds one.
    pub(super) fn add(&mut self, mistake: String) {
        match self.told.len() < MOST_TOLD {
            true => self.told.push(mistake),
            false => self.more += 1,
        }
    }

    /// One alone.
    pub fn one(mistake: impl Into<String>) -> Mistakes {
        Mistakes { told: vec![mistake.into()], more: 0 }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// Each, in the order of the document.
    pub fn told(&self) -> &[String] {
        &self.told
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told.join("\n"))?;
        match self.more {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

/// Sections that are loaded. Each replaces the one that is there; `None` takes it away.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Part(pub BTreeMap<Section, Option<Value>>);

/// The sections of a catalogue, in the form in which they are kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document(pub BTreeMap<Section, Value>);

/// Reads the text of a document or of a part of one.
pub fn read(text: &str) -> Result<Part, Mistakes> {
    if text.len() > LARGEST {
        let size = text.len();
        return Err(Mistakes::one(format!(
            "the document: it has {size} bytes, it must have at most {LARGEST}"
        )));
    }
    json::check(text).map_err(|fault| {
        Mistakes::one(fault.to_string().replacen("the body", "the document", 1))
    })?;
    let mut reader = Reader::default();
    let Some(given) = entries(text) else {
        return Err(Mistakes::one("the document: it must be a JSON object"));
    };
    let mut part = Part::default();
    for (name, value) in given {
        let Ok(section) = name.parse::<Section>() else {
            reader.unknown(&name, Section::ALL.iter().map(|section| section.as_str()));
            continue;
        };
        let value = match value.get() {
            "null" => None,
            _ => reader.below(&name, |reader| reader.read(section.shape(), value)),
        };
        part.0.insert(section, value);
    }
    if part.0.is_empty() && reader.mistakes.is_empty() {
        reader.wrong("it has no section");
    }
    if reader.mistakes.is_empty() { Ok(part) } else { Err(reader.mistakes) }
}

impl Document {
    /// The document with these sections in place of its own.
    pub fn with(mut self, part: &Part) -> Document {
        for (section, value) in &part.0 {
            match value {
                Some(value) => drop(self.0.insert(*section, value.clone())),
                None => drop(self.0.remove(section)),
            }
        }
        self
    }

    /// What is wrong with it as a whole.
    pub fn mistakes(&self) -> Mistakes {
        let mut mistakes = rules::broken(self);
        let size: usize = self.0.values().map(|value| value.to_string().len()).sum();
        if size > LARGEST {
            mistakes.add(format!(
                "the document: as it is kept it has {size} bytes, it must have at most {LARGEST}"
            ));
        }
        mistakes
    }

    /// As `load` takes it.
    pub fn to_value(&self) -> Value {
        let sections = self.0.iter().map(|(section, value)| (section.to_string(), value.clone()));
        Value::Object(sections.collect::<Map<_, _>>())
    }

    /// Whether new orders are held against it.
    pub fn checks(&self) -> bool {
        self.0.get(&Section::Checks).and_then(Value::as_str) == Some("on")
    }

    /// The currency that it names for what is paid already.
    pub fn online_currency(&self) -> Option<&str> {
        self.0.get(&Section::OnlineCurrency).and_then(Value::as_str)
    }
}
