//! What an order may say beside its period and add-ons: a price list declares it, by name.

use serde::{Deserialize, Serialize};

use crate::domain::money::Money;
use crate::protocols::billmanager::command::Text;

/// What a parameter may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParameterKind {
    /// Any text.
    Text,
    /// A text that is kept and never shown.
    Secret,
    /// A whole number.
    Number,
    /// `on` or `off`; a required one must be `on`.
    Flag,
    /// One of its values.
    Choice,
}

impl ParameterKind {
    /// As a catalogue names it.
    pub fn as_str(self) -> &'static str {
        match self {
            ParameterKind::Text => "text",
            ParameterKind::Secret => "secret",
            ParameterKind::Number => "number",
            ParameterKind::Flag => "flag",
            ParameterKind::Choice => "choice",
        }
    }
}

/// A parameter of a price list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// As requests name it.
    pub name: String,
    /// What it may hold.
    pub kind: ParameterKind,
    /// As people name it.
    pub title: Text,
    /// Whether an order must have it.
    #[serde(default)]
    pub required: bool,
    /// What it costs for a month when it is there; a flag: when it is on. A choice has prices of its own.
    #[serde(default)]
    pub price: Money,
    /// Of a number: the least.
    #[serde(default)]
    pub least: i64,
    /// Of a number: the most.
    #[serde(default)]
    pub most: i64,
    /// Of a choice: what to choose from.
    #[serde(default)]
    pub values: Vec<Value>,
}

/// One of several values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Value {
    /// As requests name it.
    pub value: String,
    /// As people name it.
    pub title: Text,
    /// What it costs for a month.
    #[serde(default)]
    pub price: Money,
}
