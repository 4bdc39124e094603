//! The code of a table: the documentation has it as a number, clients send either.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::domain::money::shown;
use crate::domain::task::guid::whole;

/// A table's code, given back as it came: a JSON number or a string. `12` and `"12"` are the same table.
#[derive(Debug, Clone)]
pub enum TableCode {
    /// A whole number, not negative.
    Number(i64),
    /// Any text.
    Text(String),
}

impl TableCode {
    /// The longest code, in characters.
    pub(crate) const LONGEST: usize = 128;

    /// From its text: a number when it reads as one.
    pub fn from_text(text: String) -> TableCode {
        match whole(&text) {
            Some(number) if number.to_string() == text => TableCode::Number(number),
            _ => TableCode::Text(text),
        }
    }

    /// Shape checks that need no store; the message names the field, the value and the rule.
    pub fn check(&self, field: &str) -> Result<(), String> {
        let TableCode::Text(text) = self else { return Ok(()) };
        let length = text.chars().count();
        if length <= TableCode::LONGEST && !text.chars().any(char::is_control) {
            return Ok(());
        }
        Err(format!(
            "{field}: {:?} must have at most {} characters and no control characters",
            shown(text),
            TableCode::LONGEST
        ))
    }
}

impl PartialEq for TableCode {
    fn eq(&self, other: &TableCode) -> bool {
        self.to_string() == other.to_string()
    }
}

impl fmt::Display for TableCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TableCode::Number(number) => number.fmt(f),
            TableCode::Text(text) => text.fmt(f),
        }
    }
}

impl<'de> Deserialize<'de> for TableCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<TableCode, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let read = match raw.get().as_bytes().first() {
            Some(b'"') => serde_json::from_str(raw.get()).ok().map(TableCode::Text),
            _ => whole(raw.get()).map(TableCode::Number),
        };
        read.ok_or_else(|| {
            D::Error::custom(format!(
                "{} is not a table code: it must be a whole number or a string",
                shown(raw.get())
            ))
        })
    }
}

impl Serialize for TableCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            TableCode::Number(number) => serializer.serialize_i64(*number),
            TableCode::Text(text) => serializer.serialize_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<TableCode, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn a_table_code_is_a_number_or_a_text_and_stays_what_it_was() {
        for json in ["12", "0", "\"12\"", "\"Терраса 3\"", "\"\\\"\""] {
            let code = read(json).unwrap();
            assert_eq!(serde_json::to_string(&code).unwrap(), json);
            assert_eq!(TableCode::from_text(code.to_string()), code);
        }
        assert_eq!(read("12").unwrap(), read("\"12\"").unwrap());
        for bad in ["1.5", "1e3", "-1", "true", "{}", "[1]", "99999999999999999999"] {
            let error = read(bad).unwrap_err().to_string();
            assert!(error.contains("is not a table code"), "{error}");
        }
        for bad in ["\"a\\u0000\"", &format!("\"{}\"", "a".repeat(129))] {
            assert!(read(bad).unwrap().check("tableCode").is_err(), "{bad}");
        }
    }
}
