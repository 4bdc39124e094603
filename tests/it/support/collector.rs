//! A collector of OpenTelemetry: a real HTTP server that reads OTLP in protobuf.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tokio::net::TcpListener;

use super::eventually;

/// A span, as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    /// `service.name` of whoever sent it.
    pub service: String,
    pub trace: String,
    pub id: String,
    /// Empty: it has none.
    pub parent: String,
    pub name: String,
    pub kind: i32,
    /// The spans that it links to.
    pub links: Vec<String>,
    pub attributes: BTreeMap<String, String>,
    pub failed: bool,
}

impl Seen {
    pub fn get(&self, attribute: &str) -> &str {
        self.attributes.get(attribute).map_or("", String::as_str)
    }
}

#[derive(Clone, Default)]
pub struct Collector {
    pub port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
    headers: Arc<Mutex<Vec<HeaderMap>>>,
    /// What it answers instead of 200.
    answers: Arc<Mutex<Option<StatusCode>>>,
}

impl Collector {
    pub async fn start() -> Collector {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let collector = Collector { port, ..Collector::default() };
        let router = Router::new().route("/v1/traces", post(receive)).with_state(collector.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        collector
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on answers this.
    pub fn answers(&self, status: Option<StatusCode>) {
        *self.answers.lock().unwrap() = status;
    }

    pub fn all(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn headers(&self) -> Vec<HeaderMap> {
        self.headers.lock().unwrap().clone()
    }

    /// Those of one trace.
    pub fn of(&self, trace: &str) -> Vec<Seen> {
        self.all().into_iter().filter(|span| span.trace == trace).collect()
    }

    /// Waits until a trace has a span of this name, and gives it.
    pub async fn until(&self, trace: &str, name: &str) -> Seen {
        let mut found = None;
        eventually(&format!("trace {trace} has {name:?}"), async || {
            found = self.of(trace).into_iter().find(|span| span.name == name);
            found.is_some()
        })
        .await;
        found.unwrap()
    }
}

async fn receive(
    State(collector): State<Collector>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, [(&'static str, &'static str); 1], Vec<u8>) {
    let kind = [("content-type", "application/x-protobuf")];
    assert_eq!(headers["content-type"], "application/x-protobuf");
    collector.headers.lock().unwrap().push(headers);
    if let Some(status) = *collector.answers.lock().unwrap() {
        return (status, kind, Vec::new());
    }
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    for of_resource in request.resource_spans {
        let resource = of_resource.resource.unwrap();
        let service = texts(&resource.attributes)["service.name"].clone();
        assert!(texts(&resource.attributes).contains_key("service.instance.id"));
        for scoped in of_resource.scope_spans {
            assert_eq!(scoped.scope.unwrap().name, "wsa");
            let seen = scoped.spans.into_iter().map(|span| read(&service, span));
            collector.seen.lock().unwrap().extend(seen);
        }
    }
    (StatusCode::OK, kind, Vec::new())
}

fn read(service: &str, span: Span) -> Seen {
    assert!(span.end_time_unix_nano >= span.start_time_unix_nano, "{span:?}");
    assert_eq!((span.trace_id.len(), span.span_id.len()), (16, 8));
    Seen {
        service: service.to_owned(),
        trace: hex::encode(&span.trace_id),
        id: hex::encode(&span.span_id),
        parent: hex::encode(&span.parent_span_id),
        name: span.name,
        kind: span.kind,
        links: span.links.iter().map(|link| hex::encode(&link.span_id)).collect(),
        attributes: texts(&span.attributes),
        failed: span.status.is_some_and(|status| status.code == 2),
    }
}

fn texts(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |value: &Value| match value {
        Value::StringValue(text) => text.clone(),
        Value::IntValue(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    let of = |pair: &KeyValue| {
        let value = pair.value.as_ref().and_then(|value| value.value.as_ref());
        (pair.key.clone(), text(value.unwrap()))
    };
    attributes.iter().map(of).collect()
}
