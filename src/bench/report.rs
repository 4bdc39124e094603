//! What a bench tells: a table for people, JSON for scripts.

use std::collections::BTreeMap;

use serde::Serialize;

use super::usage::Used;
use super::{Rate, load, open_loop, store};

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
    /// Where payments were due at a fixed rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_loop: Option<OpenLoop>,
    /// Processor time a payment, in milliseconds, of each part that was found on this machine.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub processor_ms: BTreeMap<&'static str, f64>,
    /// What the least work for a payment takes of this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
}

/// Payments that were due at a fixed rate. The latencies of the report count from that moment.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct OpenLoop {
    /// Payments due in a second.
    pub rate_per_s: u32,
    /// From the moment a payment was due to its guid in hand.
    pub submitted_p50_ms: f64,
    /// The same.
    pub submitted_p99_ms: f64,
}

/// What a payment takes at the least: its part of a batch of the store and of a message of the broker, and the
/// requests that submit it and read its answer. Processor time in milliseconds, of everything on this machine.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Limit {
    /// Registered and settled in batches, by the store alone.
    pub store_ms: f64,
    /// Published, confirmed, delivered and acknowledged in messages of many.
    pub broker_ms: f64,
    /// Requests that this process answers at once.
    pub http_ms: f64,
    /// Payments a second that all cores of this machine could do of that.
    pub per_s: f64,
    /// How much of it was completed.
    pub reached_percent: f64,
}

impl Limit {
    /// Of these costs a payment, on so many cores, where so many were completed.
    pub fn of(store_ms: f64, broker_ms: f64, http_ms: f64, cores: usize, completed: f64) -> Limit {
        let per_s = cores as f64 * 1000.0 / (store_ms + broker_ms + http_ms).max(1e-6);
        Limit { store_ms, broker_ms, http_ms, per_s, reached_percent: 100.0 * completed / per_s }
    }
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
            open_loop: None,
            processor_ms: BTreeMap::new(),
            limit: None,
        }
    }

    /// The figures of an open loop.
    pub fn of_open_loop(
        installation: String,
        target: &super::client::Target,
        rate_per_s: u32,
        seen: open_loop::Seen,
    ) -> Report {
        let ms = |quantile| seen.submitted_us.value_at_quantile(quantile) as f64 / 1000.0;
        let open_loop =
            OpenLoop { rate_per_s, submitted_p50_ms: ms(0.50), submitted_p99_ms: ms(0.99) };
        let seen = load::Seen {
            accepted: seen.completed,
            completed: seen.completed,
            paid: seen.paid,
            latency_us: seen.answered_us,
            limited: seen.limited,
        };
        Report { open_loop: Some(open_loop), ..Report::of(installation, target, &seen) }
    }

    /// Adds what each part used for the payments.
    pub fn with_processor(self, used: &Used) -> Report {
        let payments = self.orders.max(1) as f64;
        let each = used.iter().map(|(part, used)| (*part, used.as_secs_f64() * 1000.0 / payments));
        Report { processor_ms: each.collect(), ..self }
    }

    /// Adds the broker's limit.
    pub fn with_broker(self, rate: Rate) -> Report {
        Report { broker_round_trips_per_s: Some(rate.per_second()), ..self }
    }

    /// The lines of the table: what, and how much.
    pub fn lines(&self) -> Vec<(String, String)> {
        let rate = |n: f64| format!("{n:.0} /s");
        let ms = |n: f64| format!("{n:.1} ms");
        let mut lines = vec![("installation".into(), self.installation.clone())];
        let paid = format!("{}, {} paid", self.orders, self.paid);
        match self.open_loop {
            Some(OpenLoop { rate_per_s, submitted_p50_ms, submitted_p99_ms }) => lines.extend([
                (format!("orders ({}, {rate_per_s} due each second)", self.mode), paid),
                ("due to guid, p50".into(), ms(submitted_p50_ms)),
                ("p99".into(), ms(submitted_p99_ms)),
                ("due to answer, p50".into(), ms(self.p50_ms)),
            ]),
            None => lines.extend([
                (format!("orders ({}, {} connections)", self.mode, self.connections), paid),
                ("accepted".into(), rate(self.accepted_per_s)),
                ("completed".into(), rate(self.completed_per_s)),
                ("submit to answer, p50".into(), ms(self.p50_ms)),
            ]),
        }
        lines.extend([
            ("p95".into(), ms(self.p95_ms)),
            ("p99".into(), ms(self.p99_ms)),
            ("worst".into(), ms(self.max_ms)),
        ]);
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
        if !self.processor_ms.is_empty() {
            let total: f64 = self.processor_ms.values().sum();
            lines.push(("processor time a payment, all parts".into(), format!("{total:.2} ms")));
            let part = |(part, ms): (&&str, &f64)| ((*part).into(), format!("{ms:.2} ms"));
            lines.extend(self.processor_ms.iter().map(part));
        }
        if let Some(Limit { store_ms, broker_ms, http_ms, per_s, reached_percent }) = self.limit {
            lines.extend([
                (
                    "the least for a payment: store, broker, HTTP".into(),
                    format!("{store_ms:.3} + {broker_ms:.3} + {http_ms:.3} ms"),
                ),
                (
                    "so this machine could do".into(),
                    format!("{per_s:.0} /s; {reached_percent:.0} % are reached"),
                ),
            ]);
        }
        lines
    }
}
