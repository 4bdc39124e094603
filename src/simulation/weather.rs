//! How often what goes wrong in a run.

use rand::RngExt;
use rand::rngs::SmallRng;

/// Chances from 0 to 1, of each call or message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weather {
    /// A call takes long.
    pub slow: f64,
    /// How long that may be, in milliseconds.
    pub slow_ms: u64,
    /// A call does not get there.
    pub cut_before: f64,
    /// A call is carried out, but its reply does not come back.
    pub cut_after: f64,
    /// A statement finds another transaction in its way.
    pub conflict: f64,
    /// A confirmed message is lost all the same.
    pub lost: f64,
    /// A message of an upstream service that was settled is delivered again all the same.
    pub unsettled: f64,
    /// A message comes twice.
    pub doubled: f64,
    /// How long a message may lie in the queue, in milliseconds: the later ones overtake it.
    pub lies_ms: u64,
    /// An announcement is not heard.
    pub unheard: f64,
    /// A receiver of callbacks answers an error.
    pub receiver_fails: f64,
    /// A client loses patience with a request.
    pub impatient: f64,
    /// A client is gone while its request is handled: the handler ends where it waits.
    pub gone: f64,
    /// How many faults of the larger kind there are.
    pub faults: usize,
}

impl Weather {
    /// Nothing goes wrong.
    pub(crate) fn calm() -> Weather {
        Weather {
            slow: 0.0,
            slow_ms: 1,
            cut_before: 0.0,
            cut_after: 0.0,
            conflict: 0.0,
            lost: 0.0,
            unsettled: 0.0,
            doubled: 0.0,
            lies_ms: 0,
            unheard: 0.0,
            receiver_fails: 0.0,
            impatient: 0.0,
            gone: 0.0,
            faults: 0,
        }
    }

    /// Some seeds are stormy and some are not, each in its own way.
    pub(crate) fn of(dice: &mut SmallRng) -> Weather {
        let mut chance = |most: f64| match dice.random_range(0..3) {
            0 => 0.0,
            1 => most * 0.2,
            _ => most,
        };
        Weather {
            slow: chance(0.05),
            cut_before: chance(0.02),
            cut_after: chance(0.02),
            conflict: chance(0.02),
            lost: chance(0.2),
            unsettled: chance(1.0),
            doubled: chance(0.2),
            unheard: chance(0.5),
            receiver_fails: chance(0.3),
            impatient: chance(0.3),
            gone: chance(0.3),
            slow_ms: dice.random_range(10..2_000),
            lies_ms: dice.random_range(0..1_500),
            faults: dice.random_range(0..12),
        }
    }
}
