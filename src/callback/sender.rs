//! Posting one delivery: to what was checked, once, in bounded time, reading a bounded answer.
//!
//! The status decides. What else an answer holds is read so far that its connection can be used again, and
//! turns no success into a failure: up to [`MOST_HEADERS`] headers in [`HEAD_LIMIT`] bytes, in whatever
//! order and spelling, with or without a length, of HTTP/1.0 or 1.1.

use std::error::Error;
use std::fmt;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use jiff::Timestamp;
use uuid::Uuid;

use super::connection::{Connector, DeniedAddress, TooSlow, Turns};
use super::outcome::Ended;
use super::signature::Secrets;
use super::url;
use crate::config::Callbacks;
use crate::domain::trace::{TRACEPARENT, TraceContext};

/// How many headers an answer may have.
pub const MOST_HEADERS: usize = 1000;
/// How long status line and headers may be, in bytes.
pub const HEAD_LIMIT: usize = 256 * 1024;
/// How much of an answer is read, so that its connection can be used again; more is cut off.
const BODY_LIMIT: usize = 16 * 1024;
/// How long that may take. The status is known by then.
const BODY_TIME: Duration = Duration::from_secs(1);
/// How long a connection waits for its next use.
const IDLE: Duration = Duration::from_secs(30);
/// The longest error that is kept, in characters.
const LONGEST_ERROR: usize = 300;

/// Posts deliveries.
#[derive(Debug)]
pub struct Sender {
    transport: Box<dyn HttpTransport>,
}

/// One delivery on its way.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// Where it goes.
    pub url: &'a str,
    /// What it is signed with.
    pub secrets: &'a Secrets,
    /// Its name, the same in each attempt.
    pub id: Uuid,
    /// When this attempt began.
    pub at: Timestamp,
    /// What it says.
    pub body: &'a str,
    /// The span of this attempt, when its trace is recorded.
    pub trace: Option<TraceContext>,
}

/// Sends deliveries to their URLs.
pub trait HttpTransport: fmt::Debug + Send + Sync {
    /// Sends a delivery once, in bounded time, and returns how that ended.
    fn send<'a>(&'a self, delivery: Delivery<'a>) -> BoxFuture<'a, Ended>;
}

type HttpClient = Client<Connector, Body>;

/// The transport over HTTP.
#[derive(Debug)]
struct Http {
    /// Uses connections again.
    pooled: HttpClient,
    /// Makes a connection for each post.
    fresh: HttpClient,
    timeout: Duration,
    allow_private: bool,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// How it ended.
    pub ended: Ended,
}

impl Sender {
    /// A sender over HTTP with these settings. Nothing of it can fail: what an attempt needs beside it, certificates
    /// for one, the attempt looks for.
    pub fn new(settings: &Callbacks) -> Sender {
        let Callbacks { allow_private_addresses, connect_timeout_ms, .. } = *settings;
        let patience = Duration::from_millis(connect_timeout_ms);
        let timeout = Duration::from_millis(settings.timeout_ms);
        let http =
            Http::new(allow_private_addresses, patience, timeout, settings.concurrency_per_url);
        Sender::over(Box::new(http))
    }

    /// A sender for the receiver of whoever runs this program: wherever it is, and with this time for an attempt.
    pub fn to_ones_own(timeout: Duration) -> Sender {
        Sender::over(Box::new(Http::new(true, timeout, timeout, 1)))
    }

    /// A sender whose deliveries are sent through this transport.
    pub fn over(transport: Box<dyn HttpTransport>) -> Sender {
        Sender { transport }
    }

    /// Posts a body, signed, and tells how that ended.
    pub async fn post(&self, url: &str, secrets: &Secrets, id: Uuid, body: String) -> Attempt {
        self.post_below(None, url, secrets, id, body).await
    }

    /// The same, which tells the receiver below which span it is posted.
    pub async fn post_below(
        &self,
        trace: Option<TraceContext>,
        url: &str,
        secrets: &Secrets,
        id: Uuid,
        body: String,
    ) -> Attempt {
        let (at, began) = (Timestamp::now(), Instant::now());
        let ended =
            self.transport.send(Delivery { url, secrets, id, at, body: &body, trace }).await;
        Attempt { at, took: began.elapsed(), ended }
    }
}

impl HttpTransport for Http {
    fn send<'a>(&'a self, delivery: Delivery<'a>) -> BoxFuture<'a, Ended> {
        self.answer(delivery).boxed()
    }
}

impl Http {
    fn new(allow_private: bool, patience: Duration, timeout: Duration, idle: usize) -> Http {
        let connector = Connector::new(allow_private, patience);
        let client = |idle: usize| {
            Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .pool_max_idle_per_host(idle)
                .pool_idle_timeout(IDLE)
                .http1_max_headers(MOST_HEADERS)
                .http1_max_buf_size(HEAD_LIMIT)
                .http1_ignore_invalid_headers_in_responses(true)
                .http1_allow_spaces_after_header_name_in_responses(true)
                .http1_allow_obsolete_multiline_headers_in_responses(true)
                .build(connector.clone())
        };
        Http { pooled: client(idle), fresh: client(0), timeout, allow_private }
    }

    async fn answer(&self, delivery: Delivery<'_>) -> Ended {
        let Delivery { url, secrets, id, at, body, trace } = delivery;
        // Again, and not only when it was added: the setting may have changed, and the client does not
        // ask the resolver about a host that is an address.
        let url = url::read(url, self.allow_private)?;
        let uri: Uri =
            url.as_str().parse().map_err(|error| format!("the URL cannot be called: {error}"))?;
        let mut headers = HeaderMap::new();
        for (name, value) in secrets.headers(&id.to_string(), at.as_second(), body) {
            let value = HeaderValue::try_from(value);
            headers.insert(name, value.map_err(|error| format!("a header: {error}"))?);
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(Ok(parent)) = trace.map(|trace| HeaderValue::try_from(trace.to_string())) {
            headers.insert(TRACEPARENT, parent);
        }
        let agent = concat!("wsa/", env!("CARGO_PKG_VERSION"));
        headers.insert(USER_AGENT, HeaderValue::from_static(agent));
        match tokio::time::timeout(self.timeout, self.post(uri, headers, body)).await {
            Ok(Ok(response)) => {
                let status = response.status().as_u16();
                let _ = tokio::time::timeout(BODY_TIME, read_some(response)).await;
                Ok(status)
            }
            Ok(Err(error)) => Err(message(&error)),
            Err(_) => Err(format!("no answer within {} ms", self.timeout.as_millis())),
        }
    }

    /// Posts, and once more on a new connection when the one that waited for its next use turns out to be
    /// dead. Receivers close what is idle, and may do so while a post is on its way: that says nothing of
    /// the receiver, and it knows a `webhook-id` that it has seen.
    async fn post(
        &self,
        uri: Uri,
        headers: HeaderMap,
        body: &str,
    ) -> Result<Response<Incoming>, ClientError> {
        let request = || {
            let mut request = Request::new(Body::from(body.to_owned()));
            *request.method_mut() = Method::POST;
            *request.uri_mut() = uri.clone();
            *request.headers_mut() = headers.clone();
            request
        };
        let mut first = request();
        let connection = capture_connection(&mut first);
        match self.pooled.request(first).await {
            Err(_) if was_stale(&connection) => self.fresh.request(request()).await,
            ended => ended,
        }
    }
}

fn was_stale(connection: &CaptureConnection) -> bool {
    let metadata = connection.connection_metadata();
    let Some(connected) = metadata.as_ref() else { return false };
    let mut extras = axum::http::Extensions::new();
    connected.get_extras(&mut extras);
    extras.get().is_some_and(Turns::was_stale)
}

async fn read_some(response: Response<Incoming>) {
    let (mut body, mut read) = (response.into_body(), 0);
    while let Some(Ok(frame)) = body.frame().await {
        read += frame.data_ref().map_or(0, bytes::Bytes::len);
        if read > BODY_LIMIT {
            return;
        }
    }
}

/// A sentence for the log of deliveries: without the URL, which may hold a key.
fn message(error: &ClientError) -> String {
    let text = match (found::<DeniedAddress>(error), found::<TooSlow>(error)) {
        (Some(denied), _) => denied.to_string(),
        (None, Some(slow)) => slow.to_string(),
        (None, None) if error.is_connect() => format!("no connection: {}", cause(error)),
        (None, None) => format!("no answer: {}", cause(error)),
    };
    text.chars().filter(|c| !c.is_control()).take(LONGEST_ERROR).collect()
}

/// The innermost cause: those around it only say where it was noticed.
fn cause(error: &ClientError) -> String {
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

fn found<E: Error + 'static>(error: &ClientError) -> Option<&E> {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        source = error.source();
    }
    None
}
