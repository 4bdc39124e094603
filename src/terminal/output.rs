//! What commands print: lists for people or as JSON lines, and signs of life while they wait.
//!
//! Results go to stdout; what is only said on the way goes to stderr, so that a result can be piped.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::colour;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

/// One row of a list: serialised for programs, in cells for people.
pub trait Listed: Serialize {
    /// What the cells are.
    const COLUMNS: &'static [&'static str];
    /// The same data as text.
    fn cells(&self) -> Vec<String>;
}

/// Prints a list: JSON lines, or a table, which is plain when no person is watching.
pub fn list<T: Listed>(rows: &[T], json: bool) -> io::Result<()> {
    if json {
        return rows.iter().try_for_each(json_line);
    }
    let rows: Vec<Vec<String>> = rows.iter().map(Listed::cells).collect();
    table(T::COLUMNS, &rows)
}

/// Prints a table, which is plain when no person is watching. On a terminal it is as wide as that at most; a column with a
/// guid or a state in it is never broken.
pub fn table(columns: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
    let captured = CAPTURED.try_with(|_| ()).is_ok();
    let terminal = io::stdout().is_terminal() && !captured;
    let width = terminal_size::terminal_size().filter(|_| terminal).map(|(width, _)| width.0);
    line(rendered(columns, rows, terminal.then_some(width), colour::is_on() && !captured))
}

/// A table as it is printed: on a terminal, which may tell how wide it is, or anywhere else.
fn rendered(
    columns: &[&str],
    rows: &[Vec<String>],
    terminal: Option<Option<u16>>,
    colours: bool,
) -> String {
    let mut table = Table::new();
    table.set_header(columns.iter().map(|name| name.to_uppercase()));
    let is_state = |place: usize| columns.get(place).is_some_and(|name| STATES.contains(name));
    for row in rows {
        table.add_row(row.iter().enumerate().map(|(place, cell)| {
            match is_state(place) && colours {
                true => colour::marked(&printable(cell)),
                false => printable(cell).into_owned(),
            }
        }));
    }
    let Some(width) = terminal else {
        let text = table.load_style(presets::NOTHING).trim_fmt();
        return colour::painted(&text);
    };
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    let is_guid = |cell: &String| uuid::Uuid::try_parse(cell).is_ok();
    for (place, column) in table.column_iter_mut().enumerate() {
        if is_state(place) || rows.iter().filter_map(|row| row.get(place)).any(is_guid) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    colour::painted(&table.load_style(presets::UTF8_FULL_CONDENSED).to_string())
}

/// Columns whose cells are words for how something stands.
const STATES: [&str; 4] = ["state", "stands", "status", "outcome"];

/// Prints one line. Not `println!`, which panics when nobody reads on.
pub fn line(text: impl std::fmt::Display) -> io::Result<()> {
    let text = match CAPTURED.try_with(|captured| {
        let mut captured = captured.lock().unwrap_or_else(PoisonError::into_inner);
        captured.push_str(&format!("{text}\n"));
    }) {
        Ok(()) => return Ok(()),
        Err(_) => text,
    };
    writeln!(io::stdout().lock(), "{text}")
}

tokio::task_local! {
    static CAPTURED: Arc<Mutex<String>>;
}

/// Does something whose lines go nowhere but into a text, and gives that beside what it came to.
pub async fn captured<F: Future>(work: F) -> (String, F::Output) {
    let captured = Arc::new(Mutex::new(String::new()));
    let ended = CAPTURED.scope(Arc::clone(&captured), work).await;
    let text = captured.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (text, ended)
}

/// Prints one line of JSON.
pub fn json_line(value: &impl Serialize) -> io::Result<()> {
    line(serde_json::to_string(value)?)
}

/// Whether a command ended because nobody reads on.
pub fn is_unread(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

/// A text of somebody else's, with nothing in it that a terminal would obey.
pub fn printable(text: &str) -> Cow<'_, str> {
    let foreign = |letter: char| letter.is_control() || colour::is_mark(letter);
    match text.contains(foreign) {
        true => text.replace(foreign, "\u{fffd}").into(),
        false => text.into(),
    }
}

/// A bar for `length` steps; on stderr, and only on a terminal.
pub fn progress(length: u64) -> ProgressBar {
    bar(length, "{bar:40} {human_pos} of {human_len}, {eta} left")
}

/// A bar for a few steps of unequal length, each with its name as the message; as [`progress`].
pub fn steps() -> ProgressBar {
    let bar = bar(0, "{bar:20} {pos} of {len}, {elapsed}: {msg}");
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}

fn bar(length: u64, looks: &str) -> ProgressBar {
    let bar = ProgressBar::new(length);
    match ProgressStyle::with_template(looks) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// A spinner while something is waited for; on stderr, and only on a terminal. Gone when dropped.
pub struct Waiting(ProgressBar);

impl Waiting {
    /// Starts spinning.
    pub fn begin(message: impl Into<Cow<'static, str>>) -> Waiting {
        let spinner = ProgressBar::new_spinner().with_message(message);
        spinner.enable_steady_tick(Duration::from_millis(100));
        Waiting(spinner)
    }

    /// Says something that stays, on a terminal or not.
    pub fn say(&self, text: &str) {
        self.0.suspend(|| eprintln!("wsa: {text}"));
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_printed_steers_the_terminal() {
        assert_eq!(printable("Борщ, 340.50"), "Борщ, 340.50");
        assert_eq!(printable("a\u{1b}[2Jb\n"), "a\u{fffd}[2Jb\u{fffd}");
    }

    #[test]
    fn states_have_colours_where_they_are_wanted_and_no_column_moves_by_them() {
        let rows = [["1", "refused"], ["22", "done"], ["3", "\u{2061}open\u{1b}[0m"]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        let columns = ["id", "state"];
        let plain = rendered(&columns, &rows, None, false);
        assert!(!plain.contains('\u{1b}') && !plain.contains('\u{2061}'), "{plain:?}");
        for terminal in [None, Some(None), Some(Some(30))] {
            let (plain, painted) = (
                rendered(&columns, &rows, terminal, false),
                rendered(&columns, &rows, terminal, true),
            );
            assert!(painted.contains("\u{1b}[33mrefused\u{1b}[0m"), "{painted:?}");
            assert!(painted.contains("\u{1b}[32mdone\u{1b}[0m"), "{painted:?}");
            // What somebody else wrote has no colour of its own.
            let without = ["\u{1b}[33m", "\u{1b}[32m", "\u{1b}[36m", "\u{1b}[0m"]
                .iter()
                .fold(painted, |text, code| text.replace(code, ""));
            assert_eq!(without, plain);
        }
    }
}
