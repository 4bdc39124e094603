//! Dead letters find their way into the store: from workers at once, from the broker's queue of dead
//! letters, where the broker itself puts what was delivered too often, as soon as this looks.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::database::error::chain;
use crate::database::pieces::in_pieces;
use crate::domain::dead_letter::DeadLetter;
use crate::engine::app::App;
use crate::queue::{DeadLetters, QueueError};

/// How often the broker's queue is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// The pause before the store is tried again.
const AGAIN: Duration = Duration::from_millis(500);
/// How many letters are fetched together.
const MOST: usize = 100;
/// How often one letter alone may fail to be fetched before it is thrown away.
const ATTEMPTS: usize = 3;

/// Keeps letters; while the store is away, that takes as long as it is away.
pub async fn keep(app: &App, letters: Vec<DeadLetter>) {
    if letters.is_empty() {
        return;
    }
    app.metrics.dead.inc_by(letters.len() as u64);
    let keep = async |letters: Vec<DeadLetter>| loop {
        match app.store.keep_dead(letters.clone()).await {
            Err(error) if error.is_passing() => sleep(AGAIN).await,
            kept => return kept,
        }
    };
    for (letters, kept) in in_pieces(letters, keep).await {
        if let Err(error) = kept {
            // They are in the log, at least.
            let error = chain(&error);
            tracing::error!(error, "{} dead letters could not be kept: {error}", letters.len());
        }
    }
}

/// Empties the broker's queue of dead letters until no new work is to be taken.
pub async fn run(app: Arc<App>) {
    let Some(queue) = app.queue.dead_letters() else { return };
    let mut round = Round { app: &app, queue, careful: 0, failures: 0 };
    let stop = app.shutdown.no_new_work.clone();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(LOOK) => {}
        }
        // To its end: what is fetched is kept. That there is no link is said already, where it was lost.
        if let Err(error) = round.empty().await {
            tracing::debug!(%error, "dead letters stay in RabbitMQ for now: {error}");
        }
    }
}

struct Round<'a> {
    app: &'a App,
    queue: &'a dyn DeadLetters,
    /// How many letters are fetched one at a time, because one of those ahead ended a connection.
    careful: usize,
    /// How often fetching failed in a row.
    failures: usize,
}

impl Round<'_> {
    async fn empty(&mut self) -> Result<(), QueueError> {
        while self.queue.waiting().await? > 0 {
            if self.failures > ATTEMPTS {
                let letters = self.queue.throw_away().await?;
                tracing::error!("a dead letter that cannot be fetched was thrown away");
                self.failures = 0;
                keep(self.app, letters).await;
                continue;
            }
            let most = if self.careful > 0 { 1 } else { MOST };
            match self.queue.fetch(most).await {
                Ok(fetched) if fetched.letters.is_empty() => return Ok(()),
                Ok(fetched) => {
                    self.failures = 0;
                    self.careful = self.careful.saturating_sub(1);
                    tracing::info!("{} dead letters of RabbitMQ are kept", fetched.letters.len());
                    keep(self.app, fetched.letters.clone()).await;
                    fetched.done().await;
                }
                Err(error) => {
                    self.careful = MOST;
                    self.failures += 1;
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}
