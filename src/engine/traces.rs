//! The spans of a task's way, named as OpenTelemetry's conventions for messaging, databases and HTTP have it.
//!
//! A task that is sampled has a span for each step below the one before: accepted, published, processed, settled, and
//! its answer delivered. A batch has one span in a trace of its own, with links to the spans of its sampled tasks.
//! Nothing here has content: guids, objects, types, sizes and outcomes.

use std::collections::HashMap;

use crate::callback::sender::Attempt;
use crate::domain::outbox::{Announcement, Content, Notification};
use crate::domain::task::{NewTask, TaskKey};
use crate::domain::trace::TraceContext;
use crate::engine::store::{Registration, Settled, Settlement, Store};
use crate::queue::{Address, Delivery, Message, PublishOutcome, Queue, ReplyMessage};
use crate::runtime::trace::{Kind, Span, Tracer};

fn of_task(span: &mut Span, key: TaskKey) {
    span.text("wsa.task.guid", key.guid.to_string());
    span.number("wsa.object.id", key.object.0);
}

fn of_message(span: &mut Span, queue: &Queue, operation: &str) {
    span.text("messaging.system", queue.system());
    span.text("messaging.destination.name", queue.destination());
    span.text("messaging.operation.name", if operation == "send" { "publish" } else { operation });
    span.text("messaging.operation.type", operation);
}

fn of_database(span: &mut Span, store: &Store, summary: &str, size: usize) {
    span.text("db.system.name", store.kind().to_ascii_lowercase());
    span.text("db.query.summary", summary);
    span.number("db.operation.batch.size", size);
}

/// The span of accepting a task, below the request that hands it in.
pub(super) fn accept(tracer: &Tracer, task: &NewTask) -> Option<Span> {
    let mut span =
        tracer.span(tracer.current()?, Kind::Internal, format!("accept {}", task.task_type))?;
    of_task(&mut span, task.key);
    span.text("wsa.task.type", task.task_type);
    Some(span)
}

/// What became of it; `None`: nobody knows.
pub(super) fn accepted(
    tracer: &Tracer,
    span: &mut Span,
    key: TaskKey,
    registration: Option<Registration>,
) {
    let word = match registration {
        Some(Registration::Accepted(_)) => "accepted",
        Some(Registration::Repeated(_)) => "repeated",
        Some(_) => "refused",
        None => return span.fail("not_registered"),
    };
    if registration.is_some_and(|registration| registration.accepted().is_some()) {
        tracer.remember(key.guid.0, span.context());
    }
    span.text("wsa.registration", word);
}

/// The span of the statement that registers a batch.
pub(super) fn register(tracer: &Tracer, store: &Store, tasks: &[NewTask]) -> Option<Span> {
    let of = tasks.iter().filter_map(|task| task.trace);
    let mut span = tracer.batch(Kind::Client, "register tasks", of)?;
    of_database(&mut span, store, "register tasks", tasks.len());
    Some(span)
}

/// The spans of sending a batch to the queue: what is sent carries them on.
pub(super) fn publish(tracer: &Tracer, queue: &Queue, messages: &mut [Message]) -> Vec<Span> {
    if !tracer.is_on() {
        return Vec::new();
    }
    let (name, tasks) = (format!("send {}", queue.destination()), messages.len());
    let mut spans: Vec<Span> = Vec::new();
    for message in messages.iter_mut() {
        let Some(parent) = message.trace else { continue };
        let Some(mut span) = tracer.span(parent, Kind::Producer, &*name) else { continue };
        of_message(&mut span, queue, "send");
        of_task(&mut span, message.key);
        span.text("messaging.message.id", message.key.guid.to_string());
        message.trace = Some(span.context());
        spans.push(span);
    }
    let batch = tracer.batch(Kind::Producer, name, spans.iter().map(Span::context));
    if let Some(mut batch) = batch {
        of_message(&mut batch, queue, "send");
        batch.number("messaging.batch.message_count", tasks);
        spans.push(batch);
    }
    spans
}

/// The spans of a batch that a worker has in hand.
#[derive(Debug, Default)]
pub(super) struct Processing {
    tasks: HashMap<TaskKey, OfTask>,
    batch: Option<Span>,
}

#[derive(Debug)]
struct OfTask {
    /// Dropped first: it ends within the other.
    settle: Span,
    /// Ends when the batch is acknowledged.
    _process: Span,
}

impl Processing {
    /// They begin.
    pub(super) fn begin(
        tracer: &Tracer,
        queue: &Queue,
        store: &Store,
        batch: &[Delivery],
    ) -> Processing {
        if !tracer.is_on() {
            return Processing::default();
        }
        let begun = batch.iter().filter_map(|delivery| {
            let name = format!("process {}", queue.destination());
            let mut process = tracer.span(delivery.trace?, Kind::Consumer, name)?;
            of_message(&mut process, queue, "process");
            of_task(&mut process, delivery.key);
            process.text("messaging.message.id", delivery.key.guid.to_string());
            let mut settle = tracer.span(process.context(), Kind::Internal, "settle")?;
            of_task(&mut settle, delivery.key);
            tracer.remember(delivery.key.guid.0, settle.context());
            Some((delivery.key, OfTask { settle, _process: process }))
        });
        let tasks: HashMap<TaskKey, OfTask> = begun.collect();
        let of = tasks.values().map(|task| task.settle.context());
        let mut span = tracer.batch(Kind::Client, "settle tasks", of);
        if let Some(span) = &mut span {
            of_database(span, store, "settle tasks", batch.len());
        }
        Processing { tasks, batch: span }
    }

    /// The tasks are settled.
    pub(super) fn settled<'a>(&mut self, all: impl Iterator<Item = &'a Settled>) {
        drop(self.batch.take());
        if self.tasks.is_empty() {
            return;
        }
        for Settled { key, settlement } in all {
            let Some(task) = self.tasks.get_mut(key) else { continue };
            let word = match settlement {
                Settlement::Answered { outcome, .. } => {
                    task.settle.text("wsa.task.outcome", outcome.as_str());
                    "answered"
                }
                Settlement::Repeated => "repeated",
                Settlement::PutOff => "put_off",
                Settlement::Unknown => "unknown",
            };
            task.settle.text("wsa.settlement", word);
        }
    }
}

/// Remembers, for whoever delivers answers here, what another process says of them.
pub(super) fn remember(tracer: &Tracer, announcement: &Announcement) {
    for (place, context) in &announcement.traces {
        if let Some(key) = announcement.answered.get(*place) {
            tracer.remember(key.guid.0, *context);
        }
    }
}

/// The span of posting an answer to a callback.
pub(super) fn post(tracer: &Tracer, notification: &Notification, url: &str) -> Option<Span> {
    let Content::Answer { task_type, .. } = &notification.content else { return None };
    let parent = tracer.recall(notification.subject)?;
    let mut span = tracer.span(parent, Kind::Client, "POST")?;
    span.text("http.request.method", "POST");
    // Of the URL no more: its path and its query may hold a key.
    if let Ok(url) = url::Url::parse(url) {
        span.text("url.scheme", url.scheme());
        span.text("server.address", url.host_str().unwrap_or_default());
        span.number("server.port", url.port_or_known_default().unwrap_or_default());
    }
    if notification.attempt > 1 {
        span.number("http.request.resend_count", notification.attempt - 1);
    }
    span.text("wsa.task.guid", notification.subject.to_string());
    span.text("wsa.task.type", &**task_type);
    span.number("wsa.callback.id", notification.id.subscription.0);
    Some(span)
}

/// What became of it.
pub(super) fn posted(mut span: Span, attempt: &Attempt) {
    match &attempt.ended {
        Ok(status) => {
            span.number("http.response.status_code", *status);
            if *status >= 400 {
                span.fail(status.to_string());
            }
        }
        Err(_) => span.fail("no_answer"),
    }
}

/// The spans of sending answers over AMQP, by the places of the answers; what is sent carries them on.
pub(super) fn replies(tracer: &Tracer, replies: &mut [ReplyMessage]) -> Vec<(usize, Span)> {
    if !tracer.is_on() {
        return Vec::new();
    }
    let names = replies.iter().map(|reply| reply.task.map(|task| task.0).unwrap_or_default());
    let known: Vec<(usize, TraceContext)> = tracer.recall_all(names);
    let begun = known.into_iter().filter_map(|(place, parent)| {
        let reply = replies.get_mut(place)?;
        let (name, destination) = match &reply.to {
            Address::Results(aggregator) => ("send results", aggregator.as_str()),
            Address::ReplyTo(_) => ("send reply_to", "reply_to"),
        };
        let mut span = tracer.span(parent, Kind::Producer, name)?;
        span.text("messaging.system", "rabbitmq");
        span.text("messaging.operation.name", "publish");
        span.text("messaging.operation.type", "send");
        span.text("messaging.destination.name", destination);
        span.text("wsa.task.guid", reply.task?.to_string());
        reply.trace = Some(span.context());
        Some((place, span))
    });
    begun.collect()
}

/// What became of them.
pub(super) fn replied(spans: Vec<(usize, Span)>, outcomes: &[PublishOutcome]) {
    for (place, mut span) in spans {
        match outcomes.get(place) {
            Some(PublishOutcome::Taken) => {}
            Some(PublishOutcome::Nobody) => span.fail("no_queue"),
            Some(PublishOutcome::Failed) | None => span.fail("not_taken"),
        }
    }
}
