//! Running a statement once for each row, and values as SQLite takes and gives them.

use rusqlite::types::{ToSqlOutput, Value as SqlValue, ValueRef};
use rusqlite::{Connection, ToSql};

use super::classify;
use crate::database::value::Value;
use crate::database::value::{Names, Row};
use crate::database::write::{Wants, Write};
use crate::database::{Rows, Statement, StoreError, whole};

/// The rows that a statement runs with, one after the other.
pub(crate) fn each_parameters(statement: &Statement, rows: Rows) -> Rows {
    // A statement without batch columns runs once.
    if statement.columns.is_empty() { vec![Vec::new()] } else { rows }
}

/// Runs a statement once for each row, and gives what all of them found.
pub(crate) fn each_row(
    connection: &Connection,
    text: &str,
    rows: Rows,
) -> Result<Vec<Row>, StoreError> {
    let mut prepared = connection.prepare_cached(text).map_err(classify)?;
    let (width, names) = (prepared.column_count(), Names::of(prepared.column_names())?);
    let mut found = Vec::new();
    for row in rows {
        let mut results = prepared.query(rusqlite::params_from_iter(row)).map_err(classify)?;
        while let Some(result) = results.next().map_err(classify)? {
            found.push(read_row(result, width, &names)?);
        }
    }
    Ok(found)
}

/// Runs a statement without parameters and hands over its rows one by one.
pub(super) fn each(
    connection: &Connection,
    text: &str,
    mut step: impl FnMut(Row) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut prepared = connection.prepare(text).map_err(classify)?;
    let (width, names) = (prepared.column_count(), Names::of(prepared.column_names())?);
    let mut rows = prepared.query([]).map_err(classify)?;
    while let Some(row) = rows.next().map_err(classify)? {
        step(read_row(row, width, &names)?)?;
    }
    Ok(())
}

/// Runs a statement once for each row, and tells how many rows were written.
pub(crate) fn execute(connection: &Connection, text: &str, rows: Rows) -> Result<u64, StoreError> {
    let mut prepared = connection.prepare_cached(text).map_err(classify)?;
    let mut written = 0;
    for row in rows {
        written += prepared.execute(rusqlite::params_from_iter(row)).map_err(classify)? as u64;
    }
    Ok(written)
}

fn read_row(row: &rusqlite::Row<'_>, width: usize, names: &Names) -> Result<Row, StoreError> {
    let values: rusqlite::Result<_> =
        (0..width).map(|i| row.get_ref(i).map(|value| Some(read(value)))).collect();
    Ok(Row::new(names, values.map_err(classify)?))
}

fn read(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Integer(n) => Value::Int(n),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        // No column of ours is a float, and `read_row` refuses what is not there.
        ValueRef::Null | ValueRef::Real(_) => Value::Null,
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Value::Null => ToSqlOutput::Owned(SqlValue::Null),
            Value::Int(n) => (*n).into(),
            Value::Bool(b) => (*b).into(),
            Value::Text(s) => ToSqlOutput::Borrowed(ValueRef::Text(s.as_bytes())),
            Value::Bytes(b) => ToSqlOutput::Borrowed(ValueRef::Blob(b)),
            Value::Uuid(u) => ToSqlOutput::Borrowed(ValueRef::Blob(u.as_bytes())),
            Value::Money(m) => m.kopecks().into(),
            Value::Time(t) => t.as_microsecond().into(),
        })
    }
}

/// Writes all of this in its order; gives the rows that are wanted.
pub(super) fn write_all(
    connection: &Connection,
    writes: Vec<Write>,
) -> Result<Vec<Row>, StoreError> {
    let mut given = Vec::new();
    for Write { statement, rows, wants } in writes {
        let (expected, rows) = (rows.len() as u64, each_parameters(statement, rows));
        let text = statement.sqlite();
        match wants {
            Wants::Rows => given.extend(each_row(connection, text, rows)?),
            Wants::Any => drop(execute(connection, text, rows)?),
            Wants::Each => whole(statement, execute(connection, text, rows)?, expected)?,
        }
    }
    Ok(given)
}
