//! Tasks of objects that were paused go on, as soon as they are resumed, by whichever process.

use super::{Sweeper, message};
use crate::database::StoreError;
use crate::domain::task::ObjectId;
use crate::engine::app::App;
use crate::queue::{Class, Message};

/// How many objects are looked at in a round.
const OBJECTS: usize = 100;
/// How many transactions of `sweeper.batch` tasks an object has in a round: what else there is to sweep waits meanwhile.
const TURNS: usize = 8;

impl Sweeper {
    /// Publishes what was held while objects were paused. What does not get into the queue is published again as any other
    /// open task.
    pub(super) async fn go_on_with_resumed(&self) -> Result<(), StoreError> {
        for object in self.app.store.resumed(OBJECTS).await? {
            self.go_on_with(object).await?;
        }
        Ok(())
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
