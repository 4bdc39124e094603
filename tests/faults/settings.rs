//! What a run is told by its environment; `scripts/faults` sets it.

use std::path::PathBuf;

use crate::plan::{Step, plan, short};
use crate::support::servers;

/// How large a run is.
#[derive(Debug, Clone)]
pub struct Run {
    pub seed: u64,
    /// Payments (`PayOrder`, `AddPrepayOrder`) that must be answered before it ends.
    pub payments: usize,
    /// Faults; `None`: the few of the short run.
    pub faults: Option<usize>,
    /// Scenarios begun a second.
    pub rate: u32,
    /// Where reports and logs go.
    pub out: PathBuf,
}

impl Run {
    /// Its faults, in order. Servers that somebody else started are not killed.
    pub fn steps(&self, nodes: usize) -> Vec<Step> {
        let ours = servers::controls().is_some_and(|scripts| {
            ["postgres", "rabbitmq"].iter().all(|server| scripts.join(server).exists())
        });
        match self.faults {
            Some(faults) => plan(self.seed, faults, nodes),
            None => short(self.seed, ours),
        }
    }
}

/// The run of the environment; what it does not name is as in every test run.
pub fn run() -> Run {
    let out = std::env::var_os("WSA_FAULTS_OUT").map(PathBuf::from);
    Run {
        seed: number("WSA_FAULTS_SEED").unwrap_or(1),
        payments: number("WSA_FAULTS_PAYMENTS").unwrap_or(500),
        faults: number("WSA_FAULTS_COUNT"),
        rate: number("WSA_FAULTS_RATE").unwrap_or(20),
        out: out.unwrap_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("faults")),
    }
}

fn number<T: std::str::FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    let number = text.parse().ok();
    assert!(number.is_some(), "{name} is {text:?}: it must be a whole number");
    number
}
