//! Whether the store takes tasks.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long one refusal counts: who hears of it sends callers elsewhere, and nobody tries again here.
const LATELY: Duration = Duration::from_secs(5);

/// What became of the last tasks.
#[derive(Debug)]
pub(super) struct Refusals {
    born: Instant,
    /// Milliseconds after `born`, at least 1; 0 when the last tasks were taken.
    last_ms: AtomicU64,
}

impl Refusals {
    pub(super) fn none() -> Refusals {
        Refusals { born: Instant::now(), last_ms: AtomicU64::new(0) }
    }

    /// The store did not take tasks.
    pub(super) fn refused(&self) {
        let now = u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_ms.store(now.max(1), Ordering::Relaxed);
    }

    /// The store took tasks.
    pub(super) fn taken(&self) {
        self.last_ms.store(0, Ordering::Relaxed);
    }

    /// Whether the store lately refused tasks and has taken none since.
    pub(super) fn lately(&self) -> bool {
        let last = Duration::from_millis(self.last_ms.load(Ordering::Relaxed));
        last > Duration::ZERO && self.born.elapsed().saturating_sub(last) < LATELY
    }
}
