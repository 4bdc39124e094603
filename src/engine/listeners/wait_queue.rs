//! Who waits for which subscription, in the order in which they came.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use tokio::sync::oneshot;

use super::{Lease, Listeners, lock};
use crate::domain::outbox::SubscriptionId;

/// Everybody who waits.
#[derive(Debug, Default)]
pub(super) struct WaitQueue {
    next_number: u64,
    waiting: HashMap<SubscriptionId, BTreeMap<u64, Arc<Waiter>>>,
}

/// One who waits, for one subscription or for two; a notification of either ends it.
#[derive(Debug)]
pub(super) struct Waiter {
    /// Taken by the first notification.
    sender: Mutex<Option<oneshot::Sender<Lease>>>,
}

impl Waiter {
    /// Hands over a notification; gives it back when it came too late.
    pub(super) fn send(&self, notification: Lease) -> Result<(), Lease> {
        match lock(&self.sender).take() {
            Some(sender) => sender.send(notification),
            None => Err(notification),
        }
    }
}

impl WaitQueue {
    /// Whether anybody waits for it.
    pub(super) fn has(&self, subscription: SubscriptionId) -> bool {
        self.waiting.contains_key(&subscription)
    }

    /// How many wait for it.
    pub(super) fn count(&self, subscription: SubscriptionId) -> usize {
        self.waiting.get(&subscription).map_or(0, BTreeMap::len)
    }

    /// All that anybody waits for.
    pub(super) fn subscriptions(&self) -> Vec<SubscriptionId> {
        self.waiting.keys().copied().collect()
    }

    /// Who has waited longest for it. Does not wait for it any more by this.
    pub(super) fn next(&mut self, subscription: SubscriptionId) -> Option<Arc<Waiter>> {
        let waiting = self.waiting.get_mut(&subscription)?;
        let (_, waiter) = waiting.pop_first()?;
        if waiting.is_empty() {
            self.waiting.remove(&subscription);
        }
        Some(waiter)
    }

    fn leave(&mut self, subscription: SubscriptionId, number: u64) {
        if let Some(waiting) = self.waiting.get_mut(&subscription) {
            waiting.remove(&number);
            if waiting.is_empty() {
                self.waiting.remove(&subscription);
            }
        }
    }
}

/// A place among those who wait, given up when dropped.
pub(super) struct WaitGuard<'a> {
    listeners: &'a Listeners,
    subscriptions: Vec<SubscriptionId>,
    number: u64,
    notification: oneshot::Receiver<Lease>,
}

impl<'a> WaitGuard<'a> {
    /// Begins to wait.
    pub(super) fn take(
        listeners: &'a Listeners,
        subscriptions: &[SubscriptionId],
    ) -> WaitGuard<'a> {
        let (sender, notification) = oneshot::channel();
        let waiter = Arc::new(Waiter { sender: Mutex::new(Some(sender)) });
        let mut wait_queue = listeners.wait_queue();
        let number = wait_queue.next_number;
        wait_queue.next_number += 1;
        for subscription in subscriptions {
            wait_queue
                .waiting
                .entry(*subscription)
                .or_default()
                .insert(number, Arc::clone(&waiter));
        }
        listeners.metrics.waiting.inc();
        WaitGuard { listeners, subscriptions: subscriptions.to_vec(), number, notification }
    }

    /// The notification, as soon as there is one.
    pub(super) async fn notification(mut self) -> Option<Lease> {
        match (&mut self.notification).await {
            Ok(notification) => Some(notification),
            // Nobody will send one: there is no subscription to wait for.
            Err(_) => std::future::pending().await,
        }
    }
}

impl Drop for WaitGuard<'_> {
    fn drop(&mut self) {
        let mut wait_queue = self.listeners.wait_queue();
        for subscription in &self.subscriptions {
            wait_queue.leave(*subscription, self.number);
        }
        drop(wait_queue);
        self.listeners.metrics.waiting.dec();
        // A notification that came in this very moment is dropped with the receiver, and so given back.
    }
}
