//! What PostgreSQL's errors mean here.

use tokio_postgres::error::SqlState;

use crate::store::StoreError;

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
    let in_the_way = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::QUERY_CANCELED,
    ];
    if in_the_way.contains(state) {
        return StoreError::Conflict(Box::new(error));
    }
    // Class 23: unique, foreign key, check, not null, exclusion, and what a trigger of ours raises.
    if state.code().starts_with("23") {
        return StoreError::Violation(Box::new(error));
    }
    // Classes: 08 connection, 53 resources (disk, memory, connections), 57P operator intervention,
    // 58 system error; 25006 is a standby that has not been promoted yet; 25P03 is what a process is told
    // that was frozen in the middle of a transaction.
    let unavailable = ["08", "53", "57P", "58", "25006", "25P03"]
        .iter()
        .any(|class| state.code().starts_with(class));
    let error = Box::new(error);
    if unavailable { StoreError::Unavailable(error) } else { StoreError::Refused(error) }
}
