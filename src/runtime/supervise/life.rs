//! Whether a task gets on, seen from outside: when the runtime gave it its turn last, and whether that turn ended.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::End;

/// How long a step may take. Tasks wait between steps, never in one; what blocks is done by other threads.
const LONGEST_STEP: Duration = Duration::from_secs(10);
/// Says that no step is being taken.
const NONE: u64 = u64::MAX;

/// The signs of life of one task, over all its starts.
#[derive(Debug)]
pub(super) struct Life {
    born: Instant,
    /// When the step in hand began, in milliseconds after `born`.
    step_ms: AtomicU64,
    /// When the last one began.
    last_ms: AtomicU64,
    rhythm: Option<Duration>,
}

impl Life {
    /// A task that has not run yet; with a rhythm, steps follow each other within it.
    pub(super) fn new(rhythm: Option<Duration>) -> Arc<Life> {
        let [step_ms, last_ms] = [NONE, 0].map(AtomicU64::new);
        Arc::new(Life { born: Instant::now(), step_ms, last_ms, rhythm })
    }

    /// Does the work, and notes each step of it.
    pub(super) async fn watch(self: Arc<Life>, work: impl Future<Output = End>) -> End {
        let mut work = pin!(work);
        std::future::poll_fn(|context| {
            let _step = self.begin();
            work.as_mut().poll(context)
        })
        .await
    }

    fn begin(&self) -> StepInHand<'_> {
        let now = self.now_ms();
        self.last_ms.store(now, Ordering::Relaxed);
        self.step_ms.store(now, Ordering::Relaxed);
        StepInHand(self)
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_millis()).unwrap_or(NONE - 1)
    }

    /// How it is stuck; `None`: it gets on, as far as can be seen.
    pub(super) fn stuck(&self) -> Option<String> {
        let age = |ms: u64| Duration::from_millis(self.now_ms().saturating_sub(ms));
        let step = self.step_ms.load(Ordering::Relaxed);
        if step != NONE && age(step) > LONGEST_STEP {
            return Some(format!("has been in one step for {} s", age(step).as_secs()));
        }
        let waited = age(self.last_ms.load(Ordering::Relaxed));
        let late = self.rhythm.is_some_and(|rhythm| waited > rhythm);
        late.then(|| format!("has not gone round for {} s", waited.as_secs()))
    }

    /// Says that it begins anew: what went before counts no longer.
    pub(super) fn begin_anew(&self) {
        self.last_ms.store(self.now_ms(), Ordering::Relaxed);
    }
}

/// Ends with the step, also when that panics.
struct StepInHand<'a>(&'a Life);

impl Drop for StepInHand<'_> {
    fn drop(&mut self) {
        self.0.step_ms.store(NONE, Ordering::Relaxed);
    }
}
