//! A consumer of tasks at the simulated broker.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rand::RngExt;
use tokio::time::{Instant, sleep, timeout_at};

use super::{LaneId, Parcel};
use crate::queue::{Consumer, Delivery, Gather};
use crate::simulation::context::{Part, Simulation, lock};
use crate::simulation::process::ProcessInstance;

/// How soon a lane looks whether the broker is back.
const CONNECT_AGAIN: Duration = Duration::from_millis(100);

/// A consumer.
pub(super) struct SimulatedLane {
    simulation: Arc<Simulation>,
    instance: Arc<ProcessInstance>,
    id: LaneId,
    gather: Gather,
}

impl SimulatedLane {
    pub(super) fn new(
        simulation: Arc<Simulation>,
        instance: Arc<ProcessInstance>,
        id: LaneId,
        gather: Gather,
    ) -> SimulatedLane {
        SimulatedLane { simulation, instance, id, gather }
    }

    fn take(&self) -> Vec<Delivery> {
        let mut queues = lock(&self.simulation.broker.queues);
        let now = Instant::now();
        let mut ready: Vec<usize> =
            (0..queues.waiting.len()).filter(|i| queues.waiting[*i].ready <= now).collect();
        let most = self.simulation.dice().random_range(1..=self.gather.most);
        let mut chosen = Vec::new();
        while chosen.len() < most && !ready.is_empty() {
            let next = self.simulation.dice().random_range(0..ready.len());
            chosen.push(ready.swap_remove(next));
        }
        let taken: Vec<Parcel> = chosen.iter().map(|i| queues.waiting[*i].clone()).collect();
        chosen.sort_unstable_by(|a, b| b.cmp(a));
        for i in chosen {
            queues.waiting.remove(i);
        }
        let delivery = |parcel: &Parcel| Delivery {
            key: parcel.key,
            trace: None,
            foretold: None,
            tag: parcel.number,
        };
        let deliveries = taken.iter().map(delivery).collect();
        if !self.simulation.variant.forgets_what_it_delivers {
            queues.in_hand.entry(self.id).or_default().extend(taken);
        }
        deliveries
    }

    fn look_again(&self) -> Instant {
        let later = Instant::now() + Duration::from_secs(1);
        let queues = lock(&self.simulation.broker.queues);
        let soonest = queues.waiting.iter().map(|parcel| parcel.ready).min().unwrap_or(later);
        soonest.clamp(Instant::now() + Duration::from_millis(1), later)
    }
}

impl Consumer for SimulatedLane {
    /// What a batch takes out stays in this lane's hands at the broker, so nothing is lost when this is
    /// dropped while it waits.
    fn next(&mut self) -> BoxFuture<'_, Vec<Delivery>> {
        async {
            loop {
                self.instance.until_running().await;
                let arrived = self.simulation.broker.arrived.notified();
                if self.simulation.is_away(Part::Broker, &self.instance) {
                    sleep(CONNECT_AGAIN).await;
                    continue;
                }
                let taken = self.take();
                if !taken.is_empty() {
                    self.simulation.note(self.instance.name, "took", &taken.len().to_string());
                    return taken;
                }
                let _ = timeout_at(self.look_again(), arrived).await;
            }
        }
        .boxed()
    }

    fn ack(&mut self, batch: Vec<Delivery>) -> BoxFuture<'_, ()> {
        async move {
            let there = self.simulation.there(&self.instance, Part::Broker).await;
            let mut queues = lock(&self.simulation.broker.queues);
            let mut in_hand = queues.in_hand.remove(&self.id).unwrap_or_default();
            if there.is_ok() {
                in_hand.retain(|parcel| batch.iter().all(|delivery| delivery.tag != parcel.number));
            }
            // What it did not get to say so of comes again.
            queues.waiting.extend(in_hand);
            drop(queues);
            let how = if there.is_ok() { "" } else { "in vain" };
            self.simulation.note(self.instance.name, "acknowledged", how);
            self.simulation.broker.arrived.notify_waiters();
        }
        .boxed()
    }

    fn is_consuming(&self) -> bool {
        !self.simulation.is_away(Part::Broker, &self.instance)
    }
}

impl Drop for SimulatedLane {
    /// Its channel ends with it: what it had in hand goes to the next.
    fn drop(&mut self) {
        let mut queues = lock(&self.simulation.broker.queues);
        let in_hand = queues.in_hand.remove(&self.id).unwrap_or_default();
        queues.waiting.extend(in_hand);
        self.simulation.broker.arrived.notify_waiters();
    }
}
