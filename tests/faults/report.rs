//! What a run showed: for programs, and for people.

mod markdown;

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::time::Duration;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::checker::{Breach, RULES};
use crate::client_log::{ClientLog, Observations};
use crate::faults::Kind;
use crate::reading;
use crate::scenario::Way;
use crate::settings::Run;

/// A fault that happened; the moments in seconds from the start of the run.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    #[serde(serialize_with = "text")]
    pub kind: Kind,
    #[serde(serialize_with = "seconds")]
    pub began: Duration,
    #[serde(serialize_with = "seconds")]
    pub ended: Duration,
    /// Another was under way at the same time.
    pub beside: bool,
    /// Answers a second before.
    pub pace: u32,
    /// How long the next two may be.
    #[serde(serialize_with = "seconds")]
    pub bound: Duration,
    /// From its end (of two, the later one) until answers came as fast as before; `None`: it took longer
    /// than the bound.
    #[serde(serialize_with = "maybe_seconds")]
    pub recovery: Option<Duration>,
    /// The same until every process did its work again.
    #[serde(serialize_with = "maybe_seconds")]
    pub well: Option<Duration>,
}

/// A line for those who watch.
impl Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |time: Option<Duration>| {
            time.map_or("-".to_owned(), |time| format!("{:.1} s", time.as_secs_f64()))
        };
        let Event { kind, began, ended, pace, bound, .. } = self;
        let lasted = ended.saturating_sub(*began).as_secs_f64();
        write!(f, "at {:.1} s, {kind} for {lasted:.1} s; ", began.as_secs_f64())?;
        write!(f, "{pace} answers a second before, again after {}, ", shown(self.recovery))?;
        write!(f, "every process well after {}", shown(self.well))?;
        write!(f, " (within {} s)", bound.as_secs())
    }
}

/// All of it. Times are in seconds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub seed: u64,
    pub nodes: usize,
    pub rate: u32,
    pub cores: usize,
    pub release: bool,
    /// From the first scenario to the last answer.
    pub lasted: f64,
    pub faults: usize,
    pub recovered_later: usize,
    pub orders: usize,
    pub tasks: usize,
    pub payments: usize,
    pub payments_done: usize,
    /// By task type and the code of the answer.
    pub answers: BTreeMap<String, BTreeMap<String, usize>>,
    /// By way: how often answers were told, more than once to some.
    pub told: BTreeMap<&'static str, Told>,
    /// By errand: how often each word was told.
    pub errands: BTreeMap<&'static str, BTreeMap<String, usize>>,
    pub kinds: Vec<Row>,
    pub events: Vec<Event>,
    /// By rule.
    pub breaches: BTreeMap<&'static str, usize>,
    pub examples: Vec<String>,
    pub complaints: Vec<String>,
    pub audit: Value,
}

/// What clients of one way heard.
#[derive(Debug, Default, Serialize)]
pub struct Told {
    pub tasks: usize,
    /// Answers heard, each time counted.
    pub times: usize,
    /// Tasks of which an answer came by itself, over `ListenQueue` or a callback.
    pub letters: usize,
}

/// Faults of one kind. Recovery is of those that happened alone.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    pub place: &'static str,
    pub event: &'static str,
    pub count: usize,
    /// The median of how long they lasted, until the part was there again.
    pub lasted: f64,
    pub alone: usize,
    /// How long the next two may be.
    pub bound: f64,
    /// Until answers came as before.
    pub back: Times,
    /// Until every process did its work.
    pub well: Times,
}

/// How long it took.
#[derive(Debug, Serialize)]
pub struct Times {
    pub median: Option<f64>,
    pub worst: Option<f64>,
    /// How often it took longer than was waited.
    pub later: usize,
}

/// How many breaches are shown.
const EXAMPLES: usize = 20;

impl Report {
    pub fn new(run: &Run, nodes: usize, client_log: &ClientLog, events: &[Event]) -> Report {
        Report {
            seed: run.seed,
            nodes,
            rate: run.rate,
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            release: !cfg!(debug_assertions),
            lasted: client_log.now().as_secs_f64(),
            faults: events.len(),
            recovered_later: late(events).count(),
            orders: 0,
            tasks: 0,
            payments: client_log.payments(),
            payments_done: 0,
            answers: BTreeMap::new(),
            told: BTreeMap::new(),
            errands: BTreeMap::new(),
            kinds: rows(events),
            events: events.to_vec(),
            breaches: RULES.iter().map(|(name, _)| (*name, 0)).collect(),
            examples: Vec::new(),
            complaints: Vec::new(),
            audit: Value::Null,
        }
    }

    /// The faults after which it took longer than it may until all was as before.
    pub fn late(&self) -> impl Iterator<Item = &Event> {
        late(&self.events)
    }

    /// With what clients were told.
    pub fn count(&mut self, observations: &Observations) {
        self.told = Way::ALL.iter().map(|way| (way.name(), Told::default())).collect();
        for run in &observations.errands {
            let words = self.errands.entry(run.errand.name()).or_default();
            let told = run.told.iter().map(|word| format!("{word:?}"));
            let again = run.again.iter().map(|word| format!("again {word:?}"));
            *words.entry("errands".to_owned()).or_default() += 1;
            told.chain(again).for_each(|word| *words.entry(word).or_default() += 1);
        }
        let till = &observations.till;
        let at_till = self.errands.entry("at the till").or_default();
        at_till.insert("done".to_owned(), till.done.len());
        at_till.insert("events".to_owned(), till.events.len());
        at_till.insert("events heard".to_owned(), till.times);
        for (status, count) in &till.undone {
            at_till.insert(format!("told {status}"), *count);
        }
        self.orders = observations.scenarios.len();
        for (wish, heard) in observations.scenarios.iter().flat_map(|log| log.wishes()) {
            if !heard.asked {
                continue;
            }
            self.tasks += 1;
            let told = self.told.entry(wish.way.name()).or_default();
            told.tasks += 1;
            told.times += heard.times;
            told.letters += usize::from(heard.notification);
            let answer = heard.answers.first().and_then(|text| reading::answer(text));
            let code = answer.map_or_else(|| "(none)".to_owned(), |answer| answer.code);
            self.payments_done += usize::from(wish.deed.is_payment() && code == "done");
            let codes = self.answers.entry(wish.deed.task_type().to_owned()).or_default();
            *codes.entry(code).or_default() += 1;
        }
    }

    /// With what is wrong.
    pub fn judge(&mut self, breaches: &[Breach]) {
        for breach in breaches {
            *self.breaches.entry(breach.rule).or_default() += 1;
        }
        self.examples = breaches.iter().take(EXAMPLES).map(Breach::to_string).collect();
    }
}

fn late(events: &[Event]) -> impl Iterator<Item = &Event> {
    events.iter().filter(|event| event.recovery.is_none() || event.well.is_none())
}

fn rows(events: &[Event]) -> Vec<Row> {
    let mut kinds: BTreeMap<(&str, &str), Vec<&Event>> = BTreeMap::new();
    for event in events {
        kinds.entry((event.kind.place(), event.kind.event())).or_default().push(event);
    }
    let row = |((place, event), events): ((&'static str, &'static str), Vec<&Event>)| {
        let lasted = events.iter().map(|event| event.ended.saturating_sub(event.began));
        let alone: Vec<&Event> = events.iter().copied().filter(|event| !event.beside).collect();
        Row {
            place,
            event,
            count: events.len(),
            lasted: median(lasted.collect()).unwrap_or_default(),
            alone: alone.len(),
            bound: events[0].kind.recovers_within().as_secs_f64(),
            back: Times::of(&alone, |event| event.recovery),
            well: Times::of(&alone, |event| event.well),
        }
    };
    kinds.into_iter().map(row).collect()
}

fn text<S: Serializer>(value: &impl Display, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

fn seconds<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(time.as_secs_f64())
}

fn maybe_seconds<S: Serializer>(time: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
    time.map(|time| time.as_secs_f64()).serialize(to)
}

impl Times {
    fn of(events: &[&Event], time: impl Fn(&Event) -> Option<Duration>) -> Times {
        let times: Vec<Duration> = events.iter().filter_map(|event| time(event)).collect();
        Times {
            later: events.len() - times.len(),
            worst: times.iter().max().map(Duration::as_secs_f64),
            median: median(times),
        }
    }
}

fn median(mut times: Vec<Duration>) -> Option<f64> {
    times.sort_unstable();
    times.get(times.len() / 2).map(Duration::as_secs_f64)
}
