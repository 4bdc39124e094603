//! The state that all processes of a run share: the random numbers, the clock, the database, the broker and the
//! network between them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rand::rngs::SmallRng;
use rand::{Rng, RngExt, SeedableRng};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::Lost;
use super::broker::Broker;
use super::database::Tables;
use super::fault_rates::FaultRates;
use super::operators::Forbidden;
use super::process::ProcessInstance;
use super::receiver::Heard;
use super::trace::Trace;
use super::variant::Variant;
use crate::domain::dead_letter::DeadLetter;
use crate::runtime::jitter::Dice;

/// For how long other transactions may conflict with one process, one after the other.
const IN_THE_WAY: Duration = Duration::from_millis(1_500);
/// How long after the first conflict of a series the next series may begin.
const OVER: Duration = Duration::from_secs(10);

/// The part of the installation that a call goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Store,
    Broker,
    Receiver,
}

/// A part is unavailable to one process, or to all (`None`), until this moment.
type Outage = (Part, Option<&'static str>, Instant);

/// A simulated installation and everything in it.
#[derive(Debug)]
pub(crate) struct Simulation {
    began: Instant,
    /// The difference between the database's clock and the simulated time, in microseconds.
    skew_us: AtomicI64,
    dice: Mutex<SmallRng>,
    fault_rates: Mutex<FaultRates>,
    outages: Mutex<Vec<Outage>>,
    faults: Mutex<BTreeMap<&'static str, u64>>,
    panics: AtomicI64,
    trace: Mutex<Trace>,
    pub database: Tables,
    pub broker: Broker,
    pub heard: Heard,
    /// The time at which the transaction that answered a task began, by the database's clock.
    pub answering: Mutex<BTreeMap<Uuid, Timestamp>>,
    /// The names of the messages that people replay or have replayed.
    pub replaying: Mutex<BTreeSet<String>>,
    /// Dead letters that the store does not have yet.
    pub dead: Mutex<Vec<DeadLetter>>,
    /// Tasks that must become impossible to write once they are registered, and their objects.
    pub to_spoil: Mutex<Vec<(Uuid, i64)>>,
    /// The tasks that became impossible to write.
    pub spoilt: Mutex<BTreeSet<Uuid>>,
    mended: AtomicBool,
    /// The rights that were withdrawn at any time of the run.
    pub withdrawn: Mutex<BTreeSet<&'static str>>,
    /// The tasks that operators wanted to cancel, and those of which they were told that they are.
    pub cancelled: Mutex<BTreeSet<Uuid>>,
    pub surely_cancelled: Mutex<BTreeSet<Uuid>>,
    /// When an object was paused, and when a licence of the aggregator was withdrawn by an operator.
    pub paused: Mutex<Vec<Forbidden>>,
    pub unlicensed: Mutex<Vec<Forbidden>>,
    /// For each process, when its last series of conflicts began.
    conflicts: Mutex<BTreeMap<&'static str, Instant>>,
    pub variant: Variant,
    /// What the run began with: for choices that leave the dice as they are.
    pub seed: u64,
}

impl Simulation {
    pub(crate) fn new(
        seed: u64,
        variant: Variant,
        database: Tables,
        shown: bool,
    ) -> Arc<Simulation> {
        let mut dice = SmallRng::seed_from_u64(seed);
        let mut rates = FaultRates::draw(&mut dice);
        if variant.each_comes_again {
            rates.unsettled = 1.0;
        }
        let simulation = Arc::new(Simulation {
            seed,
            began: Instant::now(),
            skew_us: AtomicI64::new(0),
            dice: Mutex::new(dice),
            fault_rates: Mutex::new(rates),
            outages: Mutex::default(),
            faults: Mutex::default(),
            panics: AtomicI64::new(0),
            trace: Mutex::new(Trace::new(shown)),
            database,
            broker: Broker::default(),
            heard: Heard::default(),
            answering: Mutex::default(),
            dead: Mutex::default(),
            replaying: Mutex::default(),
            to_spoil: Mutex::default(),
            spoilt: Mutex::default(),
            mended: AtomicBool::new(false),
            withdrawn: Mutex::default(),
            cancelled: Mutex::default(),
            surely_cancelled: Mutex::default(),
            paused: Mutex::default(),
            unlicensed: Mutex::default(),
            conflicts: Mutex::default(),
            variant,
        });
        simulation.note("simulation", "fault rates", &format!("{rates:?}"));
        simulation
    }

    pub(crate) fn dice(&self) -> MutexGuard<'_, SmallRng> {
        lock(&self.dice)
    }

    pub(crate) fn fault_rates(&self) -> FaultRates {
        *lock(&self.fault_rates)
    }

    /// Draws whether a fault of this probability happens now; counts it if so.
    pub(crate) fn strikes(&self, chance: f64, what: &'static str) -> bool {
        let strikes = chance > 0.0 && self.dice().random_bool(chance);
        if strikes {
            self.count(what);
        }
        strikes
    }

    /// Whether another transaction conflicts with this process. Conflicts may follow one another for
    /// [`IN_THE_WAY`]; the next series begins no earlier than [`OVER`] after the first of them.
    pub(crate) fn is_in_the_way(&self, instance: &ProcessInstance) -> bool {
        let now = Instant::now();
        let mut conflicts = lock(&self.conflicts);
        let passed = conflicts.get(instance.name).map(|first| now - *first);
        let may = passed.is_none_or(|passed| passed < IN_THE_WAY || passed > OVER);
        let strikes =
            may && self.strikes(self.fault_rates().conflict, "transactions in each other's way");
        if strikes && passed.is_none_or(|passed| passed > OVER) {
            conflicts.insert(instance.name, now);
        }
        strikes
    }

    /// Counts a fault.
    pub(crate) fn count(&self, what: &'static str) {
        *lock(&self.faults).entry(what).or_default() += 1;
    }

    pub(crate) fn faults(&self) -> BTreeMap<&'static str, u64> {
        lock(&self.faults).clone()
    }

    /// The database's clock.
    pub(crate) fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.began.elapsed().as_micros()).unwrap_or(i64::MAX);
        let passed = SignedDuration::from_micros(passed + self.skew_us.load(Ordering::Relaxed));
        Timestamp::from_second(1_790_000_000).unwrap() + passed
    }

    /// Lets the database's clock jump.
    pub(crate) fn jump(&self, seconds: i64) {
        self.skew_us.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    pub(crate) fn note(&self, who: &str, what: &str, detail: &str) {
        let at_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        lock(&self.trace).note(at_ms, who, what, detail);
    }

    pub(crate) fn fingerprint(&self) -> (u64, u64) {
        lock(&self.trace).fingerprint()
    }

    pub(crate) fn panicked(&self) {
        self.panics.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn panics(&self) -> i64 {
        self.panics.load(Ordering::Relaxed)
    }

    /// Makes a part unavailable to one process or to all.
    pub(crate) fn take_away(&self, part: Part, from: Option<&'static str>, lasting: Duration) {
        lock(&self.outages).push((part, from, Instant::now() + lasting));
    }

    /// Whether a part is unavailable to this process.
    pub(crate) fn is_away(&self, part: Part, instance: &ProcessInstance) -> bool {
        let now = Instant::now();
        let of = |from: &Option<&'static str>| from.is_none_or(|name| name == instance.name);
        lock(&self.outages)
            .iter()
            .any(|(away, from, until)| *away == part && of(from) && now < *until)
    }

    /// Whether a part is unavailable to every process, and so to all clients.
    pub(crate) fn is_away_for_all(&self, part: Part) -> bool {
        let now = Instant::now();
        let outages = lock(&self.outages);
        outages.iter().any(|(away, from, until)| *away == part && from.is_none() && now < *until)
    }

    /// Repairs every fault; no other fault happens from now on.
    pub(crate) fn mend(&self) {
        lock(&self.outages).clear();
        *lock(&self.fault_rates) = FaultRates::none();
        self.mended.store(true, Ordering::Relaxed);
        self.note("simulation", "mended", "");
    }

    /// Whether every fault has been repaired.
    pub(crate) fn is_mended(&self) -> bool {
        self.mended.load(Ordering::Relaxed)
    }

    /// Sends a call to a part. After an error nothing was done.
    pub(crate) async fn there(&self, instance: &ProcessInstance, part: Part) -> Result<(), Lost> {
        self.travel(instance).await;
        let cut = self.fault_rates().cut_before;
        match self.is_away(part, instance)
            || self.strikes(cut, "calls cut off before they were carried out")
        {
            true => Err(Lost),
            false => Ok(()),
        }
    }

    /// Sends its reply back. After an error the call was carried out, but its caller does not know.
    pub(crate) async fn back(&self, instance: &ProcessInstance, part: Part) -> Result<(), Lost> {
        self.travel(instance).await;
        let cut = self.fault_rates().cut_after;
        match self.is_away(part, instance)
            || self.strikes(cut, "calls cut off after they were carried out")
        {
            true => Err(Lost),
            false => Ok(()),
        }
    }

    async fn travel(&self, instance: &ProcessInstance) {
        instance.until_running().await;
        let rates = self.fault_rates();
        let at_once = self.dice().random_bool(0.6);
        let lasting = if at_once { 0 } else { self.dice().random_range(1..4) };
        let slow = self.strikes(rates.slow, "calls that took long");
        let lasting = if slow { self.dice().random_range(1..=rates.slow_ms) } else { lasting };
        if lasting > 0 {
            sleep(Duration::from_millis(lasting)).await;
            instance.until_running().await;
        }
    }
}

impl Dice for Simulation {
    fn take(&self) -> Box<dyn Rng + '_> {
        Box::new(self.dice())
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
