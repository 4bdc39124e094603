//! What all processes of a run share: chance, time, the database, the broker, and the lines between.

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
use super::process::Life;
use super::receiver::Heard;
use super::trace::Trace;
use super::variant::Variant;
use crate::domain::dead_letter::DeadLetter;
use crate::runtime::jitter::Dice;

/// For how long transactions may be in the way, one after the other.
const IN_THE_WAY: Duration = Duration::from_millis(1_500);
/// When the next ones may be, after the first of the last ones.
const OVER: Duration = Duration::from_secs(10);

/// Where a call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Store,
    Broker,
    Receiver,
}

/// Who is cut off from what, until when; `None` for every process.
type Outage = (Part, Option<&'static str>, Instant);

/// All of it.
#[derive(Debug)]
pub(crate) struct Stage {
    began: Instant,
    /// How far the database's clock is from the simulated time, in microseconds.
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
    /// When the transaction began that answered a task, by the database's clock.
    pub answering: Mutex<BTreeMap<Uuid, Timestamp>>,
    /// The names of messages that people have in hand, or had, to hand them in again.
    pub replaying: Mutex<BTreeSet<String>>,
    /// What nobody can make a task of, on its way to the store.
    pub dead: Mutex<Vec<DeadLetter>>,
    /// Tasks to be spoilt once they are registered, and their objects.
    pub to_spoil: Mutex<Vec<(Uuid, i64)>>,
    /// Those that were.
    pub spoilt: Mutex<BTreeSet<Uuid>>,
    mended: AtomicBool,
    /// The rights that were withdrawn at any time.
    pub withdrawn: Mutex<BTreeSet<&'static str>>,
    /// When the first of the last transactions was in the way of a process.
    conflicts: Mutex<BTreeMap<&'static str, Instant>>,
    pub variant: Variant,
}

impl Stage {
    pub(crate) fn new(seed: u64, variant: Variant, database: Tables, shown: bool) -> Arc<Stage> {
        let mut dice = SmallRng::seed_from_u64(seed);
        let rates = FaultRates::draw(&mut dice);
        let stage = Arc::new(Stage {
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
            conflicts: Mutex::default(),
            variant,
        });
        stage.note("stage", "fault rates", &format!("{rates:?}"));
        stage
    }

    pub(crate) fn dice(&self) -> MutexGuard<'_, SmallRng> {
        lock(&self.dice)
    }

    pub(crate) fn fault_rates(&self) -> FaultRates {
        *lock(&self.fault_rates)
    }

    /// Whether something of this chance happens now, and if so, counts it.
    pub(crate) fn strikes(&self, chance: f64, what: &'static str) -> bool {
        let strikes = chance > 0.0 && self.dice().random_bool(chance);
        if strikes {
            self.count(what);
        }
        strikes
    }

    /// Whether another transaction is in the way of this process. Others may be, one after the other, for a while;
    /// then all of them are over for some time.
    pub(crate) fn is_in_the_way(&self, life: &Life) -> bool {
        let now = Instant::now();
        let mut conflicts = lock(&self.conflicts);
        let passed = conflicts.get(life.name).map(|first| now - *first);
        let may = passed.is_none_or(|passed| passed < IN_THE_WAY || passed > OVER);
        let strikes =
            may && self.strikes(self.fault_rates().conflict, "transactions in each other's way");
        if strikes && passed.is_none_or(|passed| passed > OVER) {
            conflicts.insert(life.name, now);
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

    /// Takes a part away, from one process or from all.
    pub(crate) fn take_away(&self, part: Part, from: Option<&'static str>, lasting: Duration) {
        lock(&self.outages).push((part, from, Instant::now() + lasting));
    }

    /// Whether a part is away for this process.
    pub(crate) fn is_away(&self, part: Part, life: &Life) -> bool {
        let now = Instant::now();
        let of = |from: &Option<&'static str>| from.is_none_or(|name| name == life.name);
        lock(&self.outages)
            .iter()
            .any(|(away, from, until)| *away == part && of(from) && now < *until)
    }

    /// Whether a part is away for every process, and so for everybody else.
    pub(crate) fn is_away_for_all(&self, part: Part) -> bool {
        let now = Instant::now();
        let outages = lock(&self.outages);
        outages.iter().any(|(away, from, until)| *away == part && from.is_none() && now < *until)
    }

    /// From now on nothing goes wrong any more.
    pub(crate) fn mend(&self) {
        lock(&self.outages).clear();
        *lock(&self.fault_rates) = FaultRates::none();
        self.mended.store(true, Ordering::Relaxed);
        self.note("stage", "mended", "");
    }

    /// Whether nothing goes wrong any more.
    pub(crate) fn is_mended(&self) -> bool {
        self.mended.load(Ordering::Relaxed)
    }

    /// A call on its way there. After an error nothing was done.
    pub(crate) async fn there(&self, life: &Life, part: Part) -> Result<(), Lost> {
        self.travel(life).await;
        let cut = self.fault_rates().cut_before;
        match self.is_away(part, life)
            || self.strikes(cut, "calls cut off before they were carried out")
        {
            true => Err(Lost),
            false => Ok(()),
        }
    }

    /// Its reply on the way back. After an error nobody knows that it was done.
    pub(crate) async fn back(&self, life: &Life, part: Part) -> Result<(), Lost> {
        self.travel(life).await;
        let cut = self.fault_rates().cut_after;
        match self.is_away(part, life)
            || self.strikes(cut, "calls cut off after they were carried out")
        {
            true => Err(Lost),
            false => Ok(()),
        }
    }

    async fn travel(&self, life: &Life) {
        life.alive().await;
        let rates = self.fault_rates();
        let at_once = self.dice().random_bool(0.6);
        let lasting = if at_once { 0 } else { self.dice().random_range(1..4) };
        let slow = self.strikes(rates.slow, "calls that took long");
        let lasting = if slow { self.dice().random_range(1..=rates.slow_ms) } else { lasting };
        if lasting > 0 {
            sleep(Duration::from_millis(lasting)).await;
            life.alive().await;
        }
    }
}

impl Dice for Stage {
    fn take(&self) -> Box<dyn Rng + '_> {
        Box::new(self.dice())
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
