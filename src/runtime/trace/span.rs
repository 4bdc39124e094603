//! A span, from its beginning to its end.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1 as otlp;
use opentelemetry_proto::tonic::trace::v1::span::{Link, SpanKind};
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;

use super::{Place, Shared};
use crate::domain::trace::TraceContext;

/// The most links of a span: a batch has as many tasks as are in it, and each link takes 30 bytes.
const MOST_LINKS: usize = 256;
/// The flag of what is sampled.
const SAMPLED: u32 = 1;

/// What a span is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Work within this service.
    Internal,
    /// A request to this service.
    Server,
    /// A request of this service to another.
    Client,
    /// A message that is sent.
    Producer,
    /// A message that is received.
    Consumer,
}

/// A span. It ends, and is handed to whoever sends it, when it is dropped.
pub struct Span {
    tracer: Arc<Shared>,
    context: TraceContext,
    data: otlp::Span,
}

impl Span {
    pub(super) fn begin(tracer: Arc<Shared>, place: Place, kind: Kind, name: String) -> Span {
        let context =
            TraceContext { trace_id: place.trace_id, span_id: rand::random::<NonZeroU64>() };
        let kind = match kind {
            Kind::Internal => SpanKind::Internal,
            Kind::Server => SpanKind::Server,
            Kind::Client => SpanKind::Client,
            Kind::Producer => SpanKind::Producer,
            Kind::Consumer => SpanKind::Consumer,
        };
        let parent = place.parent.map(|parent| parent.get().to_be_bytes().to_vec());
        let data = otlp::Span {
            trace_id: context.trace_id.get().to_be_bytes().to_vec(),
            span_id: context.span_id.get().to_be_bytes().to_vec(),
            parent_span_id: parent.unwrap_or_default(),
            flags: SAMPLED,
            name,
            kind: kind.into(),
            start_time_unix_nano: now(),
            ..otlp::Span::default()
        };
        Span { tracer, context, data }
    }

    /// What is recorded below it is told this.
    pub fn context(&self) -> TraceContext {
        self.context
    }

    /// Sets a text.
    pub fn text(&mut self, key: &str, value: impl Into<String>) {
        self.set(key, Value::StringValue(value.into()));
    }

    /// Sets a number.
    pub fn number(&mut self, key: &str, value: impl TryInto<i64>) {
        self.set(key, Value::IntValue(value.try_into().unwrap_or(i64::MAX)));
    }

    /// Sets a list of one text, as OpenTelemetry has the values of a header.
    pub fn header(&mut self, key: &str, value: impl Into<String>) {
        let value = AnyValue { value: Some(Value::StringValue(value.into())) };
        self.set(key, Value::ArrayValue(ArrayValue { values: vec![value] }));
    }

    /// Links it to a span of another trace.
    pub fn link(&mut self, to: TraceContext) {
        if self.data.links.len() >= MOST_LINKS {
            self.data.dropped_links_count += 1;
            return;
        }
        self.data.links.push(Link {
            trace_id: to.trace_id.get().to_be_bytes().to_vec(),
            span_id: to.span_id.get().to_be_bytes().to_vec(),
            flags: SAMPLED,
            ..Link::default()
        });
    }

    /// Marks it as failed; `error_type` has few values.
    pub fn fail(&mut self, error_type: impl Into<String>) {
        self.text("error.type", error_type);
        self.data.status =
            Some(otlp::Status { code: StatusCode::Error.into(), ..otlp::Status::default() });
    }

    fn set(&mut self, key: &str, value: Value) {
        let value = Some(AnyValue { value: Some(value) });
        self.data.attributes.push(KeyValue { key: key.to_owned(), value, ..KeyValue::default() });
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        self.data.end_time_unix_nano = now().max(self.data.start_time_unix_nano);
        self.tracer.put(std::mem::take(&mut self.data));
    }
}

impl std::fmt::Debug for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Span({} {})", self.data.name, self.context)
    }
}

/// Nanoseconds since 1970, by this machine's clock.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
