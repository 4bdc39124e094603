//! Values as they are written, read by the type of the setting: the `config` crate's own reading turns `yes` into
//! the number 1, 2.9 into 3, and a number into a text that is not the one that was written.

use std::fmt::Display;
use std::str::FromStr;

use config::{Value, ValueKind};
use serde::de::value::{MapDeserializer, SeqDeserializer, StringDeserializer};
use serde::de::{self, Deserializer, IntoDeserializer, Unexpected, Visitor};

/// A value that is read so.
pub(super) struct Strict(pub(super) Value);

/// What is wrong with a value.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    /// With what is shown of the value: `is "many": it must be a whole number`.
    #[error("{0}")]
    Told(String),
    /// The rule that it breaks; the value is not known here.
    #[error("is wrong: {0}")]
    Rule(String),
    /// There is no such setting: those that there are.
    #[error("does not exist")]
    Unknown(Vec<&'static str>),
}

impl de::Error for Problem {
    fn custom<T: Display>(rule: T) -> Problem {
        Problem::Rule(rule.to_string())
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> Problem {
        // The path ends with it.
        let _ = field;
        Problem::Unknown(known.to_vec())
    }

    fn unknown_variant(variant: &str, known: &'static [&'static str]) -> Problem {
        Problem::Told(format!("is {}: it must be {}", shown(variant), known.join(" or ")))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn de::Expected) -> Problem {
        match found {
            // A section is no secret, but a text may be one.
            Unexpected::Str(_) => Problem::Rule(format!("it must be {expected}")),
            other => Problem::Told(format!("is {other}: it must be {expected}")),
        }
    }
}

/// Whoever puts a password where a number belongs must not find it in a log: only what looks harmless is shown.
pub(super) fn shown(text: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "+-._,;:/ ".contains(c);
    match text {
        "" => "empty".to_owned(),
        text if text.len() <= 24 && text.chars().all(harmless) && !text.contains("//") => {
            format!("{text:?}")
        }
        _ => "a text that is not shown, as it could be a password".to_owned(),
    }
}

/// A text without what nobody writes on purpose, and nobody sees.
fn text(text: String) -> Result<String, Problem> {
    if text.trim().len() != text.len() {
        return Err(Problem::Told("has white space at an end: it must have none there".into()));
    }
    match text.chars().any(char::is_control) {
        true => Err(Problem::Told("has a control character in it: it must have none".into())),
        false => Ok(text),
    }
}

fn number<T>(kind: ValueKind, least: T, most: T) -> Result<T, Problem>
where
    T: FromStr + TryFrom<i128> + Display,
{
    let rule = |shown: String, found: Option<i128>| {
        let range = found.map_or_else(String::new, |_| format!(" from {least} to {most}"));
        Problem::Told(format!("is {shown}: it must be a whole number{range}"))
    };
    let (shown, found) = match kind {
        ValueKind::I64(n) => (n.to_string(), Some(n.into())),
        ValueKind::U64(n) => (n.to_string(), Some(n.into())),
        ValueKind::I128(n) => (n.to_string(), Some(n)),
        ValueKind::Float(n) => (n.to_string(), None),
        ValueKind::Boolean(b) => (b.to_string(), None),
        ValueKind::String(text) => (shown(&text), text.trim().parse::<i128>().ok()),
        _ => ("no number".to_owned(), None),
    };
    found.and_then(|n| T::try_from(n).ok()).ok_or_else(|| rule(shown, found))
}

impl IntoDeserializer<'_, Problem> for Strict {
    type Deserializer = Strict;

    fn into_deserializer(self) -> Strict {
        self
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $type:ty),*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
            visitor.$visit(number(self.0.kind, <$type>::MIN, <$type>::MAX)?)
        })*
    };
}

impl<'de> Deserializer<'de> for Strict {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0.kind {
            ValueKind::Nil => visitor.visit_unit(),
            ValueKind::Boolean(b) => visitor.visit_bool(b),
            ValueKind::I64(n) => visitor.visit_i64(n),
            ValueKind::I128(n) => visitor.visit_i128(n),
            ValueKind::U64(n) => visitor.visit_u64(n),
            ValueKind::U128(n) => visitor.visit_u128(n),
            ValueKind::Float(n) => visitor.visit_f64(n),
            ValueKind::String(written) => visitor.visit_string(text(written)?),
            ValueKind::Table(table) => {
                let entries = table.into_iter().map(|(key, value)| (key, Strict(value)));
                visitor.visit_map(MapDeserializer::new(entries))
            }
            ValueKind::Array(list) => {
                visitor.visit_seq(SeqDeserializer::new(list.into_iter().map(Strict)))
            }
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let wrong = |shown| Err(Problem::Told(format!("is {shown}: it must be true or false")));
        match self.0.kind {
            ValueKind::Boolean(b) => visitor.visit_bool(b),
            ValueKind::String(text) => match text.trim() {
                "true" | "on" | "yes" | "1" => visitor.visit_bool(true),
                "false" | "off" | "no" | "0" => visitor.visit_bool(false),
                other => wrong(shown(other)),
            },
            other => wrong(other.to_string()),
        }
    }

    numbers! {
        deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16, deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64, deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0.kind {
            ValueKind::String(written) => visitor.visit_string(text(written)?),
            _ => Err(Problem::Told("is no text: write it in quotes".into())),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.deserialize_str(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        match self.0.kind {
            ValueKind::String(written) => {
                StringDeserializer::new(text(written)?).deserialize_enum(name, variants, visitor)
            }
            _ => Err(Problem::Told("is no text: write it in quotes".into())),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        match self.0.kind {
            ValueKind::Table(_) => self.deserialize_any(visitor),
            _ => Err(Problem::Rule("it must be a section".into())),
        }
    }

    serde::forward_to_deserialize_any! {
        i128 u128 f32 f64 char bytes byte_buf option unit unit_struct newtype_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}
