//! Whether the store takes writes, as seen by writing: in the background, so that asking costs the store
//! nothing, however often somebody asks.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::OK;
use crate::database::error::chain;
use crate::engine::app::App;
use crate::runtime::jitter;

/// The pause after a write.
const PAUSE: Duration = Duration::from_millis(500);
/// The pause after one that failed.
const AGAIN: Duration = Duration::from_millis(250);
/// For how long a write counts. A writer that is held up for less than this without the pause (1.3 s) by
/// somebody else's transaction goes unnoticed; a store that fails is told of within two seconds.
const COUNTS: Duration = Duration::from_millis(1800);
/// How long a store that took no write may take to answer.
const ANSWER: Duration = Duration::from_secs(1);
/// How many characters are written while the store refuses tasks: a disk that is full may have room for a
/// small row.
const LARGE: usize = 128 * 1024;

/// What became of the last writes.
#[derive(Debug)]
pub(super) struct Probe {
    process: Uuid,
    born: Instant,
    /// Milliseconds after `born` when the last write that worked was done.
    wrote_ms: AtomicU64,
    /// What was seen last, a number of [`WORDS`].
    seen: AtomicU8,
}

const WORDS: [&str; 4] = [OK, "not accepting", "not reachable", "not answering"];
const WELL: u8 = 0;
const NOT_ACCEPTING: u8 = 1;
const NOT_REACHABLE: u8 = 2;
const NOT_ANSWERING: u8 = 3;

impl Probe {
    /// Nothing was written yet.
    pub(super) fn new() -> Probe {
        Probe {
            process: Uuid::now_v7(),
            born: Instant::now(),
            wrote_ms: AtomicU64::new(0),
            seen: AtomicU8::new(NOT_ANSWERING),
        }
    }

    /// `ok`, or what is wrong with the store.
    pub(super) fn word(&self) -> &'static str {
        let seen = self.seen.load(Ordering::Relaxed);
        let wrote = Duration::from_millis(self.wrote_ms.load(Ordering::Relaxed));
        match seen == WELL && self.born.elapsed().saturating_sub(wrote) > COUNTS {
            true => WORDS[usize::from(NOT_ANSWERING)],
            false => WORDS.get(usize::from(seen)).copied().unwrap_or_default(),
        }
    }

    /// Writes until no new work is to be taken. A write that hangs is not given up: that would cost a
    /// connection each time, and its age tells.
    pub(super) async fn run(&self, app: &App) {
        if let Err(error) = app.store.forget_probes().await {
            tracing::debug!("old probes stay for now: {}", chain(&error));
        }
        loop {
            let pause = self.write(app).await.mul_f64(jitter::pick(0.9..1.0));
            tokio::select! {
                () = app.shutdown.no_new_work.cancelled() => return,
                () = sleep(pause) => {}
            }
        }
    }

    /// Writes once, and tells for how long to wait then.
    async fn write(&self, app: &App) -> Duration {
        let refusing = app.intake.is_refusing();
        let padding = if refusing { LARGE } else { 0 };
        let before = self.seen.load(Ordering::Relaxed);
        match app.store.write_probe(self.process, padding).await {
            Ok(()) => {
                if refusing {
                    app.intake.store_takes_writes();
                }
                let now = u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX);
                self.wrote_ms.store(now, Ordering::Relaxed);
                self.seen.store(WELL, Ordering::Relaxed);
                if before == NOT_ACCEPTING {
                    tracing::info!("the store takes writes again");
                }
                PAUSE
            }
            Err(error) => {
                // At once; which of them it is takes a moment.
                if before == WELL {
                    self.seen.store(NOT_ACCEPTING, Ordering::Relaxed);
                }
                let seen = match timeout(ANSWER, app.store.ping()).await {
                    Ok(Ok(())) => NOT_ACCEPTING,
                    Ok(Err(_)) => NOT_REACHABLE,
                    Err(_) => NOT_ANSWERING,
                };
                self.seen.store(seen, Ordering::Relaxed);
                if seen == NOT_ACCEPTING && before != NOT_ACCEPTING {
                    tracing::warn!("the store takes no writes: {}", chain(&error));
                }
                AGAIN
            }
        }
    }
}
