//! What is known of each background task that must run.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::life::Life;

/// How long a task must run after its first failure to count as well; twice as long after each further one.
const SHORTEST_PROOF: Duration = Duration::from_secs(1);
/// The longest such time.
const LONGEST_PROOF: Duration = Duration::from_secs(10);
/// What ran for so long begins its count of failures anew.
const STEADY: Duration = Duration::from_secs(60);

/// A task's name, and its number where there are several of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    pub(super) name: &'static str,
    pub(super) number: Option<usize>,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            Some(number) => write!(f, "{} {number}", self.name),
            None => f.write_str(self.name),
        }
    }
}

/// How one task is.
#[derive(Debug)]
struct State {
    abort: AbortHandle,
    life: Arc<Life>,
    started: Instant,
    down: bool,
    /// In a row.
    failures: u32,
    /// How it ended the last time; empty for never.
    last: &'static str,
}

impl State {
    /// What is wrong with it.
    fn trouble(&self, now: Instant) -> Option<String> {
        if self.down {
            return Some(format!("{}, restarting", self.last));
        }
        let doubled = 2_u32.saturating_pow(self.failures.checked_sub(1)?);
        let proof = SHORTEST_PROOF.saturating_mul(doubled).min(LONGEST_PROOF);
        (now - self.started < proof).then(|| format!("{}, restarted", self.last))
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct States(BTreeMap<Name, State>);

impl States {
    pub(super) fn record_start(
        &mut self,
        name: Name,
        (abort, life): (AbortHandle, Arc<Life>),
        now: Instant,
    ) {
        life.begin_anew();
        let before = self.0.get(&name).map_or((0, ""), |state| (state.failures, state.last));
        let (failures, last) = before;
        self.0.insert(name, State { abort, life, started: now, down: false, failures, last });
    }

    /// Records a failure, and returns how many there were in a row.
    pub(super) fn record_failure(&mut self, name: Name, how: &'static str, now: Instant) -> u32 {
        let Some(state) = self.0.get_mut(&name) else { return 1 };
        let before = if now - state.started >= STEADY { 0 } else { state.failures };
        state.failures = before.saturating_add(1);
        (state.down, state.last) = (true, how);
        state.failures
    }

    pub(super) fn forget(&mut self, name: Name) {
        self.0.remove(&name);
    }

    pub(super) fn trouble(&self, now: Instant) -> Option<String> {
        let wrong = self.0.iter().filter_map(|(name, state)| {
            let trouble = state.trouble(now)?;
            Some(format!("{name}: {trouble}"))
        });
        let wrong: Vec<String> = wrong.collect();
        (!wrong.is_empty()).then(|| wrong.join("; "))
    }

    /// Those that run and do not get on.
    pub(super) fn stuck(&self) -> Option<String> {
        let running = self.0.iter().filter(|(_, state)| !state.down);
        let stuck =
            running.filter_map(|(name, state)| Some(format!("{name} {}", state.life.stuck()?)));
        let stuck: Vec<String> = stuck.collect();
        (!stuck.is_empty()).then(|| stuck.join("; "))
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.0.keys().map(ToString::to_string).collect()
    }

    pub(super) fn abort(&self, name: &str) -> bool {
        let found = self.0.iter().find(|(there, _)| there.to_string() == name);
        let Some((_, state)) = found.filter(|(_, state)| !state.down) else { return false };
        state.abort.abort();
        true
    }
}
