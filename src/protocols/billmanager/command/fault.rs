//! Errors: what is wrong with which parameter, in both languages.

use serde::{Deserialize, Serialize};

use super::Text;
use crate::domain::string_enum::string_enum;

/// The kinds of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The caller is not known.
    Auth,
    /// The caller may not do that.
    Access,
    /// A parameter is missing, or what it names is not there.
    Missed,
    /// A parameter has a wrong value.
    Value,
    /// It is there, or was done, already.
    Exists,
    /// A limit was reached.
    Limit,
    /// The deadline passed.
    Timeout,
    /// This service could not do it.
    Failed,
}

string_enum!(FaultKind {
    Auth = "auth",
    Access = "access",
    Missed = "missed",
    Value = "value",
    Exists = "exists",
    Limit = "limit",
    Timeout = "timeout",
    Failed = "failed",
});

/// An error: its kind, what it concerns, and a sentence in each language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The kind.
    #[serde(with = "word")]
    pub kind: FaultKind,
    /// The parameter, mostly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The sentence.
    pub msg: Text,
}

impl Fault {
    /// An error that concerns a parameter.
    pub fn new(kind: FaultKind, object: &str, ru: String, en: String) -> Fault {
        Fault { kind, object: Some(object.to_owned()), msg: Text { ru, en } }
    }

    /// A parameter with a wrong value.
    pub fn value(object: &str, ru: impl Into<String>, en: impl Into<String>) -> Fault {
        Fault::new(FaultKind::Value, object, ru.into(), en.into())
    }

    /// A parameter that must be there.
    pub fn missed(object: &str) -> Fault {
        let ru = format!("Не указан обязательный параметр {object}");
        let en = format!("The parameter {object} is required");
        Fault::new(FaultKind::Missed, object, ru, en)
    }

    /// Something that a parameter names and that is not there.
    pub fn absent(object: &str, ru: impl Into<String>, en: impl Into<String>) -> Fault {
        Fault::new(FaultKind::Missed, object, ru.into(), en.into())
    }
}

/// A word of a closed set, as text.
mod word {
    use std::borrow::Cow;

    use serde::{Deserialize, Deserializer, Serializer};

    use super::FaultKind;

    pub(crate) fn serialize<S: Serializer>(kind: &FaultKind, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(kind.as_str())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<FaultKind, D::Error> {
        Cow::<'de, str>::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}
