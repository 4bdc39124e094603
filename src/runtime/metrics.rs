//! What is counted, for Prometheus. Never labelled by task or object: labels have few values.

mod labels;
mod process;
pub mod times;

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use self::labels::{
    AttemptLabel, LimitLabel, OutcomeLabel, PartLabel, PostLabel, RequestLabel, ResultLabel,
    StageLabel, TaskLabel,
};
use self::process::{LogLines, Process};
use self::times::Times;
use crate::domain::task::Outcome;

/// Where in its path a batch was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Accepting tasks into the store.
    Register,
    /// Handing them to the queue.
    Publish,
    /// Deciding and answering them.
    Settle,
}

/// The metrics of one process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Tasks registered by this process.
    pub accepted: Counter,
    /// Accepted tasks that the queue did not take at once.
    pub unpublished: Counter,
    /// Tasks that the sweeper published again.
    pub republished: Counter,
    /// Accepted tasks of objects that had more than their fair share.
    pub bulk: Counter,
    /// Deliveries that no worker could settle.
    pub dead: Counter,
    /// Tasks that lanes of this process have in hand.
    pub in_flight: Gauge,
    /// Requests that wait for an answer.
    pub waiting: Gauge,
    /// Messages in the queue, not in hand; each holds at least one task.
    pub queue_depth: Gauge,
    /// Tasks in the store without an answer.
    pub open: Gauge,
    /// Tasks in the store that wait for a time of their own.
    pub scheduled: Gauge,
    /// Age of the oldest of them, in seconds.
    pub oldest_open: Gauge<f64, AtomicU64>,
    ready: Family<PartLabel, Gauge>,
    limited: Family<LimitLabel, Counter>,
    /// Callbacks that this process switched off.
    pub callbacks_closed: Counter,
    callback_attempts: Family<AttemptLabel, Counter>,
    answered: Family<OutcomeLabel, Counter>,
    answer_seconds: Histogram,
    /// The same times since somebody last took them.
    times: times::Shared,
    batch_tasks: Family<StageLabel, Histogram>,
    batch_seconds: Family<StageLabel, Histogram>,
    request_seconds: Family<RequestLabel, Histogram>,
    upstream: Family<ResultLabel, Counter>,
    posts: Family<PostLabel, Counter>,
    background_failures: Family<TaskLabel, Counter>,
    /// Spans that the collector took.
    pub spans_exported: Counter,
    /// Spans that it did not take, or that there was no room for.
    pub spans_dropped: Counter,
}

fn sizes() -> Histogram {
    Histogram::new(exponential_buckets(1.0, 2.0, 12))
}

fn seconds() -> Histogram {
    // 0.5 ms to about 16 s.
    Histogram::new(exponential_buckets(0.0005, 2.0, 16))
}

impl Metrics {
    /// A fresh set.
    pub fn new() -> Metrics {
        let mut metrics = Metrics {
            registry: Registry::default(),
            accepted: Counter::default(),
            unpublished: Counter::default(),
            republished: Counter::default(),
            bulk: Counter::default(),
            dead: Counter::default(),
            in_flight: Gauge::default(),
            waiting: Gauge::default(),
            queue_depth: Gauge::default(),
            open: Gauge::default(),
            scheduled: Gauge::default(),
            oldest_open: Gauge::default(),
            ready: Family::default(),
            limited: Family::default(),
            callbacks_closed: Counter::default(),
            callback_attempts: Family::default(),
            answered: Family::default(),
            // 1 ms to about 4 min: deadlines are 120 s by default.
            answer_seconds: Histogram::new(exponential_buckets(0.001, 2.0, 18)),
            times: times::Shared::default(),
            batch_tasks: Family::new_with_constructor(sizes),
            batch_seconds: Family::new_with_constructor(seconds),
            request_seconds: Family::new_with_constructor(seconds),
            upstream: Family::default(),
            posts: Family::default(),
            background_failures: Family::default(),
            spans_exported: Counter::default(),
            spans_dropped: Counter::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        self.registry.register_collector(Box::new(Process::starting()));
        let wsa = self.registry.sub_registry_with_prefix("wsa");
        let revision = option_env!("WSA_REVISION").unwrap_or_default();
        let build = [("version", env!("CARGO_PKG_VERSION")), ("revision", revision)];
        wsa.register("build", "What this process was built from", Info::new(build.to_vec()));
        wsa.register_collector(Box::new(LogLines));
        self.register_tasks();
        self.register_store_wide();
        self.register_requests();
        self.register_background();
    }

    fn register_tasks(&mut self) {
        let r = self.registry.sub_registry_with_prefix("wsa");
        let help = "Accepted tasks that the queue did not take at once";
        r.register("tasks_accepted", "Tasks registered by this process", self.accepted.clone());
        r.register("tasks_unpublished", help, self.unpublished.clone());
        let help = "Tasks that the sweeper published again";
        r.register("tasks_republished", help, self.republished.clone());
        let help = "Accepted tasks of objects that had more than their fair share";
        r.register("tasks_bulk", help, self.bulk.clone());
        r.register("tasks_answered", "Answers written by this process", self.answered.clone());
        r.register("dead_letters", "Deliveries that no worker could settle", self.dead.clone());
        let help = "Tasks that this process has in hand";
        r.register("tasks_in_flight", help, self.in_flight.clone());
        let (help, answer) = ("From acceptance to answer", self.answer_seconds.clone());
        r.register_with_unit("answer", help, Unit::Seconds, answer);
        r.register("batch_tasks", "Tasks in a batch", self.batch_tasks.clone());
        let batch = self.batch_seconds.clone();
        r.register_with_unit("batch", "Time for a batch", Unit::Seconds, batch);
    }

    /// What every process reads from the same store and queue.
    fn register_store_wide(&mut self) {
        let r = self.registry.sub_registry_with_prefix("wsa");
        let help = "Messages in the queue, not in hand; the same in every process: take the max";
        r.register("queue_depth", help, self.queue_depth.clone());
        let help = "Tasks in the store without an answer; the same in every process: take the max";
        r.register("tasks_open", help, self.open.clone());
        let help =
            "Tasks that wait for a time of their own; the same in every process: take the max";
        r.register("tasks_scheduled", help, self.scheduled.clone());
        let help = "Age of the oldest open task; the same in every process: take the max";
        let oldest = self.oldest_open.clone();
        r.register_with_unit("oldest_open_task", help, Unit::Seconds, oldest);
    }

    fn register_requests(&mut self) {
        let r = self.registry.sub_registry_with_prefix("wsa");
        r.register("requests_limited", "Requests over a limit", self.limited.clone());
        r.register("requests_waiting", "Requests that wait for an answer", self.waiting.clone());
        let (help, request) =
            ("Time for a request, long polls included", self.request_seconds.clone());
        r.register_with_unit("request", help, Unit::Seconds, request);
        let help = "Messages of upstream services by result";
        r.register("upstream_messages", help, self.upstream.clone());
        r.register("amqp_answers", "Answers sent to aggregators over AMQP", self.posts.clone());
        let (help, attempts) = ("Attempts to deliver to callbacks", self.callback_attempts.clone());
        r.register("callback_attempts", help, attempts);
        let help = "Callbacks that the service itself switched off";
        r.register("callbacks_switched_off", help, self.callbacks_closed.clone());
    }

    fn register_background(&mut self) {
        let r = self.registry.sub_registry_with_prefix("wsa");
        r.register("ready", "Whether a part of this process is ready: 1 or 0", self.ready.clone());
        let help = "Background tasks that ended or panicked";
        r.register("background_failures", help, self.background_failures.clone());
        r.register("spans_exported", "Spans that the collector took", self.spans_exported.clone());
        let help = "Spans that the collector did not take, or that there was no room for";
        r.register("spans_dropped", help, self.spans_dropped.clone());
    }

    /// Says whether a part of this process is ready.
    pub fn ready(&self, part: &'static str, is: bool) {
        self.ready.get_or_create(&PartLabel { part }).set(is.into());
    }

    /// Counts a message of an upstream service: `accepted`, `repeated` or the code of its error.
    pub fn upstream(&self, result: &'static str) {
        self.upstream.get_or_create(&ResultLabel { result }).inc();
    }

    /// Counts an answer sent over AMQP: where `to`, and what became of it.
    pub fn post(&self, to: &'static str, result: &'static str) {
        self.posts.get_or_create(&PostLabel { to, result }).inc();
    }

    /// Counts a background task that ended where it should not have, or panicked.
    pub fn background_failure(&self, task: &'static str) {
        self.background_failures.get_or_create(&TaskLabel { task }).inc();
    }

    /// Counts a batch.
    pub fn batch(&self, stage: Stage, tasks: usize, took: Duration) {
        let stage = match stage {
            Stage::Register => "register",
            Stage::Publish => "publish",
            Stage::Settle => "settle",
        };
        self.batch_tasks.get_or_create(&StageLabel { stage }).observe(tasks as f64);
        self.batch_seconds.get_or_create(&StageLabel { stage }).observe(took.as_secs_f64());
    }

    /// Counts a request that was over a limit.
    pub fn record_limited(&self, limit: &'static str) {
        self.limited.get_or_create(&LimitLabel { limit }).inc();
    }

    /// Counts an answer, with the time since its task was accepted when that is known.
    pub fn record_answer(&self, outcome: Outcome, after: Option<Duration>) {
        let outcome = outcome.as_str();
        self.answered.get_or_create(&OutcomeLabel { outcome }).inc();
        if let Some(after) = after {
            self.answer_seconds.observe(after.as_secs_f64());
            self.times.record(after);
        }
    }

    /// How many answers this process has written.
    pub fn answered_total(&self) -> u64 {
        Outcome::ALL.iter().map(|outcome| self.answered(*outcome)).sum()
    }

    /// How many of them had this outcome.
    pub fn answered(&self, outcome: Outcome) -> u64 {
        let outcome = outcome.as_str();
        self.answered.get(&OutcomeLabel { outcome }).map_or(0, |counter| counter.get())
    }

    /// Takes out the times from acceptance to answer since they were last taken.
    pub fn take_times(&self) -> Times {
        self.times.take()
    }

    /// Counts an attempt to deliver to a callback.
    pub fn callback_attempt(&self, outcome: &'static str) {
        self.callback_attempts.get_or_create(&AttemptLabel { result: outcome }).inc();
    }

    /// Counts a request by its result: `ok` or the code of its error.
    pub fn request(&self, task_type: &'static str, result: &'static str, took: Duration) {
        let label = RequestLabel { task_type, result };
        self.request_seconds.get_or_create(&label).observe(took.as_secs_f64());
    }

    /// Everything, in the OpenMetrics text format.
    pub fn text(&self) -> String {
        let mut text = String::new();
        if let Err(error) = prometheus_client::encoding::text::encode(&mut text, &self.registry) {
            tracing::error!(%error, "metrics could not be written");
        }
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Metrics::new()
    }
}
