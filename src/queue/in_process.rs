//! The queue of a single process: a bounded channel for each class. What it holds is gone when the process ends; the
//! store knows, and `wsa up` publishes it again.

use std::sync::Arc;

use async_channel::{Receiver, Sender, TrySendError};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::broadcast;
use tokio::time::Instant;

use super::fair_share::FairShare;
use super::{Class, Consumer, Delivery, Gather, Message, QueueError, Transport, company_until};
use crate::domain::outbox::Announcement;
use crate::domain::task::TaskKey;
use crate::domain::trace::TraceContext;

/// Keys are small; beyond this many, publishing fails and the sweeper comes back to it.
const CAPACITY: usize = 100_000;
/// Announcements a slow listener may lag behind; who misses some looks into the store.
pub(super) const ANNOUNCEMENTS: usize = 1024;

/// A task that waits, and the span that it was sent by.
type Waiting = (TaskKey, Option<TraceContext>);

/// A queue within the process.
#[derive(Debug)]
pub struct InProcessQueue {
    ordinary: (Sender<Waiting>, Receiver<Waiting>),
    bulk: (Sender<Waiting>, Receiver<Waiting>),
    announcements: broadcast::Sender<Arc<Announcement>>,
}

impl InProcessQueue {
    /// An empty queue.
    pub fn new() -> InProcessQueue {
        InProcessQueue {
            ordinary: async_channel::bounded(CAPACITY),
            bulk: async_channel::bounded(CAPACITY),
            announcements: broadcast::channel(ANNOUNCEMENTS).0,
        }
    }

    fn put(&self, messages: Vec<Message>) -> Result<(), QueueError> {
        messages.into_iter().try_for_each(|message| {
            let (tasks, _) = match message.class {
                Class::Ordinary => &self.ordinary,
                Class::Bulk => &self.bulk,
            };
            tasks.try_send((message.key, message.trace)).map_err(|error| match error {
                TrySendError::Full(_) => QueueError::Full,
                TrySendError::Closed(_) => QueueError::NotConnected,
            })
        })
    }
}

impl Transport for InProcessQueue {
    fn kind(&self) -> &'static str {
        "in-process"
    }

    fn publish(&self, messages: Vec<Message>) -> BoxFuture<'_, Result<(), QueueError>> {
        async move { self.put(messages) }.boxed()
    }

    fn lane(&self, gather: Gather) -> Box<dyn Consumer> {
        Box::new(InProcessLane {
            ordinary: self.ordinary.1.clone(),
            bulk: self.bulk.1.clone(),
            gather,
            gathered: Vec::new(),
            share: FairShare::default(),
            until: None,
        })
    }

    fn announce(&self, announcement: Announcement) -> BoxFuture<'_, ()> {
        async move {
            // An error says that nobody listens, which is fine.
            let _ = self.announcements.send(Arc::new(announcement));
        }
        .boxed()
    }

    fn announcements(&self) -> broadcast::Receiver<Arc<Announcement>> {
        self.announcements.subscribe()
    }

    fn depth(&self) -> BoxFuture<'_, Result<u64, QueueError>> {
        async { Ok((self.ordinary.1.len() + self.bulk.1.len()) as u64) }.boxed()
    }

    fn outlives_process(&self) -> bool {
        false
    }
}

impl Default for InProcessQueue {
    fn default() -> Self {
        InProcessQueue::new()
    }
}

/// A consumer of an [`InProcessQueue`].
struct InProcessLane {
    ordinary: Receiver<Waiting>,
    bulk: Receiver<Waiting>,
    gather: Gather,
    /// Taken out, but not part of a batch yet: it outlives a `next` that is dropped while it waits.
    gathered: Vec<Waiting>,
    share: FairShare,
    /// Until when the first of them waits for company.
    until: Option<Instant>,
}

impl InProcessLane {
    /// Waits for one task of the class whose turn it is, or else of the other.
    async fn take(&mut self) {
        let (first, second) = match self.share.first() {
            Class::Ordinary => (&self.ordinary, &self.bulk),
            Class::Bulk => (&self.bulk, &self.ordinary),
        };
        let (class, received) = tokio::select! {
            biased;
            received = first.recv() => (self.share.first(), received),
            received = second.recv() => (self.share.first().other(), received),
        };
        let Ok(task) = received else {
            // The queue is gone: there will never be a task.
            return std::future::pending().await;
        };
        self.share.add(class, 1);
        self.gathered.push(task);
    }
}

impl Consumer for InProcessLane {
    fn next(&mut self) -> BoxFuture<'_, Vec<Delivery>> {
        async {
            while self.gathered.is_empty() {
                self.take().await;
            }
            let until = *self.until.get_or_insert_with(|| Instant::now() + self.gather.linger);
            let company = company_until(until);
            tokio::pin!(company);
            while self.share.tasks() < self.gather.most {
                tokio::select! {
                    biased;
                    () = self.take() => {}
                    () = &mut company => break,
                }
            }
            self.until = None;
            self.share.begin_another();
            let delivery = |(key, trace)| Delivery { key, trace, foretold: None, tag: 0 };
            self.gathered.drain(..).map(delivery).collect()
        }
        .boxed()
    }

    fn ack(&mut self, batch: Vec<Delivery>) -> BoxFuture<'_, ()> {
        // Taking it out was forgetting it.
        drop(batch);
        async {}.boxed()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::task::{ObjectId, TaskGuid};
    use crate::queue::Queue;

    /// How long a task that comes alone waits, and one of two that come together.
    async fn waits(linger: Duration) -> [Duration; 2] {
        let queue = Queue::new(InProcessQueue::new());
        let message = || Message {
            key: TaskKey { object: ObjectId(1), guid: TaskGuid::new() },
            task_type: "PayOrder".into(),
            request: "{}".into(),
            class: Class::Ordinary,
            fresh: true,
            trace: None,
        };
        let mut lane = queue.lane(Gather { most: 2, linger });
        let mut waited = [Duration::ZERO; 2];
        // Between two ticks of the clock.
        tokio::time::advance(Duration::from_micros(300)).await;
        for (tasks, waited) in (1..).zip(&mut waited) {
            queue.publish((0..tasks).map(|_| message()).collect()).await.unwrap();
            let begun = Instant::now();
            assert_eq!(lane.next().await.len(), tasks);
            *waited = begun.elapsed();
        }
        waited
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_waits_for_company_only_as_long_as_it_is_told_to() {
        assert_eq!(waits(Duration::ZERO).await, [Duration::ZERO; 2], "not for a tick of the clock");
        let linger = Duration::from_millis(5);
        let [alone, in_company] = waits(linger).await;
        assert!(alone >= linger && in_company.is_zero(), "{alone:?}, {in_company:?}");
    }
}
