//! The rows that a statement is given.

use tokio_postgres::Client;
use wsa::database::{Statement, Type};

use super::expressions::{self, Room};
use super::statements::Named;

/// What a batch asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Asked {
    /// Rows that are there.
    Present,
    /// Rows that are not, of objects that are; and for retention, nothing that is old enough.
    Absent,
}

/// By statement or file, and column.
const OF_STATEMENT: &[(&str, &str)] = &[
    ("engine/store/callbacks/log.rs READ.aggregator_id", "NULL"),
    ("engine/store/callbacks/log.rs READ.failed", "false"),
    ("engine/store/notifications.rs DUE.kind", "{kind}"),
    ("engine/store/subscriptions.rs.kind", "{kind}"),
];

/// Columns that no table has.
const OF_COLUMN: &[(&str, &str)] = &[
    ("after_id", "0"),
    ("before_id", "1000000000000000000"),
    ("keep", "50"),
    ("most", "8"),
    ("skip", "0"),
    ("skipped", "0"),
];

/// So many rows a statement may read because it is asked to.
const LIMITS: [&str; 4] = ["keep", "most", "skip", "skipped"];

/// The arguments of an `EXECUTE`.
#[derive(Debug)]
pub struct Batch {
    pub arguments: String,
    /// How many rows it has.
    pub rows: u64,
    /// What its limits amount to.
    pub limits: u64,
}

fn expression(named: &Named, column: &str, kind: Type, asked: Asked, rows: u64) -> String {
    let file = named.file.trim_start_matches("src/");
    let names = [format!("{}.{column}", named.full_name()), format!("{file}.{column}")];
    let own = OF_STATEMENT.iter().find(|(name, _)| names.iter().any(|own| own == name));
    if let Some((_, expression)) = own {
        return expressions::of_words(expression, rows);
    }
    let everywhere = OF_COLUMN.iter().find(|(name, _)| *name == column);
    if let Some((_, expression)) = everywhere {
        return (*expression).to_owned();
    }
    match (column, asked) {
        ("keep_s" | "age_s", Asked::Present) => "10".to_owned(),
        ("keep_s" | "age_s", Asked::Absent) => "1000000000".to_owned(),
        _ => expressions::of_name(Room::of_file(&named.file), column, kind, rows),
    }
}

/// The numbers of the rows: all over the table, or beyond it.
fn numbers(asked: Asked, count: u64, rows: u64) -> Vec<i64> {
    let step = rows / 4 / count;
    let number = |k: u64| match asked {
        Asked::Present => 4 * (1 + k * step),
        Asked::Absent => 4 * (rows + 1 + k),
    };
    (0..count).map(|k| i64::try_from(number(k)).unwrap()).collect()
}

fn array(kind: Type) -> &'static str {
    match kind {
        Type::Int => "bigint[]",
        Type::Bool => "boolean[]",
        Type::Text => "text[]",
        Type::Bytes => "bytea[]",
        Type::Uuid => "uuid[]",
        Type::Money => "numeric[]",
        Type::Time => "timestamptz[]",
    }
}

/// A batch of nothing, with which a plan can be made.
pub fn empty(statement: &Statement) -> String {
    arguments(statement.columns().iter().map(|_| "'{}'".to_owned()).collect())
}

fn arguments(values: Vec<String>) -> String {
    if values.is_empty() { String::new() } else { format!("({})", values.join(", ")) }
}

/// The batch of a statement.
pub async fn of(client: &Client, named: &Named, asked: Asked, count: u64, rows: u64) -> Batch {
    let columns = named.statement.columns();
    if columns.is_empty() {
        return Batch { arguments: String::new(), rows: 1, limits: 0 };
    }
    let mut limits = 0;
    let values: Vec<String> = columns
        .iter()
        .map(|(column, kind)| {
            let expression = expression(named, column, *kind, asked, rows);
            if LIMITS.contains(column) {
                limits += count * expression.parse::<u64>().unwrap();
            }
            let array = array(*kind);
            let kind = array.trim_end_matches("[]");
            format!("quote_literal((array_agg(({expression})::{kind} ORDER BY i))::text)")
        })
        .collect();
    let numbers = numbers(asked, count, rows);
    let read = format!("SELECT ARRAY[{}] FROM unnest($1::bigint[]) AS i", values.join(", "));
    let row = client.query_one(&read, &[&numbers]).await;
    let row = row.unwrap_or_else(|e| panic!("{}: {:?}\n{read}", named.full_name(), e));
    Batch { arguments: arguments(row.get(0)), rows: count, limits }
}
