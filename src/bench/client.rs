//! A client of the API, as a bench needs it: it pays, it asks for answers, and it waits when it is told
//! to.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde::Deserialize;
use tokio::time::sleep;

use super::orders::{Payable, pay_request};
use crate::domain::task::CurrencyGuid;

/// How long an answer may take before the bench gives up.
const PATIENCE: Duration = Duration::from_secs(600);

/// Whom to pay at, and how.
#[derive(Debug, Clone)]
pub struct Target {
    /// `http://host:port` of the API.
    pub url: String,
    /// The caller's token.
    pub token: String,
    /// The currency to pay with.
    pub currency: CurrencyGuid,
    /// Connections that submit; with asynchronous calls as many again ask for answers.
    pub connections: usize,
    /// Whether the caller waits for its answer in the request that submits.
    pub sync: bool,
}

/// What the API answered.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Container {
    task_response: Option<serde::de::IgnoredAny>,
    response_common: Option<Common>,
    error: Option<Errors>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Common {
    task_guid: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Errors {
    ws_error: Option<WireError>,
}

#[derive(Deserialize)]
struct WireError {
    code: String,
}

impl Container {
    fn is_in_progress(&self) -> bool {
        let error = self.error.as_ref().and_then(|errors| errors.ws_error.as_ref());
        error.is_some_and(|error| error.code == "TaskInProgress")
    }

    /// Whether the task was done.
    pub(super) fn is_done(&self) -> bool {
        self.task_response.is_some()
    }

    /// The guid of the task.
    pub(super) fn guid(self) -> Option<String> {
        self.response_common?.task_guid
    }
}

/// Whoever has the token of a target.
pub(super) struct Client {
    http: reqwest::Client,
    /// Whom it calls.
    pub(super) target: Target,
    limited: AtomicU64,
}

impl Client {
    /// A client with as many connections as the target says, twice.
    pub(super) fn new(target: &Target) -> anyhow::Result<Client> {
        let http = crate::runtime::tls::http_client()
            .pool_max_idle_per_host(target.connections * 2)
            .tcp_nodelay(true)
            .build()?;
        Ok(Client { http, target: target.clone(), limited: AtomicU64::new(0) })
    }

    /// How often it was told to wait.
    pub(super) fn limited(&self) -> u64 {
        self.limited.load(Ordering::Relaxed)
    }

    async fn call(&self, body: String) -> anyhow::Result<Container> {
        loop {
            let response = self
                .http
                .post(format!("{}{}", self.target.url, crate::protocols::whiteserver::http::CREATE))
                .header("AggregatorAuthentication", &self.target.token)
                .header("Content-Type", "application/json")
                .body(body.clone())
                .send()
                .await?;
            if response.status() != reqwest::StatusCode::TOO_MANY_REQUESTS {
                let text = response.text().await?;
                return serde_json::from_str(&text)
                    .with_context(|| format!("an answer cannot be read: {text}"));
            }
            self.limited.fetch_add(1, Ordering::Relaxed);
            let after =
                response.headers().get("Retry-After").and_then(|s| s.to_str().ok()?.parse().ok());
            sleep(Duration::from_secs(after.unwrap_or(1))).await;
        }
    }

    /// Pays an order, and tells when that began.
    pub(super) async fn submit(&self, order: &Payable) -> anyhow::Result<(Instant, Container)> {
        let at = Instant::now();
        let body = pay_request(order, self.target.currency, self.target.sync);
        Ok((at, self.call(body).await?))
    }

    /// Asks for the answer of a task until it is there: in requests that wait for it.
    pub(super) async fn answer(&self, guid: &str) -> anyhow::Result<Container> {
        self.answer_every(guid, None).await
    }

    /// The same in requests that do not wait, with a pause between them; `None`: in those that wait.
    pub(super) async fn answer_every(
        &self,
        guid: &str,
        pause: Option<Duration>,
    ) -> anyhow::Result<Container> {
        let started = Instant::now();
        let wait = if pause.is_some() { 0 } else { 20 };
        loop {
            let body = format!(
                r#"{{"taskType":"GetTaskResponse","params":{{"taskGuid":"{guid}","wait":{wait}}}}}"#
            );
            let answer = self.call(body).await?;
            if !answer.is_in_progress() {
                return Ok(answer);
            }
            if let Some(pause) = pause {
                sleep(pause).await;
            }
            if started.elapsed() > PATIENCE {
                bail!("task {guid} was not answered within {PATIENCE:?}");
            }
        }
    }
}
