//! What a run is told by its environment; `scripts/faults` sets it.

use std::path::PathBuf;

/// How large a run is.
#[derive(Debug, Clone)]
pub struct Run {
    pub seed: u64,
    /// Payments (`PayOrder`, `AddPrepayOrder`) that must be answered before it ends.
    pub payments: usize,
    /// Faults.
    pub faults: usize,
    /// Stories begun a second.
    pub rate: u32,
    /// Where reports and logs go; `None`: nowhere.
    pub out: Option<PathBuf>,
}

/// The run of the environment; what it does not name is as in CI.
pub fn run() -> Run {
    Run {
        // It deals kills of every part, a wipe, a freeze and half-open wires within ten faults.
        seed: number("WSA_FAULTS_SEED", 71_297),
        payments: number("WSA_FAULTS_PAYMENTS", 1_000),
        faults: number("WSA_FAULTS_COUNT", 10),
        rate: number("WSA_FAULTS_RATE", 40),
        out: std::env::var_os("WSA_FAULTS_OUT").map(PathBuf::from),
    }
}

fn number<T: std::str::FromStr>(name: &str, otherwise: T) -> T {
    let Ok(text) = std::env::var(name) else { return otherwise };
    text.parse().unwrap_or_else(|_| panic!("{name} is {text:?}: it must be a whole number"))
}
