//! Many seeds, the same seed twice, and every broken variant.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::run::{Report, run};
use super::variant::{BROKEN, DENIALS, LATER, OPERATORS, SERVICES, SOUND, Variant};

/// How many seeds are run with every test run.
const SEEDS: u64 = 1_000;
/// In how many a broken variant must be found out.
const ENOUGH: u64 = 1_000;

/// The sum of some runs.
#[derive(Default)]
struct Sum {
    runs: u64,
    events: u64,
    lasted: Duration,
    faults: BTreeMap<&'static str, u64>,
    outcomes: BTreeMap<String, u64>,
    broken: Vec<(u64, Vec<String>)>,
}

impl Sum {
    fn add(&mut self, seed: u64, report: Report) {
        self.runs += 1;
        self.events += report.fingerprint.1;
        self.lasted += report.lasted;
        for (what, count) in report.faults {
            *self.faults.entry(what).or_default() += count;
        }
        for (outcome, count) in report.outcomes {
            *self.outcomes.entry(outcome).or_default() += count;
        }
        if !report.broken.is_empty() {
            self.broken.push((seed, report.broken));
        }
    }

    fn merge(mut self, other: Sum) -> Sum {
        self.runs += other.runs;
        self.events += other.events;
        self.lasted += other.lasted;
        for (what, count) in other.faults {
            *self.faults.entry(what).or_default() += count;
        }
        for (outcome, count) in other.outcomes {
            *self.outcomes.entry(outcome).or_default() += count;
        }
        self.broken.extend(other.broken);
        self
    }

    fn print(&self, took: Duration) {
        println!(
            "{} seeds in {took:.1?}: {} tasks {:?}, {} events, {:.1} simulated hours",
            self.runs,
            self.outcomes.values().sum::<u64>(),
            self.outcomes,
            self.events,
            self.lasted.as_secs_f64() / 3600.0
        );
        for (what, count) in &self.faults {
            println!("{count:>12} {what}");
        }
    }

    fn assert_kept(&self) {
        for (seed, broken) in self.broken.iter().take(5) {
            println!("seed {seed}: {broken:#?}");
        }
        let seeds: Vec<u64> = self.broken.iter().map(|(seed, _)| *seed).take(20).collect();
        assert!(seeds.is_empty(), "promises were broken in {} runs: {seeds:?}", self.broken.len());
    }
}

/// Runs these seeds on every core.
fn run_all(first: u64, count: u64) -> Sum {
    let next = AtomicU64::new(first);
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let work = || {
        let mut sum = Sum::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + count {
                return sum;
            }
            sum.add(seed, run(seed, SOUND, false));
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).fold(Sum::default(), Sum::merge)
    })
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is {text:?}: it must be a number")))
}

#[test]
fn the_promises_are_kept_in_every_run() {
    let began = Instant::now();
    let sum = run_all(0, SEEDS);
    sum.print(began.elapsed());
    sum.assert_kept();
    // A run in which nothing happens proves nothing.
    assert!(
        sum.faults.values().all(|count| *count > 0) && sum.faults.len() >= 16,
        "{:?}",
        sum.faults
    );
    for (outcome, least) in [("done", 10), ("refused", 10), ("timeout", 10), ("cancelled", 100)] {
        assert!(sum.outcomes[outcome] > SEEDS / least, "{:?}", sum.outcomes);
    }
}

/// What long runs have found beyond the seeds of every test run, each as long as the dice are thrown as they were then.
#[test]
fn seeds_that_found_something_once_are_well() {
    const SEEDS: [(u64, &str); 4] = [
        (42_923, "a refusal of form was told, its dead letter lost, and an older copy replayed"),
        (56_439, "the same"),
        (69_815, "a slow attempt used up the time for conflicts, and the task failed 150 ms later"),
        (74_644, "the same"),
    ];
    for (seed, found) in SEEDS {
        let broken = run(seed, SOUND, false).broken;
        assert!(broken.is_empty(), "seed {seed}, which found once: {found}: {broken:#?}");
    }
}

#[test]
fn a_seed_is_the_same_run_each_time() {
    for seed in 0..20 {
        let runs = [(); 2].map(|()| run(seed, SOUND, false).fingerprint);
        assert_eq!(runs[0], runs[1], "seed {seed}");
    }
}

#[test]
fn every_broken_variant_is_found_out() {
    // One alone, for people: by a part of its name.
    let only = std::env::var("WSA_SIMULATION_VARIANT").ok();
    let mut escaped = Vec::new();
    let variants = BROKEN.iter().chain(SERVICES).chain(DENIALS).chain(LATER).chain(OPERATORS);
    for variant in variants {
        if only.as_ref().is_some_and(|only| !variant.name.contains(only)) {
            continue;
        }
        match found_out(*variant) {
            Some((seed, broken)) => {
                let told: String = broken[0].chars().take(150).collect();
                println!("{}: seed {seed}: {told}", variant.name);
            }
            None => escaped.push(variant.name),
        }
    }
    assert!(escaped.is_empty(), "not found out in {ENOUGH} runs: {escaped:#?}");
}

fn found_out(variant: Variant) -> Option<(u64, Vec<String>)> {
    let broken = (0..ENOUGH).map(|seed| (seed, run(seed, variant, false).broken));
    broken.into_iter().find(|(_, broken)| !broken.is_empty())
}

#[test]
#[ignore = "a million runs: hours"]
fn many() {
    let count = number("WSA_SIMULATION_SEEDS").unwrap_or(1_000_000);
    let first = number("WSA_SIMULATION_FIRST").unwrap_or(0);
    let began = Instant::now();
    let sum = run_all(first, count);
    sum.print(began.elapsed());
    sum.assert_kept();
}

#[test]
#[ignore = "prints one run, for people"]
fn one() {
    let seed = number("WSA_SIMULATION_SEED").unwrap_or(0);
    let report = run(seed, SOUND, true);
    println!("{report:#?}");
    assert!(report.broken.is_empty());
}
