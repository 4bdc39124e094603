//! Values on their way into and out of either database, and the rows that they come in.

use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::database::StoreError;
use crate::domain::money::Money;
use crate::domain::outbox::SubscriptionId;
use crate::domain::task::{AggregatorId, CurrencyGuid, ObjectId, OrderGuid, TaskGuid};

/// One value. A column's [`Type`](super::Type) says which one it is; any may be `Null`.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Value {
    Null,
    Int(i64),
    Bool(bool),
    Text(String),
    Bytes(Vec<u8>),
    Uuid(Uuid),
    Money(Money),
    Time(Timestamp),
}

macro_rules! into_value {
    ($($from:ty => |$name:ident| $value:expr;)*) => {
        $(impl From<$from> for Value {
            fn from($name: $from) -> Value { $value }
        })*
    };
}

into_value! {
    i64 => |n| Value::Int(n);
    bool => |b| Value::Bool(b);
    &str => |s| Value::Text(s.to_owned());
    String => |s| Value::Text(s);
    Vec<u8> => |b| Value::Bytes(b);
    Uuid => |u| Value::Uuid(u);
    Money => |m| Value::Money(m);
    Timestamp => |t| Value::Time(t);
    TaskGuid => |g| Value::Uuid(g.0);
    OrderGuid => |g| Value::Uuid(g.0);
    CurrencyGuid => |g| Value::Uuid(g.0);
    ObjectId => |id| Value::Int(id.0);
    AggregatorId => |id| Value::Int(id.0);
    SubscriptionId => |id| Value::Int(id.0);
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

/// The kind of a value, for errors: never the value, which may be a client's data.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Int(_) => "an integer",
        Value::Bool(_) => "a boolean",
        Value::Text(_) => "a text",
        Value::Bytes(_) => "bytes",
        Value::Uuid(_) => "a guid",
        Value::Money(_) => "an amount",
        Value::Time(_) => "a time",
    }
}

/// A type that can be read from a column, in whichever form the database keeps it.
pub trait FromValue: Sized {
    /// The value back when it is of another kind.
    fn from_value(value: Value) -> Result<Self, Value>;
}

macro_rules! from_value {
    ($($to:ty { $($pattern:pat => $value:expr),+ $(,)? })*) => {
        $(impl FromValue for $to {
            fn from_value(value: Value) -> Result<$to, Value> {
                let read = match &value { $($pattern => $value,)+ _ => None };
                read.ok_or(value)
            }
        })*
    };
}

from_value! {
    i64 { Value::Int(n) => Some(*n) }
    bool { Value::Bool(b) => Some(*b), Value::Int(n) => Some(*n != 0) }
    Vec<u8> { Value::Bytes(b) => Some(b.clone()) }
    Uuid { Value::Uuid(u) => Some(*u), Value::Bytes(b) => Uuid::from_slice(b).ok() }
    Money { Value::Money(m) => Some(*m), Value::Int(kopecks) => Money::from_kopecks(*kopecks) }
    Timestamp { Value::Time(t) => Some(*t), Value::Int(us) => Timestamp::from_microsecond(*us).ok() }
}

impl FromValue for String {
    fn from_value(value: Value) -> Result<String, Value> {
        match value {
            Value::Text(text) => Ok(text),
            other => Err(other),
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Result<Option<T>, Value> {
        match value {
            Value::Null => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }
}

macro_rules! id_from_value {
    ($($id:ident)*) => {
        $(impl FromValue for $id {
            fn from_value(value: Value) -> Result<$id, Value> {
                FromValue::from_value(value).map($id)
            }
        })*
    };
}

id_from_value! { TaskGuid OrderGuid CurrencyGuid ObjectId AggregatorId SubscriptionId }

/// The names of a result's columns: all its rows share them.
#[derive(Debug, Clone)]
pub(super) struct Names(Arc<[Box<str>]>);

impl Names {
    /// Two columns of one name are refused: whoever reads it would get one of them, by chance.
    pub(super) fn of<'a>(names: impl Iterator<Item = &'a str>) -> Result<Names, StoreError> {
        let names: Arc<[Box<str>]> = names.map(Box::from).collect();
        match names.iter().enumerate().find(|(place, name)| names[..*place].contains(name)) {
            Some((_, name)) => {
                Err(StoreError::Corrupt(format!("two columns of a result are called {name}")))
            }
            None => Ok(Names(names)),
        }
    }
}

/// A row of a result, read by the names of its columns.
#[derive(Debug, Clone)]
pub struct Row {
    names: Names,
    /// `None` for what was taken out.
    values: Vec<Option<Value>>,
}

impl Row {
    pub(super) fn new(names: &Names, values: Vec<Option<Value>>) -> Row {
        Row { names: names.clone(), values }
    }

    /// Takes the column of this name as a `T`.
    pub fn get<T: FromValue>(&mut self, name: &str) -> Result<T, StoreError> {
        T::from_value(self.take(name)?)
            .map_err(|value| StoreError::Corrupt(format!("column {name} holds {}", kind(&value))))
    }

    /// As [`Row::get`] for a word of a closed set.
    pub fn word<T: FromStr<Err = String>>(&mut self, name: &str) -> Result<T, StoreError> {
        let text: String = self.get(name)?;
        text.parse().map_err(|rule| wrong_word(name, rule))
    }

    /// As [`Row::word`], where there may be none.
    pub fn word_if_any<T: FromStr<Err = String>>(
        &mut self,
        name: &str,
    ) -> Result<Option<T>, StoreError> {
        let text: Option<String> = self.get(name)?;
        text.map(|text| text.parse()).transpose().map_err(|rule| wrong_word(name, rule))
    }

    /// What each column holds that was not taken out.
    pub(super) fn into_fields(self) -> Vec<(String, Value)> {
        let names = self.names.0.iter().map(|name| name.to_string());
        names.zip(self.values).filter_map(|(name, value)| Some((name, value?))).collect()
    }

    fn take(&mut self, name: &str) -> Result<Value, StoreError> {
        // A row has thirty columns at most: looking through them is quicker than a table of them is made.
        let Some(place) = self.names.0.iter().position(|there| **there == *name) else {
            let there = self.names.0.join(", ");
            return Err(StoreError::Corrupt(format!("a row has no column {name}; it has {there}")));
        };
        let taken = self.values.get_mut(place).and_then(Option::take);
        taken.ok_or_else(|| StoreError::Corrupt(format!("column {name} is read twice")))
    }
}

fn wrong_word(name: &str, rule: String) -> StoreError {
    StoreError::Corrupt(format!("column {name}: {rule}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        let names = Names::of(["number", "word", "none"].into_iter()).unwrap();
        let values = [Value::Int(7), Value::Text("seven".into()), Value::Null];
        Row::new(&names, values.map(Some).into())
    }

    #[test]
    fn a_row_is_read_by_the_names_of_its_columns() {
        let mut row = row();
        assert_eq!(row.get::<Option<String>>("none").unwrap(), None);
        assert_eq!(row.get::<String>("word").unwrap(), "seven");
        assert_eq!(row.get::<i64>("number").unwrap(), 7);
    }

    #[test]
    fn an_error_names_the_column() {
        let message = |error: StoreError| error.to_string();
        let error = message(row().get::<i64>("numbers").unwrap_err());
        assert!(error.contains("no column numbers; it has number, word, none"), "{error}");
        let error = message(row().get::<bool>("word").unwrap_err());
        assert!(error.contains("column word holds a text"), "{error}");
        let error =
            message(row().word::<crate::domain::outbox::SubscriptionKind>("word").unwrap_err());
        assert!(error.contains("column word: \"seven\" is none of"), "{error}");
        let mut twice = row();
        twice.get::<i64>("number").unwrap();
        let error = message(twice.get::<Option<i64>>("number").unwrap_err());
        assert!(error.contains("column number is read twice"), "{error}");
    }

    #[test]
    fn no_two_columns_have_one_name() {
        let error = Names::of(["extra", "price", "extra"].into_iter()).unwrap_err().to_string();
        assert!(error.contains("two columns of a result are called extra"), "{error}");
    }
}
