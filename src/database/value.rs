//! Values on their way into and out of either database.

use jiff::Timestamp;
use uuid::Uuid;

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
pub(super) fn kind(value: &Value) -> &'static str {
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
