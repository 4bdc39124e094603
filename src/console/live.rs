//! What all viewers of this process share: the figures, and the open tasks that are looked at. They are read while
//! somebody looks, and not otherwise.

pub(super) mod watched;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use self::watched::{Seen, Watched};
use super::figures::Figures;
use crate::database::StoreError;
use crate::database::error::chain;
use crate::domain::task::TaskGuid;
use crate::engine::app::App;
use crate::ops::state::OpsState;

/// How often the store is read while somebody looks; or as often as samples are written, if that is more often.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// Whoever comes in between is waited for no longer than this since the last time.
const LEAST: Duration = Duration::from_millis(200);
/// For how long a page that is opened waits for figures: without them it says so.
const FIRST: Duration = Duration::from_secs(3);
/// How many samples are read at once.
const PAGE: u64 = 5000;

/// Figures that are read for whoever looks.
#[derive(Debug)]
pub(super) struct Live {
    figures: watch::Sender<Arc<Figures>>,
    tasks: Watched,
    somebody: Notify,
}

impl Live {
    /// Nothing was read yet.
    pub(super) fn new() -> Arc<Live> {
        Arc::new(Live {
            figures: watch::Sender::default(),
            tasks: Watched::default(),
            somebody: Notify::new(),
        })
    }

    /// The figures as they change, for as long as this is kept.
    pub(super) fn look(&self) -> watch::Receiver<Arc<Figures>> {
        let receiver = self.figures.subscribe();
        self.somebody.notify_one();
        receiver
    }

    /// A task as it changes, for as long as this is kept.
    pub(super) fn look_at(&self, guid: TaskGuid) -> watch::Receiver<Seen> {
        let receiver = self.tasks.look(guid);
        self.somebody.notify_one();
        receiver
    }

    /// The figures of now, for a page that is looked at once.
    pub(super) async fn now(&self) -> Arc<Figures> {
        let alone = self.figures.receiver_count() == 0;
        let mut looking = self.look();
        if alone {
            // Those that are there may be old.
            looking.borrow_and_update();
            let _ = timeout(FIRST, looking.changed()).await;
        } else if looking.borrow().now == jiff::Timestamp::UNIX_EPOCH {
            let _ = timeout(FIRST, looking.changed()).await;
        }
        Arc::clone(&looking.borrow())
    }

    /// Reads as long as somebody looks. Never ends by itself.
    pub(super) async fn run(self: Arc<Live>, state: OpsState) {
        let app = Arc::clone(&state.app);
        let own = Duration::from_millis(app.settings.ops.sample_ms.max(100));
        let pause = LOOK_AGAIN.min(own);
        let mut figures = Figures::clone(&self.figures.borrow());
        let mut failing = false;
        loop {
            while self.figures.receiver_count() == 0 && self.tasks.is_empty() {
                self.somebody.notified().await;
            }
            self.tasks.read(&state).await;
            if self.figures.receiver_count() == 0 {
                sleep(pause).await;
                continue;
            }
            let read = read(&app, &mut figures).await;
            match (&read, failing) {
                (Err(error), false) => {
                    tracing::warn!(%error, "the console has no new figures: {}", chain(error));
                }
                (Ok(()), true) => tracing::info!("the console has new figures again"),
                _ => {}
            }
            failing = read.is_err();
            if !failing {
                self.figures.send_replace(Arc::new(figures.clone()));
            }
            sleep(LEAST).await;
            tokio::select! {
                () = sleep(pause) => {}
                () = self.somebody.notified() => {}
            }
        }
    }
}

/// Takes in what was written since the last time.
async fn read(app: &App, figures: &mut Figures) -> Result<(), StoreError> {
    let now = app.store.clock().await?;
    if figures.now == jiff::Timestamp::UNIX_EPOCH {
        figures.settle(now);
    }
    let (mut at, mut process) = (figures.read_after(), Uuid::nil());
    loop {
        let samples = app.store.samples_after(at, process, PAGE).await?;
        let last = samples.last().map(|last| (last.at, last.process));
        let all = (samples.len() as u64) < PAGE;
        figures.add(samples);
        match last {
            Some(last) if !all => (at, process) = last,
            _ => break,
        }
        // Two days of many processes are not all held by themselves.
        figures.settle(now);
    }
    figures.settle(now);
    Ok(())
}
