//! The queue of upstream services at the simulated broker. What it hands out lies with the consumer, in order and
//! among echoes, until the consumer reads it: a process may stand still meanwhile. A message that nobody was
//! handed within its expiration becomes a dead letter; what was handed out is delivered again when its connection
//! is gone.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use rand::RngExt;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::publication::{EXPIRED, Publication};
use crate::simulation::context::{Simulation, lock};
use crate::simulation::process::ProcessInstance;

/// How many messages a consumer may have in hand.
const PREFETCH: usize = 8;
#[derive(Debug)]
pub(super) enum Frame {
    Publication(Publication),
    /// The answer to what was asked for after this was read.
    Echo(Timestamp),
}

#[derive(Debug)]
pub(super) struct Consumer {
    instance: (&'static str, u64),
    /// On its way: not read yet.
    pub(super) frames: VecDeque<Frame>,
    pub(super) unacknowledged: Vec<Publication>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) next: u64,
    pub(crate) waiting: VecDeque<Publication>,
    /// Settled, but a broker that is killed before that is on its disk delivers them again, from then on.
    pub(super) unsettled: Vec<(Instant, Publication)>,
    pub(super) consumers: BTreeMap<u64, Consumer>,
}

impl State {
    fn end(&mut self, ended: impl Fn(&Consumer) -> bool) {
        let gone = self.consumers.extract_if(.., |_, consumer| ended(consumer));
        let back: Vec<Publication> =
            gone.flat_map(|(_, consumer)| consumer.unacknowledged).collect();
        self.give_back(back);
    }

    pub(super) fn give_back(&mut self, publications: Vec<Publication>) {
        for publication in publications.into_iter().rev() {
            self.waiting.push_front(Publication { redelivered: true, ..publication });
        }
    }
}

/// The queue.
#[derive(Debug, Default)]
pub(crate) struct Intake {
    pub(crate) state: Mutex<State>,
    pub(super) arrived: Notify,
    /// Whether anybody publishes in this run; without, nobody consumes either, which costs less.
    pub(super) used: AtomicBool,
}

impl Intake {
    /// From now on somebody publishes.
    pub(crate) fn open(&self) {
        self.used.store(true, Ordering::Relaxed);
        self.arrived.notify_waiters();
    }

    /// Whether anybody publishes in this run.
    pub(crate) fn is_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }

    /// Loses all that waits.
    pub(crate) fn wipe(&self) {
        let mut state = lock(&self.state);
        state.waiting.clear();
        state.unsettled.clear();
        state.consumers.clear();
    }

    /// A process is gone.
    pub(crate) fn forget(&self, instance: &ProcessInstance) {
        lock(&self.state).end(|consumer| consumer.instance.0 == instance.name);
    }

    /// Connections were cut.
    pub(crate) fn cut(&self) {
        lock(&self.state).end(|_| true);
    }

    /// How many messages wait or are in somebody's hands.
    pub(crate) fn messages(&self) -> usize {
        let state = lock(&self.state);
        let in_hand = state.consumers.values().map(|consumer| consumer.unacknowledged.len());
        state.waiting.len() + state.unsettled.len() + in_hand.sum::<usize>()
    }

    pub(super) fn has(&self, consumer: u64) -> bool {
        lock(&self.state).consumers.contains_key(&consumer)
    }

    pub(super) fn subscribe(&self, instance: &ProcessInstance, simulation: &Simulation) -> u64 {
        let mut state = lock(&self.state);
        state.next += 1;
        let number = state.next;
        let instance = (instance.name, instance.number);
        let (frames, unacknowledged) = (VecDeque::new(), Vec::new());
        state.consumers.insert(number, Consumer { instance, frames, unacknowledged });
        self.hand_out(&mut state, simulation);
        number
    }

    pub(super) fn echo(&self, consumer: u64, read: Timestamp, simulation: &Simulation) {
        let mut state = lock(&self.state);
        self.hand_out(&mut state, simulation);
        if let Some(consumer) = state.consumers.get_mut(&consumer) {
            consumer.frames.push_back(Frame::Echo(read));
        }
    }

    /// What has no time left becomes a dead letter, the rest goes to whoever is there.
    pub(crate) fn hand_out(&self, state: &mut State, simulation: &Simulation) {
        let now = Instant::now();
        let back = state.unsettled.extract_if(.., |(at, _)| *at <= now);
        let back: Vec<Publication> = back.map(|(_, publication)| publication).collect();
        state.give_back(back);
        while let Some(publication) = state.waiting.pop_front() {
            if publication.expires.is_some_and(|expires| expires <= now) {
                simulation.count("messages that expired in the queue");
                simulation.note("broker", "expired", &publication.message_id);
                lock(&simulation.dead).push(publication.dead(EXPIRED.to_owned(), false));
                continue;
            }
            let free = state.consumers.iter().filter(|(_, c)| c.unacknowledged.len() < PREFETCH);
            let free: Vec<u64> = free.map(|(number, _)| *number).collect();
            let which = (!free.is_empty()).then(|| simulation.dice().random_range(0..free.len()));
            let Some(consumer) = which.and_then(|which| state.consumers.get_mut(&free[which]))
            else {
                state.waiting.push_front(publication);
                break;
            };
            consumer.unacknowledged.push(publication.clone());
            simulation.note(consumer.instance.0, "handed out", &publication.message_id);
            consumer.frames.push_back(Frame::Publication(publication));
        }
        self.arrived.notify_waiters();
    }
}
