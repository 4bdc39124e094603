//! The worker: take a batch, settle it in the store, tell who waits, acknowledge. In this order: a
//! crash anywhere costs a redelivery, never a second payment or a lost answer.

mod settling;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::domain::dead_letter::DeadLetter;
use crate::domain::outbox::{Announcement, SubscriptionId};
use crate::domain::task::TaskKey;
use crate::engine::app::App;
use crate::engine::dead_letter_collector;
use crate::engine::health::Pulse;
use crate::engine::store::{Settled, Settlement};
use crate::engine::traces::Processing;
use crate::queue::{Delivery, Lane};
use crate::runtime::context;
use crate::runtime::metrics::Stage;

use self::settling::Handled;

/// How often a waiting lane looks whether it is still subscribed, ...
const BEAT: Duration = Duration::from_secs(2);
/// ... and whether it is subscribed by now.
const FIRST_BEAT: Duration = Duration::from_millis(20);

/// Runs one lane until no new work is to be taken. The batch in hand is finished first.
pub async fn run(app: Arc<App>, mut lane: Lane, pulse: Arc<Pulse>) {
    loop {
        let pause = if lane.is_consuming() {
            pulse.beat();
            BEAT
        } else {
            FIRST_BEAT
        };
        let batch = tokio::select! {
            biased;
            () = app.shutdown.no_new_work.cancelled() => return,
            batch = lane.next() => batch,
            () = tokio::time::sleep(pause) => continue,
        };
        let _in_hand = InHand::begin(&app, &pulse, batch.len());
        handle(&app, &mut lane, batch).await;
    }
}

/// A batch in hand, also when the lane ends with it: the queue, or else the sweeper, then gives its tasks to
/// another.
struct InHand<'a> {
    app: &'a App,
    pulse: &'a Pulse,
    size: i64,
}

impl<'a> InHand<'a> {
    fn begin(app: &'a App, pulse: &'a Pulse, size: usize) -> InHand<'a> {
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        app.metrics.in_flight.inc_by(size);
        pulse.begin();
        InHand { app, pulse, size }
    }
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        self.app.metrics.in_flight.dec_by(self.size);
        self.pulse.end();
    }
}

/// What is kept of a task that could not be settled: its message, when the store has no such task.
fn dead(app: &App, lane: &Lane, batch: &[Delivery], handled: &Handled) -> Option<DeadLetter> {
    let (key, reason) = handled.dead()?;
    let delivery = batch.iter().find(|delivery| delivery.key == key)?;
    let TaskKey { object, guid } = key;
    context::said_below(app.tracer.recall(guid.0), || {
        tracing::error!(task.guid = %guid, object.id = %object, reason, "dead letter: task {guid}: {reason}");
    });
    let unknown = handled.settled().settlement == Settlement::Unknown;
    let body = unknown.then(|| lane.message(delivery)).flatten();
    Some(DeadLetter { body, ..DeadLetter::of_task(key, reason) })
}

/// Counts and announces the tasks that were answered.
async fn announce(app: &App, handled: &[Handled], mail: Vec<SubscriptionId>) {
    let mut answered: Vec<TaskKey> = Vec::with_capacity(handled.len());
    for Settled { key, settlement } in handled.iter().map(Handled::settled) {
        if let Settlement::Answered { outcome, after } = settlement {
            answered.push(*key);
            app.metrics.record_answer(*outcome, Some(*after));
            if tracing::enabled!(tracing::Level::DEBUG) {
                let say = || {
                    tracing::debug!(
                        task.guid = %key.guid, object.id = %key.object, outcome = outcome.as_str(),
                        "answered task {}", key.guid
                    );
                };
                context::said_below(app.tracer.recall(key.guid.0), say);
            }
        }
    }
    let traces = app.tracer.recall_all(answered.iter().map(|key| key.guid.0));
    app.queue.announce(Announcement { answered, mail, traces }).await;
}

async fn handle(app: &App, lane: &mut Lane, mut batch: Vec<Delivery>) {
    let started = Instant::now();
    let keys: Vec<TaskKey> = batch.iter().map(|delivery| delivery.key).collect();
    let mut traced = Processing::begin(&app.tracer, &app.queue, &app.store, &batch);
    let foretold = batch.iter_mut().filter_map(|delivery| delivery.foretold.take()).collect();
    let handled = settling::settle(app, keys, foretold).await;
    traced.settled(handled.iter().map(Handled::settled));
    app.metrics.batch(Stage::Settle, batch.len(), started.elapsed());
    let dead: Vec<DeadLetter> =
        handled.iter().filter_map(|handled| dead(app, lane, &batch, handled)).collect();
    dead_letter_collector::keep(app, dead).await;
    lane.ack(batch).await;
}
