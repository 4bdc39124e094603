//! The White Server API from the other side: hand a task in once, then ask until it is answered.

use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{StatusCode, Url, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::answer::{Answer, Reading};
use crate::database::error::chain;
use crate::domain::task::{LONGEST_TIMEOUT_S, TaskGuid};
use crate::protocols::whiteserver::http::CREATE;
use crate::protocols::whiteserver::wire::request::LONGEST_WAIT_S;
use crate::runtime::tls::ClientTls;
use crate::terminal::output::{Waiting, printable};

/// How long an answer may take beyond what the service was asked to wait.
const PATIENCE: Duration = Duration::from_secs(30);
/// For how long after a task's deadline a service that cannot be reached is asked for its answer.
const GRACE: Duration = Duration::from_secs(30);
/// How soon to ask again, at first and in the end.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(5)];

/// A client of one service.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    url: Url,
}

/// A task that was handed in without an answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum SubmitError {
    /// It certainly did not arrive.
    #[error("nothing was handed in: {0}")]
    NotSent(String),
    /// It may have arrived.
    #[error(
        "it is not known whether the task was accepted: {0}; do not hand it in again before the \
         operator has looked (`wsa task list`)"
    )]
    NotKnown(String),
}

/// No answer to a question.
#[derive(Debug)]
struct Failure {
    why: String,
    /// The service cannot have seen the request.
    unseen: bool,
    /// The same question may be answered later.
    passing: bool,
}

impl Client {
    /// A client of the service at `url`, with the caller's token; `tls` is for `https://`.
    pub(super) fn new(url: &str, token: &SecretString, tls: &ClientTls) -> anyhow::Result<Client> {
        let wrong = |why: &str| anyhow!("--url is {url:?}: {why}, like http://127.0.0.1:8080");
        let base = Url::parse(url).map_err(|error| wrong(&format!("{error}; it must be a URL")))?;
        if !["http", "https"].contains(&base.scheme()) || !base.has_host() {
            return Err(wrong("it must begin with http:// or https://"));
        }
        let path =
            format!("{}{CREATE}", base.path().trim_end_matches('/').trim_end_matches(CREATE));
        let mut token = HeaderValue::from_str(token.expose_secret())
            .context("the token cannot be sent: it must be letters, digits and punctuation")?;
        token.set_sensitive(true);
        let json = HeaderValue::from_static("application/json");
        let headers = [("aggregatorauthentication".parse()?, token), (CONTENT_TYPE, json)];
        let http = crate::runtime::tls::http_client_with("--", tls)?
            .default_headers(HeaderMap::from_iter(headers))
            .user_agent(concat!("wsa/", env!("CARGO_PKG_VERSION")))
            // Each of these could send a payment twice, or the token to somebody else.
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .build()?;
        let mut url = base;
        url.set_path(&path);
        Ok(Client { http, url })
    }

    /// Hands a task in: once, whatever happens.
    pub(super) async fn submit(&self, request: String) -> Result<Answer, SubmitError> {
        let answer = self.post(request, PATIENCE).await;
        answer.map_err(|failure| match failure.unseen {
            true => SubmitError::NotSent(failure.why),
            false => SubmitError::NotKnown(failure.why),
        })
    }

    /// Asks for the answer of a task as it is now.
    pub(super) async fn ask(&self, guid: TaskGuid) -> anyhow::Result<Answer> {
        self.question(guid, 0).await.map_err(|failure| anyhow!(failure.why))
    }

    async fn question(&self, guid: TaskGuid, wait_s: i64) -> Result<Answer, Failure> {
        let params = json!({"taskGuid": guid, "wait": wait_s});
        let request = json!({"taskType": "GetTaskResponse", "params": params});
        let patience = PATIENCE + Duration::from_secs(wait_s.unsigned_abs());
        self.post(request.to_string(), patience).await
    }

    /// Asks until the task is answered. A service that cannot be reached is asked again until the
    /// task's deadline is well over: known from its own words, else `timeout_s`, else the longest.
    pub(super) async fn wait(
        &self,
        guid: TaskGuid,
        timeout_s: Option<i64>,
        waiting: &Waiting,
    ) -> anyhow::Result<Answer> {
        let timeout = Duration::from_secs(timeout_s.unwrap_or(LONGEST_TIMEOUT_S).unsigned_abs());
        let mut until = Instant::now() + timeout + GRACE;
        let [first_pause, last_pause] = PAUSES;
        let mut pause = first_pause;
        let mut lost = false;
        // Short at first: a service that says by when it will answer need not be asked for an hour.
        let mut wait_s = 1;
        loop {
            let asked = Instant::now();
            match self.question(guid, wait_s).await {
                Ok(Answer { reading: Reading::Open(desc), .. }) => {
                    if let Some(remaining) = remaining(&desc, Timestamp::now()) {
                        until = Instant::now() + remaining + GRACE;
                    }
                    wait_s = LONGEST_WAIT_S;
                    if asked.elapsed() < first_pause {
                        sleep(first_pause).await;
                    }
                }
                Ok(answer) => return Ok(answer),
                Err(failure) if !failure.passing => bail!(failure.why),
                Err(failure) if Instant::now() + pause > until => {
                    bail!("{}; the task's deadline is over, gave up", failure.why)
                }
                Err(failure) => {
                    if !lost {
                        waiting.say(&format!(
                            "{}; the task is kept by the service, asking again",
                            failure.why
                        ));
                        lost = true;
                    }
                    sleep(pause).await;
                    pause = last_pause.min(pause * 2);
                    continue;
                }
            }
            if std::mem::take(&mut lost) {
                waiting.say("the service answers again");
            }
            pause = first_pause;
        }
    }

    async fn post(&self, body: String, patience: Duration) -> Result<Answer, Failure> {
        let lost = |error: reqwest::Error| Failure {
            unseen: error.is_connect() || error.is_builder(),
            passing: true,
            why: format!("no answer from {}: {}", self.url, chain(&error.without_url())),
        };
        let request = self.http.post(self.url.clone()).timeout(patience).body(body);
        let response = request.send().await.map_err(lost)?;
        let status = response.status();
        let body =
            response.bytes().await.map_err(|error| Failure { unseen: false, ..lost(error) })?;
        let text = String::from_utf8_lossy(&body).into_owned();
        match Answer::read(text) {
            // A status of its own is about this service, not about the task.
            Some(answer) if status == StatusCode::OK => Ok(answer),
            Some(Answer { reading: Reading::Refused(why) | Reading::Untold(why), .. }) => {
                Err(failure(status, &why, true))
            }
            _ => {
                let unseen = status.is_client_error() || status.is_redirection();
                Err(failure(status, &self.no_answer(&body), unseen))
            }
        }
    }

    fn no_answer(&self, body: &[u8]) -> String {
        let start: String = String::from_utf8_lossy(body).chars().take(80).collect();
        format!("{} does not answer as a White Server does: {:?}", self.url, printable(&start))
    }
}

fn failure(status: StatusCode, why: &str, unseen: bool) -> Failure {
    let passing = status.is_server_error()
        || [StatusCode::TOO_MANY_REQUESTS, StatusCode::REQUEST_TIMEOUT].contains(&status);
    Failure { why: format!("HTTP {}: {why}", status.as_u16()), unseen, passing }
}

/// How long it is until the moment that the sentence about an open task names; not less than nothing.
fn remaining(desc: &str, now: Timestamp) -> Option<Duration> {
    let deadline: Timestamp = desc.split_whitespace().find_map(|word| word.parse().ok())?;
    Some(Duration::try_from(deadline.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(given: &str) -> Result<String, String> {
        let client = Client::new(given, &"token".into(), &ClientTls::default())
            .map_err(|error| error.to_string())?;
        Ok(client.url.into())
    }

    #[test]
    fn the_path_is_added_to_what_a_person_types() {
        let full = format!("http://h:8080{CREATE}");
        for given in ["http://h:8080", "http://h:8080/", &full] {
            assert_eq!(url(given).as_ref(), Ok(&full));
        }
        assert_eq!(url("http://h/wsa/"), Ok(format!("http://h/wsa{CREATE}")));
    }

    #[test]
    fn a_wrong_url_is_named_with_its_rule() {
        for given in ["127.0.0.1:8080", "localhost:8080", "ftp://h", "", "http://"] {
            let error = url(given).unwrap_err();
            assert!(error.starts_with(&format!("--url is {given:?}: ")), "{error}");
            assert!(error.ends_with("like http://127.0.0.1:8080"), "{error}");
        }
    }

    #[test]
    fn the_service_says_how_long_to_go_on() {
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let open =
            "the task is not answered yet; it will be by its deadline 2026-11-22T12:01:30.500Z";
        assert_eq!(remaining(open, now), Some(Duration::from_millis(90_500)));
        assert_eq!(remaining("by 2026-11-22T11:00:00Z", now), Some(Duration::ZERO));
        assert_eq!(remaining("some day", now), None);
    }

    #[test]
    fn a_broken_service_is_asked_again_and_a_wrong_one_is_not() {
        let passing = |status| failure(status, "", false).passing;
        assert!(passing(StatusCode::SERVICE_UNAVAILABLE) && passing(StatusCode::BAD_GATEWAY));
        assert!(!passing(StatusCode::NOT_FOUND) && !passing(StatusCode::OK));
    }
}
