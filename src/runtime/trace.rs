//! Traces: spans of what is sampled, for a collector of OpenTelemetry (OTLP over HTTP, in protobuf).
//!
//! Without `otel.endpoint` there is no tracer: no span is made and no header is read. With one, what is not sampled
//! carries nothing, and costs the decision. Spans wait in a bounded queue for a task that sends them: a collector that is
//! slow or away costs spans, which are counted, and nothing else.

mod export;
mod recent;
mod span;

use std::fmt;
use std::num::{NonZeroU64, NonZeroU128};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::HeaderMap;
use opentelemetry_proto::tonic::trace::v1 as otlp;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::export::Exporter;
use self::recent::Recent;
pub use self::span::{Kind, Span};
use crate::domain::trace::{TRACEPARENT, TraceContext, TraceParent};
use crate::runtime::context;
use crate::runtime::metrics::Metrics;
use crate::runtime::supervise::Task;
use crate::runtime::tls::ClientTls;

/// How many spans may wait to be sent: about 4 MB.
const WAITING: usize = 4096;
/// How long an ending process waits for the collector, at most.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Where spans go, and of what.
#[derive(Debug, Clone)]
pub struct TraceSettings {
    /// Where spans are posted.
    pub url: url::Url,
    /// With these headers.
    pub headers: HeaderMap,
    /// How long a post may take.
    pub timeout: Duration,
    /// Which part of the requests is recorded that come without a decision, from 0 to 1.
    pub sample_ratio: f64,
    /// What the spans are of: attributes such as `service.name`.
    pub resource: Vec<(String, String)>,
    /// What the collector is trusted by, and what is shown to it.
    pub tls: ClientTls,
}

/// Makes spans, when tracing is on.
#[derive(Debug, Clone, Default)]
pub struct Tracer(Option<Arc<Shared>>);

struct Shared {
    spans: mpsc::Sender<otlp::Span>,
    /// A trace is sampled when the lower 63 bits of its id are below this, as OpenTelemetry's `TraceIdRatioBased` does.
    below: u64,
    recent: Recent,
    metrics: Arc<Metrics>,
    /// Whether spans are dropped since the last that was sent: said once.
    dropping: Arc<AtomicBool>,
    stop: CancellationToken,
    sending: Mutex<Option<JoinHandle<()>>>,
}

/// Where a span belongs that is the first one here.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    trace_id: NonZeroU128,
    parent: Option<NonZeroU64>,
}

impl From<TraceContext> for Place {
    fn from(parent: TraceContext) -> Place {
        Place { trace_id: parent.trace_id, parent: Some(parent.span_id) }
    }
}

impl Tracer {
    /// Starts sending to a collector, as this task.
    pub fn start(settings: TraceSettings, task: &Task, metrics: &Arc<Metrics>) -> Tracer {
        let (spans, waiting) = mpsc::channel(WAITING);
        let (stop, dropping) = (CancellationToken::new(), Arc::<AtomicBool>::default());
        // 2^63 is a number that both types have.
        let below = (settings.sample_ratio.clamp(0.0, 1.0) * (1_u64 << 63) as f64) as u64;
        let shared = Arc::new(Shared {
            spans,
            below,
            recent: Recent::default(),
            metrics: Arc::clone(metrics),
            dropping: Arc::clone(&dropping),
            stop: stop.clone(),
            sending: Mutex::default(),
        });
        match Exporter::new(settings, waiting, Arc::clone(metrics), dropping, stop.clone()) {
            Ok(exporter) => {
                let exporter = Arc::new(exporter);
                let keeping = task.clone().until(&stop).keep(move || {
                    let exporter = Arc::clone(&exporter);
                    async move { exporter.run().await }
                });
                *shared.sending() = Some(tokio::spawn(keeping));
                Tracer(Some(shared))
            }
            Err(error) => {
                tracing::error!(%error, "nothing is traced: {error}");
                Tracer(None)
            }
        }
    }

    /// Whether anything is traced.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Where a request with these headers is recorded; `None`: it is not.
    pub fn admit(&self, headers: &HeaderMap) -> Option<Place> {
        let shared = self.0.as_ref()?;
        let mut given = headers.get_all(TRACEPARENT).iter();
        let given = match (given.next(), given.next()) {
            (Some(one), None) => one.to_str().ok(),
            _ => None,
        };
        shared.decide(given)
    }

    /// Where a message with this `traceparent` is recorded; `None`: it is not.
    pub fn admit_message(&self, traceparent: Option<&str>) -> Option<Place> {
        self.0.as_ref()?.decide(traceparent)
    }

    /// The span in work here, when it is recorded.
    pub fn current(&self) -> Option<TraceContext> {
        self.0.as_ref()?;
        context::span()
    }

    /// A span that begins now. Nothing, when nothing is traced.
    pub fn span(
        &self,
        place: impl Into<Place>,
        kind: Kind,
        name: impl Into<String>,
    ) -> Option<Span> {
        Some(Span::begin(Arc::clone(self.0.as_ref()?), place.into(), kind, name.into()))
    }

    /// A span of a batch, in a trace of its own, with links to these spans of what is in it; nothing without any.
    pub fn batch(
        &self,
        kind: Kind,
        name: impl Into<String>,
        of: impl IntoIterator<Item = TraceContext>,
    ) -> Option<Span> {
        let shared = self.0.as_ref()?;
        let mut of = of.into_iter().peekable();
        of.peek()?;
        let place = Place { trace_id: rand::random(), parent: None };
        let mut span = Span::begin(Arc::clone(shared), place, kind, name.into());
        of.for_each(|context| span.link(context));
        Some(span)
    }

    /// Remembers for a while below which span something of this name is recorded, for whoever goes on with it here.
    pub fn remember(&self, name: Uuid, context: TraceContext) {
        if let Some(shared) = &self.0 {
            shared.recent.put(name, context);
        }
    }

    /// What was remembered of this name.
    pub fn recall(&self, name: Uuid) -> Option<TraceContext> {
        self.0.as_ref()?.recent.find([name].into_iter()).next().map(|(_, context)| context)
    }

    /// What was remembered of these names, by their places among them.
    pub fn recall_all(&self, names: impl Iterator<Item = Uuid>) -> Vec<(usize, TraceContext)> {
        match &self.0 {
            Some(shared) => shared.recent.find(names).collect(),
            None => Vec::new(),
        }
    }

    /// Sends what waits, for two seconds at most; spans that end later are dropped.
    pub async fn finish(&self) {
        let Some(shared) = &self.0 else { return };
        shared.stop.cancel();
        let Some(mut sending) = shared.sending().take() else { return };
        if timeout(LAST_WORDS, &mut sending).await.is_err() {
            sending.abort();
            tracing::warn!("the last spans were not sent: the collector did not take them in time");
        }
    }
}

impl Shared {
    fn decide(&self, traceparent: Option<&str>) -> Option<Place> {
        match traceparent.and_then(TraceParent::read) {
            Some(parent) => parent.sampled.then(|| parent.context.into()),
            None => {
                let trace_id: NonZeroU128 = rand::random();
                // What is cut off is not looked at.
                let low = trace_id.get() as u64;
                (low >> 1 < self.below).then_some(Place { trace_id, parent: None })
            }
        }
    }

    fn put(&self, span: otlp::Span) {
        if self.spans.try_send(span).is_ok() {
            return;
        }
        self.metrics.spans_dropped.inc();
        if !self.dropping.swap(true, Ordering::Relaxed) && !self.stop.is_cancelled() {
            tracing::warn!(
                "spans are dropped: {WAITING} wait for the collector; wsa_spans_dropped_total counts them"
            );
        }
    }

    fn sending(&self) -> std::sync::MutexGuard<'_, Option<JoinHandle<()>>> {
        self.sending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracer").field("below", &self.below).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
