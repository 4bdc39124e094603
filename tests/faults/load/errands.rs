//! Errands at a low rate beside the scenarios. The client of an errand hangs up, closes its half of the connection, sets
//! an expiration, or uses its key again after retention.

mod expiring;
mod forgotten;
mod raw;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;
use wsa::domain::task::OrderGuid;
use wsa::engine::store::Store;

use self::expiring::Publisher;
use super::{Clients, PAUSE};
use crate::errand::{Errand, OBJECT, Run, TOTAL, Word};
use crate::reading::{Said, answer, said};
use crate::scenario::{Scenario, Way};
use crate::site::{Site, open_orders};
use crate::support::ask::{Ask, amount};
use crate::support::database::Database;
use crate::support::place::Place;
use crate::support::reference::CASH;

/// Between two of them.
const EVERY: Duration = Duration::from_millis(150);
/// Orders that are opened at once.
const OPENED: usize = 100;

/// Runs errands until `over`; those that are under way go on until `helpers` ends.
pub(super) fn start(
    clients: &Arc<Clients>,
    site: &Site,
    over: CancellationToken,
    helpers: CancellationToken,
) -> TaskTracker {
    let Place::Postgres(database) = &site.place else { unreachable!("a run has PostgreSQL") };
    let tracker = TaskTracker::new();
    let runner = Arc::new(Runner {
        clients: Arc::clone(clients),
        publisher: Publisher::to(&site.prefix.0),
        database: Database::url(database),
        helpers,
    });
    let running = run(runner, site.place.open(), tracker.clone());
    tokio::spawn(over.run_until_cancelled_owned(running));
    tracker
}

struct Runner {
    clients: Arc<Clients>,
    publisher: Publisher,
    /// The database's URL, past every relay.
    database: String,
    helpers: CancellationToken,
}

async fn run(runner: Arc<Runner>, store: Store, tracker: TaskTracker) {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut kinds = Errand::ALL.into_iter().cycle();
    loop {
        let scenario = Scenario { object: OBJECT, total: TOTAL, steps: Vec::new() };
        let Ok(orders) = open_orders(&store, &vec![scenario; OPENED]).await else {
            sleep(PAUSE).await;
            continue;
        };
        for OrderGuid(order) in orders {
            tick.tick().await;
            let Some(errand) = kinds.next() else { return };
            let runner = Arc::clone(&runner);
            tracker.spawn(async move {
                let mut run = Run::new(errand, order);
                let helpers = runner.helpers.clone();
                helpers.run_until_cancelled(runner.go(&mut run)).await;
                runner.clients.client_log.record_errand(run);
            });
        }
    }
}

impl Runner {
    async fn go(&self, run: &mut Run) {
        match run.errand {
            Errand::Expiring => self.expiring(run).await,
            Errand::Once => {
                self.once(run, None).await;
            }
            Errand::HangUp => self.hang_up(run).await,
            Errand::HalfClose => self.half_close(run).await,
            Errand::Forgotten => self.forgotten(run).await,
        }
    }

    /// One request; what it was told is written down. `None` when nothing can be concluded.
    async fn once(&self, run: &mut Run, key: Option<String>) -> Option<Word> {
        let attempt = run.order.as_u128() as usize;
        let body = pay(run.order).synchronous().to_string();
        let reply = self
            .clients
            .door
            .post(attempt, wsa::protocols::whiteserver::http::CREATE, Way::Sync, key, &body)
            .await?;
        let word = word(reply.0, &reply.1, run)?;
        run.told.push(word.clone());
        Some(word)
    }
}

/// The payment of an errand.
fn pay(order: Uuid) -> Ask {
    Ask::pay(OBJECT, OrderGuid(order), &[(amount(TOTAL).as_str(), CASH)])
}

/// What a reply says; `None` when nothing can be concluded.
fn word(status: u16, text: &str, run: &mut Run) -> Option<Word> {
    match said(status, text) {
        Said::Answer(guid) => {
            run.guid = Some(guid);
            Some(Word::Answer(answer(text)?.code))
        }
        Said::Accepted(guid) => {
            run.guid = Some(guid);
            None
        }
        Said::Unknown => Some(Word::NotFound),
        // A refusal in the service's own words. What a server in between says proves nothing.
        Said::Again | Said::Odd if text.contains("\"error\"") => Some(Word::NotAccepted(status)),
        Said::Again | Said::Odd => None,
    }
}
