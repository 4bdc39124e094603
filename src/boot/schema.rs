//! The database and its schema, before anything is accepted.

use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::time::{Instant, sleep};

use super::Role;
use crate::config::Settings;
use crate::database::StoreError;
use crate::database::error::chain;
use crate::engine::app::App;
use crate::engine::checks::{self, Finding};
use crate::engine::store::Store;
use crate::engine::store::migrate::Schema;
use crate::runtime::tls;

/// How often a process looks again for what is not there yet.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// How often it says that it still waits for the same.
const SAY_AGAIN: Duration = Duration::from_secs(10);

/// Waits for the store, and readies it for this process.
pub(super) async fn wait_until_usable(app: &App, role: Role) -> anyhow::Result<()> {
    wait_until_prepared(app, role).await?;
    if role != Role::Api {
        // Said once, in the log; callbacks over https look again each time.
        tokio::task::spawn_blocking(tls::system_flaw);
    }
    app.started.store(true, Ordering::Relaxed);
    Ok(())
}

/// Makes sure of the database, of the schema and of what the queue has; waits for a store that does not answer.
async fn wait_until_prepared(app: &App, role: Role) -> anyhow::Result<()> {
    let mut waiting = Waiting::default();
    loop {
        let error = match checked(&app.store, &app.settings).await {
            Ok(Ok(())) => match prepare(app, role).await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(behind)) => {
                    waiting.wait_for(behind).await;
                    continue;
                }
                Err(error) => error,
            },
            Ok(Err(Finding::Refuse(message))) => bail!("{message}"),
            Ok(Err(Finding::Wait(message) | Finding::Warn(message))) => {
                waiting.wait_for(message).await;
                continue;
            }
            Err(error) => error,
        };
        if !error.is_passing() {
            return Err(error).context("the store cannot be used");
        }
        waiting.wait_for(format!("the store: {}", chain(&error))).await;
    }
}

/// Judges the database that a store is in; an inner error is what stands in the way of using it.
pub async fn checked(
    store: &Store,
    settings: &Settings,
) -> Result<Result<(), Finding>, StoreError> {
    let Some(facts) = store.server_facts().await? else { return Ok(Ok(())) };
    for finding in checks::database::judge(&facts, settings.store.allow_unsafe_durability) {
        match finding {
            Finding::Warn(message) => tracing::warn!("{message}"),
            stands_in_the_way => return Ok(Err(stands_in_the_way)),
        }
    }
    Ok(Ok(()))
}

/// What is waited for, and when that was said.
#[derive(Default)]
struct Waiting {
    said: Option<(String, Instant)>,
}

impl Waiting {
    async fn wait_for(&mut self, what: String) {
        let is_new = |(said, at): &(String, Instant)| *said != what || at.elapsed() >= SAY_AGAIN;
        if self.said.as_ref().is_none_or(is_new) {
            tracing::warn!("waiting for {what}");
            self.said = Some((what, Instant::now()));
        }
        sleep(LOOK_AGAIN).await;
    }
}

/// Readies the store for this process; an inner error is what it waits for.
async fn prepare(app: &App, role: Role) -> Result<Result<(), String>, StoreError> {
    if let Err(behind) = schema(app, role).await? {
        return Ok(Err(behind));
    }
    if !app.queue.outlives_process() {
        // Whatever an earlier process had in its queue is gone; the store has it all.
        app.store.publish_all_again().await?;
    }
    Ok(Ok(()))
}

async fn schema(app: &App, role: Role) -> Result<Result<(), String>, StoreError> {
    if role == Role::Up {
        let steps = app.store.migrate().await?;
        if let Some(newest) = steps.last() {
            tracing::info!("the schema was brought up to {newest}, in {} steps", steps.len());
        }
        return Ok(Ok(()));
    }
    Ok(match app.store.schema().await? {
        Schema::Current => Ok(()),
        Schema::Ahead => {
            tracing::warn!("the schema is newer than this program");
            Ok(())
        }
        Schema::Behind { at, needed } => {
            Err(format!("the schema: it is at {at}, {needed} is needed; run `wsa migrate`"))
        }
    })
}
