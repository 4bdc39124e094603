//! The simulated broker: it loses, doubles, delays and reorders messages, gives back what was not acknowledged,
//! and can be wiped empty.

pub(crate) mod intake;
mod lane;
pub(crate) mod publication;
mod publishing;
mod upstream_lane;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rand::RngExt;
use tokio::sync::{Notify, broadcast};
use tokio::time::Instant;

use self::intake::Intake;
use self::lane::SimulatedLane;
use self::publication::SERVICE;
use self::upstream_lane::SimulatedIntake;
use super::context::{Part, Simulation, lock};
use super::process::ProcessInstance;
use crate::domain::outbox::Announcement;
use crate::domain::task::TaskKey;
use crate::queue::{
    Consumer, DatabaseClock, Gateway, Gather, Message, PublishOutcome, QueueError, ReplyMessage,
    Transport, Upstream,
};

/// A message in a queue.
#[derive(Debug, Clone)]
struct Parcel {
    number: u64,
    key: TaskKey,
    ready: Instant,
}

/// A lane of one process instance.
type LaneId = (&'static str, u64, u64);

#[derive(Debug, Default)]
struct Queues {
    next: u64,
    waiting: Vec<Parcel>,
    in_hand: BTreeMap<LaneId, Vec<Parcel>>,
}

/// What is at the broker.
#[derive(Debug)]
pub(crate) struct Broker {
    queues: Mutex<Queues>,
    arrived: Notify,
    announcements: broadcast::Sender<Arc<Announcement>>,
    pub intake: Intake,
}

impl Default for Broker {
    fn default() -> Broker {
        let (queues, arrived) = (Mutex::default(), Notify::new());
        Broker {
            queues,
            arrived,
            announcements: broadcast::channel(1024).0,
            intake: Intake::default(),
        }
    }
}

impl Broker {
    /// Loses all messages.
    pub(crate) fn wipe(&self) {
        let mut queues = lock(&self.queues);
        queues.waiting.clear();
        queues.in_hand.clear();
        self.intake.wipe();
    }

    /// A process is gone: what it had in hand is given to others.
    pub(crate) fn forget_lanes_of(&self, instance: &ProcessInstance) {
        let mut queues = lock(&self.queues);
        let lanes: Vec<LaneId> = queues.in_hand.keys().copied().collect();
        for lane in lanes.into_iter().filter(|(name, _, _)| *name == instance.name) {
            let parcels = queues.in_hand.remove(&lane).unwrap_or_default();
            queues.waiting.extend(parcels);
        }
        self.intake.forget(instance);
        self.arrived.notify_waiters();
    }

    /// Connections were cut: everything in hand is delivered again.
    pub(crate) fn cut(&self) {
        let mut queues = lock(&self.queues);
        let parcels = std::mem::take(&mut queues.in_hand);
        queues.waiting.extend(parcels.into_values().flatten());
        self.intake.cut();
        self.arrived.notify_waiters();
    }

    /// How many messages wait or are in somebody's hands.
    pub(crate) fn messages(&self) -> usize {
        let queues = lock(&self.queues);
        let in_hand = queues.in_hand.values().map(Vec::len).sum::<usize>();
        queues.waiting.len() + in_hand + self.intake.messages()
    }
}

/// The broker as one process sees it.
#[derive(Debug)]
pub(crate) struct SimulatedQueue {
    simulation: Arc<Simulation>,
    instance: Arc<ProcessInstance>,
    lanes: Mutex<u64>,
}

impl SimulatedQueue {
    pub(crate) fn new(
        simulation: &Arc<Simulation>,
        instance: &Arc<ProcessInstance>,
    ) -> SimulatedQueue {
        SimulatedQueue {
            simulation: Arc::clone(simulation),
            instance: Arc::clone(instance),
            lanes: Mutex::new(0),
        }
    }
}

impl Transport for SimulatedQueue {
    fn kind(&self) -> &'static str {
        "simulated"
    }

    fn publish(&self, messages: Vec<Message>) -> BoxFuture<'_, Result<(), QueueError>> {
        async move {
            let Ok(()) = self.simulation.there(&self.instance, Part::Broker).await else {
                return Err(QueueError::NotConnected);
            };
            let rates = self.simulation.fault_rates();
            for message in messages {
                if self.simulation.strikes(rates.lost, "messages lost") {
                    continue;
                }
                let copies =
                    1 + u64::from(self.simulation.strikes(rates.doubled, "messages doubled"));
                for _ in 0..copies {
                    let lies = self.simulation.dice().random_range(0..=rates.lies_ms);
                    let mut queues = lock(&self.simulation.broker.queues);
                    queues.next += 1;
                    let (number, key) = (queues.next, message.key);
                    let ready = Instant::now() + Duration::from_millis(lies);
                    queues.waiting.push(Parcel { number, key, ready });
                }
            }
            self.simulation.note(self.instance.name, "published", "");
            self.simulation.broker.arrived.notify_waiters();
            let back = self.simulation.back(&self.instance, Part::Broker).await;
            back.map_err(|_| QueueError::NotConnected)
        }
        .boxed()
    }

    fn lane(&self, gather: Gather) -> Box<dyn Consumer> {
        let mut lanes = lock(&self.lanes);
        *lanes += 1;
        let (simulation, instance) = (Arc::clone(&self.simulation), Arc::clone(&self.instance));
        let id = (instance.name, instance.number, *lanes);
        Box::new(SimulatedLane::new(simulation, instance, id, gather))
    }

    fn announce(&self, announcement: Announcement) -> BoxFuture<'_, ()> {
        async move {
            if self.simulation.there(&self.instance, Part::Broker).await.is_err() {
                return;
            }
            let unheard = self.simulation.fault_rates().unheard;
            if !self.simulation.strikes(unheard, "announcements not heard") {
                let _ = self.simulation.broker.announcements.send(Arc::new(announcement));
            }
        }
        .boxed()
    }

    fn announcements(&self) -> broadcast::Receiver<Arc<Announcement>> {
        self.simulation.broker.announcements.subscribe()
    }

    fn depth(&self) -> BoxFuture<'_, Result<u64, QueueError>> {
        async {
            let there = self.simulation.there(&self.instance, Part::Broker).await;
            there.map_err(|_| QueueError::NotConnected)?;
            Ok(lock(&self.simulation.broker.queues).waiting.len() as u64)
        }
        .boxed()
    }

    fn is_connected(&self) -> bool {
        !self.simulation.is_away(Part::Broker, &self.instance)
    }

    fn gateway(&self) -> Option<&dyn Gateway> {
        Some(self)
    }
}

impl Gateway for SimulatedQueue {
    fn post<'a>(&'a self, replies: &'a [ReplyMessage]) -> BoxFuture<'a, Vec<PublishOutcome>> {
        async move {
            let failed = || vec![PublishOutcome::Failed; replies.len()];
            if self.simulation.there(&self.instance, Part::Broker).await.is_err() {
                return failed();
            }
            for reply in replies {
                self.simulation.heard.result(reply);
            }
            self.simulation.note(self.instance.name, "posted", &replies.len().to_string());
            match self.simulation.back(&self.instance, Part::Broker).await {
                Ok(()) => vec![PublishOutcome::Taken; replies.len()],
                Err(_) => failed(),
            }
        }
        .boxed()
    }

    fn upstream(&self, clock: DatabaseClock) -> Upstream {
        let lane = Box::new(SimulatedIntake::new(&self.simulation, &self.instance, clock));
        Upstream { lane, user: SERVICE.to_owned(), prefix: "wsa".to_owned() }
    }
}
