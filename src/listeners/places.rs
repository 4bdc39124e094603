//! Who waits for which mailbox, in the order in which they came.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use tokio::sync::oneshot;

use super::{Held, Listeners, lock};
use crate::mail::MailboxId;

/// Everybody who waits.
#[derive(Debug, Default)]
pub(super) struct Places {
    next_number: u64,
    waiting: HashMap<MailboxId, BTreeMap<u64, Arc<Chair>>>,
}

/// One who waits, for one mailbox or for two; a letter of either ends it.
#[derive(Debug)]
pub(super) struct Chair {
    /// Taken by the first letter.
    sender: Mutex<Option<oneshot::Sender<Held>>>,
}

impl Chair {
    /// Hands over a letter; gives it back when it came too late.
    pub(super) fn send(&self, letter: Held) -> Result<(), Held> {
        match lock(&self.sender).take() {
            Some(sender) => sender.send(letter),
            None => Err(letter),
        }
    }
}

impl Places {
    /// Whether anybody waits for it.
    pub(super) fn has(&self, mailbox: MailboxId) -> bool {
        self.waiting.contains_key(&mailbox)
    }

    /// How many wait for it.
    pub(super) fn count(&self, mailbox: MailboxId) -> usize {
        self.waiting.get(&mailbox).map_or(0, BTreeMap::len)
    }

    /// All that anybody waits for.
    pub(super) fn mailboxes(&self) -> Vec<MailboxId> {
        self.waiting.keys().copied().collect()
    }

    /// Who has waited longest for it. Does not wait for it any more by this.
    pub(super) fn next(&mut self, mailbox: MailboxId) -> Option<Arc<Chair>> {
        let waiting = self.waiting.get_mut(&mailbox)?;
        let (_, chair) = waiting.pop_first()?;
        if waiting.is_empty() {
            self.waiting.remove(&mailbox);
        }
        Some(chair)
    }

    fn leave(&mut self, mailbox: MailboxId, number: u64) {
        if let Some(waiting) = self.waiting.get_mut(&mailbox) {
            waiting.remove(&number);
            if waiting.is_empty() {
                self.waiting.remove(&mailbox);
            }
        }
    }
}

/// A place among those who wait, given up when dropped.
pub(super) struct Seat<'a> {
    listeners: &'a Listeners,
    mailboxes: Vec<MailboxId>,
    number: u64,
    letter: oneshot::Receiver<Held>,
}

impl<'a> Seat<'a> {
    /// Begins to wait.
    pub(super) fn take(listeners: &'a Listeners, mailboxes: &[MailboxId]) -> Seat<'a> {
        let (sender, letter) = oneshot::channel();
        let chair = Arc::new(Chair { sender: Mutex::new(Some(sender)) });
        let mut places = listeners.places();
        let number = places.next_number;
        places.next_number += 1;
        for mailbox in mailboxes {
            places.waiting.entry(*mailbox).or_default().insert(number, Arc::clone(&chair));
        }
        listeners.metrics.waiting.inc();
        Seat { listeners, mailboxes: mailboxes.to_vec(), number, letter }
    }

    /// The letter, as soon as there is one.
    pub(super) async fn letter(mut self) -> Option<Held> {
        match (&mut self.letter).await {
            Ok(letter) => Some(letter),
            // Nobody will send one: there is no mailbox to wait for.
            Err(_) => std::future::pending().await,
        }
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut places = self.listeners.places();
        for mailbox in &self.mailboxes {
            places.leave(*mailbox, self.number);
        }
        drop(places);
        self.listeners.metrics.waiting.dec();
        // A letter that came in this very moment is dropped with the receiver, and so given back.
    }
}
