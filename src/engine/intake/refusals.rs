//! Whether the store takes tasks.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the store refused the last tasks.
#[derive(Debug, Default)]
pub(super) struct Refusals(AtomicBool);

impl Refusals {
    /// Records that the store did not take tasks.
    pub(super) fn record_refused(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Records that the store took tasks, or a write as large.
    pub(super) fn record_taken(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// Whether the last tasks were refused.
    pub(super) fn was_refused(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
