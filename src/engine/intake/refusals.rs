//! Whether the store takes tasks.

use std::sync::atomic::{AtomicBool, Ordering};

/// What became of the last tasks.
#[derive(Debug, Default)]
pub(super) struct Refusals(AtomicBool);

impl Refusals {
    /// The store did not take tasks.
    pub(super) fn refused(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// The store took tasks, or a write as large.
    pub(super) fn taken(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// Whether the last tasks were refused.
    pub(super) fn last(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
