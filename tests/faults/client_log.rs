//! The log of the clients: what they requested and every reply that they received. The checker knows nothing else
//! about a run.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use uuid::Uuid;

use crate::errand::Run;
use crate::scenario::{Scenario, Way, Wish};
use crate::till::TillLog;

/// Identifies a wish: the numbers of its scenario and its step, and its own.
pub type Id = (usize, usize, usize);

/// What the clients of one scenario observed.
#[derive(Debug, Clone)]
pub struct ScenarioLog {
    pub scenario: Scenario,
    pub order: Uuid,
    /// The replies to each wish, by step and then by wish.
    pub heard: Vec<Vec<Heard>>,
}

/// What a client was told about one wish; repeated replies are kept once.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    /// Whether a request was sent.
    pub asked: bool,
    /// The guids under which the task was accepted.
    pub guids: Vec<Uuid>,
    /// Answers, byte for byte.
    pub answers: Vec<Arc<str>>,
    /// How often an answer was received.
    pub times: usize,
    /// Whether the service said, after it had accepted the task, that it does not know it.
    pub unknown: bool,
    /// Whether an answer was received as a notification.
    pub notification: bool,
    /// Replies that nobody should ever receive.
    pub odd: Vec<String>,
    /// Notified when an answer is recorded.
    pub news: Arc<Notify>,
}

impl ScenarioLog {
    /// Each wish with the replies to it.
    pub fn wishes(&self) -> impl Iterator<Item = (&Wish, &Heard)> {
        self.scenario.steps.iter().flatten().zip(self.heard.iter().flatten())
    }
}

#[derive(Default)]
struct Entries {
    scenarios: Vec<ScenarioLog>,
    ids: HashMap<Uuid, Id>,
    /// Notifications about tasks that no client knows yet.
    strays: HashMap<Uuid, Vec<Arc<str>>>,
    /// When each wish was first answered, in milliseconds from the start, in ascending order.
    answered_at: Vec<u32>,
    /// How many of them are payments.
    payments: usize,
    errands: Vec<Run>,
    till: TillLog,
}

/// Collects what all clients observe during a run.
pub struct ClientLog {
    started: Instant,
    entries: Mutex<Entries>,
}

/// Everything that the clients observed in a run.
pub struct Observations {
    pub scenarios: Vec<ScenarioLog>,
    pub strays: Vec<Uuid>,
    pub errands: Vec<Run>,
    pub till: TillLog,
}

impl ClientLog {
    pub fn new() -> Arc<ClientLog> {
        Arc::new(ClientLog { started: Instant::now(), entries: Mutex::default() })
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap()
    }

    /// The time since the log was begun.
    pub fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// Begins a scenario and returns its number.
    pub fn begin(&self, scenario: &Scenario, order: Uuid) -> usize {
        let heard = scenario.steps.iter().map(|step| vec![Heard::default(); step.len()]);
        let mut heard: Vec<Vec<Heard>> = heard.collect();
        // A clone of a Notify is the same one.
        heard.iter_mut().flatten().for_each(|heard| heard.news = Arc::default());
        let mut entries = self.entries();
        entries.scenarios.push(ScenarioLog { scenario: scenario.clone(), order, heard });
        entries.scenarios.len() - 1
    }

    /// Records that a request was sent, or is about to be.
    pub fn record_request(&self, id: Id) {
        self.entries().heard(id).asked = true;
    }

    /// Records that the task of a wish was accepted.
    pub fn record_accepted(&self, id: Id, guid: Uuid) {
        let mut entries = self.entries();
        let heard = entries.heard(id);
        if !heard.guids.contains(&guid) {
            heard.guids.push(guid);
            entries.ids.insert(guid, id);
            for text in entries.strays.remove(&guid).unwrap_or_default() {
                entries.heard(id).notification = true;
                entries.record_answer(id, &text, self.now());
            }
        }
    }

    /// Records an answer that the client requested.
    pub fn record_answer(&self, id: Id, guid: Uuid, text: &str) {
        self.record_accepted(id, guid);
        self.entries().record_answer(id, text, self.now());
    }

    /// Records an answer that was received as a notification.
    pub fn record_notification(&self, guid: Uuid, text: &str) {
        let mut entries = self.entries();
        match entries.ids.get(&guid).copied() {
            Some(id) => {
                entries.heard(id).notification = true;
                entries.record_answer(id, text, self.now());
            }
            None => entries.strays.entry(guid).or_default().push(text.into()),
        }
    }

    /// Records that the service does not know the task.
    pub fn record_unknown(&self, id: Id) {
        self.entries().heard(id).unknown = true;
    }

    /// Records a reply that makes no sense.
    pub fn record_odd(&self, id: Id, text: String) {
        let mut entries = self.entries();
        let heard = entries.heard(id);
        if !heard.odd.contains(&text) {
            heard.odd.push(text);
        }
    }

    pub fn is_answered(&self, id: Id) -> bool {
        !self.entries().heard(id).answers.is_empty()
    }

    /// Waits until a wish is answered; returns whether it is.
    pub async fn answer_within(&self, id: Id, patience: Duration) -> bool {
        let news = Arc::clone(&self.entries().heard(id).news);
        // What is notified before anybody waits is kept.
        let told = async {
            while !self.is_answered(id) {
                news.notified().await
            }
        };
        tokio::time::timeout(patience, told).await.is_ok()
    }

    /// When each wish was first answered, in milliseconds from the start.
    pub fn answered_at(&self) -> Vec<u32> {
        self.entries().answered_at.clone()
    }

    /// Those of these times that are after this moment.
    pub fn answered_since(&self, from: Duration) -> Vec<u32> {
        let (from, entries) = (millis(from), self.entries());
        let first = entries.answered_at.partition_point(|at| *at < from);
        entries.answered_at[first..].to_vec()
    }

    /// The number of payments that were answered.
    pub fn payments(&self) -> usize {
        self.entries().payments
    }

    /// The number of answers that the receiver of callbacks has not received.
    pub fn unposted(&self) -> usize {
        let entries = self.entries();
        let wishes = entries.scenarios.iter().flat_map(ScenarioLog::wishes);
        wishes
            .filter(|(wish, heard)| wish.way == Way::Callback && heard.asked && !heard.notification)
            .count()
    }

    /// Records an errand that has ended.
    pub fn record_errand(&self, run: Run) {
        self.entries().errands.push(run);
    }

    /// Records what the till was told.
    pub fn record_at_till(&self, record: impl FnOnce(&mut TillLog)) {
        record(&mut self.entries().till);
    }

    /// Takes everything out of the log.
    pub fn observations(&self) -> Observations {
        let mut entries = self.entries();
        let strays = entries.strays.keys().copied().collect();
        let errands = std::mem::take(&mut entries.errands);
        let till = std::mem::take(&mut entries.till);
        Observations { scenarios: std::mem::take(&mut entries.scenarios), strays, errands, till }
    }
}

impl Entries {
    fn heard(&mut self, (scenario, step, wish): Id) -> &mut Heard {
        &mut self.scenarios[scenario].heard[step][wish]
    }

    fn record_answer(&mut self, id: Id, text: &str, now: Duration) {
        let heard = self.heard(id);
        heard.times += 1;
        let first = heard.answers.is_empty();
        if !heard.answers.iter().any(|answer| **answer == *text) {
            heard.answers.push(text.into());
        }
        heard.news.notify_one();
        if first {
            let (scenario, step, wish) = id;
            let deed = &self.scenarios[scenario].scenario.steps[step][wish].deed;
            self.payments += usize::from(deed.is_payment());
            self.answered_at.push(millis(now));
        }
    }
}

fn millis(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}
