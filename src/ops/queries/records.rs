//! What protocols keep: objects, orders, payments, carts, services, tickets, accounts. Each list is its protocol's own;
//! here it is read, and what is personal in it is masked.

use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::masking::{MASK, mask};
use super::page::{self, MOST, Page, read_cursor};
use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::money::Money;
use crate::domain::task::{ObjectId, TaskGuid};
use crate::engine::store::Store;
use crate::ops::problem::{Problem, not_found};
use crate::surface::shown::{Class, Find, RecordList};
use crate::surface::{ProtocolList, Surface};

/// A row of a list.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The protocol whose it is.
    pub protocol: &'static str,
    /// What it is.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// Its object.
    pub object_id: Option<i64>,
    /// What it has, by the names of its columns.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

impl Record {
    /// The tasks that it names: its id, or what made and paid it, whichever are guids.
    pub fn guids(&self) -> Vec<TaskGuid> {
        let names = ["taskGuid", "paidBy", "creditedBy", "removedBy"];
        let fields = names.iter().filter_map(|name| self.fields.get(*name)?.as_str());
        let all = std::iter::once(&*self.id).chain(fields);
        all.filter_map(|text| text.parse().ok()).collect()
    }

    /// What its client calls it.
    pub fn original(&self) -> Option<String> {
        Some(self.fields.get("originalOrderId")?.as_str()?.to_owned())
    }
}

/// Which rows to read.
#[derive(Debug, Clone, Default)]
pub struct RecordQuery {
    /// Of this protocol; `None`: of all, where something is looked up, else of the first that has such a list.
    pub protocol: Option<String>,
    /// Of this object.
    pub object: Option<ObjectId>,
    /// What is looked up, and by what.
    pub find: Option<(Find, String)>,
    /// How many on a page.
    pub limit: Option<i64>,
    /// Where the page begins.
    pub cursor: Option<String>,
}

/// The lists of a class, each with its protocol.
pub fn lists(
    list: &'static ProtocolList,
    class: Class,
) -> Vec<(&'static str, &'static dyn Surface, RecordList)> {
    let of = |surface: &'static dyn Surface| {
        let name = surface.protocol().name();
        let lists = surface.shown().lists.iter().filter(move |one| one.class == class);
        lists.map(move |one| (name, surface, *one)).collect::<Vec<_>>()
    };
    list.surfaces().flat_map(of).collect()
}

/// A page of rows of a class, those with the highest ids first.
pub async fn records(
    store: &Store,
    list: &'static ProtocolList,
    class: Class,
    query: &RecordQuery,
) -> Result<Page<Record>, Problem> {
    let mut lists = lists(list, class);
    if let Some(protocol) = &query.protocol {
        lists.retain(|(name, ..)| name == protocol);
        if lists.is_empty() {
            return Err(Problem::bad(format!("protocol: {protocol:?} has no {class}")));
        }
    }
    if let Some((by, text)) = &query.find {
        let mut found = Vec::new();
        for (name, surface, one) in &lists {
            found.extend(look_up(store, (name, *surface), one, *by, text, query.object).await?);
        }
        return Ok(Page::last(found));
    }
    let Some((name, surface, one)) = lists.into_iter().next() else {
        return Err(not_found(format!("no protocol has {class}")));
    };
    listed(store, (name, surface), &one, query).await
}

/// One row; 404 when no protocol has it.
pub async fn record(
    store: &Store,
    list: &'static ProtocolList,
    class: Class,
    id: &str,
) -> Result<Record, Problem> {
    let query = RecordQuery { find: Some((Find::Id, id.to_owned())), ..RecordQuery::default() };
    let found = records(store, list, class, &query).await?.items.into_iter().next();
    found.ok_or_else(|| not_found(format!("there is no {id:?} among {class}")))
}

/// The payments of an order, of its own protocol.
pub async fn payments_of(
    store: &Store,
    list: &'static ProtocolList,
    order: &Record,
) -> Result<Vec<Record>, Problem> {
    let mut found = Vec::new();
    for (name, surface, one) in lists(list, Class::Payment) {
        if name == order.protocol {
            let object = order.object_id.map(ObjectId);
            let of = (name, surface);
            found.extend(look_up(store, of, &one, Find::Order, &order.id, object).await?);
        }
    }
    Ok(found)
}

async fn listed(
    store: &Store,
    (name, surface): (&'static str, &'static dyn Surface),
    of: &RecordList,
    query: &RecordQuery,
) -> Result<Page<Record>, Problem> {
    let by = if query.object.is_some() { Find::Object } else { Find::Newest };
    let statement = of.query(by).ok_or_else(|| match by {
        Find::Newest => Problem::bad(format!(
            "object: {} of {name} are listed by their object: name it",
            of.class
        )),
        _ => Problem::bad(format!("object: {} of {name} have none", of.class)),
    })?;
    let filter = format!("{name} {} {:?}", of.class, query.object);
    let behind = match &query.cursor {
        Some(text) => {
            let [id] = read_cursor(&filter, text).map_err(Problem::bad)?;
            Asked::id(of.id, &id).ok_or_else(|| Problem::bad("the cursor cannot be read"))?
        }
        None => Asked::last(),
    };
    let most = query.limit.unwrap_or(page::USUAL).clamp(1, MOST);
    let rows = behind.run(store, statement, query.object, most + 1).await?;
    let mut items = read_all(rows, (name, surface), of)?;
    let shown = usize::try_from(most).unwrap_or(usize::MAX);
    let more = items.len() > shown;
    items.truncate(shown);
    let last = items.last().filter(|_| more).map(|record| record.id.clone());
    Ok(Page { items, next: last.map(|id| page::cursor(&filter, &[id])) })
}

/// Rows of one list that are looked up; none where the list is not found so, or the id is none of its kind.
pub async fn look_up(
    store: &Store,
    (name, surface): (&'static str, &'static dyn Surface),
    of: &RecordList,
    by: Find,
    text: &str,
    object: Option<ObjectId>,
) -> Result<Vec<Record>, Problem> {
    let Some(statement) = of.query(by) else { return Ok(Vec::new()) };
    let asked = match by {
        Find::Task => Asked::id(Type::Uuid, text),
        Find::Original => Asked::id(Type::Text, text),
        _ => Asked::id(of.id, text).or_else(|| Asked::id(Type::Uuid, text)),
    };
    let Some(asked) = asked else { return Ok(Vec::new()) };
    let rows = asked.run(store, statement, object, MOST).await?;
    let mut found = read_all(rows, (name, surface), of)?;
    if let Some(object) = object {
        found.retain(|record| record.object_id == Some(object.0));
    }
    Ok(found)
}

/// The row of a batch.
struct Asked {
    guid: Option<Uuid>,
    number: Option<i64>,
    word: Option<String>,
}

impl Asked {
    /// The end of every list.
    fn last() -> Asked {
        // Above every text that is an id.
        Asked { guid: Some(Uuid::max()), number: Some(i64::MAX), word: Some("~".to_owned()) }
    }

    /// An id of this type; `None`: the text is none.
    fn id(kind: Type, text: &str) -> Option<Asked> {
        let (mut guid, mut number, mut word) = (None, None, None);
        match kind {
            Type::Uuid => guid = Some(Uuid::try_parse(text).ok()?),
            Type::Int => number = Some(text.parse().ok()?),
            _ => word = Some(text.to_owned()),
        }
        Some(Asked { guid, number, word })
    }

    async fn run(
        self,
        store: &Store,
        statement: &'static Statement,
        object: Option<ObjectId>,
        most: i64,
    ) -> Result<Vec<Row>, StoreError> {
        let row = row![object, self.guid, self.number, self.word, most];
        store.db().run(statement, vec![row]).await
    }
}

fn read_all(
    rows: Vec<Row>,
    (name, surface): (&'static str, &'static dyn Surface),
    of: &RecordList,
) -> Result<Vec<Record>, StoreError> {
    let personal = surface.shown().personal;
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

/// The name of a column as JSON has it: `created_at` is `createdAt`.
fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let mut camel = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut letters = part.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}
