//! The larger faults of a run: which, when, and how long.

use std::time::Duration;

use rand::RngExt;
use rand::rngs::SmallRng;
use tokio::time::{Instant, sleep, sleep_until};

use super::context::{Part, Simulation, lock};
use super::network::Processes;
use super::work;

/// Until when faults begin; each is over soon after.
pub(crate) const SEASON: Duration = Duration::from_secs(8);

/// The processes of a run.
pub(crate) const NAMES: [&str; 4] = ["api 1", "api 2", "worker 1", "worker 2"];

#[derive(Debug, Clone, Copy)]
enum Fault {
    /// `kill -9`, and started again after so many milliseconds.
    Kill(usize, u64),
    /// `kill -STOP`, and `-CONT`.
    Stop(usize, u64),
    /// The database is away, for one process or for all.
    NoStore(Option<&'static str>, u64),
    /// The broker is away: unacknowledged messages are delivered again.
    NoBroker(Option<&'static str>, u64),
    /// The broker has lost everything.
    Wipe,
    /// The database's clock jumps, in seconds.
    Jump(i64),
    /// The receiver of callbacks is away.
    NoReceiver(u64),
    /// A background task ends, in every process: they are the same program.
    End(&'static str),
}

/// What happens in a run, in order.
pub(crate) struct Plan(Vec<(Duration, Fault)>);

impl Plan {
    pub(crate) fn of(dice: &mut SmallRng, faults: usize) -> Plan {
        let season = u64::try_from(SEASON.as_millis()).unwrap();
        let mut plan: Vec<_> = (0..faults)
            .map(|_| (Duration::from_millis(dice.random_range(0..season)), Fault::of(dice)))
            .collect();
        plan.sort_by_key(|(at, _)| *at);
        Plan(plan)
    }
}

impl Fault {
    fn of(dice: &mut SmallRng) -> Fault {
        let lasting = dice.random_range(50..6_000);
        let which = dice.random_range(0..NAMES.len());
        let from = dice.random_bool(0.5).then_some(NAMES[which]);
        match dice.random_range(0..13) {
            0..4 => Fault::Kill(which, lasting),
            4..6 => Fault::Stop(which, lasting),
            6 => Fault::NoStore(from, lasting),
            7..9 => Fault::NoBroker(from, lasting),
            9 => Fault::Wipe,
            10 => Fault::Jump(dice.random_range(-10..20)),
            11 => Fault::End(work::NAMES[dice.random_range(0..work::NAMES.len())]),
            _ => Fault::NoReceiver(lasting),
        }
    }
}

/// Carries the plan out, then brings back whoever is dead.
pub(crate) async fn run(simulation: &Simulation, processes: &Processes, plan: Plan) {
    let began = Instant::now();
    let mut back: Vec<(Instant, usize)> = Vec::new();
    for (at, fault) in plan.0 {
        let at = began + at;
        revive(processes, &mut back, at).await;
        sleep_until(at).await;
        simulation.note("simulation", "fault", &format!("{fault:?}"));
        match fault {
            Fault::Kill(which, lasting) => {
                let process = &mut lock(processes)[which];
                if process.is_alive() {
                    simulation.count("processes killed");
                    process.kill();
                    back.push((at + Duration::from_millis(lasting), which));
                }
            }
            Fault::Stop(which, lasting) => {
                simulation.count("processes stopped and continued");
                lock(processes)[which].stop(Duration::from_millis(lasting));
            }
            Fault::NoStore(from, lasting) => {
                simulation.count("outages of the database");
                simulation.take_away(Part::Store, from, Duration::from_millis(lasting));
            }
            Fault::NoBroker(from, lasting) => {
                simulation.count("outages of the broker");
                simulation.take_away(Part::Broker, from, Duration::from_millis(lasting));
                simulation.broker.cut();
            }
            Fault::Wipe => {
                simulation.count("brokers wiped empty");
                simulation.broker.wipe();
            }
            Fault::Jump(seconds) => {
                simulation.count("jumps of the clock");
                simulation.jump(seconds);
            }
            Fault::End(task) => {
                simulation.count("background tasks that ended");
                lock(processes).iter().for_each(|process| process.end(task));
            }
            Fault::NoReceiver(lasting) => {
                simulation.count("outages of the receiver");
                simulation.take_away(Part::Receiver, None, Duration::from_millis(lasting));
            }
        }
    }
    revive(processes, &mut back, began + SEASON + Duration::from_secs(7)).await;
    sleep(Duration::from_millis(1)).await;
}

/// Starts again whoever is due by then, each at its time.
async fn revive(processes: &Processes, back: &mut Vec<(Instant, usize)>, until: Instant) {
    back.sort();
    while let Some(&(at, which)) = back.first().filter(|(at, _)| *at <= until) {
        sleep_until(at).await;
        lock(processes)[which].restart();
        back.remove(0);
    }
}
