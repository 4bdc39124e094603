//! The journal, as it is read.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::problem::Problem;
use super::queries::page::{self, MOST, Page, read_cursor};
use crate::database::{Row, Statement, StoreError, Type, row};
use crate::engine::store::Store;

/// Which entries to read. All that is said must hold.
#[derive(Debug, Clone, Default)]
pub struct JournalQuery {
    /// Of this operator, or user of the system.
    pub who: Option<String>,
    /// Of this action, like `object.pause`.
    pub action: Option<String>,
    /// About this subject, whatever its kind.
    pub subject: Option<String>,
    /// Entered at this moment or later.
    pub from: Option<Timestamp>,
    /// Entered before this moment.
    pub to: Option<Timestamp>,
    /// How many on a page.
    pub limit: Option<i64>,
    /// Where the page begins.
    pub cursor: Option<String>,
}

/// An entry.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct JournalEntry {
    /// Its number: later ones are higher.
    pub id: i64,
    /// When, by the database's clock.
    pub at: Timestamp,
    /// Who: an operator, or the user of the system that ran a command.
    pub who: String,
    /// The operator's role at that moment; `None`: somebody with the database's password.
    pub role: Option<String>,
    /// Which way: `api`, `cli` or `console`.
    pub via: String,
    /// What was done.
    pub action: String,
    /// What it was done to.
    pub subject_kind: String,
    /// And which one.
    pub subject: String,
    /// Why.
    pub reason: Option<String>,
    /// What it was.
    pub before: Option<Box<RawValue>>,
    /// What it is since.
    pub after: Option<Box<RawValue>>,
}

const FILTER: &[(&str, Type)] = &[
    ("who", Type::Text),
    ("action", Type::Text),
    ("subject", Type::Text),
    ("from_at", Type::Time),
    ("to_at", Type::Time),
    ("before_id", Type::Int),
    ("scan", Type::Int),
    ("most", Type::Int),
];

macro_rules! newest {
    ($rows:literal, $order:literal) => {
        Statement::read(
            FILTER,
            concat!(
                "SELECT x.entry_id, x.at, x.who, x.role, x.via, x.action, x.subject_kind, x.subject, x.reason,
                        x.before, x.after
                 FROM (SELECT * FROM journal j WHERE ",
                $rows,
                " AND j.entry_id < (SELECT before_id FROM batch)
                  ORDER BY ",
                $order,
                "j.entry_id DESC LIMIT (SELECT scan FROM batch)) AS x
                 WHERE ((SELECT who FROM batch) IS NULL OR x.who = (SELECT who FROM batch))
                   AND ((SELECT action FROM batch) IS NULL OR x.action = (SELECT action FROM batch))
                   AND ((SELECT subject FROM batch) IS NULL OR x.subject = (SELECT subject FROM batch))
                   AND ((SELECT from_at FROM batch) IS NULL OR x.at >= (SELECT from_at FROM batch))
                   AND ((SELECT to_at FROM batch) IS NULL OR x.at < (SELECT to_at FROM batch))
                 ORDER BY x.entry_id DESC LIMIT (SELECT most FROM batch)"
            ),
        )
    };
}

// Between a word and itself, in its order: no other index has that one.
static NEWEST: Statement = newest!("true", "");
static NEWEST_ABOUT: Statement =
    newest!("{only j.subject: (SELECT subject FROM batch)}", "j.subject DESC, ");
static NEWEST_OF: Statement = newest!("{only j.who: (SELECT who FROM batch)}", "j.who DESC, ");
static NEWEST_LIKE: Statement =
    newest!("{only j.action: (SELECT action FROM batch)}", "j.action DESC, ");

/// How many entries a page looks through: they are few, and small.
const WINDOW: i64 = 20_000;

/// A page of entries, newest first.
pub async fn entries(store: &Store, query: &JournalQuery) -> Result<Page<JournalEntry>, Problem> {
    let most = query.limit.unwrap_or(page::USUAL).clamp(1, MOST);
    let filter = format!(
        "journal {:?} {:?} {:?} {:?} {:?}",
        query.who, query.action, query.subject, query.from, query.to
    );
    let before = match &query.cursor {
        Some(text) => {
            let [id] = read_cursor(&filter, text).map_err(page::wrong)?;
            id.parse().map_err(|_| page::wrong("it cannot be read"))?
        }
        None => i64::MAX,
    };
    let statement = match (&query.subject, &query.who, &query.action) {
        (Some(_), _, _) => &NEWEST_ABOUT,
        (None, Some(_), _) => &NEWEST_OF,
        (None, None, Some(_)) => &NEWEST_LIKE,
        (None, None, None) => &NEWEST,
    };
    let JournalQuery { who, action, subject, from, to, .. } = query.clone();
    // One more than is shown says whether there is another page.
    let row = row![who, action, subject, from, to, before, WINDOW, most + 1];
    let rows = store.db().run(statement, vec![row]).await?;
    let mut items: Vec<JournalEntry> = rows.into_iter().map(read).collect::<Result<_, _>>()?;
    let shown = usize::try_from(most).unwrap_or(usize::MAX);
    let more = items.len() > shown;
    items.truncate(shown);
    let last = items.last().filter(|_| more).map(|entry| entry.id.to_string());
    let next = last.map(|id| page::cursor(&filter, &[id]));
    Ok(Page { items, next })
}

fn read(mut row: Row) -> Result<JournalEntry, StoreError> {
    Ok(JournalEntry {
        id: row.get("entry_id")?,
        at: row.get("at")?,
        who: row.get("who")?,
        role: row.get("role")?,
        via: row.get("via")?,
        action: row.get("action")?,
        subject_kind: row.get("subject_kind")?,
        subject: row.get("subject")?,
        reason: row.get("reason")?,
        before: json(row.get("before")?)?,
        after: json(row.get("after")?)?,
    })
}

fn json(text: Option<String>) -> Result<Option<Box<RawValue>>, StoreError> {
    let wrong = |_| StoreError::Corrupt("an entry of the journal holds no JSON".into());
    text.map(RawValue::from_string).transpose().map_err(wrong)
}
