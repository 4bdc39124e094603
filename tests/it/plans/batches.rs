//! The rows that a statement is given.

use tokio_postgres::Client;
use wsa::database::{Shape, Statement, Type};

use super::asked::{self, Asked};
use super::expressions::{self, Room};
use super::statements::Named;

/// So many rows a statement may read because it is asked to.
const LIMITS: [&str; 5] = ["keep", "most", "scan", "skip", "skipped"];

/// The arguments of an `EXECUTE`.
#[derive(Debug, Clone)]
pub struct Batch {
    pub arguments: String,
    /// How it is handed over.
    pub shape: Shape,
    /// How many rows it has.
    pub rows: u64,
    /// What its limits amount to.
    pub limits: u64,
}

/// The table that a statement writes.
fn written(statement: &Statement) -> Option<&'static str> {
    let text: &'static str = statement.postgres(Shape::Rows).to_owned().leak();
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(3).find_map(|three| match three {
        ["INSERT", "INTO", table] | ["DELETE", "FROM", table] | ["UPDATE", table, "SET"] => {
            Some(*table)
        }
        _ => None,
    })
}

fn expression(named: &Named, column: &str, kind: Type, asked: Asked, rows: u64) -> String {
    if let Some(own) = asked::of(named, column, asked) {
        return expressions::of_words(own, rows);
    }
    let written = written(named.statement);
    let own = written.and_then(|table| expressions::of_table_alone(table, column, rows));
    let room = written.map_or(Room::of_file(&named.file), Room::of_table);
    own.unwrap_or_else(|| expressions::of_name(room, column, kind, rows))
}

/// The numbers of the rows: all over the table, or beyond it.
fn numbers(named: &Named, asked: Asked, count: u64, rows: u64) -> Vec<i64> {
    // Odd, so that all states that are told by `i % 8` come.
    let step = ((rows / 4 / count) - 1) | 1;
    let shift = asked::of(named, "i", asked).map_or(0, |shift| shift.parse().unwrap());
    let number = |k: u64| match asked {
        Asked::Present => 4 * (1 + k * step) + shift,
        Asked::Absent => 4 * (rows + 1 + k) + shift,
    };
    (0..count).map(|k| i64::try_from(number(k)).unwrap()).collect()
}

/// A batch of nothing, with which a plan can be made.
pub fn empty(statement: &Statement, shape: Shape) -> String {
    let nothing = match shape {
        Shape::Row => "NULL",
        Shape::Rows => "'{}'",
    };
    arguments(statement.columns().iter().map(|_| nothing.to_owned()).collect())
}

fn arguments(values: Vec<String>) -> String {
    if values.is_empty() { String::new() } else { format!("({})", values.join(", ")) }
}

/// The batch of a statement.
pub async fn of(
    client: &Client,
    named: &Named,
    asked: Asked,
    (shape, count): (Shape, u64),
    rows: u64,
) -> Batch {
    let columns = named.statement.columns();
    if columns.is_empty() {
        return Batch { arguments: String::new(), shape, rows: 1, limits: 0 };
    }
    let mut limits = 0;
    let values: Vec<String> = columns
        .iter()
        .map(|(column, kind)| {
            let expression = expression(named, column, *kind, asked, rows);
            if LIMITS.contains(column)
                && let Ok(limit) = expression.parse::<u64>()
            {
                limits += count * limit;
            }
            let kind = kind.postgres();
            let values = format!("array_agg(({expression})::{kind} ORDER BY i)");
            match shape {
                Shape::Row => format!("quote_nullable((({values})[1])::text)"),
                Shape::Rows => format!("quote_literal(({values})::text)"),
            }
        })
        .collect();
    let numbers = numbers(named, asked, count, rows);
    let read = format!("SELECT ARRAY[{}] FROM unnest($1::bigint[]) AS i", values.join(", "));
    let row = client.query_one(&read, &[&numbers]).await;
    let row = row.unwrap_or_else(|e| panic!("{}: {e:?}\n{read}", named.full_name()));
    Batch { arguments: arguments(row.get(0)), shape, rows: count, limits }
}
