//! SQL past the program: to look at what it wrote, and to try what it never would.

use tokio_postgres::SimpleQueryMessage;
use uuid::Uuid;

use super::place::Place;

/// A row as texts; guids as UUIDs, whatever the database.
pub type TextRow = Vec<Option<String>>;

impl Place {
    /// Runs a statement; an error is the database's own sentence.
    pub async fn execute(&self, sql: &str) -> Result<u64, String> {
        match self {
            Place::Sqlite(_) => self.sqlite().execute(sql, []).map(|n| n as u64).map_err(text),
            Place::Postgres(database) => {
                let client = database.connect().await;
                client.execute(sql, &[]).await.map_err(|error| match error.as_db_error() {
                    Some(told) => told.message().to_owned(),
                    None => text(error),
                })
            }
        }
    }

    /// Lets anything be written: without checks, references and the guard of answers.
    pub async fn drop_constraints(&self) {
        let sql = match self {
            // Checks and references are off for each connection of `force`.
            Place::Sqlite(_) => "DROP TRIGGER one_answer",
            Place::Postgres(_) => {
                "DO $$ DECLARE c record; BEGIN
                     DROP TRIGGER one_answer ON tasks;
                     FOR c IN SELECT conname, conrelid::regclass AS of FROM pg_constraint
                              WHERE contype IN ('c', 'f') AND connamespace = 'public'::regnamespace
                     LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.of, c.conname);
                     END LOOP;
                 END $$"
            }
        };
        self.execute(sql).await.unwrap();
    }

    /// Runs a statement that no check or reference is asked about; tells how many rows it changed.
    pub async fn force(&self, sql: &str) -> u64 {
        let Place::Sqlite(_) = self else { return self.execute(sql).await.unwrap() };
        let connection = self.sqlite();
        let off = "PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF";
        connection.execute_batch(off).unwrap();
        connection.execute(sql, []).unwrap() as u64
    }

    /// Reads rows.
    pub async fn rows(&self, sql: &str) -> Vec<TextRow> {
        match self {
            Place::Sqlite(_) => {
                let connection = self.sqlite();
                let mut statement = connection.prepare(sql).unwrap();
                let width = statement.column_count();
                let rows = statement
                    .query_map([], |row| (0..width).map(|i| row.get_ref(i).map(shown)).collect());
                rows.unwrap().collect::<Result<_, _>>().unwrap()
            }
            Place::Postgres(database) => {
                let messages = database.connect().await.simple_query(sql).await.unwrap();
                let row = |message| match message {
                    SimpleQueryMessage::Row(row) => {
                        Some((0..row.len()).map(|i| row.get(i).map(str::to_owned)).collect())
                    }
                    _ => None,
                };
                messages.into_iter().filter_map(row).collect()
            }
        }
    }

    /// Reads one number.
    pub async fn number(&self, sql: &str) -> i64 {
        self.rows(sql).await[0][0].as_deref().unwrap().parse().unwrap()
    }

    /// A guid as a literal.
    pub fn guid(&self, guid: Uuid) -> String {
        match self {
            Place::Sqlite(_) => format!("x'{}'", guid.simple()),
            Place::Postgres(_) => format!("'{guid}'::uuid"),
        }
    }

    /// An amount as a literal.
    pub fn kopecks(&self, kopecks: i64) -> String {
        match self {
            Place::Sqlite(_) => kopecks.to_string(),
            Place::Postgres(_) => format!("({kopecks}::numeric / 100)"),
        }
    }

    /// A column with an amount, as kopecks.
    pub fn in_kopecks(&self, column: &str) -> String {
        match self {
            Place::Sqlite(_) => column.to_owned(),
            Place::Postgres(_) => format!("({column} * 100)::bigint"),
        }
    }

    /// The moment so many milliseconds from now.
    pub fn moment(&self, from_now_ms: i64) -> String {
        match self {
            Place::Sqlite(_) => {
                (jiff::Timestamp::now().as_microsecond() + from_now_ms * 1000).to_string()
            }
            Place::Postgres(_) => {
                format!("(clock_timestamp() + {from_now_ms} * interval '1 millisecond')")
            }
        }
    }

    /// The microseconds from one column to another.
    pub fn micros_between(&self, from: &str, to: &str) -> String {
        match self {
            Place::Sqlite(_) => format!("{to} - {from}"),
            Place::Postgres(_) => format!("(extract(epoch FROM {to} - {from}) * 1000000)::bigint"),
        }
    }

    fn sqlite(&self) -> rusqlite::Connection {
        let connection = rusqlite::Connection::open(self.file()).unwrap();
        connection.busy_timeout(super::BOUND).unwrap();
        connection
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn shown(value: rusqlite::types::ValueRef<'_>) -> Option<String> {
    use rusqlite::types::ValueRef;
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(n) => Some(n.to_string()),
        ValueRef::Real(n) => Some(n.to_string()),
        ValueRef::Text(text) => Some(String::from_utf8(text.to_vec()).unwrap()),
        ValueRef::Blob(bytes) => Some(Uuid::from_slice(bytes).unwrap().to_string()),
    }
}
