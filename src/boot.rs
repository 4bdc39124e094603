//! From settings to running parts to a drained exit.

mod manager;
mod ops;
mod outside;
mod reload;
mod role;
mod schema;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use axum::Router;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use self::manager::Following;
pub use self::manager::Manager;
pub use self::outside::Outside;
pub use self::reload::{Reload, is_live};
pub use self::role::Role;
pub use self::schema::checked;
use crate::callback::sender::Sender;
use crate::config::Settings;
use crate::engine::app::App;
use crate::engine::checks::directory::{self, Held};
use crate::engine::health::{Health, Pulse};
use crate::engine::{dead_letter_collector, dispatcher, pauses, sampler, sweeper, worker};
use crate::http;
use crate::http::serve::Server;
use crate::protocols::ALL;
use crate::queue::Queue;
use crate::queue::amqp::AmqpQueue;
use crate::queue::in_process::InProcessQueue;
use crate::runtime::metrics::Metrics;
use crate::runtime::shutdown::Shutdown;
use crate::runtime::supervise::Tasks;
use crate::runtime::tls;
use crate::runtime::tls::server::{Current, Renewal};
use crate::surface::ProtocolList;
use crate::surface::store::open_store;

/// Within how long a loop goes round that looks by itself every few seconds: the longest that a statement may run, and a
/// minute.
const ROUND: Duration = Duration::from_secs(660);

/// A process that runs.
pub struct Running {
    /// Its parts.
    pub app: Arc<App>,
    /// Where it listens.
    pub listening: SocketAddr,
    /// What its address begins with: `http` or `https`.
    scheme: &'static str,
    health: Arc<Health>,
    server: JoinHandle<()>,
    ops: Option<ops::OpsDoor>,
    working: JoinSet<()>,
    /// The data directory, where the store is embedded.
    _held: Option<Held>,
    /// Who tells the service manager how it is, to its end.
    _following: Option<Following>,
}

fn open_queue(settings: &Settings, role: Role, tasks: &Tasks) -> anyhow::Result<Queue> {
    match (settings.amqp(), role) {
        (Some(amqp), _) => {
            Ok(Queue::new(AmqpQueue::start_as(tasks.task("rabbitmq connection"), amqp)))
        }
        (None, Role::Up) => Ok(Queue::new(InProcessQueue::new())),
        (None, Role::Api | Role::Worker) => {
            bail!("the setting amqp.url is empty: it must name the RabbitMQ server")
        }
    }
}

/// Starts the parts of a role. `api` and `worker` wait, visibly, for a store that is not there yet.
pub async fn start(settings: Settings, role: Role) -> anyhow::Result<Running> {
    start_with(settings, role, Outside::default()).await
}

/// The same, reached from outside by this.
pub async fn start_with(
    settings: Settings,
    role: Role,
    outside: Outside,
) -> anyhow::Result<Running> {
    start_speaking(&ALL, settings, role, outside).await
}

/// The same, for a program that speaks these protocols.
pub async fn start_speaking(
    list: &'static ProtocolList,
    settings: Settings,
    role: Role,
    Outside { reload, manager }: Outside,
) -> anyhow::Result<Running> {
    tls::ready();
    let tls = tls::server::open(&settings.http.tls)
        .map_err(crate::config::SettingsError::from)
        .context("TLS cannot be offered")?;
    let listener = bind(settings.http.listen).await?;
    let listening = listener.local_addr()?;

    let embedded = role == Role::Up && settings.database_url().is_none();
    let held = embedded.then(|| directory::hold(&settings.store.data_dir)).transpose()?;
    let store = open_store(list, &settings, role == Role::Up)?;
    let tasks = Tasks::new(&Arc::new(Metrics::new()));
    let queue = open_queue(&settings, role, &tasks)?;
    let app = App::new(settings, tasks, store, queue);
    reload.attach(&app);
    let scheme = if tls.is_some() { "https" } else { "http" };
    tracing::info!(
        "store: {}, queue: {}, listening on {scheme}://{listening}",
        app.store.kind(),
        app.queue.kind()
    );
    let lanes = if role == Role::Api { 0 } else { app.settings.worker.lanes };
    let pulses: Vec<Arc<Pulse>> = (0..lanes).map(|_| Pulse::new()).collect();
    let health = Health::new(&app, pulses.clone());
    let following = manager.follow(&app, &health);
    let router = match role {
        Role::Worker => http::operations(&app, &health, list),
        Role::Up | Role::Api => http::api(&app, &health, list)?,
    };
    // Before there is a store: who asks learns what this process waits for.
    let current = tls.as_ref().map(|(current, _)| current.clone());
    let server = serve(&app, listener, router, tls, reload.certificates);
    let ops = match role {
        Role::Worker => None,
        Role::Up | Role::Api => ops::open(list, &app, &health, current).await,
    };

    schema::wait_until_usable(&app, role).await?;
    let working = work(list, &app, role, &health, pulses);
    Ok(Running {
        app,
        listening,
        scheme,
        health,
        server,
        ops,
        working,
        _held: held,
        _following: following,
    })
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("http.listen {address} cannot be used (--listen names another)"))
}

/// Starts what works in the background, each kept running until no new work is to be taken.
fn work(
    list: &ProtocolList,
    app: &Arc<App>,
    role: Role,
    health: &Arc<Health>,
    pulses: Vec<Arc<Pulse>>,
) -> JoinSet<()> {
    let mut working = JoinSet::new();
    let Shutdown { no_new_work, no_new_requests } = &app.shutdown;
    let task = |name| app.tasks.task(name).until(no_new_work);
    let with = |run: fn(Arc<App>) -> BoxFuture<'static, ()>| {
        let app = Arc::clone(app);
        move || run(Arc::clone(&app))
    };
    let probing = Arc::clone(health);
    working
        .spawn(task("store probe").within(ROUND).keep(move || Arc::clone(&probing).watch_store()));
    let (sampled, sampling) = (Arc::clone(app), Arc::clone(health));
    working
        .spawn(task("samples").keep(move || {
            sampler::run(Arc::clone(&sampled), Arc::clone(&sampling), role.as_str())
        }));
    if role != Role::Worker {
        working.spawn(task("paused objects").keep(with(|app| {
            let stop = app.shutdown.no_new_work.clone();
            pauses::watch(Arc::clone(&app.pauses), Arc::clone(&app.store), stop).boxed()
        })));
    }
    let (swept, watched) = (Arc::clone(app), pulses.clone());
    working.spawn(
        task("sweeper")
            .within(ROUND)
            .keep(move || sweeper::run(Arc::clone(&swept), watched.clone())),
    );
    if role != Role::Api {
        working.spawn(task("callbacks").keep(with(|app| {
            let sender = Sender::new(&app.settings.callbacks);
            dispatcher::callbacks::run(app, sender).boxed()
        })));
    }
    if role != Role::Api && app.queue.posts() {
        for intake in list.surfaces().flat_map(|surface| surface.intakes()) {
            let task = app.tasks.task(intake.name).until(no_new_requests);
            working.spawn(task.keep(with(intake.run)));
        }
        working
            .spawn(task("answers over amqp").keep(with(|app| dispatcher::amqp::run(app).boxed())));
        working
            .spawn(task("dead letters").keep(with(|app| dead_letter_collector::run(app).boxed())));
    }
    for (number, pulse) in (1..).zip(pulses) {
        let app = Arc::clone(app);
        let lane = app.tasks.numbered("lane", number).until(no_new_work).within(ROUND);
        working.spawn(lane.keep(move || {
            let lane = app.queue.lane(app.settings.gather());
            worker::run(Arc::clone(&app), lane, Arc::clone(&pulse))
        }));
    }
    working
}

fn serve(
    app: &Arc<App>,
    listener: TcpListener,
    router: Router,
    tls: Option<(Current, Renewal)>,
    reload: tls::server::Reload,
) -> JoinHandle<()> {
    let stop = app.shutdown.no_new_requests.clone();
    let (current, renewal) = tls.unzip();
    if let Some(renewal) = renewal {
        let (renewal, stop) = (Arc::new(Mutex::new(renewal)), stop.clone());
        let task = app.tasks.task("certificate of the api").until(&stop);
        tokio::spawn(task.keep(move || {
            let (renewal, reload, stop) = (Arc::clone(&renewal), reload.clone(), stop.clone());
            async move { renewal.lock().await.run(reload, stop).await }
        }));
    }
    let task = app.tasks.task("http server").until(&stop);
    let server = Server::new(&app.settings, router, current, stop, listener);
    tokio::spawn(task.keep(move || Arc::clone(&server).run()))
}

impl Running {
    /// Its address, as clients write it.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.listening)
    }

    /// Where operators are served, as they write it; `None`: nowhere yet.
    pub fn ops_url(&self) -> Option<String> {
        let address = self.ops.as_ref()?.listening?;
        Some(format!("{}://{address}", self.scheme))
    }

    /// Whether every part is well: as `/readyz` says.
    pub async fn is_ready(&self) -> bool {
        self.health.check().await.is_ready()
    }

    /// Finishes in order, within the bound of `shutdown.drain_s`: requests in hand are answered, then
    /// batches in hand are settled. What is left is in the store.
    pub async fn stop(mut self) {
        let shutdown = self.app.shutdown.clone();
        let drain = async {
            shutdown.no_new_requests.cancel();
            let _ = (&mut self.server).await;
            if let Some(ops) = self.ops.take() {
                ops.end().await;
            }
            self.app.intake.finish_publishing().await;
            shutdown.no_new_work.cancel();
            while self.working.join_next().await.is_some() {}
            self.app.queue.close().await;
            self.app.tracer.finish().await;
        };
        let bound = Duration::from_secs(self.app.settings.shutdown.drain_s);
        match timeout(bound, drain).await {
            Ok(()) => tracing::info!("finished"),
            Err(_) => {
                tracing::warn!("not finished within {bound:?}; open tasks are kept in the store")
            }
        }
    }
}
