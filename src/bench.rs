//! `wsa bench`: how fast an installation takes and answers payments, and in the same run how fast its
//! broker and its store are by themselves. Machines are noisy; figures of one run compare with each
//! other, not with yesterday's.

pub mod backlog;
pub mod broker;
pub mod client;
pub mod least;
pub mod listeners;
pub mod load;
pub mod noisy;
pub mod open_loop;
pub mod orders;
pub mod processes;
pub mod report;
pub mod store;
pub mod usage;

use std::time::{Duration, Instant};

/// How many of something were done in which time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// How many.
    pub count: u64,
    /// In which time.
    pub took: Duration,
}

impl Rate {
    /// `count` since `started`.
    pub fn since(started: Instant, count: u64) -> Rate {
        Rate { count, took: started.elapsed() }
    }

    /// How many a second.
    pub fn per_second(self) -> f64 {
        self.count as f64 / self.took.as_secs_f64().max(1e-9)
    }
}
