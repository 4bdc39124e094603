//! What the bench of a noisy neighbour tells.

use serde::Serialize;

use super::{Plan, Quiet, Seen};

/// All figures. Rates are a second, latencies are milliseconds.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Which store and queue.
    pub installation: String,
    /// Quiet restaurants.
    pub quiet: usize,
    /// How often each of them pays, a second.
    pub pace: u32,
    /// Payments of the noisy one.
    pub flood: usize,
    /// Which way those came.
    pub way: &'static str,
    /// With fairness and without.
    pub runs: Vec<Run>,
}

/// One run.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    /// The setting `limits.fair_share`; 0: fairness is off.
    pub fair_share: u64,
    /// The quiet ones before the flood.
    pub alone: Latency,
    /// The quiet ones during the flood.
    pub beside: Latency,
    /// Payments of the flood accepted.
    pub accepted_per_s: f64,
    /// Payments of the flood answered.
    pub answered_per_s: f64,
    /// The most open tasks seen at once.
    pub most_open: u64,
    /// How often the flood was answered 429.
    pub limited: u64,
}

/// From submission to the answer in hand.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Latency {
    /// Payments measured.
    pub payments: u64,
    /// Of them, how many were not taken.
    pub unpaid: u64,
    /// Half were faster.
    pub p50_ms: f64,
    /// 95 % were faster.
    pub p95_ms: f64,
    /// 99 % were faster.
    pub p99_ms: f64,
    /// The worst.
    pub max_ms: f64,
}

impl Latency {
    fn of(quiet: &Quiet) -> Latency {
        let ms = |quantile| quiet.latency_us.value_at_quantile(quantile) as f64 / 1000.0;
        Latency {
            payments: quiet.latency_us.len(),
            unpaid: quiet.unpaid,
            p50_ms: ms(0.50),
            p95_ms: ms(0.95),
            p99_ms: ms(0.99),
            max_ms: quiet.latency_us.max() as f64 / 1000.0,
        }
    }

    fn shown(self) -> String {
        let Latency { payments, unpaid, p50_ms, p95_ms, p99_ms, max_ms } = self;
        let unpaid = if unpaid > 0 { format!(", {unpaid} not taken") } else { String::new() };
        format!(
            "{p50_ms:.1} / {p95_ms:.1} / {p99_ms:.1} / {max_ms:.1} ms ({payments} payments{unpaid})"
        )
    }
}

impl Run {
    /// The figures of a run with this fair share.
    pub fn of(fair_share: u64, seen: &Seen) -> Run {
        Run {
            fair_share,
            alone: Latency::of(&seen.alone),
            beside: Latency::of(&seen.beside),
            accepted_per_s: seen.flood.accepted.per_second(),
            answered_per_s: seen.flood.answered.per_second(),
            most_open: seen.flood.most_open,
            limited: seen.flood.limited,
        }
    }

    /// Whether every payment of the quiet ones was taken.
    pub fn is_clean(&self) -> bool {
        self.alone.unpaid + self.beside.unpaid == 0
    }
}

impl Report {
    /// No run yet.
    pub fn of(installation: String, plan: Plan) -> Report {
        let Plan { quiet, pace, flood, beside, .. } = plan;
        let way = if beside { "as through other API processes" } else { "over HTTP" };
        Report { installation, quiet, pace, flood, way, runs: Vec::new() }
    }

    /// The lines of the table: what, and how much.
    pub fn lines(&self) -> Vec<(String, String)> {
        let mut lines = vec![
            ("installation".into(), self.installation.clone()),
            ("quiet restaurants".into(), format!("{}, each {} /s", self.quiet, self.pace)),
            ("noisy restaurant".into(), format!("{} payments, {}", self.flood, self.way)),
        ];
        for run in &self.runs {
            let fairness = match run.fair_share {
                0 => "without fairness".to_owned(),
                share => format!("fair share {share}"),
            };
            let rates = format!(
                "{:.0} /s accepted, {:.0} /s answered, {} open at most, {} times 429",
                run.accepted_per_s, run.answered_per_s, run.most_open, run.limited
            );
            lines.extend([
                (format!("{fairness}: alone, p50 / p95 / p99 / worst"), run.alone.shown()),
                (format!("{fairness}: beside the noisy one"), run.beside.shown()),
                (format!("{fairness}: the noisy one"), rates),
            ]);
        }
        lines
    }
}
