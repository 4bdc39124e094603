//! What works in the background of a process, as [`boot`](crate::boot) starts it: supervised, each under its name.

use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::task::AbortHandle;

use super::context::lock;
use super::process::{ProcessInstance, Role};
use super::receiver::ToReceiver;
use crate::callback::sender::Sender;
use crate::engine::app::App;
use crate::engine::health::Pulse;
use crate::engine::{dispatcher, sweeper, worker};
use crate::protocols::whiteserver;

/// What may end by itself, in every process at once: one cause is enough.
pub(crate) const NAMES: [&str; 10] = [
    "sweeper",
    "callbacks",
    "answers over amqp",
    "intake of upstream services",
    "lane 1",
    "registering",
    "publishing",
    "finding answers",
    "announcements of answers",
    "listeners",
];

/// The background tasks of a process.
pub(crate) struct Work {
    app: Arc<App>,
    instance: Arc<ProcessInstance>,
    /// Whether a task that ends is started again.
    supervised: bool,
    /// Without supervision: what runs.
    bare: Mutex<Vec<(String, AbortHandle)>>,
}

impl Work {
    /// Starts all of it.
    pub(crate) fn start(
        app: &Arc<App>,
        instance: &Arc<ProcessInstance>,
        role: Role,
        supervised: bool,
    ) -> Work {
        let (app, instance) = (Arc::clone(app), Arc::clone(instance));
        let work = Work { app, instance, supervised, bare: Mutex::default() };
        let lanes = if role == Role::Worker { work.app.settings.worker.lanes } else { 0 };
        let pulses: Vec<Arc<Pulse>> = (0..lanes).map(|_| Pulse::new()).collect();
        let watched = pulses.clone();
        work.begin("sweeper", None, move |app| sweeper::run(app, watched.clone()).boxed());
        if role == Role::Worker {
            let caller = Arc::clone(&work.instance);
            work.begin("callbacks", None, move |app| {
                let sender = Sender::over(Box::new(ToReceiver(Arc::clone(&caller))));
                dispatcher::callbacks::run(app, sender).boxed()
            });
            work.begin("answers over amqp", None, |app| dispatcher::amqp::run(app).boxed());
            work.begin("intake of upstream services", None, |app| {
                whiteserver::amqp::run(app).boxed()
            });
        }
        for (number, pulse) in (1..).zip(pulses) {
            work.begin("lane", Some(number), move |app| {
                let lane = app.queue.lane(app.settings.gather());
                worker::run(app, lane, Arc::clone(&pulse)).boxed()
            });
        }
        work
    }

    fn begin(
        &self,
        name: &'static str,
        number: Option<usize>,
        run: impl Fn(Arc<App>) -> BoxFuture<'static, ()> + Send + 'static,
    ) {
        let app = Arc::clone(&self.app);
        let tasks = &self.app.tasks;
        let task = number.map_or_else(|| tasks.task(name), |number| tasks.numbered(name, number));
        if self.supervised {
            let task = task.until(&self.app.shutdown.no_new_work);
            self.instance.spawn(task.keep(move || run(Arc::clone(&app))));
            return;
        }
        let name = number.map_or_else(|| name.to_owned(), |number| format!("{name} {number}"));
        lock(&self.bare).push((name, self.instance.spawn(run(app)).abort_handle()));
    }

    /// Ends one as a fault in it would.
    pub(crate) fn end(&self, name: &str) {
        for (_, running) in lock(&self.bare).iter().filter(|(of, _)| of == name) {
            running.abort();
        }
        self.app.tasks.abort(name);
    }
}
