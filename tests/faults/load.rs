//! Clients under load that do not give up: each asks until it is told.

mod callbacks;
mod errands;
mod http;
mod listening;
mod till;
mod upstream;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;
use wsa::engine::store::Store;

pub use self::callbacks::receive;
use self::http::Door;
use self::upstream::Upstream;
use crate::client_log::{ClientLog, Id};
use crate::scenario::{Scenario, Way, Wish, scenario};
use crate::settings::Run;
use crate::site::{Site, open_orders};

/// Scenarios that go on at once: more would only wait.
const AT_ONCE: usize = 400;
/// Orders that are opened with one statement.
const OPENED: usize = 200;
/// How many listen.
const LISTENERS: usize = 4;
/// Before a client tries again.
const PAUSE: Duration = Duration::from_millis(200);
/// The longest that answers may take after the last fault: the default deadline and some.
const TOLD_WITHIN: Duration = Duration::from_secs(180);

/// How long errands may go on after the scenarios; of a key that retention has yet to forget, this cuts off the end.
const ERRANDS_WITHIN: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 120 });

/// Clients of all ways.
struct Clients {
    seed: u64,
    client_log: Arc<ClientLog>,
    door: Door,
    upstream: Upstream,
}

/// Scenarios that are begun for as long as this runs.
pub struct Load {
    over: CancellationToken,
    scenarios: TaskTracker,
    errands: TaskTracker,
    till: TaskTracker,
    helpers: CancellationToken,
}

impl Load {
    pub fn start(site: &Site, client_log: &Arc<ClientLog>, run: &Run) -> Load {
        let clients = Arc::new(Clients {
            seed: run.seed,
            client_log: Arc::clone(client_log),
            door: Door::to(site.urls()),
            upstream: Upstream::connect(
                site.upstream_url(),
                &site.prefix.0,
                Arc::clone(client_log),
            ),
        });
        let (over, helpers) = (CancellationToken::new(), CancellationToken::new());
        let errands = errands::start(&clients, site, over.clone(), helpers.clone());
        let till = till::start(&clients, &over);
        let load = Load { over, scenarios: TaskTracker::new(), errands, till, helpers };
        for n in 0..LISTENERS {
            let listening = listening::listen(Arc::clone(&clients), n);
            tokio::spawn(load.helpers.clone().run_until_cancelled_owned(listening));
        }
        let (give, orders) = mpsc::channel(2 * OPENED);
        let opening = open(site.place.open(), run.seed, give);
        tokio::spawn(load.over.clone().run_until_cancelled_owned(opening));
        let beginning = begin(clients, orders, run.rate, load.scenarios.clone());
        tokio::spawn(load.over.clone().run_until_cancelled_owned(beginning));
        load
    }

    /// Begins no more, and waits until everybody was told everything. Who was not by then never is.
    pub async fn end(&self, client_log: &ClientLog) {
        self.over.cancel();
        self.scenarios.close();
        if timeout(TOLD_WITHIN, self.scenarios.wait()).await.is_err() {
            eprintln!("faults: {} scenarios have no end", self.scenarios.len());
        }
        let posted = async {
            while client_log.unposted() > 0 {
                sleep(PAUSE).await
            }
        };
        if timeout(TOLD_WITHIN, posted).await.is_err() {
            eprintln!("faults: {} callbacks did not come", client_log.unposted());
        }
        if timeout(TOLD_WITHIN, self.till.wait()).await.is_err() {
            eprintln!("faults: the till has not heard everything");
        }
        self.errands.close();
        if timeout(ERRANDS_WITHIN, self.errands.wait()).await.is_err() {
            eprintln!("faults: {} errands were not ended by themselves", self.errands.len());
        }
        self.helpers.cancel();
        self.errands.wait().await;
    }
}

/// Opens orders, ahead of the scenarios.
async fn open(store: Store, seed: u64, give: mpsc::Sender<(Scenario, Uuid)>) {
    let mut numbers = 0..;
    loop {
        let scenarios: Vec<Scenario> =
            numbers.by_ref().take(OPENED).map(|number| scenario(seed, number)).collect();
        let guids = loop {
            match open_orders(&store, &scenarios).await {
                Ok(guids) => break guids,
                // The database has its outage.
                Err(_) => sleep(PAUSE).await,
            }
        };
        for (scenario, guid) in scenarios.into_iter().zip(guids) {
            if give.send((scenario, guid.0)).await.is_err() {
                return;
            }
        }
    }
}

/// Begins so many scenarios a second, while there is room.
async fn begin(
    clients: Arc<Clients>,
    mut orders: mpsc::Receiver<(Scenario, Uuid)>,
    rate: u32,
    scenarios: TaskTracker,
) {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut tick = interval(Duration::from_secs(1) / rate);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while let Some((scenario, order)) = orders.recv().await {
        let place = Arc::clone(&room).acquire_owned().await;
        tick.tick().await;
        let clients = Arc::clone(&clients);
        scenarios.spawn(async move {
            clients.play(&scenario, order).await;
            drop(place);
        });
    }
}

impl Clients {
    async fn play(&self, scenario: &Scenario, order: Uuid) {
        let number = self.client_log.begin(scenario, order);
        for (step, wishes) in scenario.steps.iter().enumerate() {
            let at_once = wishes.iter().enumerate();
            join_all(at_once.map(|(n, wish)| self.ask((number, step, n), scenario, order, wish)))
                .await;
        }
    }

    /// Asks until the answer is told.
    async fn ask(&self, id: Id, scenario: &Scenario, order: Uuid, wish: &Wish) {
        self.client_log.record_request(id);
        let body = scenario.ask(order, wish);
        match wish.way {
            Way::Upstream => self.upstream.ask(id, self.key(id), &body).await,
            way => self.ask_over_http(id, way, &body).await,
        }
    }

    /// The client's own name for a task.
    fn key(&self, (scenario, step, wish): Id) -> String {
        format!("{}-{scenario}-{step}-{wish}", self.seed)
    }
}

/// The wish that a key names.
fn named(key: &str) -> Option<Id> {
    let mut numbers = key.split('-').skip(1).map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??, numbers.next()??))
}
