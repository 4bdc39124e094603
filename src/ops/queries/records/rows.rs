//! Rows of a list: how they are asked for and read, and what is personal in them masked.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::Record;
use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::money::Money;
use crate::domain::task::ObjectId;
use crate::engine::store::Store;
use crate::ops::queries::masking::{MASK, mask};
use crate::surface::Surface;
use crate::surface::shown::{RecordList, camel};

/// Whether what is personal is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Masks {
    /// It is masked.
    Kept,
    /// It is shown: to whoever has entered in the journal that he looks, and nobody else.
    Off,
}

/// The row of a batch.
pub(super) struct Asked {
    guid: Option<Uuid>,
    number: Option<i64>,
    word: Option<String>,
}

impl Asked {
    /// The end of every list.
    pub(super) fn last() -> Asked {
        // Above every text that is an id.
        Asked { guid: Some(Uuid::max()), number: Some(i64::MAX), word: Some("~".to_owned()) }
    }

    /// An id of this type; `None`: the text is none.
    pub(super) fn id(kind: Type, text: &str) -> Option<Asked> {
        let (mut guid, mut number, mut word) = (None, None, None);
        match kind {
            Type::Uuid => guid = Some(Uuid::try_parse(text).ok()?),
            Type::Int => number = Some(text.parse().ok()?),
            _ => word = Some(text.to_owned()),
        }
        Some(Asked { guid, number, word })
    }

    pub(super) async fn run(
        &self,
        store: &Store,
        statement: &'static Statement,
        object: Option<ObjectId>,
        most: i64,
    ) -> Result<Vec<Row>, StoreError> {
        let row = row![object, self.guid, self.number, self.word.clone(), most];
        store.db().run(statement, vec![row]).await
    }
}

/// These rows of a list.
pub(super) fn read_all(
    rows: Vec<Row>,
    (name, surface): (&'static str, &'static dyn Surface),
    of: &RecordList,
    masks: Masks,
) -> Result<Vec<Record>, StoreError> {
    let personal = if masks == Masks::Off { &[] } else { surface.shown().personal };
    rows.into_iter().map(|row| read(row, name, of, personal)).collect()
}

fn read(
    mut row: Row,
    protocol: &'static str,
    of: &RecordList,
    personal: &[&str],
) -> Result<Record, StoreError> {
    let id = match text(&mut row, "id", of.id)? {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let mut fields = Map::new();
    for (name, kind) in of.columns {
        let mut value = text(&mut row, name, *kind)?;
        let member = camel(name);
        let is_personal = personal.iter().any(|one| one.eq_ignore_ascii_case(&member));
        match is_personal && !value.is_null() {
            true => value = MASK.into(),
            false => mask(&mut value, personal),
        }
        fields.insert(member, value);
    }
    let object_id = row.get("object_id")?;
    Ok(Record { protocol, kind: of.class.as_str(), id, object_id, fields })
}

/// A column as JSON. An amount is a text, as no number of JSON is exact.
fn text(row: &mut Row, name: &str, kind: Type) -> Result<Value, StoreError> {
    fn json<T: Into<Value>>(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
    Ok(match kind {
        Type::Int => json(row.get::<Option<i64>>(name)?),
        Type::Bool => json(row.get::<Option<bool>>(name)?),
        Type::Text => json(row.get::<Option<String>>(name)?),
        Type::Uuid => json(row.get::<Option<Uuid>>(name)?.map(|guid| guid.to_string())),
        Type::Money => json(row.get::<Option<Money>>(name)?.map(|money| money.to_string())),
        Type::Time => json(row.get::<Option<jiff::Timestamp>>(name)?.map(|at| at.to_string())),
        // Hashes and secrets: nothing to look at.
        Type::Bytes => Value::Null,
    })
}
