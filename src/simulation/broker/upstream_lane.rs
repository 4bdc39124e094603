//! A consumer of what upstream services publish, at the simulated broker.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rand::RngExt;
use tokio::time::{Instant, sleep, timeout};

use super::intake::{Frame, Intake};
use super::publication::{Publication, message};
use crate::queue::amqp::upstream::{Disposition, UpstreamMessage};
use crate::queue::echo::EchoClock;
use crate::queue::{DatabaseClock, UpstreamLane};
use crate::simulation::context::{Part, Simulation, lock};
use crate::simulation::process::ProcessInstance;

/// How often a consumer asks for an echo.
const ECHO_EVERY: Duration = Duration::from_secs(1);
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// A consumer of the queue, of one process instance.
pub(crate) struct SimulatedIntake {
    simulation: Arc<Simulation>,
    instance: Arc<ProcessInstance>,
    clock: DatabaseClock,
    session: Option<(u64, EchoClock)>,
}

impl SimulatedIntake {
    pub(crate) fn new(
        simulation: &Arc<Simulation>,
        instance: &Arc<ProcessInstance>,
        clock: DatabaseClock,
    ) -> SimulatedIntake {
        let (simulation, instance) = (Arc::clone(simulation), Arc::clone(instance));
        SimulatedIntake { simulation, instance, clock, session: None }
    }

    fn intake(&self) -> &Intake {
        &self.simulation.broker.intake
    }

    async fn subscribe(&self) -> Option<(u64, EchoClock)> {
        // Before, and not after: what is handed out then is no younger than that.
        let read = (self.clock)().await?;
        self.simulation.there(&self.instance, Part::Broker).await.ok()?;
        let number = self.intake().subscribe(&self.instance, &self.simulation);
        let (simulation, instance) = (Arc::clone(&self.simulation), Arc::clone(&self.instance));
        let clock = Arc::clone(&self.clock);
        self.instance.spawn(async move {
            while simulation.broker.intake.has(number) {
                sleep(ECHO_EVERY).await;
                let Some(read) = clock().await else { continue };
                if simulation.there(&instance, Part::Broker).await.is_ok() {
                    simulation.broker.intake.echo(number, read, &simulation);
                }
            }
        });
        Some((number, EchoClock::subscribed_after(read)))
    }

    /// What has come, in order.
    fn read(&mut self) -> Vec<UpstreamMessage> {
        let Some((number, clock)) = &mut self.session else { return Vec::new() };
        let mut state = lock(&self.simulation.broker.intake.state);
        let Some(consumer) = state.consumers.get_mut(number) else { return Vec::new() };
        let mut read = Vec::new();
        for frame in consumer.frames.drain(..) {
            match frame {
                Frame::Publication(publication) => {
                    let not_before = match self.simulation.variant.counts_from_reading {
                        true => self.simulation.now(),
                        false => clock.not_before(),
                    };
                    read.push(message(publication, not_before));
                }
                Frame::Echo(at) => clock.echoed(at),
            }
        }
        read
    }
}

impl UpstreamLane for SimulatedIntake {
    fn next(&mut self) -> BoxFuture<'_, Vec<UpstreamMessage>> {
        async {
            let simulation = Arc::clone(&self.simulation);
            loop {
                self.instance.until_running().await;
                let arrived = simulation.broker.intake.arrived.notified();
                if !self.intake().used.load(Ordering::Relaxed) {
                    arrived.await;
                    continue;
                }
                self.session = self.session.take().filter(|(number, _)| self.intake().has(*number));
                if self.session.is_none() {
                    self.session = self.subscribe().await;
                }
                let read = self.read();
                if !read.is_empty() {
                    self.simulation.note(self.instance.name, "took in", &read.len().to_string());
                    return read;
                }
                let _ = timeout(LOOK_AGAIN, arrived).await;
            }
        }
        .boxed()
    }

    fn settle(&mut self, dispositions: Vec<(u64, Disposition)>) -> BoxFuture<'_, ()> {
        async move {
            let there = self.simulation.there(&self.instance, Part::Broker).await;
            let Some((number, _)) = &self.session else { return };
            let (rates, mut unsettled) = (self.simulation.fault_rates(), Vec::new());
            let mut state = lock(&self.simulation.broker.intake.state);
            if there.is_err() {
                // The connection is gone with what it had in hand.
                let back =
                    state.consumers.remove(number).map(|c| c.unacknowledged).unwrap_or_default();
                state.give_back(back);
            }
            if let Some(consumer) = state.consumers.get_mut(number) {
                for (tag, disposition) in dispositions {
                    let is_this = |publication: &Publication| publication.number == tag;
                    let Some(at) = consumer.unacknowledged.iter().position(is_this) else {
                        continue;
                    };
                    if disposition == Disposition::Leave {
                        continue;
                    }
                    let publication = consumer.unacknowledged.remove(at);
                    if self.simulation.strikes(rates.unsettled, "settlements that the broker lost")
                    {
                        let after = self.simulation.dice().random_range(100..5_000);
                        let again = Instant::now() + Duration::from_millis(after);
                        unsettled.push((again, publication.clone()));
                    }
                    let told = matches!(disposition, Disposition::Refused(_));
                    if let Disposition::Dead(reason) | Disposition::Refused(reason) = disposition {
                        self.simulation.note(self.instance.name, "buried", &reason);
                        lock(&self.simulation.dead).push(publication.dead(reason, told));
                    }
                }
            }
            state.unsettled.extend(unsettled);
            self.simulation.broker.intake.hand_out(&mut state, &self.simulation);
        }
        .boxed()
    }

    fn is_live(&self) -> bool {
        self.session.as_ref().is_some_and(|(number, _)| self.intake().has(*number))
    }

    fn close(self: Box<Self>) -> BoxFuture<'static, ()> {
        async move { drop(self) }.boxed()
    }
}

impl Drop for SimulatedIntake {
    /// Its connection ends with it.
    fn drop(&mut self) {
        let Some((number, _)) = self.session else { return };
        let mut state = lock(&self.simulation.broker.intake.state);
        let back = state.consumers.remove(&number).map(|c| c.unacknowledged).unwrap_or_default();
        state.give_back(back);
    }
}
