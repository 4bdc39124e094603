//! What is left to write when all is decided: statements that wait for nothing but each other.

use super::{Rows, Statement};

/// A statement and its batch. Nothing depends on its result, so it is sent together with those after it, and with the
/// commit.
#[derive(Debug)]
pub struct Write {
    pub(super) statement: &'static Statement,
    pub(super) rows: Rows,
    pub(super) wants: Wants,
}

/// What must come of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Wants {
    /// Each row of the batch is written, or nothing at all is committed.
    Each,
    /// However many rows are written.
    Any,
    /// The rows that the statement gives.
    Rows,
}

impl Write {
    /// Writes each row of the batch, or the whole transaction fails: a row that is not there any more, although it is
    /// locked, is a mistake that must not pass quietly.
    pub fn each(statement: &'static Statement, rows: Rows) -> Write {
        Write { statement, rows, wants: Wants::Each }
    }

    /// Writes what there is of the batch.
    pub fn any(statement: &'static Statement, rows: Rows) -> Write {
        Write { statement, rows, wants: Wants::Any }
    }

    /// Writes what there is of the batch, and has the rows that the statement gives.
    pub fn with_rows(statement: &'static Statement, rows: Rows) -> Write {
        Write { statement, rows, wants: Wants::Rows }
    }
}
