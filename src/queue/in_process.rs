//! The queue of a single process: a bounded channel. What it holds is gone when the process ends; the
//! store knows, and `wsa up` publishes it again.

use std::sync::Arc;

use async_channel::{Receiver, Sender, TrySendError};
use tokio::sync::broadcast;
use tokio::time::{Instant, timeout_at};

use super::{Delivery, Gather, Message, QueueError};
use crate::mail::News;
use crate::task::TaskKey;

/// Keys are small; beyond this many, publishing fails and the sweeper comes back to it.
const CAPACITY: usize = 100_000;
/// Announcements a slow listener may lag behind; who misses some looks into the store.
pub(super) const ANNOUNCEMENTS: usize = 1024;

/// A queue within the process.
#[derive(Debug)]
pub struct InProcessQueue {
    tasks: (Sender<TaskKey>, Receiver<TaskKey>),
    news: broadcast::Sender<Arc<News>>,
}

impl InProcessQueue {
    /// An empty queue.
    pub fn new() -> InProcessQueue {
        InProcessQueue {
            tasks: async_channel::bounded(CAPACITY),
            news: broadcast::channel(ANNOUNCEMENTS).0,
        }
    }

    pub(super) fn publish(&self, messages: Vec<Message>) -> Result<(), QueueError> {
        messages.into_iter().try_for_each(|message| {
            self.tasks.0.try_send(message.key).map_err(|error| match error {
                TrySendError::Full(_) => QueueError::Full,
                TrySendError::Closed(_) => QueueError::NotConnected,
            })
        })
    }

    pub(super) fn lane(&self, gather: Gather) -> InProcessLane {
        InProcessLane { tasks: self.tasks.1.clone(), gather, gathered: Vec::new(), until: None }
    }

    pub(super) fn announce(&self, news: News) {
        // An error says that nobody listens, which is fine.
        let _ = self.news.send(Arc::new(news));
    }

    pub(super) fn announcements(&self) -> broadcast::Receiver<Arc<News>> {
        self.news.subscribe()
    }

    pub(super) fn depth(&self) -> u64 {
        self.tasks.1.len() as u64
    }
}

impl Default for InProcessQueue {
    fn default() -> Self {
        InProcessQueue::new()
    }
}

/// A consumer of an [`InProcessQueue`].
pub struct InProcessLane {
    tasks: Receiver<TaskKey>,
    gather: Gather,
    /// Taken out, but not part of a batch yet: it outlives a `next` that is dropped while it waits.
    gathered: Vec<TaskKey>,
    /// Until when the first of them waits for company.
    until: Option<Instant>,
}

impl InProcessLane {
    pub(super) async fn next(&mut self) -> Vec<Delivery> {
        if self.gathered.is_empty() {
            let Ok(first) = self.tasks.recv().await else {
                // The queue lives as long as its lanes; without one there will never be a task.
                return std::future::pending().await;
            };
            self.gathered.push(first);
        }
        let until = *self.until.get_or_insert_with(|| Instant::now() + self.gather.linger);
        while self.gathered.len() < self.gather.most {
            match timeout_at(until, self.tasks.recv()).await {
                Ok(Ok(key)) => self.gathered.push(key),
                Ok(Err(_)) | Err(_) => break,
            }
        }
        self.until = None;
        self.gathered.drain(..).map(|key| Delivery { key, tag: 0 }).collect()
    }

    pub(super) fn dead_letter(&self, delivery: &Delivery, reason: &str) {
        let TaskKey { object, guid } = delivery.key;
        tracing::error!(task.guid = %guid, object.id = %object, reason, "dead letter: task {guid}");
    }
}
