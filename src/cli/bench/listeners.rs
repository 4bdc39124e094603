//! `wsa bench --listeners`

use std::process::ExitCode;

use super::{Bench, print};
use crate::bench::listeners::{self, Seen};
use crate::boot::{self, Role};
use crate::runtime::telemetry;

impl Bench {
    pub(super) async fn listen(&self, count: usize) -> anyhow::Result<ExitCode> {
        let scratch = tempfile::tempdir()?;
        let settings = self.own_settings(&scratch)?;
        let _logging = telemetry::init(settings.log.format, &settings.log.filter)?;
        let running = boot::start(settings, Role::Up).await?;
        let installation = format!("{} + {}", running.app.store.kind(), running.app.queue.kind());
        let url = running.url();
        let seen = listeners::run(&running.app, &url, count).await;
        running.stop().await;
        let seen = seen?;
        print(&seen, lines(installation, &seen), self.json)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn lines(installation: String, seen: &Seen) -> Vec<(String, String)> {
    let Seen { listeners, kib_each, cpu_percent, p50_ms, p99_ms, max_ms } = seen;
    [
        ("installation", installation),
        ("listeners", listeners.to_string()),
        ("memory, both ends of a connection", format!("{kib_each:.1} KiB each")),
        ("processor, both ends, nothing told", format!("{cpu_percent:.2} % of a core")),
        ("from submitting a task to hearing its answer", format!("p50 {p50_ms:.1} ms")),
        ("", format!("p99 {p99_ms:.1} ms, max {max_ms:.1} ms")),
    ]
    .map(|(what, figure)| (what.to_owned(), figure))
    .into()
}
