//! Pages of a list, and the cursors between them.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::ops::problem::Problem;

pub use crate::engine::store::tasks::{earliest as long_ago, latest as far};

/// How many items a page has when nothing is said.
pub const USUAL: i64 = 50;
/// How many it has at most.
pub const MOST: i64 = 500;
/// Through how many rows a page looks at most for those that its filter lets through.
pub const WINDOW: i64 = 5_000;
/// Through how many tasks a page looks for a code or an amount: each is read.
pub const READ_WINDOW: i64 = 1_000;

/// A page of a list.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "{T}Page")]
pub struct Page<T> {
    /// What is on it, in the order of its list.
    pub items: Vec<T>,
    /// Where the next one begins; `None`: there is none.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page behind which nothing comes.
    pub fn last(items: Vec<T>) -> Page<T> {
        Page { items, next: None }
    }
}

/// The place behind an item, as text: opaque, and of this filter alone.
pub fn cursor(filter: &str, place: &[String]) -> String {
    let place = place.join("\n");
    BASE64_URL_SAFE_NO_PAD.encode(format!("{}\n{place}", bound(filter, &place)))
}

/// Reads a cursor of this filter with so many parts.
pub fn read_cursor<const N: usize>(filter: &str, text: &str) -> Result<[String; N], String> {
    let wrong = || "it is none of this list with this filter: begin without one".to_owned();
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
    let text = String::from_utf8(bytes).map_err(|_| wrong())?;
    let (seal, place) = text.split_once('\n').ok_or_else(wrong)?;
    if seal != bound(filter, place) {
        return Err(wrong());
    }
    let parts: Vec<String> = place.split('\n').map(str::to_owned).collect();
    parts.try_into().map_err(|_| wrong())
}

/// A cursor that cannot be honoured: 400.
pub fn wrong(rule: impl std::fmt::Display) -> Problem {
    Problem::bad(format!("cursor: {rule}"))
}

/// What binds a place to its filter. It keeps mistakes out, not attackers: a cursor opens nothing.
fn bound(filter: &str, place: &str) -> String {
    let digest = Sha256::digest(format!("{filter}\n{place}"));
    hex::encode(&digest[..8])
}

/// A moment in a cursor: microseconds, as the databases keep it.
pub fn moment(at: Timestamp) -> String {
    at.as_microsecond().to_string()
}

/// Reads a moment of a cursor.
pub fn read_moment(text: &str) -> Result<Timestamp, String> {
    let wrong = || "it cannot be read".to_owned();
    let us = text.parse().map_err(|_| wrong())?;
    Timestamp::from_microsecond(us).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_belongs_to_its_filter() {
        let text = cursor("object=1", &["12".into(), "ab".into()]);
        assert_eq!(read_cursor("object=1", &text).unwrap(), ["12", "ab"]);
        for (filter, text) in [("object=2", &*text), ("object=1", "x"), ("object=1", &text[1..])] {
            let read: Result<[String; 2], _> = read_cursor(filter, text);
            assert!(read.unwrap_err().contains("begin without one"), "{filter} {text}");
        }
        assert!(read_cursor::<3>("object=1", &text).is_err());
    }
}
