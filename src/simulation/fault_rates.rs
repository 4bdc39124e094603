//! The fault rates of a run: how often each kind of fault happens.

use rand::RngExt;
use rand::rngs::SmallRng;

/// The probability of each fault, from 0 to 1, for each call or message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FaultRates {
    /// A call takes long.
    pub slow: f64,
    /// How long such a call may take, in milliseconds.
    pub slow_ms: u64,
    /// A call is lost before it is carried out.
    pub cut_before: f64,
    /// A call is carried out, but its reply is lost.
    pub cut_after: f64,
    /// A statement conflicts with another transaction.
    pub conflict: f64,
    /// The broker loses a message that it confirmed.
    pub lost: f64,
    /// The broker delivers a message of an upstream service again although it was settled.
    pub unsettled: f64,
    /// A message is delivered twice.
    pub doubled: f64,
    /// How long a message may wait in the queue, in milliseconds; later messages overtake it.
    pub lies_ms: u64,
    /// Nobody receives an announcement.
    pub unheard: f64,
    /// A receiver of callbacks answers with an error.
    pub receiver_fails: f64,
    /// A client hangs up before its request is answered.
    pub impatient: f64,
    /// A handler is dropped where it waits, because its client has gone.
    pub gone: f64,
    /// The number of larger faults.
    pub faults: usize,
}

impl FaultRates {
    /// No fault happens.
    pub(crate) fn none() -> FaultRates {
        FaultRates {
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

    /// Draws the rates of a run: each rate is zero, low or high.
    pub(crate) fn draw(dice: &mut SmallRng) -> FaultRates {
        let mut chance = |most: f64| match dice.random_range(0..3) {
            0 => 0.0,
            1 => most * 0.2,
            _ => most,
        };
        FaultRates {
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
