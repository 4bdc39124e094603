//! Tasks of objects that were paused go on, as soon as they are resumed, by whichever process.

use std::time::Duration;

use tokio::time::Instant;

use super::{Sweeper, message};
use crate::database::StoreError;
use crate::domain::task::ObjectId;
use crate::engine::app::App;
use crate::queue::{Class, Message};

/// How many objects are looked at in a statement.
const OBJECTS: usize = 100;
/// How many transactions of `sweeper.batch` tasks an object has in a round: what else there is to sweep waits meanwhile.
const TURNS: usize = 8;
/// For how long a round begins with further objects: the next one goes on where it ended.
const ROUND: Duration = Duration::from_secs(1);
/// Comes before all objects.
const FIRST: ObjectId = ObjectId(i64::MIN);

/// Where the last round ended.
pub(super) struct Places {
    resumed: ObjectId,
    holding: ObjectId,
}

impl Places {
    pub(super) const BEGIN: Places = Places { resumed: FIRST, holding: FIRST };
}

impl Sweeper {
    /// Publishes what was held while objects were paused. What does not get into the queue is published again as any other
    /// open task.
    pub(super) async fn go_on_with_resumed(&mut self) -> Result<(), StoreError> {
        let end = Instant::now() + ROUND;
        loop {
            let resumed = self.app.store.resumed(self.places.resumed, OBJECTS).await?;
            let objects = resumed.iter().map(|of| of.object);
            let (looked_at, outcome) = self.go_on_with_each(objects, end).await;
            self.app.store.forget_resumed(&resumed[..looked_at]).await?;
            if looked_at == resumed.len() && looked_at < OBJECTS {
                self.places.resumed = FIRST;
            } else if let Some(last) = resumed[..looked_at].last() {
                self.places.resumed = last.object;
            }
            outcome?;
            if looked_at < OBJECTS {
                return Ok(());
            }
        }
    }

    /// The same for objects of which tasks were held after everybody had looked: some of all that hold tasks in a round.
    pub(super) async fn go_on_with_late(&mut self) -> Result<(), StoreError> {
        let holding = self.app.store.holding(self.places.holding, OBJECTS).await?;
        let last = holding.last().filter(|_| holding.len() == OBJECTS);
        self.places.holding = last.map_or(FIRST, |last| last.object);
        let late = holding.iter().filter(|of| !of.paused).map(|of| of.object);
        self.go_on_with_each(late, Instant::now() + ROUND).await.1
    }

    /// Goes on with one after another until the round ends. Gives how many of them it came to.
    async fn go_on_with_each(
        &self,
        objects: impl Iterator<Item = ObjectId>,
        end: Instant,
    ) -> (usize, Result<(), StoreError>) {
        let (mut count, mut outcome) = (0, Ok(()));
        for object in objects {
            if Instant::now() >= end {
                break;
            }
            match self.go_on_with(object).await {
                Err(error) if error.is_passing() => return (count, Err(error)),
                // Tasks of one cannot be taken: those of the others are.
                done => outcome = outcome.and(done),
            }
            count += 1;
        }
        (count, outcome)
    }

    async fn go_on_with(&self, object: ObjectId) -> Result<(), StoreError> {
        let App { store, queue, metrics, settings, load, .. } = &*self.app;
        let most = settings.sweeper.batch;
        for turn in 0..TURNS {
            let held = store.take_held(object, most, settings.tasks.republish_after_s).await?;
            let count = held.len();
            if count == 0 {
                return Ok(());
            }
            // Many at once let the tasks of others go first, whatever is known here of how many there are.
            let many = turn > 0 || count == most;
            let class = if many { Class::Bulk } else { load.class(object) };
            let messages =
                held.into_iter().map(|held| Message { class, ..message(held, &self.app) });
            match queue.publish(messages.collect()).await {
                Ok(()) => {
                    tracing::info!(object.id = %object, "{count} tasks of object {object} go on: it was paused");
                }
                Err(error) => {
                    metrics.unpublished.inc_by(count as u64);
                    tracing::warn!(%error, "{count} tasks of object {object} will be published later: {error}");
                    return Ok(());
                }
            }
            if count < most {
                return Ok(());
            }
        }
        Ok(())
    }
}
