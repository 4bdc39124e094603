//! Colours of states: on a terminal, unless somebody says otherwise.

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::domain::string_enum::string_enum;

/// When there are colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum When {
    /// On a terminal, unless the variable `NO_COLOR` holds something.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

string_enum!(When { Auto = "auto", Always = "always", Never = "never" });

/// How something stands: good, on its way, to be looked at, bad, or none of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Good, or done.
    Ok,
    /// On its way.
    Info,
    /// Not done, as it should not be.
    Warn,
    /// Wrong.
    Bad,
    /// None of these.
    Plain,
}

/// The tone of a word for a state, of whatever is listed.
pub fn tone(word: &str) -> Tone {
    match word {
        "done" | "ready" | "on" | "paid" | "delivered" | "sound" | "Complited" | "executed"
        | "completed" | "active" => Tone::Ok,
        "open"
        | "accepted"
        | "published"
        | "sent"
        | "waiting"
        | "new"
        | "running"
        | "Created"
        | "in_progress"
        | "waiting_for_payment" => Tone::Info,
        "refused" | "paused" | "not ready" | "failing" | "silent" | "impossible" | "expired" => {
            Tone::Warn
        }
        "timeout" | "failed" | "off" | "broken" => Tone::Bad,
        _ => Tone::Plain,
    }
}

impl Tone {
    /// What a terminal is told, and the mark that stands for it while a table is laid out: of no width.
    fn code(self) -> Option<(&'static str, char)> {
        match self {
            Tone::Ok => Some(("\u{1b}[32m", '\u{2061}')),
            Tone::Info => Some(("\u{1b}[36m", '\u{2062}')),
            Tone::Warn => Some(("\u{1b}[33m", '\u{2063}')),
            Tone::Bad => Some(("\u{1b}[31m", '\u{2064}')),
            Tone::Plain => None,
        }
    }
}

/// The end of a colour, and its mark.
const END: (&str, char) = ("\u{1b}[0m", '\u{2060}');
const TONES: [Tone; 4] = [Tone::Ok, Tone::Info, Tone::Warn, Tone::Bad];

static ON: AtomicBool = AtomicBool::new(false);

/// Says when this process has colours.
pub fn set(when: When) {
    let no = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    ON.store(wanted(when, no, io::stdout().is_terminal()), Ordering::Relaxed);
}

fn wanted(when: When, no_color: bool, terminal: bool) -> bool {
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto => terminal && !no_color,
    }
}

/// Whether it has.
pub fn is_on() -> bool {
    ON.load(Ordering::Relaxed)
}

/// A word with the marks of its colour.
pub(super) fn marked(word: &str) -> String {
    with_marks(tone(word), word)
}

fn with_marks(tone: Tone, text: &str) -> String {
    match tone.code() {
        Some((_, mark)) => format!("{mark}{text}{}", END.1),
        None => text.to_owned(),
    }
}

/// A text whose marks are colours.
pub(super) fn painted(text: &str) -> String {
    let codes = TONES.iter().filter_map(|tone| tone.code()).chain([END]);
    codes.fold(text.to_owned(), |text, (code, mark)| text.replace(mark, code))
}

/// A word for a state in its colour, where this process has colours.
pub fn state(word: &str) -> String {
    toned(tone(word), word)
}

/// A text in the colour of a tone, where this process has colours.
pub fn toned(tone: Tone, text: &str) -> String {
    match is_on() {
        true => painted(&with_marks(tone, text)),
        false => text.to_owned(),
    }
}

/// Whether a character is the mark of a colour: nobody else's text may have one.
pub(super) fn is_mark(letter: char) -> bool {
    ('\u{2060}'..='\u{2064}').contains(&letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_terminals_unless_somebody_says_otherwise() {
        for no_color in [false, true] {
            for terminal in [false, true] {
                assert!(wanted(When::Always, no_color, terminal));
                assert!(!wanted(When::Never, no_color, terminal));
                assert_eq!(wanted(When::Auto, no_color, terminal), terminal && !no_color);
            }
        }
    }
}
