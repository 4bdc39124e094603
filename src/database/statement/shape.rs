//! How a batch is handed to PostgreSQL.

use std::sync::OnceLock;

/// How PostgreSQL takes a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// One row: each parameter is a value. What a task that comes alone needs is found without the machinery that takes
    /// many apart, which costs more than its work.
    Row,
    /// Any number: each parameter is a column of the batch, an array.
    Rows,
}

impl Shape {
    /// That of a batch of so many rows.
    pub(in crate::database) fn of(rows: usize) -> Shape {
        if rows == 1 { Shape::Row } else { Shape::Rows }
    }

    /// How many rows the batch has whose first column is this parameter.
    pub(in crate::database) fn count(self, parameter: usize) -> String {
        match self {
            Shape::Row => "1".to_owned(),
            Shape::Rows => format!("cardinality(${parameter})"),
        }
    }
}

/// A text for each shape of a batch.
#[derive(Debug)]
pub(super) struct OfShapes {
    row: OnceLock<String>,
    rows: OnceLock<String>,
}

impl OfShapes {
    pub(super) const fn new() -> OfShapes {
        OfShapes { row: OnceLock::new(), rows: OnceLock::new() }
    }

    /// The text for this shape, made once.
    pub(super) fn get_or_init(&self, shape: Shape, make: impl FnOnce() -> String) -> &str {
        let text = match shape {
            Shape::Row => &self.row,
            Shape::Rows => &self.rows,
        };
        text.get_or_init(make)
    }
}
