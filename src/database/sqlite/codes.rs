//! What SQLite's errors mean here.

use rusqlite::ErrorCode;

use crate::database::StoreError;

/// Sorts an error by its code, as the other database's are.
pub(crate) fn classify(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::Conflict(Box::new(error))
        }
        // Every extended code of it: unique, primary key, foreign key, check, not null, and what a trigger
        // of ours raises.
        Some(ErrorCode::ConstraintViolation) => StoreError::Violation(Box::new(error)),
        Some(
            ErrorCode::DiskFull
            | ErrorCode::CannotOpen
            | ErrorCode::SystemIoFailure
            | ErrorCode::ReadOnly
            | ErrorCode::OutOfMemory,
        ) => StoreError::Unavailable(Box::new(error)),
        _ => StoreError::Refused(Box::new(error)),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn each_code_means_what_it_means_in_the_other_database() {
        let table = [
            ("Conflict", &[ffi::SQLITE_BUSY, ffi::SQLITE_LOCKED, ffi::SQLITE_BUSY_SNAPSHOT][..]),
            (
                "Violation",
                &[
                    ffi::SQLITE_CONSTRAINT,
                    ffi::SQLITE_CONSTRAINT_UNIQUE,
                    ffi::SQLITE_CONSTRAINT_PRIMARYKEY,
                    ffi::SQLITE_CONSTRAINT_FOREIGNKEY,
                    ffi::SQLITE_CONSTRAINT_CHECK,
                    ffi::SQLITE_CONSTRAINT_NOTNULL,
                    ffi::SQLITE_CONSTRAINT_TRIGGER,
                ],
            ),
            ("Unavailable", &[ffi::SQLITE_FULL, ffi::SQLITE_IOERR, ffi::SQLITE_READONLY]),
            ("Refused", &[ffi::SQLITE_ERROR, ffi::SQLITE_MISMATCH, ffi::SQLITE_TOOBIG]),
        ];
        for (expected, codes) in table {
            for code in codes {
                let error = rusqlite::Error::SqliteFailure(ffi::Error::new(*code), None);
                let error = classify(error);
                assert!(format!("{error:?}").starts_with(expected), "{code}: {error:?}");
            }
        }
    }
}
