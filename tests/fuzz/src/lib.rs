//! How a target is run.

// In tests an `unwrap` is an assertion.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

#[cfg(fuzzing)]
mod engine;
#[cfg(not(fuzzing))]
mod replay;

#[cfg(fuzzing)]
use engine::run;
#[cfg(not(fuzzing))]
use replay::run;
use wsa::domain::money::LONGEST_SENTENCE;

/// Where the inputs that are kept for a target are.
fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target)
}

/// Runs a target that reads bytes.
pub fn bytes(target: &str, check: impl Fn(&[u8])) {
    run(target, &check);
}

/// Runs a target that reads text. What is no UTF-8 is refused before any of these readers sees it.
pub fn text(target: &str, check: impl Fn(&str)) {
    run(target, &|input| check(&String::from_utf8_lossy(input)));
}

/// Runs a target that reads named values and a body: lines of `name: value`, an empty line, the body.
pub fn message(target: &str, check: impl Fn(&[(&str, &str)], &str)) {
    text(target, |input| {
        let (head, body) = input.split_once("\n\n").unwrap_or((input, ""));
        let values: Vec<_> = head.lines().filter_map(|line| line.split_once(": ")).collect();
        check(&values, body);
    });
}

/// The first value of a name.
pub fn named<'a>(values: &[(&str, &'a str)], name: &str) -> Option<&'a str> {
    values.iter().find(|(given, _)| *given == name).map(|(_, value)| *value)
}

/// A refusal must say something, and not repeat all that it refuses: it goes into headers, logs and answers.
pub fn is_sentence(text: &str) {
    let length = text.chars().count();
    assert!((1..=LONGEST_SENTENCE).contains(&length), "{length} characters: {text:.200}");
}
