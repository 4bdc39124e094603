//! What passes between this service and others over RabbitMQ.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::topology::Retention;
use super::upstream::AmqpUpstreamLane;
use super::{AmqpQueue, reply};
use crate::queue::{DatabaseClock, DeadLetters, Gateway, PublishOutcome, ReplyMessage, Upstream};

impl AmqpQueue {
    /// What a results queue keeps.
    fn retention(&self) -> Retention {
        Retention { length: self.settings.results_max_length, age: self.settings.results_max_age }
    }
}

impl Gateway for AmqpQueue {
    fn post<'a>(&'a self, replies: &'a [ReplyMessage]) -> BoxFuture<'a, Vec<PublishOutcome>> {
        async move {
            let Some(link) = self.link() else {
                return vec![PublishOutcome::Failed; replies.len()];
            };
            let confirm_timeout = self.settings.confirm_timeout;
            reply::send(&link, &self.names, replies, self.retention(), confirm_timeout).await
        }
        .boxed()
    }

    fn declare_results<'a>(&'a self, aggregators: &'a [String]) -> BoxFuture<'a, ()> {
        async move {
            if let Some(link) = self.link() {
                reply::declare(&link, &self.names, aggregators.iter(), self.retention()).await;
            }
        }
        .boxed()
    }

    /// On a connection of its own.
    fn upstream(&self, clock: DatabaseClock) -> Upstream {
        let (names, links) = (self.names.clone(), self.link.clone());
        let live = self.upstream.clone();
        let lane = AmqpUpstreamLane::new(&self.settings, names, links, live, clock);
        let (user, prefix) = (self.settings.user(), self.settings.prefix.clone());
        Upstream { lane: Box::new(lane), user, prefix }
    }

    fn upstream_fault(&self) -> Option<&'static str> {
        self.upstream.fault()
    }

    fn dead_letters(&self) -> Option<&dyn DeadLetters> {
        Some(self)
    }
}
