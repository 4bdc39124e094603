//! What is deleted because it is old.

use std::time::Duration;

use tokio::time::sleep;

use super::Sweeper;
use crate::database::StoreError;
use crate::engine::app::App;

/// More dead letters than people will read: the oldest make room.
const MOST_DEAD: i64 = 100_000;
const SECONDS_A_DAY: i64 = 86_400;
/// For how long the figures of the console are kept: 48 hours.
const SAMPLES_S: i64 = 2 * SECONDS_A_DAY;

impl Sweeper {
    /// Deletes what protocols keep no longer; whether there may be more.
    async fn forget_states(&self, most: u64) -> Result<bool, StoreError> {
        let mut more = false;
        for protocol in self.app.store.protocols().all() {
            more |= protocol.forget(self.app.store.db(), most).await? == most;
        }
        Ok(more)
    }

    pub(super) async fn forget(&self) -> Result<(), StoreError> {
        let App { store, settings, .. } = &*self.app;
        let most = settings.sweeper.batch as u64;
        let answers_s = settings.store.retention_days * SECONDS_A_DAY;
        let mail_s = settings.mail.keep_days * SECONDS_A_DAY;
        let log_s = settings.callbacks.log_days * SECONDS_A_DAY;
        // In turns, and with pauses: what is old is no hurry, and leaves room for what is.
        store.forget_orphans().await?;
        let mut more = true;
        while more && !self.app.shutdown.no_new_work.is_cancelled() {
            more = store.forget_notifications(mail_s, most).await?
                | store.trim_notifications(settings.mail.keep_letters, most).await?
                | store.forget_events(mail_s, most).await?
                | store.forget_dead(answers_s, MOST_DEAD, most).await?
                | store.forget_denials(answers_s, most).await?
                | store.forget_samples(SAMPLES_S, most).await?
                | (store.forget_deliveries(log_s, most).await? == most)
                | self.forget_states(most).await?
                | (store.forget(answers_s, most).await? == most);
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}
