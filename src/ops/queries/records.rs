//! What protocols keep: objects, orders, payments, carts, services, tickets, accounts. Each list is its protocol's own;
//! here it is read, and what is personal in it is masked.

mod rows;

use serde::Serialize;
use serde_json::{Map, Value};

pub use self::rows::Masks;
use self::rows::{Asked, read_all};
use super::amount::AmountRange;
use super::page::{self, MOST, Page, READ_WINDOW, read_cursor};
use crate::database::Type;
use crate::domain::money::Money;
use crate::domain::task::{ObjectId, TaskGuid};
use crate::engine::store::Store;
use crate::ops::problem::{Problem, not_found};
use crate::surface::shown::{Class, Find, RecordList, camel};
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
    /// What is looked up, and by what. It comes on one page, so it goes with neither `limit` nor `cursor`.
    pub find: Option<(Find, String)>,
    /// With an amount of these.
    pub amount: Option<AmountRange>,
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
    if query.amount.is_some() {
        lists.retain(|(.., one)| one.amount.is_some());
        if lists.is_empty() {
            return Err(Problem::bad(format!("amount: {class} have none that is asked for")));
        }
    }
    if let Some((by, text)) = &query.find {
        for (name, said) in [("limit", query.limit.is_some()), ("cursor", query.cursor.is_some())] {
            if said {
                let rule = "what is looked up exactly comes on one page, whole";
                return Err(Problem::bad(format!("{name}: {rule}")));
            }
        }
        let mut found = Vec::new();
        for (name, surface, one) in &lists {
            let of = (*name, *surface);
            let rows = look_up(store, of, one, *by, text, query.object).await?;
            found.extend(rows.into_iter().filter(|row| has_amount(row, one, query.amount)));
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
    let filter = format!("{name} {} {:?} {:?}", of.class, query.object, query.amount);
    let behind = match &query.cursor {
        Some(text) => {
            let [id] = read_cursor(&filter, text).map_err(page::wrong)?;
            Asked::id(of.id, &id).ok_or_else(|| page::wrong("it cannot be read"))?
        }
        None => Asked::last(),
    };
    let most = query.limit.unwrap_or(page::USUAL).clamp(1, MOST);
    // No index has amounts: rows are read, and all others pass by.
    let scan = if query.amount.is_some() { READ_WINDOW } else { most };
    let read = async |most| -> Result<Vec<Record>, Problem> {
        let rows = behind.run(store, statement, query.object, most).await?;
        Ok(read_all(rows, (name, surface), of, Masks::Kept)?)
    };
    let mut found = read(scan + 1).await?;
    if found.len() > 1 && found.first().map(|row| &row.id) == found.last().map(|row| &row.id) {
        found = read(scan + MOST_OF_AN_ID).await?;
    }
    let count = |number| usize::try_from(number).unwrap_or(usize::MAX);
    let (found, more) = whole_groups(found, count(scan));
    let looked_to = found.last().filter(|_| more).map(|record| record.id.clone());
    let passing = |record: &Record| has_amount(record, of, query.amount);
    let (items, cut) = whole_groups(found.into_iter().filter(passing).collect(), count(most));
    let shown_to = items.last().filter(|_| cut).map(|record| record.id.clone());
    let next = shown_to.or(looked_to).map(|id| page::cursor(&filter, &[id]));
    Ok(Page { items, next })
}

/// More rows than any id has: a task has 100 payments at most.
const MOST_OF_AN_ID: i64 = 1_000;

/// As many rows as a page has, and whether there are more. Rows of one id, like the payments of one task, stay together:
/// a cursor behind their id has seen them all. So a page may have fewer; where one id fills it, it has more.
fn whole_groups(mut rows: Vec<Record>, most: usize) -> (Vec<Record>, bool) {
    if rows.len() <= most {
        return (rows, false);
    }
    let id = rows[most].id.clone();
    let begins = rows.iter().position(|row| row.id == id).unwrap_or(most);
    let ends = rows.iter().rposition(|row| row.id == id).map_or(most, |last| last + 1);
    rows.truncate(if begins == 0 { ends } else { begins });
    (rows, true)
}

/// Whether the amount of a row is among those that are asked for.
fn has_amount(record: &Record, of: &RecordList, asked: Option<AmountRange>) -> bool {
    let Some(range) = asked else { return true };
    let text = of.amount.and_then(|column| record.fields.get(&camel(column))?.as_str());
    text.and_then(|text| Money::parse(text).ok()).is_some_and(|amount| range.has(amount))
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
    look_up_as(store, (name, surface), of, (by, text, object), Masks::Kept).await
}

/// The same, with what is personal or without.
pub async fn look_up_as(
    store: &Store,
    (name, surface): (&'static str, &'static dyn Surface),
    of: &RecordList,
    (by, text, object): (Find, &str, Option<ObjectId>),
    masks: Masks,
) -> Result<Vec<Record>, Problem> {
    let Some(statement) = of.query(by) else { return Ok(Vec::new()) };
    let asked = match by {
        Find::Task => Asked::id(Type::Uuid, text),
        Find::Original => Asked::id(Type::Text, text),
        _ => Asked::id(of.id, text).or_else(|| Asked::id(Type::Uuid, text)),
    };
    let Some(asked) = asked else { return Ok(Vec::new()) };
    let rows = asked.run(store, statement, object, MOST).await?;
    let mut found = read_all(rows, (name, surface), of, masks)?;
    if let Some(object) = object {
        found.retain(|record| record.object_id == Some(object.0));
    }
    Ok(found)
}
