//! What happened in a run, event by event: as a number to compare runs by, and as text for people.

use std::hash::{DefaultHasher, Hash, Hasher};

/// How much of a detail counts, in bytes.
const KNOWN_BY: usize = 48;

/// The events of a run.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    /// `DefaultHasher::new` has fixed keys: the same events give the same number in every process.
    hash: DefaultHasher,
    events: u64,
    /// Whether each is printed.
    shown: bool,
}

impl Trace {
    pub(crate) fn new(shown: bool) -> Trace {
        Trace { shown, ..Trace::default() }
    }

    pub(crate) fn note(&mut self, at_ms: u64, who: &str, what: &str, detail: &str) {
        // Statements are long, and known by how they begin.
        (at_ms, who, what, detail.get(..KNOWN_BY).unwrap_or(detail)).hash(&mut self.hash);
        self.events += 1;
        if self.shown {
            let line: String = detail.split_whitespace().collect::<Vec<_>>().join(" ");
            let line: String = line.chars().take(160).collect();
            println!("{:>7}.{:03} {who:<10} {what:<12} {line}", at_ms / 1000, at_ms % 1000);
        }
    }

    pub(crate) fn fingerprint(&self) -> (u64, u64) {
        (self.hash.finish(), self.events)
    }
}
