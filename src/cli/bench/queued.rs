//! `wsa bench --backlog`

use std::process::ExitCode;

use anyhow::{bail, ensure};
use serde::Serialize;

use super::{Bench, print};
use crate::bench::backlog::{self, Seen};
use crate::bench::orders;
use crate::boot::{self, Role};
use crate::protocols::ALL;
use crate::runtime::telemetry;
use crate::surface::store::open_store;

/// As long as a task may wait: so long takes no backlog.
const TIMEOUT_S: i64 = 3600;

#[derive(Serialize)]
struct Report {
    installation: String,
    #[serde(flatten)]
    seen: Seen,
    first_tenth_per_s: f64,
    last_tenth_per_s: f64,
}

impl Bench {
    pub(super) async fn queued(&self, count: usize) -> anyhow::Result<ExitCode> {
        let scratch = tempfile::tempdir()?;
        let mut settings = self.own_settings(&scratch)?;
        if settings.database_url().is_none() || settings.amqp().is_none() {
            bail!(
                "--backlog needs servers: name them with --database-url and --amqp-url (the embedded queue has its \
                 worker in the same process)"
            );
        }
        settings.tasks.timeout_s = TIMEOUT_S;
        settings.limits.open_tasks_per_object = 0;
        settings.limits.fair_share = 0;
        let _logging = telemetry::init(settings.log.format, &settings.log.filter)?;
        open_store(&ALL, &settings, false)?.migrate().await?;
        self.make_stale(&settings).await?;
        let api = boot::start(settings.clone(), Role::Api).await?;
        let ground = orders::prepare(&api.app.store).await?;
        let payable = orders::open(&api.app.store, ground.object, count).await?;
        let bar = self.progress_of("queueing", count);
        let queued = backlog::queue(&api.app, &ground, payable, &bar).await?;
        bar.finish_and_clear();
        let worker = boot::start(settings, Role::Worker).await?;
        let bar = self.progress_of("draining", count);
        let seen = backlog::drain(&worker.app.metrics, queued, &bar).await;
        bar.finish_and_clear();
        let installation = format!("{} + {}", api.app.store.kind(), api.app.queue.kind());
        worker.stop().await;
        api.stop().await;
        let (first, last) = (seen.answered_per_s(0), seen.answered_per_s(9));
        let done = seen.answered == seen.queued;
        let report =
            Report { installation, seen, first_tenth_per_s: first, last_tenth_per_s: last };
        print(&report, lines(&report), self.json)?;
        ensure!(done, "only {} of {} were answered", report.seen.answered, report.seen.queued);
        Ok(ExitCode::SUCCESS)
    }
}

fn lines(report: &Report) -> Vec<(String, String)> {
    let Seen { queued, accepted_per_s, answered_each_s, .. } = &report.seen;
    let whole = answered_each_s.split_last().map_or(&answered_each_s[..], |(_, whole)| whole);
    let slowest = whole.iter().filter(|count| **count > 0).min().copied().unwrap_or_default();
    let figures = [
        ("installation", report.installation.clone()),
        ("payments queued, no worker", queued.to_string()),
        ("accepted", format!("{accepted_per_s:.0} /s")),
        ("answered by one worker, first tenth", format!("{:.0} /s", report.first_tenth_per_s)),
        ("last tenth", format!("{:.0} /s", report.last_tenth_per_s)),
        ("slowest second", format!("{slowest} /s")),
        ("until the last was answered", format!("{} s", answered_each_s.len())),
    ];
    figures.map(|(what, figure)| (what.to_owned(), figure)).into()
}
