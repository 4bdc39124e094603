//! How the caller of one message is told something at once: of a refusal, or of an answer that was there
//! before. Answers of accepted tasks are delivered by the [dispatcher](crate::engine::dispatcher).

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::{Desk, identity, terms};
use crate::domain::task::{TaskGuid, TaskKey};
use crate::engine::store::upstream::Publisher;
use crate::protocols::whiteserver::reply::Refusal;
use crate::queue::amqp::upstream::UpstreamMessage;
use crate::queue::{Address, PublishOutcome, ReplyMessage};

/// How soon it is tried again, and how often when the broker is there and does not take it.
const AGAIN: Duration = Duration::from_millis(500);
const ATTEMPTS: usize = 10;

/// Where the caller of one message is reached.
pub(super) struct ReplyTarget<'a> {
    desk: &'a Desk,
    message: &'a UpstreamMessage,
    publisher: &'a Publisher,
    /// Where an answer may be sent; the refusal of a place where it may not.
    reply_to: Result<Option<&'a str>, Refusal>,
}

impl<'a> ReplyTarget<'a> {
    pub(super) fn of(
        desk: &'a Desk,
        message: &'a UpstreamMessage,
        publisher: &'a Publisher,
    ) -> ReplyTarget<'a> {
        let user = message.user_id.as_deref().unwrap_or_default();
        let reply_to = match message.reply_to.as_deref() {
            Some(queue) => {
                identity::check_reply_to(queue, user, &desk.prefix).map(|()| Some(queue))
            }
            None => Ok(None),
        };
        ReplyTarget { desk, message, publisher, reply_to }
    }

    /// Whether the message says where its answer goes, and under which name, as it should.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        self.reply_to.clone()?;
        terms::check_text("message_id", self.message.message_id.as_deref())?;
        terms::check_text("correlation_id", self.message.correlation_id.as_deref())
    }

    /// The caller's name for the message: what it is asked to be called by, else what it is called.
    pub(super) fn correlation_id(&self) -> Option<&'a str> {
        self.message.correlation_id.as_deref().or(self.message.message_id.as_deref())
    }

    /// The caller's name, for people.
    pub(super) fn aggregator(&self) -> &str {
        &self.publisher.aggregator.name
    }

    /// Gives the answer of a task that came before: at once if there is one, otherwise when there is.
    pub(super) async fn answer_again(&self, task: TaskKey, task_type: &'static str) {
        let app = &self.desk.app;
        let aggregator = self.publisher.aggregator.id;
        if let Ok(Some(reply_to)) = self.reply_to {
            // Whoever asks again may wait elsewhere by now.
            let (store, id) = (&app.store, self.correlation_id());
            while let Err(error) = store.redirect_reply(task, aggregator, reply_to, id).await {
                tracing::debug!("a reply cannot be redirected yet: {error}");
                sleep(AGAIN).await;
            }
        }
        let found = loop {
            match app.answers.find(task.guid).await {
                Ok(found) => break found,
                Err(error) => tracing::debug!("a look-up waits: {error}"),
            }
            sleep(AGAIN).await;
        };
        let answer = found.filter(|found| found.aggregator == aggregator).and_then(|f| f.answer);
        // The broker's own repetition is nobody's question.
        let asked_again = !self.message.redelivered;
        if let Some(answer) = answer {
            let into_results = asked_again && matches!(self.reply_to, Ok(None));
            self.tell(answer.into(), Some(task.guid), Some(task_type), into_results).await;
        }
    }

    /// Sends an answer to `reply_to`, if that may be, and into the results queue, if there is one and that
    /// is wanted.
    pub(super) async fn tell(
        &self,
        body: Arc<str>,
        task: Option<TaskGuid>,
        task_type: Option<&str>,
        into_results: bool,
    ) {
        let message = |to| ReplyMessage {
            to,
            body: Arc::clone(&body),
            task,
            task_type: task_type.map(str::to_owned),
            correlation_id: self.correlation_id().map(str::to_owned),
            trace: crate::runtime::context::span(),
        };
        let mut replies = Vec::new();
        if let Ok(Some(queue)) = self.reply_to {
            replies.push(message(Address::ReplyTo(queue.to_owned())));
        }
        if into_results && self.publisher.results {
            replies.push(message(Address::Results(self.publisher.aggregator.name.clone())));
        }
        let app = &self.desk.app;
        let mut refused = 0;
        while !replies.is_empty() {
            let outcomes = app.queue.post(&replies).await;
            crate::engine::dispatcher::amqp::count(&app.metrics, &replies, &outcomes);
            let mut again = Vec::new();
            for (reply, outcome) in replies.into_iter().zip(outcomes) {
                if outcome == PublishOutcome::Failed {
                    again.push(reply);
                }
            }
            replies = again;
            if replies.is_empty() {
                return;
            }
            // A broker that is away comes back; one that is there has its reasons. A reply queue that
            // takes nothing is its caller's doing, and others wait behind this message.
            if app.queue.is_connected() {
                replies.retain(|reply| matches!(reply.to, Address::Results(_)));
                refused += 1;
            }
            if refused >= ATTEMPTS {
                tracing::warn!("the broker takes no answer to aggregator {}", self.aggregator());
                return;
            }
            sleep(AGAIN).await;
        }
    }
}
