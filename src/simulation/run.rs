//! One run: from a seed to what is wrong.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use rand::RngExt;
use rusqlite::Connection;
use tokio::time::{Instant, sleep, timeout};

use super::checker::{Remains, check};
use super::context::{Simulation, lock};
use super::dead::{self, People};
use super::faults::{self, NAMES, Plan};
use super::network::{Network, Processes};
use super::process::{Process, Role, enter};
use super::variant::Variant;
use super::{database, protocols, tasks, weeks};
use crate::config::Settings;

/// How long a run may take after everything is mended, in simulated time.
const PATIENCE: Duration = Duration::from_secs(400);

/// In how many runs processes are started again with other settings.
const CHANGES: f64 = 0.3;
/// In how many runs weeks pass in the end.
const WEEKS: f64 = 0.1;

/// What became of a run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The promises that were broken.
    pub broken: Vec<String>,
    pub faults: BTreeMap<&'static str, u64>,
    /// What makes the run this run, and how many events it had.
    pub fingerprint: (u64, u64),
    /// How many tasks came out how.
    pub outcomes: BTreeMap<String, u64>,
    /// How long it was, in simulated time.
    pub lasted: Duration,
}

/// Runs one seed, on a thread of its own.
pub(crate) fn run(seed: u64, variant: Variant, shown: bool) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let database = database::begin(&variant);
    let report = runtime.block_on(async {
        let simulation = Simulation::new(seed, variant, Arc::clone(&database), shown);
        enter(Some(Arc::clone(&simulation)));
        play(&simulation).await
    });
    // What still runs ends now, within the run.
    drop(runtime);
    enter(None);
    database::end(database, &variant);
    report
}

async fn play(simulation: &Arc<Simulation>) -> Report {
    let began = Instant::now();
    let changes = simulation.dice().random_bool(CHANGES);
    let settings = if changes { settings() } else { &settings()[..1] };
    let role = |name: &str| if name.starts_with("api") { Role::Api } else { Role::Worker };
    let start = |name: &&'static str| Process::start(simulation, name, role(name), settings);
    let processes: Processes = Arc::new(Mutex::new(NAMES.iter().map(start).collect()));
    let network = Network { simulation: Arc::clone(simulation), processes: Arc::clone(&processes) };
    let played = tokio::spawn(protocols::play(network.clone()));
    let people = Arc::new(People::new(simulation));
    let looking = Arc::clone(&people);
    let looking = tokio::spawn(async move { looking.look().await });

    let plan = Plan::of(&mut simulation.dice(), simulation.fault_rates().faults);
    faults::run(simulation, &processes, plan).await;
    simulation.mend();
    let mended_at = simulation.now().as_microsecond();

    let mut broken = Vec::new();
    if simulation.panics() > 0 {
        broken.push(format!("{} panics", simulation.panics()));
    }
    match timeout(PATIENCE, played).await {
        // Without the clients' word there is nothing to compare.
        Err(_) => broken.push("some client never got an answer".into()),
        Ok(observations) => {
            looking.abort();
            if timeout(PATIENCE, settled(simulation, &people)).await.is_err() {
                broken.push("something is left undone".into());
            }
            let database = simulation.database.lock().await;
            let remains = remains(simulation, &database, mended_at);
            let observations = observations.unwrap();
            broken.extend(check(&remains, &observations, &database).unwrap());
            drop(database);
            if broken.is_empty() && simulation.dice().random_bool(WEEKS) {
                broken.extend(weeks::pass(&network, &observations).await);
            }
        }
    }
    let database = simulation.database.lock().await;
    let mut outcomes = BTreeMap::new();
    for task in tasks::read(&database).unwrap().into_values() {
        *outcomes.entry(task.outcome.unwrap_or("open".into())).or_default() += 1;
    }
    let (faults, fingerprint) = (simulation.faults(), simulation.fingerprint());
    Report { broken, faults, fingerprint, outcomes, lasted: began.elapsed() }
}

fn remains(simulation: &Simulation, database: &Connection, mended_at: i64) -> Remains {
    Remains {
        tasks: tasks::read(database).unwrap(),
        called: simulation.heard.called(),
        results: simulation.heard.results(),
        listened: simulation.heard.notifications(),
        spoilt: lock(&simulation.spoilt).clone(),
        withdrawn: lock(&simulation.withdrawn).clone(),
        cancelled: lock(&simulation.cancelled).clone(),
        surely_cancelled: lock(&simulation.surely_cancelled).clone(),
        paused: lock(&simulation.paused).clone(),
        unlicensed: lock(&simulation.unlicensed).clone(),
        mended_at,
        clock_jumped: simulation.faults().contains_key("jumps of the clock"),
        answering: lock(&simulation.answering)
            .iter()
            .map(|(task, began)| (*task, began.as_microsecond()))
            .collect(),
    }
}

/// Waits until nothing is left to do, also after every dead letter was replayed.
async fn settled(simulation: &Simulation, people: &People) {
    finished(simulation).await;
    let dead = dead::are_any(simulation, &*simulation.database.lock().await).unwrap();
    if dead {
        people.replay_all().await;
        finished(simulation).await;
    }
}

/// Waits until every task is answered, every notification delivered and no message left.
async fn finished(simulation: &Simulation) {
    loop {
        let database = simulation.database.lock().await;
        let closed = protocols::are_closed(&database).unwrap();
        drop(database);
        if closed && simulation.broker.messages() == 0 {
            return;
        }
        sleep(Duration::from_millis(250)).await;
    }
}

/// The settings of a process, and others that it may be started with again.
fn settings() -> &'static [Settings] {
    static SETTINGS: OnceLock<[Settings; 2]> = OnceLock::new();
    SETTINGS.get_or_init(|| [read(&[]), read(&CHANGED)])
}

/// What of the settings changes.
const CHANGED: [(&str, &str); 4] = [
    ("limits.open_tasks_per_object", "2"),
    ("ticketscloud.reserve_s", "8"),
    ("ticketscloud.payment_s", "9"),
    ("activeplatform.utc_offset", "+0545"),
];

fn read(changed: &[(&str, &str)]) -> Settings {
    let flags = [
        ("limits.requests_per_s", "0"),
        ("limits.open_tasks_per_object", "0"),
        ("limits.scheduled_per_object", "0"),
        ("tasks.republish_at_least_every_s", "10"),
        ("worker.lanes", "2"),
        ("worker.batch", "8"),
        ("worker.linger_ms", "0"),
        ("sweeper.interval_ms", "2000"),
        ("ticketscloud.reserve_s", "5"),
        ("ticketscloud.payment_s", "7"),
        ("billmanager.attempts_per_min", "100000"),
        ("callbacks.timeout_ms", "1000"),
        ("callbacks.retry_after_s", "1,1,1,1,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2"),
    ];
    let flags = flags.iter().filter(|(name, _)| changed.iter().all(|(other, _)| other != name));
    let flags = flags.chain(changed).map(|(name, value)| (*name, (*value).to_owned()));
    crate::protocols::ALL.settings(&flags.collect::<Vec<_>>()).unwrap()
}
