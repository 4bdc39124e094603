//! A lane on RabbitMQ: it subscribes, and subscribes again whenever the link is a new one.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::watch;

use super::super::{Consumer, Delivery, Gather};
use super::connection::Link;
use super::subscription::Subscription;
use super::topology::Names;

/// A consumer of an [`AmqpQueue`](super::AmqpQueue), with a channel of its own. It reads one batch at
/// a time: a batch that is not acknowledged by the next call of `next` goes back
/// to the queue, which counts towards its delivery limit. Dropping the lane gives back everything.
pub struct AmqpLane {
    gather: Gather,
    links: watch::Receiver<Option<Arc<Link>>>,
    names: Arc<Names>,
    subscription: Option<Box<Subscription>>,
    /// A subscription on its way. Given up half-way, the broker would have a consumer that nobody
    /// reads: what it is sent would be lost to the others for as long as the connection lasts.
    opening: Option<BoxFuture<'static, Subscription>>,
}

impl AmqpLane {
    pub(super) fn new(
        gather: Gather,
        links: watch::Receiver<Option<Arc<Link>>>,
        names: Arc<Names>,
    ) -> AmqpLane {
        // A batch of none would never be complete.
        let gather = Gather { most: gather.most.max(1), ..gather };
        AmqpLane { gather, links, names, subscription: None, opening: None }
    }
}

impl Consumer for AmqpLane {
    fn next(&mut self) -> BoxFuture<'_, Vec<Delivery>> {
        async {
            loop {
                // Both stay in the lane, so that dropping this future loses nothing.
                let subscription = match &mut self.subscription {
                    Some(subscription) if subscription.is_live() => subscription,
                    _ => {
                        self.subscription = None;
                        let opening = self.opening.get_or_insert_with(|| {
                            subscribe(self.links.clone(), self.names.clone(), self.gather).boxed()
                        });
                        let subscription = opening.await;
                        self.opening = None;
                        self.subscription.insert(Box::new(subscription))
                    }
                };
                match subscription.gather(self.gather).await {
                    Ok(batch) => return batch,
                    Err(reason) => {
                        if let Some(subscription) = self.subscription.take() {
                            subscription.fail(&reason);
                        }
                    }
                }
            }
        }
        .boxed()
    }

    fn ack(&mut self, batch: Vec<Delivery>) -> BoxFuture<'_, ()> {
        async move {
            if let Some(subscription) = &mut self.subscription {
                subscription.ack(batch).await;
            }
        }
        .boxed()
    }

    fn message(&self, delivery: &Delivery) -> Option<Vec<u8>> {
        self.subscription.as_ref()?.message(delivery)
    }

    fn is_consuming(&self) -> bool {
        self.subscription.as_ref().is_some_and(|subscription| subscription.is_live())
    }
}

/// Waits for a link and subscribes.
async fn subscribe(
    mut links: watch::Receiver<Option<Arc<Link>>>,
    names: Arc<Names>,
    gather: Gather,
) -> Subscription {
    loop {
        let up = |link: &Option<Arc<Link>>| link.as_ref().is_some_and(|link| link.is_up());
        let link = links.wait_for(up).await.map(|link| link.clone());
        let Ok(Some(link)) = link else {
            // The queue is closed; there will never be a task.
            return std::future::pending().await;
        };
        tokio::select! {
            opened = Subscription::open(link.clone(), names.clone(), gather) => match opened {
                Ok(subscription) => return subscription,
                Err(error) => link.fault().raise(format!("a worker could not subscribe: {error}")),
            },
            () = link.lost() => {}
        }
    }
}
