//! What must hold of tables: checks, the statements that find rows which break them, and how such a row is shown.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use crate::database::{Row, StoreError, Type};

/// What must hold of some tables.
pub struct Audit {
    /// The rules.
    pub passes: &'static [&'static [Pass]],
    /// The tables whose rows are counted, so that an audit of nothing is seen to be one.
    pub tables: &'static [Table],
}

/// A table of the store.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its column that names the object.
    pub object: &'static str,
}

impl Table {
    /// One whose objects stand in `object_id`.
    pub const fn of(name: &'static str) -> Table {
        Table { name, object: "object_id" }
    }
}

/// A rule that every row keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// Its name, which stays the same from version to version.
    pub name: &'static str,
    /// What it says, a sentence.
    pub rule: &'static str,
}

/// Checks that are told from the same rows by one statement.
pub struct Pass {
    /// Which they are.
    pub checks: &'static [Check],
    /// The statement, a template (see `engine::store::audit`); it yields the rows that break a check, or that have to be
    /// looked at.
    pub body: &'static str,
    /// What a row of it is.
    pub rows: Rows,
}

/// What the rows of a pass are.
#[derive(Clone, Copy)]
pub enum Rows {
    /// Each breaks the check that its column `broken` names; these are the others, as they are shown. What is shown
    /// as `orderGuid` is the column `order_guid`.
    Broken(&'static [(&'static str, Type)]),
    /// Each is looked at by the program.
    Read(fn(&mut Row) -> Result<Option<Broken>, StoreError>),
}

/// A row that breaks a check.
#[derive(Debug, Clone, PartialEq)]
pub struct Broken {
    /// The check's name.
    pub check: String,
    /// What is shown of the row.
    pub example: Example,
}

/// A row that breaks a check: what identifies it and what is wrong with it, by name, in this order. Never a
/// customer's data.
#[derive(Debug, Clone, PartialEq)]
pub struct Example(pub Vec<(&'static str, Value)>);

impl Rows {
    /// What a row says; `None` when nothing is wrong with it.
    pub fn judge(self, row: &mut Row) -> Result<Option<Broken>, StoreError> {
        let columns = match self {
            Rows::Broken(columns) => columns,
            Rows::Read(read) => return read(row),
        };
        let check = row.get("broken")?;
        let shown = columns.iter().map(|(name, of)| Ok((*name, shown(row, &column(name), *of)?)));
        Ok(Some(Broken { check, example: Example(shown.collect::<Result<_, StoreError>>()?) }))
    }
}

/// The column of what is shown by this name.
fn column(name: &str) -> String {
    let mut column = String::with_capacity(name.len() + 1);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            column.push('_');
        }
        column.push(c.to_ascii_lowercase());
    }
    column
}

/// A column as JSON: amounts as text, for they may be negative here, in kopecks from the database.
fn shown(row: &mut Row, column: &str, of: Type) -> Result<Value, StoreError> {
    fn or_null<T: Into<Value>>(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
    Ok(match of {
        Type::Int => or_null(row.get::<Option<i64>>(column)?),
        Type::Bool => or_null(row.get::<Option<bool>>(column)?),
        Type::Text => or_null(row.get::<Option<String>>(column)?),
        Type::Uuid => or_null(row.get::<Option<uuid::Uuid>>(column)?.map(|guid| guid.to_string())),
        Type::Money => or_null(row.get::<Option<i64>>(column)?.map(amount)),
        Type::Time => or_null(row.get::<Option<jiff::Timestamp>>(column)?.map(|at| at.to_string())),
        Type::Bytes => Value::Null,
    })
}

/// Kopecks as people write them.
pub fn amount(kopecks: i64) -> String {
    let (sign, size) = (if kopecks < 0 { "-" } else { "" }, kopecks.unsigned_abs());
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

impl Serialize for Example {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl std::fmt::Display for Example {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, (name, value)) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            match value {
                Value::String(text) => write!(f, "{comma}{name} {text}")?,
                Value::Null => write!(f, "{comma}no {name}")?,
                other => write!(f, "{comma}{name} {other}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_may_be_negative() {
        assert_eq!(
            [0, 5, 44_935, -1, -250].map(amount),
            ["0.00", "0.05", "449.35", "-0.01", "-2.50"]
        );
    }

    #[test]
    fn a_name_has_its_column() {
        assert_eq!(["outcome", "objectId"].map(column), ["outcome", "object_id"]);
    }

    #[test]
    fn an_example_is_shown_in_its_order() {
        let example = Example(vec![
            ("objectId", 7.into()),
            ("orderGuid", "a".into()),
            ("outcome", Value::Null),
        ]);
        assert_eq!(example.to_string(), "objectId 7, orderGuid a, no outcome");
        let json = serde_json::to_string(&example).unwrap();
        assert_eq!(json, r#"{"objectId":7,"orderGuid":"a","outcome":null}"#);
    }
}
