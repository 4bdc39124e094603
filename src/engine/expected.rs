//! Tasks that were accepted here a moment ago and of whose answers nothing was heard yet. Who asks for one of them
//! waits for the announcement first: a look into the store would only say that it is open.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::task::TaskGuid;

/// For how long a task is expected to be answered at any moment, at least; for twice as long at most.
const SOON: Duration = Duration::from_secs(1);

/// Such tasks: a matter of speed only. One that is missing here is looked up, and so is one that stands here wrongly,
/// a moment later.
#[derive(Debug)]
pub struct Expected {
    generations: Mutex<Generations>,
}

#[derive(Debug)]
struct Generations {
    young: HashSet<TaskGuid>,
    old: HashSet<TaskGuid>,
    young_since: Instant,
}

impl Default for Expected {
    fn default() -> Expected {
        let (young, old) = Default::default();
        Expected {
            generations: Mutex::new(Generations { young, old, young_since: Instant::now() }),
        }
    }
}

impl Expected {
    /// A task that nobody can have answered yet, or hardly.
    pub fn expect(&self, guid: TaskGuid) {
        self.generations().young.insert(guid);
    }

    /// Whether nothing was heard yet of a task that was accepted here a moment ago.
    pub fn contains(&self, guid: TaskGuid) -> bool {
        let generations = self.generations();
        generations.young.contains(&guid) || generations.old.contains(&guid)
    }

    /// These are answered.
    pub fn forget(&self, guids: impl Iterator<Item = TaskGuid>) {
        let mut generations = self.generations();
        for guid in guids {
            let _ = generations.young.remove(&guid) || generations.old.remove(&guid);
        }
    }

    /// Any of them may be answered.
    pub fn forget_all(&self) {
        let mut generations = self.generations();
        generations.young.clear();
        generations.old.clear();
    }

    fn generations(&self) -> MutexGuard<'_, Generations> {
        // Each statement leaves the sets whole, so a panic elsewhere does not spoil them.
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        let age = generations.young_since.elapsed();
        if age >= SOON {
            let gone = std::mem::take(&mut generations.young);
            generations.old = if age < 2 * SOON { gone } else { HashSet::new() };
            generations.young_since = Instant::now();
        }
        generations
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_task_is_expected_until_it_is_answered_or_a_moment_is_over() {
        let (expected, guids) = (Expected::default(), [(); 3].map(|()| TaskGuid::new()));
        guids.iter().for_each(|guid| expected.expect(*guid));
        expected.forget([guids[0]].into_iter());
        assert_eq!(guids.map(|guid| expected.contains(guid)), [false, true, true]);
        tokio::time::advance(SOON).await;
        assert_eq!(guids.map(|guid| expected.contains(guid)), [false, true, true]);
        expected.forget([guids[1]].into_iter());
        assert_eq!(guids.map(|guid| expected.contains(guid)), [false, false, true]);
        tokio::time::advance(SOON).await;
        assert_eq!(guids.map(|guid| expected.contains(guid)), [false, false, false]);
        expected.expect(guids[0]);
        tokio::time::advance(5 * SOON).await;
        assert!(!expected.contains(guids[0]), "it is gone although nobody looked meanwhile");
        expected.expect(guids[0]);
        expected.forget_all();
        assert!(!expected.contains(guids[0]));
    }
}
