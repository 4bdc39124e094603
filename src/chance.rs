//! Chance where it decides when something happens: jitter. In the simulation it follows from the seed, so that
//! a run can be repeated.

use rand::RngExt;
use rand::distr::uniform::{SampleRange, SampleUniform};

/// A number of this range.
pub(crate) fn within<T: SampleUniform, R: SampleRange<T>>(range: R) -> T {
    #[cfg(test)]
    if let Some(stage) = crate::simulation::process::stage() {
        return stage.dice().random_range(range);
    }
    rand::rng().random_range(range)
}
