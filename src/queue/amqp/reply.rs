//! Answers on their way to those who asked over AMQP: into the results queue of an aggregator, or to where
//! a task's `reply_to` says.
//!
//! A reply queue is its caller's. That it is gone is no fault of the connection and no reason to try again:
//! whoever asked has left, and finds the answer in the results queue or by `GetTaskResponse`.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lapin::types::{FieldTable, ShortString};

use super::connection::Link;
use super::publisher::{self, Fate, Outgoing};
use super::topology::{self, Names, Retention};
use crate::domain::task::TaskGuid;
use crate::domain::trace::TraceContext;

/// What the names of the pseudo-queues of direct reply-to begin with.
pub const DIRECT_REPLY_TO: &str = "amq.rabbitmq.reply-to";

/// Where an answer goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// The results queue of the aggregator with this name.
    Results(String),
    /// The queue that the task's caller named.
    ReplyTo(String),
}

/// An answer to be sent.
#[derive(Clone)]
pub struct ReplyMessage {
    /// Where to.
    pub to: Address,
    /// The answer, JSON.
    pub body: Arc<str>,
    /// The task, as far as it is known.
    pub task: Option<TaskGuid>,
    /// Its kind.
    pub task_type: Option<String>,
    /// What the caller knows it by.
    pub correlation_id: Option<String>,
    /// The span that it is sent by, when its trace is recorded.
    pub trace: Option<TraceContext>,
}

impl fmt::Debug for ReplyMessage {
    /// Without the body, which may hold a customer's data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyMessage")
            .field("to", &self.to)
            .field("task", &self.task)
            .finish_non_exhaustive()
    }
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublishOutcome {
    /// The broker has it.
    Taken,
    /// There is no such reply queue any more.
    Nobody,
    /// The broker did not take it; trying again may help.
    Failed,
}

/// The results queues that are known to be there.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<HashSet<String>>);

impl Known {
    fn names(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends all of them, confirmed.
pub(super) async fn send(
    link: &Link,
    names: &Names,
    replies: &[ReplyMessage],
    retention: Retention,
    within: Duration,
) -> Vec<PublishOutcome> {
    let aggregators = replies.iter().filter_map(|reply| match &reply.to {
        Address::Results(aggregator) => Some(aggregator),
        Address::ReplyTo(_) => None,
    });
    declare(link, names, aggregators, retention).await;
    let default_exchange = ShortString::default();
    let outgoing: Vec<Option<Outgoing<'_>>> =
        replies.iter().map(|reply| outgoing(reply, names, &default_exchange)).collect();
    let sendable: Vec<bool> = outgoing.iter().map(Option::is_some).collect();
    let fates =
        match link.publisher.send_each(outgoing.into_iter().flatten().collect(), within).await {
            Ok(fates) => fates,
            Err(error) => {
                tracing::debug!("{} answers could not be sent: {error}", replies.len());
                return vec![PublishOutcome::Failed; replies.len()];
            }
        };
    let mut fates = fates.into_iter();
    let fate = |sendable| if sendable { fates.next() } else { None };
    let fates: Vec<Option<Fate>> = sendable.into_iter().map(fate).collect();
    replies.iter().zip(fates).map(|(reply, fate)| outcome(link, reply, fate)).collect()
}

/// Declares those queues that are not known to be there.
pub(super) async fn declare<'a>(
    link: &Link,
    names: &Names,
    aggregators: impl Iterator<Item = &'a String>,
    retention: Retention,
) {
    let unknown: HashSet<&String> = {
        let known = link.results.names();
        aggregators.filter(|aggregator| !known.contains(*aggregator)).collect()
    };
    for aggregator in unknown {
        match topology::declare_results(link, names, aggregator, retention).await {
            Ok(()) => drop(link.results.names().insert(aggregator.clone())),
            Err(error) => tracing::warn!("no results queue for {aggregator}: {error}"),
        }
    }
}

/// The message; `None` when its address is none that the broker could know.
fn outgoing<'a>(
    reply: &'a ReplyMessage,
    names: &'a Names,
    default_exchange: &'a ShortString,
) -> Option<Outgoing<'a>> {
    let short = |text: &str| ShortString::try_new(text).ok();
    let (exchange, key, mandatory) = match &reply.to {
        Address::Results(aggregator) => (&names.results, aggregator, true),
        // RabbitMQ returns a mandatory direct reply as unroutable, although it delivers it.
        Address::ReplyTo(queue) => (default_exchange, queue, !queue.starts_with(DIRECT_REPLY_TO)),
    };
    let mut properties = publisher::ours();
    if let Some(task) = reply.task {
        properties = properties.with_message_id(task.to_string().into());
    }
    if let Some(kind) = reply.task_type.as_deref().and_then(short) {
        properties = properties.with_type(kind);
    }
    if let Some(id) = reply.correlation_id.as_deref().and_then(short) {
        properties = properties.with_correlation_id(id);
    }
    if reply.trace.is_some() {
        let mut headers = FieldTable::default();
        publisher::traceparent(&mut headers, reply.trace);
        properties = properties.with_headers(headers);
    }
    let body = reply.body.as_bytes().into();
    Some(Outgoing { exchange, routing_key: short(key)?, body, properties, mandatory })
}

fn outcome(link: &Link, reply: &ReplyMessage, fate: Option<Fate>) -> PublishOutcome {
    let gone = matches!(fate, None | Some(Fate::Unroutable));
    match (&reply.to, fate) {
        (_, Some(Fate::Taken)) => PublishOutcome::Taken,
        (Address::ReplyTo(_), _) if gone => {
            let task =
                reply.task.map_or_else(|| "a refused task".to_owned(), |task| task.to_string());
            tracing::debug!("the reply queue of {task} is gone; nobody gets the reply");
            PublishOutcome::Nobody
        }
        (Address::Results(aggregator), _) if gone => {
            // Somebody deleted it: it is declared before the next attempt.
            link.results.names().remove(aggregator);
            PublishOutcome::Failed
        }
        _ => PublishOutcome::Failed,
    }
}
