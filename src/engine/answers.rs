//! Finding answers, and waiting for them: workers announce what they answered, those who wait look it
//! up in the store. An announcement that is lost costs a second, not an answer.
//!
//! A poll waits as well, for a moment, while its task is so young that the answer is about to come: one poll that
//! hears of it costs less than the many that would ask meanwhile, and the answer is there sooner.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

use crate::database::StoreError;
use crate::domain::outbox::Announcement;
use crate::domain::task::{AggregatorId, Outcome, TaskGuid};
use crate::engine::batcher::{Batcher, Limits, LookUpError, LookUps};
use crate::engine::expected::Expected;
use crate::engine::store::answers::{Poll, Polled};
use crate::engine::store::{Found, Store};
use crate::queue::{Heard, Queue};
use crate::runtime::metrics::Metrics;
use crate::runtime::supervise::{End, Tasks};

/// How long a waiter trusts in announcements before it looks for itself.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

type Waiters = HashMap<TaskGuid, (usize, Arc<Notify>)>;

/// Where answers are found.
#[derive(Debug)]
pub struct Answers {
    find: LookUps<TaskGuid, Found>,
    find_as: LookUps<Poll, Polled>,
    waiters: Mutex<Waiters>,
    expected: Arc<Expected>,
    hold: Duration,
    metrics: Arc<Metrics>,
}

impl Answers {
    /// Starts listening to announcements. `hold` is for how long a poll may wait for a young task.
    pub fn start(
        tasks: &Tasks,
        store: &Arc<Store>,
        queue: &Arc<Queue>,
        expected: &Arc<Expected>,
        hold: Duration,
    ) -> Arc<Answers> {
        let metrics = tasks.metrics();
        let limits = Limits { lanes: 1, most: 512, waiting: 50_000 };
        let finder = Finder {
            store: Arc::clone(store),
            queue: Arc::clone(queue),
            metrics: Arc::clone(metrics),
        };
        let polled = finder.clone();
        let task = tasks.task("finding answers");
        let find = Batcher::start_look_ups(task, limits, move |guids: Vec<TaskGuid>| {
            let finder = finder.clone();
            async move { finder.tell(finder.store.find(&guids).await?).await }
        });
        let task = tasks.task("polls for answers");
        let find_as = Batcher::start_look_ups(task, limits, move |polls: Vec<Poll>| {
            let finder = polled.clone();
            async move { finder.tell(finder.store.find_as(&polls).await?).await }
        });
        let (waiters, expected) = (Mutex::default(), Arc::clone(expected));
        let metrics = Arc::clone(metrics);
        let answers = Arc::new(Answers { find, find_as, waiters, expected, hold, metrics });
        let (heard, waiting) = (Heard::of(queue), Arc::downgrade(&answers));
        let task = tasks.task("announcements of answers");
        crate::runtime::environment::spawn(
            task.keep(move || listen(heard.clone(), waiting.clone())),
        );
        answers
    }

    /// Looks a task up. One that is open past its deadline is answered `Timeout` by this.
    pub async fn find(&self, guid: TaskGuid) -> Result<Option<Found>, LookUpError> {
        self.find.look_up(guid).await
    }

    /// Looks a task up for a caller who must have this token; `None` says that it has not. While the task is young
    /// and open, its answer is waited for, a moment.
    pub async fn find_as(&self, poll: Poll) -> Result<Option<Polled>, LookUpError> {
        let (caller, _, guid) = poll;
        let (waiting, until) = (Waiting::on(self, guid), Instant::now() + self.hold);
        let answered = waiting.notify.notified();
        if self.expected.contains(guid) {
            let _ = tokio::time::timeout_at(until, answered).await;
            return self.find_as.look_up(poll).await;
        }
        let polled = self.find_as.look_up(poll).await?;
        let task = polled.as_ref().and_then(|polled| polled.task.as_ref());
        let is_due = task
            .is_some_and(|task| task.young && task.answer.is_none() && task.aggregator == caller);
        match is_due && tokio::time::timeout_at(until, answered).await.is_ok() {
            true => self.find_as.look_up(poll).await,
            false => Ok(polled),
        }
    }

    /// Looks a task up, and again whenever it may have been answered, until it is, or `until`. Nobody
    /// waits for a task that is not there or not `caller`'s.
    pub async fn wait(
        &self,
        guid: TaskGuid,
        caller: AggregatorId,
        until: Instant,
    ) -> Result<Option<Found>, LookUpError> {
        // Listening begins before looking, so nothing is missed in between.
        let waiting = Waiting::on(self, guid);
        let mut known_open = None;
        loop {
            let answered = waiting.notify.notified();
            if !*known_open.get_or_insert_with(|| self.expected.contains(guid)) {
                let found = self.find(guid).await?;
                let may_wait = |found: &Found| found.aggregator == caller && found.answer.is_none();
                if !found.as_ref().is_some_and(may_wait) || Instant::now() >= until {
                    return Ok(found);
                }
            }
            known_open = Some(false);
            let look_again = until.min(Instant::now() + LOOK_AGAIN);
            let _ = tokio::time::timeout_at(look_again, answered).await;
        }
    }

    fn waiters(&self) -> std::sync::MutexGuard<'_, Waiters> {
        // The map is consistent between any two statements, so a panic elsewhere does not spoil it.
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What looking up takes.
#[derive(Clone)]
struct Finder {
    store: Arc<Store>,
    queue: Arc<Queue>,
    metrics: Arc<Metrics>,
}

impl Finder {
    /// Tells of tasks that the look-up itself answered.
    async fn tell<T>(&self, (found, announcement): (T, Announcement)) -> Result<T, StoreError> {
        for _ in &announcement.answered {
            self.metrics.record_answer(Outcome::TimedOut, None);
        }
        self.queue.announce(announcement).await;
        Ok(found)
    }
}

/// A place among the waiters, given up when dropped.
struct Waiting<'a> {
    answers: &'a Answers,
    guid: TaskGuid,
    notify: Arc<Notify>,
}

impl<'a> Waiting<'a> {
    fn on(answers: &'a Answers, guid: TaskGuid) -> Waiting<'a> {
        let mut waiters = answers.waiters();
        let (count, notify) = waiters.entry(guid).or_default();
        *count += 1;
        answers.metrics.waiting.inc();
        Waiting { answers, guid, notify: Arc::clone(notify) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut waiters = self.answers.waiters();
        if let Some((count, _)) = waiters.get_mut(&self.guid) {
            *count -= 1;
            if *count == 0 {
                waiters.remove(&self.guid);
            }
        }
        self.answers.metrics.waiting.dec();
    }
}

async fn listen(heard: Heard, answers: std::sync::Weak<Answers>) -> End {
    loop {
        let announcement = heard.next().await;
        let Some(answers) = answers.upgrade() else { return End::Done };
        match &announcement {
            Ok(announcement) => {
                answers.expected.forget(announcement.answered.iter().map(|key| key.guid));
            }
            Err(_) => answers.expected.forget_all(),
        }
        let waiters = answers.waiters();
        match announcement {
            Ok(announcement) => {
                let answered = announcement.answered.iter();
                for (_, notify) in answered.filter_map(|key| waiters.get(&key.guid)) {
                    notify.notify_waiters();
                }
            }
            // Some were missed; all look for themselves.
            Err(RecvError::Lagged(_)) => {
                waiters.values().for_each(|(_, notify)| notify.notify_waiters());
            }
            Err(RecvError::Closed) => return End::Done,
        }
    }
}
