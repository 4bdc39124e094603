//! A statement, and its text for either database.

mod markers;
mod shape;

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::OnceLock;

use self::shape::OfShapes;
pub use self::shape::Shape;
use super::Rows;
use crate::database::StoreError;

/// The type of a batch column, in both databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// `bigint` / INTEGER.
    Int,
    /// `boolean` / INTEGER 0 or 1.
    Bool,
    /// `text` / TEXT.
    Text,
    /// `bytea` / BLOB.
    Bytes,
    /// `uuid` / BLOB of 16 bytes.
    Uuid,
    /// `numeric(14,2)` / INTEGER kopecks.
    Money,
    /// `timestamptz` / INTEGER microseconds since 1970.
    Time,
}

impl Type {
    /// What PostgreSQL calls it.
    pub fn postgres(self) -> &'static str {
        match self {
            Type::Int => "bigint",
            Type::Bool => "boolean",
            Type::Text => "text",
            Type::Bytes => "bytea",
            Type::Uuid => "uuid",
            Type::Money => "numeric",
            Type::Time => "timestamptz",
        }
    }
}

/// Whether a statement may run beside a writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Only reads: SQLite uses a connection that no writer waits for.
    Read,
    /// Writes or locks.
    Write,
}

/// A column of a batch: its name and what it holds.
pub type Column = (&'static str, Type);

/// One statement for both databases.
#[derive(Debug)]
pub struct Statement {
    pub(crate) access: Access,
    pub(super) columns: &'static [Column],
    body: Body,
    /// The finished texts, made once: a statement is a `static`.
    postgres: OfShapes,
    postgres_each: OfShapes,
    sqlite: OnceLock<String>,
    words: OnceLock<HashSet<String>>,
}

/// What a statement does with its batch.
#[derive(Debug)]
enum Body {
    Text(&'static str),
    /// Puts the batch as it is into a table.
    Insert {
        table: &'static str,
        tail: &'static str,
    },
}

impl Statement {
    /// A statement that only reads.
    pub const fn read(columns: &'static [Column], body: &'static str) -> Statement {
        Statement::new(Access::Read, columns, Body::Text(body))
    }

    /// A statement that writes or locks.
    pub const fn write(columns: &'static [Column], body: &'static str) -> Statement {
        Statement::new(Access::Write, columns, Body::Text(body))
    }

    /// Puts the batch into the columns of the same names of a table. The tail is what comes after the rows:
    /// `ON CONFLICT ..`, `RETURNING ..`, or nothing.
    pub const fn insert(
        table: &'static str,
        columns: &'static [Column],
        tail: &'static str,
    ) -> Statement {
        Statement::new(Access::Write, columns, Body::Insert { table, tail })
    }

    /// A statement that is made of another one while the program runs, over the same batch; it is kept for ever. It reads and
    /// locks the rows that the other one changes, by the same places, so it reads no more than that one.
    pub(super) fn made(columns: &'static [Column], body: String) -> &'static Statement {
        let body = Body::Text(Box::leak(body.into_boxed_str()));
        Box::leak(Box::new(Statement::new(Access::Write, columns, body)))
    }

    const fn new(access: Access, columns: &'static [Column], body: Body) -> Statement {
        Statement {
            access,
            columns,
            body,
            postgres: OfShapes::new(),
            postgres_each: OfShapes::new(),
            sqlite: OnceLock::new(),
            words: OnceLock::new(),
        }
    }

    /// The text without the batch, before it is made for a database.
    pub(crate) fn body(&self) -> Cow<'static, str> {
        match self.body {
            Body::Text(text) => Cow::Borrowed(text),
            Body::Insert { table, tail } => {
                let names = self.column_names();
                // SQLite takes the `ON` of a conflict for that of a join where no condition stands before it.
                let text = format!(
                    "INSERT INTO {table} ({names}) SELECT {names} FROM batch WHERE true {tail}"
                );
                Cow::Owned(text.trim_end().to_owned())
            }
        }
    }

    /// That each of these rows has a value for each column. A row that has not is a mistake of this program, which no
    /// database shall find out, or not, in a way of its own.
    pub(super) fn fits(&self, rows: &Rows) -> Result<(), StoreError> {
        let (width, names) = (self.columns.len(), || self.column_names());
        let Some(row) = rows.iter().find(|row| row.len() != width) else { return Ok(()) };
        let (found, body) = (row.len(), self.body());
        Err(StoreError::Refused(
            format!("a row has {found} values for the {width} columns ({}) of: {body}", names())
                .into(),
        ))
    }

    fn column_names(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        names.join(", ")
    }

    /// Whether it writes nothing: it reads, and may lock what it reads.
    pub(super) fn looks(&self) -> bool {
        matches!(self.body, Body::Text(text) if text.trim_start().starts_with("SELECT"))
    }

    /// Whether it puts in each row of its batch, or fails.
    pub(super) fn puts_each(&self) -> bool {
        matches!(self.body, Body::Insert { tail: "", .. })
    }

    /// The table that it writes.
    pub(super) fn target(&self) -> Option<&'static str> {
        let text = match self.body {
            Body::Insert { table, .. } => return Some(table),
            Body::Text(text) => text,
        };
        let mut words = text.split_whitespace();
        match words.next()? {
            "UPDATE" => words.next(),
            "INSERT" | "DELETE" => words.nth(1),
            _ => None,
        }
    }

    /// Whether its text has this word, as the name of a table or of anything else.
    pub(super) fn names(&self, word: &str) -> bool {
        let is_part_of_a_name = |c: char| c.is_alphanumeric() || c == '_';
        let words = self.words.get_or_init(|| {
            self.body().split(|c| !is_part_of_a_name(c)).map(str::to_owned).collect()
        });
        words.contains(word)
    }

    /// Its batch, column by column.
    pub fn columns(&self) -> &'static [Column] {
        self.columns
    }

    /// Its text for PostgreSQL, for a batch of this shape; the parameters are `$1`, `$2` and so on.
    pub fn postgres(&self, shape: Shape) -> &str {
        self.postgres.get_or_init(shape, || self.postgres_part(shape, 1))
    }

    /// The same, whose first parameter is this one: a part of a statement that other parts come before.
    pub(super) fn postgres_part(&self, shape: Shape, first: usize) -> String {
        self.with_batch(&self.postgres_batch(shape, first), true)
    }

    /// The text for PostgreSQL, that fails where it writes fewer rows than the batch has: whoever sends it together with the commit
    /// cannot count them in between.
    pub(super) fn postgres_each(&self, shape: Shape) -> &str {
        if self.puts_each() {
            return self.postgres(shape);
        }
        self.postgres_each.get_or_init(shape, || {
            let (batch, asked) = (self.postgres_batch(shape, 1), shape.count(1));
            let body = markers::expand(self.body(), true);
            format!(
                "WITH {batch}, written AS ({body} RETURNING 1) \
                 SELECT CASE WHEN count(*) <> {asked} \
                 THEN wsa_refuse_part(count(*), {asked}) END AS whole FROM written"
            )
        })
    }

    pub(crate) fn sqlite(&self) -> &str {
        self.sqlite.get_or_init(|| {
            let parameters: Vec<String> =
                (1..=self.columns.len()).map(|i| format!("?{i}")).collect();
            let (names, values) = (self.column_names(), parameters.join(", "));
            self.with_batch(&format!("batch ({names}) AS (VALUES ({values}))"), false)
        })
    }

    /// The batch as PostgreSQL takes it, from this parameter on. One row stands for itself wherever the text names the
    /// batch: the planner sees values, and no table.
    fn postgres_batch(&self, shape: Shape, first: usize) -> String {
        let columns = self.columns.iter().zip(first..).map(|((_, kind), i)| match shape {
            Shape::Row => format!("${i}::{}", kind.postgres()),
            Shape::Rows => format!("${i}::{}[]", kind.postgres()),
        });
        let (names, columns) = (self.column_names(), columns.collect::<Vec<_>>().join(", "));
        match shape {
            Shape::Row => format!("batch ({names}) AS NOT MATERIALIZED (SELECT {columns})"),
            Shape::Rows => format!("batch ({names}) AS (SELECT * FROM unnest({columns}))"),
        }
    }

    fn with_batch(&self, batch: &str, postgres: bool) -> String {
        let body = markers::expand(self.body(), postgres);
        if self.columns.is_empty() {
            return body.into_owned();
        }
        format!("WITH {batch} {body}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Value;

    #[test]
    fn one_text_becomes_two_statements() {
        static CLAIM: Statement = Statement::write(
            &[("object_id", Type::Int), ("guid", Type::Uuid)],
            "SELECT 1 FROM batch b JOIN tasks t USING (object_id, guid) {lock t skip}",
        );
        assert_eq!(
            CLAIM.postgres(Shape::Rows),
            "WITH batch (object_id, guid) AS (SELECT * FROM unnest($1::bigint[], $2::uuid[])) \
             SELECT 1 FROM batch b JOIN tasks t USING (object_id, guid) FOR UPDATE OF t SKIP LOCKED"
        );
        assert_eq!(
            CLAIM.postgres(Shape::Row),
            "WITH batch (object_id, guid) AS NOT MATERIALIZED (SELECT $1::bigint, $2::uuid) \
             SELECT 1 FROM batch b JOIN tasks t USING (object_id, guid) FOR UPDATE OF t SKIP LOCKED"
        );
        assert_eq!(
            CLAIM.sqlite(),
            "WITH batch (object_id, guid) AS (VALUES (?1, ?2)) \
             SELECT 1 FROM batch b JOIN tasks t USING (object_id, guid) "
        );
    }

    #[test]
    fn an_insert_states_its_columns_once() {
        static OPEN: Statement = Statement::insert(
            "mailboxes",
            &[("aggregator_id", Type::Int), ("kind", Type::Text)],
            "ON CONFLICT DO NOTHING RETURNING mailbox_id",
        );
        assert_eq!(
            OPEN.postgres(Shape::Rows),
            "WITH batch (aggregator_id, kind) AS (SELECT * FROM unnest($1::bigint[], $2::text[])) \
             INSERT INTO mailboxes (aggregator_id, kind) SELECT aggregator_id, kind FROM batch \
             WHERE true ON CONFLICT DO NOTHING RETURNING mailbox_id"
        );
        assert_eq!(
            OPEN.sqlite(),
            "WITH batch (aggregator_id, kind) AS (VALUES (?1, ?2)) \
             INSERT INTO mailboxes (aggregator_id, kind) SELECT aggregator_id, kind FROM batch \
             WHERE true ON CONFLICT DO NOTHING RETURNING mailbox_id"
        );
        static PLAIN: Statement = Statement::insert("probes", &[("process_id", Type::Uuid)], "");
        assert_eq!(
            PLAIN.body(),
            "INSERT INTO probes (process_id) SELECT process_id FROM batch WHERE true"
        );
        assert_eq!(PLAIN.access, Access::Write);
    }

    #[test]
    fn a_row_has_a_value_for_each_column() {
        static PUT: Statement =
            Statement::insert("notes", &[("number", Type::Int), ("text", Type::Text)], "");
        let row = |width| vec![Value::Null; width];
        assert!(PUT.fits(&vec![row(2), row(2)]).is_ok());
        assert!(PUT.fits(&Vec::new()).is_ok());
        for (width, rows) in [(1, vec![row(2), row(1)]), (3, vec![row(3)]), (0, vec![row(0)])] {
            let error = PUT.fits(&rows).unwrap_err();
            assert!(matches!(error, StoreError::Refused(_)), "{error}");
            let message = format!(
                "a row has {width} values for the 2 columns (number, text) of: INSERT INTO notes (number"
            );
            assert!(error.to_string().contains(&message), "{error}");
        }
    }
}
