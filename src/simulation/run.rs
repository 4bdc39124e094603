//! One run: from a seed to what is wrong.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use futures_util::future::join_all;
use rand::RngExt;
use tokio::time::{Instant, sleep, timeout};

use super::books::Books;
use super::checker::{Remains, check};
use super::client::{self, Processes, TOKEN};
use super::database::{copy, in_memory};
use super::faults::{self, NAMES, Plan};
use super::intent::{CASH, Intent, OBJECTS, ORDERS, SALT, order};
use super::process::{Process, Role, enter};
use super::stage::{Stage, lock};
use super::variant::Variant;
use crate::config::Settings;
use crate::money::Money;
use crate::task::{OrderContent, TaskGuid};
use crate::token::TokenHash;

/// How long a run may take after everything is mended, in simulated time.
const PATIENCE: Duration = Duration::from_secs(400);

/// What became of a run.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// The promises that were broken.
    pub broken: Vec<String>,
    pub faults: BTreeMap<&'static str, u64>,
    /// What makes the run this run, and how many events it had.
    pub fingerprint: (u64, u64),
    pub tasks: u64,
    pub outcomes: BTreeMap<String, u64>,
    /// How long it was, in simulated time.
    pub lasted: Duration,
}

/// Runs one seed, on a thread of its own.
pub(super) fn run(seed: u64, variant: Variant, shown: bool) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let report = runtime.block_on(async {
        let stage = Stage::new(seed, variant, copy(template(&variant)), shown);
        enter(Some(Arc::clone(&stage)));
        play(&stage).await
    });
    // What still runs ends now, within the run.
    drop(runtime);
    enter(None);
    report
}

async fn play(stage: &Arc<Stage>) -> Report {
    let began = Instant::now();
    let settings = settings();
    let role = |name: &str| if name.starts_with("api") { Role::Api } else { Role::Worker };
    let start = |name: &&'static str| Process::start(stage, name, role(name), &settings);
    let processes: Processes = Arc::new(Mutex::new(NAMES.iter().map(start).collect()));

    let clients = stage.dice().random_range(2..7);
    let intents = |client: usize| -> Vec<Intent> {
        let tasks = stage.dice().random_range(1..6);
        (0..tasks).map(|number| Intent::of(&mut stage.dice(), client, number)).collect()
    };
    let clients: Vec<_> = (0..clients)
        .map(|number| client::run(Arc::clone(stage), Arc::clone(&processes), intents(number)))
        .map(tokio::spawn)
        .collect();

    let plan = Plan::of(&mut stage.dice(), stage.weather().faults);
    faults::run(stage, &processes, plan).await;
    stage.mend();
    let mended_at = stage.now().as_microsecond();

    let mut failures = Vec::new();
    let told = match timeout(PATIENCE, join_all(clients)).await {
        Ok(told) => told.into_iter().flat_map(Result::unwrap).collect(),
        Err(_) => {
            failures.push("some client never got an answer".into());
            Vec::new()
        }
    };
    if failures.is_empty() && timeout(PATIENCE, finished(stage)).await.is_err() {
        failures.push("something is left undone".into());
    }
    if stage.panics() > 0 {
        failures.push(format!("{} panics", stage.panics()));
    }
    let database = stage.database.lock().await;
    let books = Books::read(&database).unwrap();
    drop(database);
    let mut outcomes = BTreeMap::new();
    for task in &books.tasks {
        *outcomes.entry(task.outcome.clone().unwrap_or("open".into())).or_default() += 1;
    }
    let tasks = books.tasks.len() as u64;
    let faults = stage.faults();
    // Without the clients' word there is nothing to compare.
    let broken = match failures.is_empty() {
        false => failures,
        true => check(&Remains {
            told,
            books,
            called: stage.heard.called(),
            results: stage.heard.results(),
            mended_at,
            clock_jumped: faults.contains_key("jumps of the clock"),
            answering: lock(&stage.answering)
                .iter()
                .map(|(task, began)| (*task, began.as_microsecond()))
                .collect(),
            failures,
        }),
    };
    let (fingerprint, lasted) = (stage.fingerprint(), began.elapsed());
    Report { broken, faults, fingerprint, tasks, outcomes, lasted }
}

/// Waits until every task is answered, every letter delivered and no message left.
async fn finished(stage: &Stage) {
    loop {
        let database = stage.database.lock().await;
        let closed = Books::are_closed(&database).unwrap();
        drop(database);
        if closed && stage.broker.messages() == 0 {
            return;
        }
        sleep(Duration::from_millis(250)).await;
    }
}

fn settings() -> Settings {
    static SETTINGS: OnceLock<Settings> = OnceLock::new();
    let flags = [
        ("limits.requests_per_s", "0"),
        ("tasks.republish_at_least_every_s", "10"),
        ("worker.lanes", "2"),
        ("worker.batch", "8"),
        ("worker.linger_ms", "0"),
        ("sweeper.interval_ms", "1500"),
        ("callbacks.timeout_ms", "1000"),
        ("callbacks.retry_after_s", "1,1,1,1,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2"),
    ];
    let flags = flags.map(|(name, value)| (name, value.to_owned()));
    SETTINGS.get_or_init(|| Settings::load(&flags).unwrap()).clone()
}

/// The database that every run of a variant begins with.
fn template(variant: &Variant) -> &'static Mutex<Vec<u8>> {
    /// By what is done to the schema.
    type Templates = HashMap<&'static str, &'static Mutex<Vec<u8>>>;
    static TEMPLATES: Mutex<Option<Templates>> = Mutex::new(None);
    let mut templates = lock(&TEMPLATES);
    let made = templates.get_or_insert_default();
    made.entry(variant.schema).or_insert_with(|| Box::leak(Box::new(Mutex::new(seeded(variant)))))
}

fn seeded(variant: &Variant) -> Vec<u8> {
    let mut database = in_memory();
    crate::store::migrate::migrate_sqlite(&mut database).unwrap();
    database.execute_batch(variant.schema).unwrap();
    let hash = TokenHash::of(TOKEN).0;
    let add = "INSERT INTO aggregators (aggregator_id, name, token_hash, guid_salt)
               VALUES (1, 'simulated', ?1, ?2)";
    database.execute(add, (hash.as_slice(), SALT.as_bytes().as_slice())).unwrap();
    let mailbox =
        "INSERT INTO mailboxes (aggregator_id, kind, answers, events, added_at, url, secret)
                   VALUES (1, ?1, ?2, ?3, 0, ?4, ?5)";
    let url = Some("https://simulated.example/answers");
    let secret = Some([7_u8; 32].as_slice());
    for (kind, answers, events, url, secret) in [
        ("results", true, false, None, None),
        ("replies", true, false, None, None),
        ("callback", true, true, url, secret),
    ] {
        database.execute(mailbox, (kind, answers, events, url, secret)).unwrap();
    }
    for (object, version) in OBJECTS.into_iter().zip(["v1", "v2"]) {
        let id = object.0;
        let add = "INSERT INTO objects (object_id, name, agent_version, agent_guid, cancel_paid)
                   VALUES (?1, 'Restaurant', ?2, ?3, 1)";
        let agent = TaskGuid::derived(SALT, version);
        database.execute(add, (id, version, agent.0.as_bytes().as_slice())).unwrap();
        database.execute("INSERT INTO licences VALUES (1, ?1)", [id]).unwrap();
        let add = "INSERT INTO currencies VALUES (?1, ?2, 'Cash', 'cash')";
        database.execute(add, (id, CASH.as_bytes().as_slice())).unwrap();
        for number in 0..ORDERS {
            let (guid, total) = order(object, number);
            assert!(Money::from_kopecks(total).is_some());
            let add = "INSERT INTO orders (object_id, order_guid, status, total, paid, created_at,
                                           content, version)
                       VALUES (?1, ?2, 'Created', ?3, 0, 0, ?4, 1)";
            let content = serde_json::to_string(&OrderContent::default()).unwrap();
            database.execute(add, (id, guid.as_bytes().as_slice(), total, content)).unwrap();
        }
    }
    database.serialize("main").unwrap().to_vec()
}
