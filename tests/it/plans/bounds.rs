//! How much a statement may read.

use super::expressions::GROUPS;
use super::states::Run;

/// Rows for each row of the batch, of the result, and of what it is told to read at most.
const ROWS: u64 = 8;
/// Pages for each: a look-up goes down an index, and a row that is written is written in all indexes.
const PAGES: u64 = 30;

/// Pages for each in which a plan that is made for this batch may read whatever it likes: a planner that sees a small
/// table reads it from end to end, rightly, where that is no more than to look its rows up one by one.
const SMALL: u64 = 5;

/// What a statement may read beside that.
#[derive(Debug, Clone, Copy)]
enum Whole {
    /// All that one object, reseller or client has, so many times.
    OfOne(u64),
    /// A table, so many times.
    Tables(u64),
}

use Whole::{OfOne, Tables};

/// Statements that read more, and why that is right. A name stands for all statements that begin with it.
const ALLOWED: &[(&str, Whole, &str)] = &[];

/// Whether a run read more than it may.
pub fn is_over(run: &Run, rows: u64) -> bool {
    let (most_rows, most_pages) = of(run, rows);
    let small = !run.kept && run.figures.pages <= SMALL * asked(run);
    run.figures.pages > most_pages || run.figures.rows > most_rows && !small
}

fn asked(run: &Run) -> u64 {
    run.batch + run.figures.results + run.limits
}

/// What a run may read: rows, and pages.
pub fn of(run: &Run, rows: u64) -> (u64, u64) {
    let whole = ALLOWED.iter().find(|(name, ..)| run.statement.starts_with(name));
    let whole = whole.map_or(0, |(_, whole, _)| match whole {
        OfOne(times) => times * (rows / GROUPS + 1),
        Tables(times) => times * rows,
    });
    // Of a table that is read in the order of an index, each row may be on another page than the last.
    (ROWS * asked(run) + whole, PAGES * asked(run) + 2 * whole)
}

/// The names of the list that no statement begins with.
pub fn unknown<'a>(known: impl Fn(&str) -> bool + 'a) -> impl Iterator<Item = &'static str> + 'a {
    ALLOWED.iter().map(|(name, ..)| *name).filter(move |name| !known(name))
}
