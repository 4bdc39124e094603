//! What PostgreSQL's errors mean here.

use tokio_postgres::error::SqlState;

use crate::database::StoreError;
use crate::database::error::BoxError;

/// Sorts an error by its `SQLSTATE` (PostgreSQL manual, appendix A), never by its text.
pub(crate) fn classify(error: tokio_postgres::Error) -> StoreError {
    let Some(state) = error.code() else {
        // No answer from the server: the connection is gone. Everything else without a code is a
        // value that this program could not write.
        let lost = error.is_closed()
            || std::error::Error::source(&error).is_some_and(|s| s.is::<std::io::Error>());
        let error = Box::new(error);
        return if lost { StoreError::Unavailable(error) } else { StoreError::Refused(error) };
    };
    let meaning = meaning(state);
    meaning(Box::new(error))
}

fn meaning(state: &SqlState) -> fn(BoxError) -> StoreError {
    let in_the_way = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::QUERY_CANCELED,
    ];
    if in_the_way.contains(state) {
        return StoreError::Conflict;
    }
    // Class 23: unique, foreign key, check, not null, exclusion, and what a trigger of ours raises.
    if state.code().starts_with("23") {
        return StoreError::Violation;
    }
    // Classes: 08 connection, 53 resources (disk, memory, connections), 57P operator intervention,
    // 58 system error; 25006 is a standby that has not been promoted yet; 25P03 is what a process is told
    // that was frozen in the middle of a transaction.
    let unavailable = ["08", "53", "57P", "58", "25006", "25P03"];
    if unavailable.iter().any(|class| state.code().starts_with(class)) {
        return StoreError::Unavailable;
    }
    StoreError::Refused
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_of_errors_has_one_meaning() {
        let table = [
            ("Conflict", &["40001", "40P01", "55P03", "57014"][..]),
            ("Violation", &["23000", "23001", "23502", "23503", "23505", "23514", "23P01"]),
            (
                "Unavailable",
                &["08006", "53100", "53300", "57P01", "57P03", "58030", "25006", "25P03"],
            ),
            // A mistake of the statement or of a value; a transaction that is over already.
            ("Refused", &["22003", "22P02", "22021", "25P02", "42601", "42P01", "P0001", "XX000"]),
        ];
        for (expected, states) in table {
            for state in states {
                let error = meaning(&SqlState::from_code(state))("told".into());
                assert!(format!("{error:?}").starts_with(expected), "{state}: {error:?}");
            }
        }
    }
}
