//! What a bench tells: a table for people, JSON for scripts.

use serde::Serialize;

use super::{Rate, load, store};

/// All figures of one run. Rates are a second, latencies are milliseconds.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Which store and queue.
    pub installation: String,
    /// Orders paid over HTTP.
    pub orders: u64,
    /// Connections that submitted.
    pub connections: usize,
    /// `async` or `sync`.
    pub mode: &'static str,
    /// Tasks that paid; less than `orders` means that some were refused or timed out.
    pub paid: u64,
    /// Task guids given.
    pub accepted_per_s: f64,
    /// Answers read.
    pub completed_per_s: f64,
    /// From submission to the answer in hand.
    pub p50_ms: f64,
    /// The same.
    pub p95_ms: f64,
    /// The same.
    pub p99_ms: f64,
    /// The worst.
    pub max_ms: f64,
    /// How often the installation answered 429 and was asked again later.
    pub limited: u64,
    /// The broker alone: publish, confirm, consume, acknowledge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broker_round_trips_per_s: Option<f64>,
    /// The store alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreLimits>,
}

/// The store alone.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct StoreLimits {
    /// The size of a batch.
    pub batch: usize,
    /// Tasks registered in batches.
    pub registered_per_s: f64,
    /// Payments settled in batches.
    pub batched_payments_per_s: f64,
    /// Those batches: transactions.
    pub batched_transactions_per_s: f64,
    /// Payments settled in a transaction each.
    pub single_payments_per_s: f64,
}

impl StoreLimits {
    /// From a run in batches and a run one by one.
    pub fn of(batch: usize, batched: &store::Seen, single: &store::Seen) -> StoreLimits {
        StoreLimits {
            batch,
            registered_per_s: batched.registered.per_second(),
            batched_payments_per_s: batched.settled.per_second(),
            batched_transactions_per_s: batched.transactions.per_second(),
            single_payments_per_s: single.settled.per_second(),
        }
    }
}

impl Report {
    /// The figures of a load; limits come later.
    pub fn of(installation: String, target: &super::client::Target, seen: &load::Seen) -> Report {
        let ms = |quantile| seen.latency_us.value_at_quantile(quantile) as f64 / 1000.0;
        Report {
            installation,
            orders: seen.completed.count,
            connections: target.connections,
            mode: if target.sync { "sync" } else { "async" },
            paid: seen.paid,
            accepted_per_s: seen.accepted.per_second(),
            completed_per_s: seen.completed.per_second(),
            p50_ms: ms(0.50),
            p95_ms: ms(0.95),
            p99_ms: ms(0.99),
            max_ms: seen.latency_us.max() as f64 / 1000.0,
            limited: seen.limited,
            broker_round_trips_per_s: None,
            store: None,
        }
    }

    /// Adds the broker's limit.
    pub fn with_broker(self, rate: Rate) -> Report {
        Report { broker_round_trips_per_s: Some(rate.per_second()), ..self }
    }

    /// The lines of the table: what, and how much.
    pub fn lines(&self) -> Vec<(String, String)> {
        let rate = |n: f64| format!("{n:.0} /s");
        let ms = |n: f64| format!("{n:.1} ms");
        let mut lines = vec![
            ("installation".into(), self.installation.clone()),
            (
                format!("orders ({}, {} connections)", self.mode, self.connections),
                format!("{}, {} paid", self.orders, self.paid),
            ),
            ("accepted".into(), rate(self.accepted_per_s)),
            ("completed".into(), rate(self.completed_per_s)),
            ("submit to answer, p50".into(), ms(self.p50_ms)),
            ("p95".into(), ms(self.p95_ms)),
            ("p99".into(), ms(self.p99_ms)),
            ("worst".into(), ms(self.max_ms)),
        ];
        if self.limited > 0 {
            let why = "so these are the figures of a limit, not of the installation";
            lines.push(("429, too fast".into(), format!("{} times: {why}", self.limited)));
        }
        if let Some(broker) = self.broker_round_trips_per_s {
            lines.push(("broker alone: publish, confirm, consume, ack".into(), rate(broker)));
        }
        if let Some(store) = self.store {
            let (per_s, tx) = (store.batched_payments_per_s, store.batched_transactions_per_s);
            lines.extend([
                ("store alone: register".into(), rate(store.registered_per_s)),
                (
                    format!("store alone: pay, batches of {}", store.batch),
                    format!("{} in {} transactions", rate(per_s), rate(tx)),
                ),
                ("store alone: pay, one a transaction".into(), rate(store.single_payments_per_s)),
            ]);
        }
        lines
    }
}
