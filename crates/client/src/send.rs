//! One request, and what its failure means: whether the service can have seen it, and whether to send it again.

use std::error::Error;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Response, StatusCode, Url};
use uuid::Uuid;

use crate::client::Client;
use crate::key::Key;
use crate::wire::{self, Reading};

/// The longest start of an answer that is shown, in characters.
const SHOWN: usize = 80;

/// No answer to a request.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) why: String,
    /// The service cannot have accepted anything.
    pub(crate) unseen: bool,
    /// The same request may be answered later.
    pub(crate) passing: bool,
    /// When the service says to come again.
    pub(crate) after: Option<Duration>,
    /// The task that it may be, when the service named one.
    pub(crate) task: Option<Uuid>,
}

/// An answer, whatever it says.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) after: Option<Duration>,
    pub(crate) text: String,
}

impl Client {
    /// Posts a task or a question once.
    pub(crate) async fn post(
        &self,
        key: Option<&Key>,
        body: &str,
        timeout: Duration,
    ) -> Result<Reading, Failure> {
        let reply = self.post_text(&self.create, key, body, timeout).await?;
        match wire::read(&reply.text) {
            // A status of its own is about this service, not about the task.
            Some(reading) if reply.status == StatusCode::OK => Ok(reading),
            _ => Err(reply.failure(&self.create)),
        }
    }

    /// Posts a body once.
    pub(crate) async fn post_text(
        &self,
        url: &Url,
        key: Option<&Key>,
        body: &str,
        timeout: Duration,
    ) -> Result<Reply, Failure> {
        let mut request = self
            .http
            .post(url.clone())
            .header("AggregatorAuthentication", self.token.clone())
            .header(CONTENT_TYPE, "application/json")
            .timeout(timeout)
            .body(body.to_owned());
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key.as_str());
        }
        let lost = |error: reqwest::Error| Failure {
            unseen: error.is_connect() || error.is_builder(),
            passing: true,
            why: format!("no answer from {url}: {}", chain(&error.without_url())),
            after: None,
            task: None,
        };
        let response = request.send().await.map_err(lost)?;
        let (status, after) = (response.status(), retry_after(&response));
        let body =
            response.bytes().await.map_err(|error| Failure { unseen: false, ..lost(error) })?;
        let text = String::from_utf8_lossy(&body).into_owned();
        Ok(Reply { status, after, text })
    }
}

impl Reply {
    /// Why this is no answer to what was sent.
    pub(crate) fn failure(&self, url: &Url) -> Failure {
        let failure = match wire::read(&self.text) {
            Some(reading) => told(self.status, &reading),
            None => {
                let start: String = self.text.chars().take(SHOWN).collect();
                let why = format!("{url} does not answer as a White Server does: {start:?}");
                failure(self.status, &why, None)
            }
        };
        Failure { after: self.after, ..failure }
    }
}

/// What a service says of itself, with a status of its own.
fn told(status: StatusCode, reading: &Reading) -> Failure {
    let why = match reading {
        Reading::InProgress(why)
        | Reading::NotFound(why)
        | Reading::Expired(why)
        | Reading::Rejected(why) => Some(why),
        Reading::Answered(answered) => match answered.clone().done() {
            Ok(_) => None,
            Err(why) => return failure(status, &why.to_string(), why.task),
        },
        Reading::Accepted(_) | Reading::Nothing => None,
    };
    match why {
        // A White Server's own 503 that names no task was sent before anything was accepted.
        Some(why) if status == StatusCode::SERVICE_UNAVAILABLE && why.task.is_none() => {
            Failure { unseen: true, ..failure(status, &why.to_string(), None) }
        }
        Some(why) => failure(status, &why.to_string(), why.task),
        None => failure(status, "an answer with a wrong status", None),
    }
}

fn failure(status: StatusCode, why: &str, task: Option<Uuid>) -> Failure {
    let code = status.as_u16();
    let passing = status.is_server_error() || [408, 429].contains(&code);
    // Whoever stands in between sends a status from 500 on for a request that has arrived, too.
    let unseen = status.is_client_error() || status.is_redirection();
    Failure { why: format!("HTTP {code}: {why}"), unseen, passing, after: None, task }
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// An error with everything that led to it.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_whether_to_come_again_and_what_may_have_been_accepted() {
        let of = |code| {
            let failure = failure(StatusCode::from_u16(code).unwrap(), "", None);
            (failure.unseen, failure.passing)
        };
        assert_eq!([of(429), of(408)], [(true, true); 2]);
        assert_eq!([of(503), of(502), of(500)], [(false, true); 3]);
        assert_eq!([of(404), of(401), of(307)], [(true, false); 3]);
        assert_eq!(of(200), (false, false));
    }

    #[test]
    fn what_a_503_names_may_have_been_accepted() {
        let unseen = |common: &str| {
            let text = format!(
                r#"{{{common}"error":{{"wsError":{{"code":"InternalError","desc":""}}}}}}"#
            );
            told(StatusCode::SERVICE_UNAVAILABLE, &wire::read(&text).unwrap()).unseen
        };
        let guid = r#""taskGuid":"00000000-0000-0000-0000-000000000001""#;
        assert!(unseen(""));
        assert!(!unseen(&format!(r#""responseCommon":{{{guid}}},"#)));
        assert!(!unseen(&format!(r#""responseCommon":{{{guid},"taskType":"PayOrder"}},"#)));
    }
}
