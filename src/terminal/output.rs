//! What commands print: lists for people or as JSON lines, and signs of life while they wait.
//!
//! Results go to stdout; what is only said on the way goes to stderr, so that a result can be piped.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

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
/// guid in it is never broken.
pub fn table(columns: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
    let mut table = Table::new();
    table.set_header(columns.iter().map(|name| name.to_uppercase()));
    for row in rows {
        table.add_row(row.iter().map(|cell| printable(cell)));
    }
    if !io::stdout().is_terminal() {
        return line(table.load_style(presets::NOTHING).trim_fmt());
    }
    if let Some((width, _)) = terminal_size::terminal_size() {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.0);
    }
    let is_guid = |cell: &String| uuid::Uuid::try_parse(cell).is_ok();
    for (place, column) in table.column_iter_mut().enumerate() {
        if rows.iter().filter_map(|row| row.get(place)).any(is_guid) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    line(table.load_style(presets::UTF8_FULL_CONDENSED))
}

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
    match text.contains(char::is_control) {
        true => text.replace(char::is_control, "\u{fffd}").into(),
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
}
