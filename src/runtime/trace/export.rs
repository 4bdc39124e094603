//! Sends spans to the collector, some hundred at a time. What it does not take is tried again a few times, and then
//! dropped and counted; that it is away is said once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message;
use tokio::sync::{Mutex, mpsc};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use url::{Position, Url};

use super::TraceSettings;
use crate::runtime::metrics::Metrics;
use crate::runtime::tls::http_client_with;

/// The most spans of a post.
const MOST: usize = 512;
/// How long the first span of a post waits for others.
const GATHER: Duration = Duration::from_millis(500);
/// How often a post is tried.
const ATTEMPTS: u32 = 5;
/// The pause before the second attempt; it doubles from then on.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// How much of an answer is read: what was rejected, and why.
const MOST_ANSWER: usize = 64 * 1024;

/// Why a post came to nothing.
enum Failure {
    /// It may succeed later.
    Away(String),
    /// It never will.
    Refused(String),
}

/// What sends.
pub(super) struct Exporter {
    spans: Mutex<mpsc::Receiver<Span>>,
    http: reqwest::Client,
    url: Url,
    headers: HeaderMap,
    resource: Resource,
    metrics: Arc<Metrics>,
    stop: CancellationToken,
    /// Whether spans are dropped as too many wait; over when the collector takes some.
    dropping: Arc<AtomicBool>,
    /// Whether the last post failed: an outage is one line in the log.
    away: AtomicBool,
}

impl Exporter {
    pub(super) fn new(
        settings: TraceSettings,
        spans: mpsc::Receiver<Span>,
        metrics: Arc<Metrics>,
        dropping: Arc<AtomicBool>,
        stop: CancellationToken,
    ) -> Result<Exporter, Box<dyn std::error::Error>> {
        let http = http_client_with("otel.tls.", &settings.tls)?
            .timeout(settings.timeout)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let attributes = settings.resource.into_iter().map(|(key, value)| {
            let value = Some(AnyValue { value: Some(Value::StringValue(value)) });
            KeyValue { key, value, ..KeyValue::default() }
        });
        Ok(Exporter {
            spans: Mutex::new(spans),
            http,
            url: settings.url,
            headers: settings.headers,
            resource: Resource { attributes: attributes.collect(), ..Resource::default() },
            metrics,
            stop,
            dropping,
            away: AtomicBool::new(false),
        })
    }

    /// Sends until told to stop, and then what is left.
    pub(super) async fn run(&self) {
        let mut spans = self.spans.lock().await;
        while !self.stop.is_cancelled() {
            let mut batch = Vec::new();
            tokio::select! {
                biased;
                () = self.stop.cancelled() => break,
                first = spans.recv_many(&mut batch, MOST) => if first == 0 { break },
            }
            let until = Instant::now() + GATHER;
            while batch.len() < MOST {
                let room = MOST - batch.len();
                tokio::select! {
                    biased;
                    () = self.stop.cancelled() => break,
                    () = sleep_until(until) => break,
                    more = spans.recv_many(&mut batch, room) => if more == 0 { break },
                }
            }
            self.deliver(batch).await;
        }
        spans.close();
        let mut last = Vec::new();
        while let Ok(span) = spans.try_recv() {
            last.push(span);
        }
        while !last.is_empty() {
            let rest = last.split_off(last.len().min(MOST));
            self.deliver(std::mem::replace(&mut last, rest)).await;
        }
    }

    /// Sends a batch, or drops it in the end.
    async fn deliver(&self, batch: Vec<Span>) {
        let (count, body) = (batch.len() as u64, self.body(batch));
        let (mut attempts, mut pause) = (0, FIRST_PAUSE);
        let why = loop {
            let stopping = self.stop.is_cancelled();
            attempts += 1;
            match self.post(body.clone()).await {
                Ok(rejected) => {
                    let rejected = rejected.min(count);
                    self.metrics.spans_exported.inc_by(count - rejected);
                    self.metrics.spans_dropped.inc_by(rejected);
                    self.log_transition(None);
                    self.dropping.store(false, Ordering::Relaxed);
                    return;
                }
                Err(Failure::Refused(why)) => break why,
                Err(Failure::Away(why)) if stopping || attempts >= ATTEMPTS => break why,
                Err(Failure::Away(why)) => self.log_transition(Some(&why)),
            }
            tokio::select! {
                () = sleep(pause) => pause *= 2,
                () = self.stop.cancelled() => {}
            }
        };
        self.metrics.spans_dropped.inc_by(count);
        self.log_transition(Some(&why));
    }

    fn body(&self, spans: Vec<Span>) -> Bytes {
        let scope = InstrumentationScope {
            name: "wsa".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..InstrumentationScope::default()
        };
        let scoped = ScopeSpans { scope: Some(scope), spans, ..ScopeSpans::default() };
        let of_resource = ResourceSpans {
            resource: Some(self.resource.clone()),
            scope_spans: vec![scoped],
            ..ResourceSpans::default()
        };
        ExportTraceServiceRequest { resource_spans: vec![of_resource] }.encode_to_vec().into()
    }

    /// Posts once; returns how many spans were rejected.
    async fn post(&self, body: Bytes) -> Result<u64, Failure> {
        let away = |error: reqwest::Error| Failure::Away(cause(&error.without_url()));
        let request = self.http.post(self.url.clone()).headers(self.headers.clone());
        let request = request.header("content-type", "application/x-protobuf").body(body);
        let mut response = request.send().await.map_err(away)?;
        let status = response.status();
        match status {
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => Err(Failure::Away(format!("it answers {status}"))),
            status if !status.is_success() => Err(Failure::Refused(format!("it answers {status}"))),
            _ => {
                let mut answer = Vec::new();
                while let Ok(Some(chunk)) = response.chunk().await {
                    if answer.len() + chunk.len() > MOST_ANSWER {
                        return Ok(0);
                    }
                    answer.extend_from_slice(&chunk);
                }
                let answer = ExportTraceServiceResponse::decode(&answer[..]).unwrap_or_default();
                let rejected = answer.partial_success.map_or(0, |partial| partial.rejected_spans);
                Ok(rejected.try_into().unwrap_or(0))
            }
        }
    }

    /// Logs when the collector begins to fail, and when it takes spans again. Of its address nothing is shown that
    /// could be a password.
    fn log_transition(&self, why: Option<&str>) {
        let (was, is) = (self.away.swap(why.is_some(), Ordering::Relaxed), why.is_some());
        let mut shown = self.url.clone();
        if shown.set_username("").is_err() || shown.set_password(None).is_err() {
            return;
        }
        let place = &shown[..Position::AfterPath];
        match (was, is) {
            (false, true) => tracing::warn!(
                "the collector at {place} takes no spans: {}; spans are dropped while that lasts, and nothing else waits",
                why.unwrap_or_default()
            ),
            (true, false) => tracing::info!("the collector at {place} takes spans again"),
            _ => {}
        }
    }
}

/// The innermost cause: those around it only say where it was noticed.
fn cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
