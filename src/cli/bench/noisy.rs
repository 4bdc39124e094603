//! `wsa bench --noisy-neighbour`

use std::process::ExitCode;
use std::time::Duration;

use anyhow::ensure;
use clap::Args;

use super::{Bench, print};
use crate::bench::noisy::report::{Report, Run};
use crate::bench::noisy::{self, Plan};
use crate::boot::{self, Role};
use crate::runtime::telemetry;

/// How many payments other API processes have in hand: several batches.
const BESIDE: usize = 2048;

#[derive(Debug, Args)]
pub(super) struct Noisy {
    /// Measure instead what clients of quiet restaurants notice of a restaurant with very many payments
    /// at once: alone, beside it, and beside it with limits.fair_share = 0.
    #[arg(long, conflicts_with_all = ["url", "sync", "orders"])]
    pub(super) noisy_neighbour: bool,
    /// Quiet restaurants.
    #[arg(long, default_value_t = 20, value_name = "N", requires = "noisy_neighbour")]
    quiet: usize,
    /// How often each of them pays, a second.
    #[arg(long, default_value_t = 5, value_name = "N", requires = "noisy_neighbour",
          value_parser = clap::value_parser!(u32).range(1..=1000))]
    pace: u32,
    /// Payments of the noisy one.
    #[arg(long, default_value_t = 50_000, value_name = "N", requires = "noisy_neighbour")]
    flood: usize,
    /// Let them come as through other API processes, faster than one client can send them and workers
    /// can settle them.
    #[arg(long, requires = "noisy_neighbour")]
    beside: bool,
    /// For how many seconds the quiet ones are alone first.
    #[arg(long, default_value_t = 10, value_name = "N", requires = "noisy_neighbour")]
    alone_s: u64,
}

impl Bench {
    pub(super) async fn noisy(&self) -> anyhow::Result<ExitCode> {
        let Noisy { quiet, pace, flood, beside, alone_s, .. } = self.noisy;
        ensure!(quiet > 0, "--quiet is 0: it must be at least 1");
        let alone = Duration::from_secs(alone_s);
        let at_once = if beside { BESIDE } else { self.connections };
        let plan = Plan { quiet, pace, alone, flood, at_once, beside };
        let scratch = tempfile::tempdir()?;
        let mut report: Option<Report> = None;
        let mut _logging = None;
        for fair in [true, false] {
            let mut settings = self.own_settings(&scratch)?;
            if !fair {
                settings.limits.fair_share = 0;
            }
            if report.is_none() {
                _logging = Some(telemetry::init(settings.log.format, &settings.log.filter)?);
            }
            let fair_share = settings.limits.fair_share;
            let running = boot::start(settings, Role::Up).await?;
            let url = running.url();
            let seen = noisy::run(&running.app, &url, plan).await;
            let report = report.get_or_insert_with(|| {
                let app = &running.app;
                Report::of(format!("{} + {}", app.store.kind(), app.queue.kind()), plan)
            });
            running.stop().await;
            report.runs.push(Run::of(fair_share, &seen?));
        }
        let Some(report) = report else { return Ok(ExitCode::FAILURE) };
        print(&report, report.lines(), self.json)?;
        Ok(match report.runs.iter().all(Run::is_clean) {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }
}
