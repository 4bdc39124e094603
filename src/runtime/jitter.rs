//! Jitter: chance that decides when something happens, so that what failed together does not come back together.

use std::cell::RefCell;
use std::sync::Arc;

use rand::distr::uniform::{SampleRange, SampleUniform};
use rand::{Rng, RngExt};

/// A source of chance other than the system's.
pub trait Dice {
    /// A generator of random numbers, to pick one number.
    fn take(&self) -> Box<dyn Rng + '_>;
}

thread_local! {
    static DICE: RefCell<Option<Arc<dyn Dice>>> = const { RefCell::new(None) };
}

/// Sets the dice of this thread; `None` is the system's chance. A run that is repeated by its seed has one thread.
pub fn set(dice: Option<Arc<dyn Dice>>) {
    DICE.set(dice);
}

/// Picks a number of this range.
pub fn pick<T: SampleUniform, R: SampleRange<T>>(range: R) -> T {
    DICE.with_borrow(|dice| match dice {
        Some(dice) => dice.take().random_range(range),
        None => rand::rng().random_range(range),
    })
}
