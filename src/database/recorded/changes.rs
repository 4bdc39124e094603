//! What a transaction changes: rows as they were, and as they are since, for the entry beside it.
//!
//! A statement that changes rows says which: by a mark, or by a condition. A statement that reads the same rows is made of
//! it, once, and run before and after it in its transaction; before it the rows are locked.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::database::{Access, Column, Row, Statement, Value};

/// More rows than these are not told one by one.
const MOST: usize = 5;

/// The columns of a row, and what each holds.
pub type Fields = Vec<(String, Value)>;

/// Rows of a table that a statement has changed.
#[derive(Debug, Clone)]
pub struct Change {
    /// The table.
    pub table: &'static str,
    /// The batch of the statement: of what type a column is that both databases do not tell apart.
    pub columns: &'static [Column],
    /// What they were.
    pub before: Rows,
    /// What they are; after a `DELETE` there are none.
    pub after: Rows,
}

/// Some rows.
#[derive(Debug, Clone, PartialEq)]
pub enum Rows {
    /// None.
    None,
    /// One.
    One(Fields),
    /// This many, or as many at least.
    Several(usize),
}

impl Rows {
    pub(super) fn of(rows: Vec<Row>) -> Rows {
        let count = rows.len();
        match rows.into_iter().next() {
            None => Rows::None,
            Some(row) if count == 1 => Rows::One(row.into_fields()),
            Some(_) => Rows::Several(count),
        }
    }
}

/// What reads the rows that a statement changes.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) table: &'static str,
    pub(super) statement: &'static Statement,
}

static LOOKS: Mutex<BTreeMap<usize, Option<&'static Look>>> = Mutex::new(BTreeMap::new());

/// What reads the rows that this statement changes; `None`: it changes none, or they cannot be told beforehand.
pub(super) fn look(statement: &'static Statement) -> Option<&'static Look> {
    if statement.access == Access::Read {
        return None;
    }
    let mut looks = LOOKS.lock().unwrap_or_else(PoisonError::into_inner);
    *looks.entry(std::ptr::from_ref(statement).addr()).or_insert_with(|| {
        let (table, text) = text(&statement.body())?;
        let statement = Statement::made(statement.columns(), text);
        Some(Box::leak(Box::new(Look { table: Box::leak(table.into_boxed_str()), statement })))
    })
}

fn text(body: &str) -> Option<(String, String)> {
    let body = body.split_whitespace().collect::<Vec<_>>().join(" ");
    let body = body.split(" RETURNING ").next()?;
    let (table, rest) = match body.strip_prefix("UPDATE ") {
        Some(rest) => rest.split_once(' ')?,
        None => body.strip_prefix("DELETE FROM ")?.split_once(' ')?,
    };
    let most = MOST + 1;
    let end = format!("LIMIT {most} {{lock {table}}}");
    let mark = ["{these ", "{those "].iter().find_map(|mark| rest.split_once(mark));
    let text = match mark {
        Some((_, mark)) => {
            let keys = mark.split_once('}')?.0;
            if keys.contains(" FROM ") {
                return None;
            }
            format!("SELECT {table}.* FROM batch b {{all {keys}}} {end}")
        }
        None => {
            let condition = format!(" {rest}").split_once(" WHERE ")?.1.to_owned();
            let batch = if condition.contains(" b.") { "batch b CROSS JOIN " } else { "" };
            format!("SELECT {table}.* FROM {batch}{table} WHERE {condition} {end}")
        }
    };
    Some((table.to_owned(), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_that_a_statement_changes_are_read_by_what_it_says_of_them() {
        for (body, look) in [
            (
                "UPDATE tills SET keep_days = b.keep_days FROM batch b {these tills: object_id}",
                Some("SELECT tills.* FROM batch b {all tills: object_id} LIMIT 6 {lock tills}"),
            ),
            (
                "UPDATE aggregators SET token_hash = (SELECT token_hash FROM batch)
                 WHERE name = (SELECT name FROM batch) RETURNING aggregator_id",
                Some(
                    "SELECT aggregators.* FROM aggregators WHERE name = (SELECT name FROM batch) LIMIT 6 {lock aggregators}",
                ),
            ),
            (
                "DELETE FROM licences WHERE object_id = 7",
                Some("SELECT licences.* FROM licences WHERE object_id = 7 LIMIT 6 {lock licences}"),
            ),
            (
                "DELETE FROM t {those t: a, b} AND t.n = 0",
                Some("SELECT t.* FROM batch b {all t: a, b} LIMIT 6 {lock t}"),
            ),
            (
                "UPDATE t SET n = b.n FROM batch b WHERE t.m = b.m",
                Some("SELECT t.* FROM batch b CROSS JOIN t WHERE t.m = b.m LIMIT 6 {lock t}"),
            ),
            ("DELETE FROM t {those t: a FROM SELECT a FROM o}", None),
            ("INSERT INTO t SELECT 1", None),
            ("SELECT 1", None),
        ] {
            assert_eq!(text(body).map(|(_, text)| text).as_deref(), look, "{body}");
        }
    }
}
