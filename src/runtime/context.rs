//! In which request, and in which trace, something happens: what log lines say of it, and what is handed on.
//!
//! A trace has a context here only when it is sampled; a request has an id always.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::domain::trace::TraceContext;

/// The header with the id of a request, in requests and in responses.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id of a request that is taken from its caller, in characters.
pub const LONGEST_REQUEST_ID: usize = 128;

tokio::task_local! {
    static REQUEST: RequestId;
    static TRACE: TraceContext;
}

/// What a request is called, in its response and in log lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The id in the header, when it is sent once and has 1 to 128 letters, digits and `-_.:+/=@~`; or else a new one.
    pub fn of(headers: &HeaderMap) -> RequestId {
        let mut given = headers.get_all(REQUEST_ID).iter();
        match (given.next(), given.next()) {
            (Some(id), None) if is_usable(id.as_bytes()) => RequestId(id.clone()),
            _ => RequestId::new(),
        }
    }

    /// One that no other request has. It says nothing, and is not a secret.
    fn new() -> RequestId {
        /// A process's own, so that a new id costs no random number.
        static PROCESS: LazyLock<u64> = LazyLock::new(rand::random);
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let text = format!("{:016x}-{number:x}", *PROCESS);
        // Digits and a hyphen are always a header.
        let id = HeaderValue::try_from(text);
        RequestId(id.unwrap_or_else(|_| HeaderValue::from_static("-")))
    }

    /// As a header.
    pub fn header(&self) -> HeaderValue {
        self.0.clone()
    }

    /// As a text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

fn is_usable(id: &[u8]) -> bool {
    let harmless = |c: &u8| c.is_ascii_alphanumeric() || b"-_.:+/=@~".contains(c);
    (1..=LONGEST_REQUEST_ID).contains(&id.len()) && id.iter().all(harmless)
}

/// Does the work of this request. (An `async fn` would hold the work twice: as it came, and where it is polled.)
pub fn of_request<F: Future>(id: RequestId, work: F) -> impl Future<Output = F::Output> {
    REQUEST.scope(id, work)
}

/// The id of the request in work.
pub fn request_id() -> Option<RequestId> {
    REQUEST.try_with(Clone::clone).ok()
}

/// Does work below this span.
pub fn below<F: Future>(span: TraceContext, work: F) -> impl Future<Output = F::Output> {
    TRACE.scope(span, work)
}

/// The same where there may be none, for what does not wait: a log line.
pub fn said_below<T>(span: Option<TraceContext>, say: impl FnOnce() -> T) -> T {
    match span {
        Some(span) => TRACE.sync_scope(span, say),
        None => say(),
    }
}

/// The span in work; `None` where nothing is recorded.
pub fn span() -> Option<TraceContext> {
    TRACE.try_with(|span| *span).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ids: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for id in ids {
            headers.append(REQUEST_ID, HeaderValue::from_bytes(id.as_bytes()).unwrap());
        }
        RequestId::of(&headers).as_str().to_owned()
    }

    #[test]
    fn a_callers_id_is_kept_when_it_is_harmless() {
        let longest = "x".repeat(LONGEST_REQUEST_ID);
        for id in
            ["a", "7f9c24e8-3b12-4a3c-9d5e-0b6a2f1c8d47", "Root=1-67891233:a/b+c_d.e~f@g", &longest]
        {
            assert_eq!(of(&[id]), id);
        }
        let long = "x".repeat(LONGEST_REQUEST_ID + 1);
        for ids in [&[""][..], &[&long], &["a b"], &["a\"b"], &["a,b"], &["é"], &["a", "a"], &[]] {
            let new = of(ids);
            assert!(is_usable(new.as_bytes()) && !ids.contains(&&*new), "{ids:?}: {new}");
            assert_ne!(new, of(ids), "each has its own");
        }
    }
}
