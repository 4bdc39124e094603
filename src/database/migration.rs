//! Numbered steps of a schema. Each database applies them in a way of its own, and keeps the numbers of those that
//! it has in a table. Which ones are missing is told by all of these numbers, not by the highest.

use std::collections::BTreeSet;

use super::StoreError;

/// A numbered step of the schema in both dialects.
#[derive(Debug)]
pub struct Migration {
    /// Grows from step to step.
    pub number: i64,
    /// For people.
    pub name: &'static str,
    /// Its statements for PostgreSQL.
    pub postgres: &'static str,
    /// Its statements for SQLite.
    pub sqlite: &'static str,
}

/// What a step for PostgreSQL says in a line of its own whose statements cannot be in a transaction.
const OUTSIDE: &str = "-- Outside a transaction.";
/// Makes the table of the numbers.
pub(super) const CREATE_TABLE: &str =
    "CREATE TABLE IF NOT EXISTS wsa_migrations (number bigint PRIMARY KEY)";
/// Reads them.
pub(super) const APPLIED: &str = "SELECT number FROM wsa_migrations";

/// Those of the steps that were not applied, in their order. A step may be younger than one with a higher number: both
/// were written beside each other, and the other was shipped first.
pub(super) fn missing(
    steps: &'static [Migration],
    applied: &BTreeSet<i64>,
) -> Vec<&'static Migration> {
    steps.iter().filter(|step| !applied.contains(&step.number)).collect()
}

/// A statement of a step outside a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outside {
    /// Makes an index while others write.
    Create {
        /// The name of the index.
        index: String,
        /// The whole statement.
        statement: String,
    },
    /// Drops an index, if it is there.
    Drop(String),
}

impl Migration {
    /// Its statements for PostgreSQL, where they cannot be in a transaction; `None`: they are in one, as usual. Nothing
    /// rolls such a step back, so it may hold only what can be found half done, and done again: indexes.
    pub(super) fn outside(&self) -> Result<Option<Vec<Outside>>, StoreError> {
        if !self.postgres.lines().any(|line| line == OUTSIDE) {
            return Ok(None);
        }
        let code = self.postgres.lines().filter(|line| !line.trim_start().starts_with("--"));
        let code: Vec<&str> = code.collect();
        let statements = code.join("\n");
        let statements = statements.split(';').map(str::trim).filter(|text| !text.is_empty());
        let read = statements.map(|text| {
            outside(text).ok_or_else(|| {
                let rule = "outside a transaction it may only CREATE [UNIQUE] INDEX CONCURRENTLY name ON and DROP \
                            INDEX CONCURRENTLY IF EXISTS name";
                StoreError::Refused(format!("step {}: {rule}: {text:?}", self.name).into())
            })
        });
        read.collect::<Result<_, _>>().map(Some)
    }
}

fn outside(statement: &str) -> Option<Outside> {
    let words: Vec<&str> = statement.split_whitespace().collect();
    let upper: Vec<String> = words.iter().map(|word| word.to_uppercase()).collect();
    let upper: Vec<&str> = upper.iter().map(String::as_str).collect();
    let plain =
        |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let (index, found) = match upper.as_slice() {
        ["CREATE", "INDEX", "CONCURRENTLY", _, "ON", ..] => (words[3], true),
        ["CREATE", "UNIQUE", "INDEX", "CONCURRENTLY", _, "ON", ..] => (words[4], true),
        ["DROP", "INDEX", "CONCURRENTLY", "IF", "EXISTS", _] => (words[5], false),
        _ => return None,
    };
    let index = plain(index).then(|| index.to_owned())?;
    Some(match found {
        true => Outside::Create { index, statement: statement.to_owned() },
        false => Outside::Drop(index),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(postgres: &'static str) -> Migration {
        Migration { number: 1, name: "001_test", postgres, sqlite: "" }
    }

    #[test]
    fn a_step_outside_a_transaction_makes_and_drops_indexes_and_nothing_else() {
        assert_eq!(step("CREATE INDEX a ON t (b);").outside().unwrap(), None);
        let two = step(
            "-- The index of b; by whom it is used.\n-- Outside a transaction.\n\
             CREATE INDEX CONCURRENTLY t_b\n    ON t (b) WHERE c > 0;\n\
             DROP INDEX CONCURRENTLY IF EXISTS t_a;\n",
        );
        let read = two.outside().unwrap().unwrap();
        let create = "CREATE INDEX CONCURRENTLY t_b\n    ON t (b) WHERE c > 0";
        assert_eq!(
            read,
            [
                Outside::Create { index: "t_b".into(), statement: create.into() },
                Outside::Drop("t_a".into())
            ]
        );
        for wrong in [
            "-- Outside a transaction.\nCREATE INDEX t_b ON t (b);",
            "-- Outside a transaction.\nCREATE INDEX CONCURRENTLY IF NOT EXISTS t_b ON t (b);",
            "-- Outside a transaction.\nUPDATE t SET b = 1;",
            "-- Outside a transaction.\nDROP INDEX CONCURRENTLY t_b;",
        ] {
            let error = step(wrong).outside().unwrap_err().to_string();
            assert!(error.contains("step 001_test: outside a transaction it may only"), "{error}");
        }
    }
}
