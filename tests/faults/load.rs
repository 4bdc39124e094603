//! Clients under load that do not give up: each asks until it is told.

mod callbacks;
mod errands;
mod http;
mod listening;
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
use crate::notebook::{Id, Notebook};
use crate::settings::Run;
use crate::site::{Site, open_orders};
use crate::story::{Story, Way, Wish, story};

/// Stories that go on at once: more would only wait.
const AT_ONCE: usize = 400;
/// Orders that are opened with one statement.
const OPENED: usize = 200;
/// How many listen.
const LISTENERS: usize = 4;
/// Before a client tries again.
const PAUSE: Duration = Duration::from_millis(200);
/// The longest that answers may take after the last fault: the default deadline and some.
const TOLD_WITHIN: Duration = Duration::from_secs(180);

/// How long errands may go on after the stories; of a key that retention has yet to forget, this cuts off the end.
const ERRANDS_WITHIN: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 120 });

/// Clients of all ways.
struct Clients {
    seed: u64,
    notebook: Arc<Notebook>,
    door: Door,
    upstream: Upstream,
}

/// Stories that are begun for as long as this runs.
pub struct Load {
    over: CancellationToken,
    stories: TaskTracker,
    errands: TaskTracker,
    helpers: CancellationToken,
}

impl Load {
    pub fn start(site: &Site, notebook: &Arc<Notebook>, run: &Run) -> Load {
        let clients = Arc::new(Clients {
            seed: run.seed,
            notebook: Arc::clone(notebook),
            door: Door::to(site.urls()),
            upstream: Upstream::connect(site.upstream_url(), &site.prefix.0, Arc::clone(notebook)),
        });
        let (over, helpers) = (CancellationToken::new(), CancellationToken::new());
        let errands = errands::start(&clients, site, over.clone(), helpers.clone());
        let load = Load { over, stories: TaskTracker::new(), errands, helpers };
        for n in 0..LISTENERS {
            let listening = listening::listen(Arc::clone(&clients), n);
            tokio::spawn(load.helpers.clone().run_until_cancelled_owned(listening));
        }
        let (give, orders) = mpsc::channel(2 * OPENED);
        let opening = open(site.place.open(), run.seed, give);
        tokio::spawn(load.over.clone().run_until_cancelled_owned(opening));
        let beginning = begin(clients, orders, run.rate, load.stories.clone());
        tokio::spawn(load.over.clone().run_until_cancelled_owned(beginning));
        load
    }

    /// Begins no more, and waits until everybody was told everything. Who was not by then never is.
    pub async fn end(&self, notebook: &Notebook) {
        self.over.cancel();
        self.stories.close();
        if timeout(TOLD_WITHIN, self.stories.wait()).await.is_err() {
            eprintln!("faults: {} stories have no end", self.stories.len());
        }
        let posted = async {
            while notebook.unposted() > 0 {
                sleep(PAUSE).await
            }
        };
        if timeout(TOLD_WITHIN, posted).await.is_err() {
            eprintln!("faults: {} callbacks did not come", notebook.unposted());
        }
        self.errands.close();
        if timeout(ERRANDS_WITHIN, self.errands.wait()).await.is_err() {
            eprintln!("faults: {} errands were not ended by themselves", self.errands.len());
        }
        self.helpers.cancel();
        self.errands.wait().await;
    }
}

/// Opens orders, ahead of the stories.
async fn open(store: Store, seed: u64, give: mpsc::Sender<(Story, Uuid)>) {
    let mut numbers = 0..;
    loop {
        let stories: Vec<Story> =
            numbers.by_ref().take(OPENED).map(|number| story(seed, number)).collect();
        let guids = loop {
            match open_orders(&store, &stories).await {
                Ok(guids) => break guids,
                // The database has its outage.
                Err(_) => sleep(PAUSE).await,
            }
        };
        for (story, guid) in stories.into_iter().zip(guids) {
            if give.send((story, guid.0)).await.is_err() {
                return;
            }
        }
    }
}

/// Begins so many stories a second, while there is room.
async fn begin(
    clients: Arc<Clients>,
    mut orders: mpsc::Receiver<(Story, Uuid)>,
    rate: u32,
    stories: TaskTracker,
) {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut tick = interval(Duration::from_secs(1) / rate);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while let Some((story, order)) = orders.recv().await {
        let place = Arc::clone(&room).acquire_owned().await;
        tick.tick().await;
        let clients = Arc::clone(&clients);
        stories.spawn(async move {
            clients.tell(&story, order).await;
            drop(place);
        });
    }
}

impl Clients {
    async fn tell(&self, story: &Story, order: Uuid) {
        let tale = self.notebook.begin(story, order);
        for (step, wishes) in story.steps.iter().enumerate() {
            let at_once = wishes.iter().enumerate();
            join_all(at_once.map(|(n, wish)| self.ask((tale, step, n), story, order, wish))).await;
        }
    }

    /// Asks until the answer is told.
    async fn ask(&self, id: Id, story: &Story, order: Uuid, wish: &Wish) {
        self.notebook.asked(id);
        let body = story.ask(order, wish);
        match wish.way {
            Way::Upstream => self.upstream.ask(id, self.key(id), &body).await,
            way => self.ask_over_http(id, way, &body).await,
        }
    }

    /// The client's own name for a task.
    fn key(&self, (tale, step, wish): Id) -> String {
        format!("{}-{tale}-{step}-{wish}", self.seed)
    }
}

/// The wish that a key names.
fn named(key: &str) -> Option<Id> {
    let mut numbers = key.split('-').skip(1).map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??, numbers.next()??))
}
