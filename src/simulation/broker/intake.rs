//! The queue of upstream services at the simulated broker. What it hands out lies with the consumer, in order and
//! among echoes, until the consumer reads it: a process may stand still meanwhile. A message that nobody was
//! handed within its expiration becomes a dead letter; what was handed out is delivered again when its connection
//! is gone.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use rand::RngExt;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};

use super::letter::{EXPIRED, Letter, message};
use crate::queue::amqp::upstream::{UpstreamMessage, Verdict};
use crate::queue::echo::EchoClock;
use crate::queue::{DatabaseClock, UpstreamLane};
use crate::simulation::process::Life;
use crate::simulation::stage::{Part, Stage, lock};

/// How many messages a consumer may have in hand.
const PREFETCH: usize = 8;
/// How often a consumer asks for an echo.
const ECHO_EVERY: Duration = Duration::from_secs(1);
const LOOK_AGAIN: Duration = Duration::from_millis(500);

#[derive(Debug)]
enum Frame {
    Letter(Letter),
    /// The answer to what was asked for after this was read.
    Echo(Timestamp),
}

#[derive(Debug)]
struct Consumer {
    life: (&'static str, u64),
    /// On its way: not read yet.
    frames: VecDeque<Frame>,
    unacknowledged: Vec<Letter>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) next: u64,
    pub(crate) waiting: VecDeque<Letter>,
    /// Settled, but a broker that is killed before that is on its disk delivers them again, from then on.
    unsettled: Vec<(Instant, Letter)>,
    consumers: BTreeMap<u64, Consumer>,
}

impl State {
    fn end(&mut self, ended: impl Fn(&Consumer) -> bool) {
        let gone = self.consumers.extract_if(.., |_, consumer| ended(consumer));
        let back: Vec<Letter> = gone.flat_map(|(_, consumer)| consumer.unacknowledged).collect();
        self.give_back(back);
    }

    fn give_back(&mut self, letters: Vec<Letter>) {
        for letter in letters.into_iter().rev() {
            self.waiting.push_front(Letter { redelivered: true, ..letter });
        }
    }
}

/// The queue.
#[derive(Debug, Default)]
pub(crate) struct Intake {
    pub(crate) state: Mutex<State>,
    arrived: Notify,
    /// Whether anybody publishes in this run; without, nobody consumes either, which costs less.
    used: AtomicBool,
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
    pub(crate) fn forget(&self, life: &Life) {
        lock(&self.state).end(|consumer| consumer.life.0 == life.name);
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

    fn has(&self, consumer: u64) -> bool {
        lock(&self.state).consumers.contains_key(&consumer)
    }

    fn subscribe(&self, life: &Life, stage: &Stage) -> u64 {
        let mut state = lock(&self.state);
        state.next += 1;
        let number = state.next;
        let life = (life.name, life.number);
        let (frames, unacknowledged) = (VecDeque::new(), Vec::new());
        state.consumers.insert(number, Consumer { life, frames, unacknowledged });
        self.hand_out(&mut state, stage);
        number
    }

    fn echo(&self, consumer: u64, read: Timestamp, stage: &Stage) {
        let mut state = lock(&self.state);
        self.hand_out(&mut state, stage);
        if let Some(consumer) = state.consumers.get_mut(&consumer) {
            consumer.frames.push_back(Frame::Echo(read));
        }
    }

    /// What has no time left becomes a dead letter, the rest goes to whoever is there.
    pub(crate) fn hand_out(&self, state: &mut State, stage: &Stage) {
        let now = Instant::now();
        let back = state.unsettled.extract_if(.., |(at, _)| *at <= now);
        let back: Vec<Letter> = back.map(|(_, letter)| letter).collect();
        state.give_back(back);
        while let Some(letter) = state.waiting.pop_front() {
            if letter.expires.is_some_and(|expires| expires <= now) {
                stage.count("messages that expired in the queue");
                stage.note("broker", "expired", &letter.message_id);
                lock(&stage.dead).push(letter.dead(EXPIRED.to_owned(), false));
                continue;
            }
            let free = state.consumers.iter().filter(|(_, c)| c.unacknowledged.len() < PREFETCH);
            let free: Vec<u64> = free.map(|(number, _)| *number).collect();
            let which = (!free.is_empty()).then(|| stage.dice().random_range(0..free.len()));
            let Some(consumer) = which.and_then(|which| state.consumers.get_mut(&free[which]))
            else {
                state.waiting.push_front(letter);
                break;
            };
            consumer.unacknowledged.push(letter.clone());
            stage.note(consumer.life.0, "handed out", &letter.message_id);
            consumer.frames.push_back(Frame::Letter(letter));
        }
        self.arrived.notify_waiters();
    }
}

/// A consumer of the queue, in one life of a process.
pub(crate) struct SimulatedIntake {
    stage: Arc<Stage>,
    life: Arc<Life>,
    clock: DatabaseClock,
    session: Option<(u64, EchoClock)>,
}

impl SimulatedIntake {
    pub(crate) fn new(
        stage: &Arc<Stage>,
        life: &Arc<Life>,
        clock: DatabaseClock,
    ) -> SimulatedIntake {
        let (stage, life) = (Arc::clone(stage), Arc::clone(life));
        SimulatedIntake { stage, life, clock, session: None }
    }

    fn intake(&self) -> &Intake {
        &self.stage.broker.intake
    }

    async fn subscribe(&self) -> Option<(u64, EchoClock)> {
        // Before, and not after: what is handed out then is no younger than that.
        let read = (self.clock)().await?;
        self.stage.there(&self.life, Part::Broker).await.ok()?;
        let number = self.intake().subscribe(&self.life, &self.stage);
        let (stage, life) = (Arc::clone(&self.stage), Arc::clone(&self.life));
        let clock = Arc::clone(&self.clock);
        self.life.spawn(async move {
            while stage.broker.intake.has(number) {
                sleep(ECHO_EVERY).await;
                let Some(read) = clock().await else { continue };
                if stage.there(&life, Part::Broker).await.is_ok() {
                    stage.broker.intake.echo(number, read, &stage);
                }
            }
        });
        Some((number, EchoClock::subscribed_after(read)))
    }

    /// What has come, in order.
    fn read(&mut self) -> Vec<UpstreamMessage> {
        let Some((number, clock)) = &mut self.session else { return Vec::new() };
        let mut state = lock(&self.stage.broker.intake.state);
        let Some(consumer) = state.consumers.get_mut(number) else { return Vec::new() };
        let mut read = Vec::new();
        for frame in consumer.frames.drain(..) {
            match frame {
                Frame::Letter(letter) => {
                    let not_before = match self.stage.variant.counts_from_reading {
                        true => self.stage.now(),
                        false => clock.not_before(),
                    };
                    read.push(message(letter, not_before));
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
            let stage = Arc::clone(&self.stage);
            loop {
                self.life.alive().await;
                let arrived = stage.broker.intake.arrived.notified();
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
                    self.stage.note(self.life.name, "took in", &read.len().to_string());
                    return read;
                }
                let _ = timeout(LOOK_AGAIN, arrived).await;
            }
        }
        .boxed()
    }

    fn settle(&mut self, verdicts: Vec<(u64, Verdict)>) -> BoxFuture<'_, ()> {
        async move {
            let there = self.stage.there(&self.life, Part::Broker).await;
            let Some((number, _)) = &self.session else { return };
            let (weather, mut unsettled) = (self.stage.weather(), Vec::new());
            let mut state = lock(&self.stage.broker.intake.state);
            if there.is_err() {
                // The connection is gone with what it had in hand.
                let back =
                    state.consumers.remove(number).map(|c| c.unacknowledged).unwrap_or_default();
                state.give_back(back);
            }
            if let Some(consumer) = state.consumers.get_mut(number) {
                for (tag, verdict) in verdicts {
                    let is_this = |letter: &Letter| letter.number == tag;
                    let Some(at) = consumer.unacknowledged.iter().position(is_this) else {
                        continue;
                    };
                    if verdict == Verdict::Leave {
                        continue;
                    }
                    let letter = consumer.unacknowledged.remove(at);
                    if self.stage.strikes(weather.unsettled, "settlements that the broker lost") {
                        let after = self.stage.dice().random_range(100..5_000);
                        let again = Instant::now() + Duration::from_millis(after);
                        unsettled.push((again, letter.clone()));
                    }
                    let told = matches!(verdict, Verdict::Refused(_));
                    if let Verdict::Dead(reason) | Verdict::Refused(reason) = verdict {
                        self.stage.note(self.life.name, "buried", &reason);
                        lock(&self.stage.dead).push(letter.dead(reason, told));
                    }
                }
            }
            state.unsettled.extend(unsettled);
            self.stage.broker.intake.hand_out(&mut state, &self.stage);
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
        let mut state = lock(&self.stage.broker.intake.state);
        let back = state.consumers.remove(&number).map(|c| c.unacknowledged).unwrap_or_default();
        state.give_back(back);
    }
}
