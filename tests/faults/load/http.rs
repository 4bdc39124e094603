//! Over HTTP: handing a task in, and asking for its answer.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;
use uuid::Uuid;

use super::{Clients, PAUSE};
use crate::client_log::Id;
use crate::reading::{Said, said};
use crate::scenario::Way;

/// How long a client waits for a reply, beyond what it asked the service to wait.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long it lets the service wait for an answer.
const WAIT_S: u64 = 5;
/// How long it waits for a notification before it asks.
const NOTIFICATION: Duration = Duration::from_secs(10);

/// The processes of the API, as a client knows them.
pub(super) struct Door {
    http: reqwest::Client,
    urls: Vec<String>,
}

impl Door {
    pub(super) fn to(urls: Vec<String>) -> Door {
        let http =
            wsa::runtime::tls::http_client().no_proxy().connect_timeout(Duration::from_secs(2));
        Door { http: http.build().unwrap(), urls }
    }

    /// What asks.
    pub(super) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Where the processes are.
    pub(super) fn urls(&self) -> &[String] {
        &self.urls
    }

    /// Posts to one of the processes; each attempt to another. `None`: there was no reply.
    pub(super) async fn post(
        &self,
        attempt: usize,
        path: &str,
        way: Way,
        key: Option<String>,
        body: &str,
    ) -> Option<(u16, String)> {
        let url = &self.urls[attempt % self.urls.len()];
        let mut request = self
            .http
            .post(format!("{url}{path}"))
            .header("AggregatorAuthentication", way.token())
            .header("Content-Type", "application/json")
            .timeout(match way {
                // The service holds these.
                Way::Sync | Way::Listen => PATIENCE + Duration::from_secs(20),
                _ => PATIENCE + Duration::from_secs(WAIT_S),
            })
            .body(body.to_owned());
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let reply = request.send().await.ok()?;
        let status = reply.status().as_u16();
        Some((status, reply.text().await.ok()?))
    }
}

impl Clients {
    pub(super) async fn ask_over_http(&self, id: Id, way: Way, body: &str) {
        let Some(guid) = self.submit(id, way, body).await else { return };
        let by_notification = matches!(way, Way::Listen | Way::Callback);
        if by_notification && self.client_log.answer_within(id, NOTIFICATION).await {
            return;
        }
        self.poll(id, way, guid).await;
    }

    /// Hands it in until it is accepted, and gives its guid; `None` when it is answered already.
    async fn submit(&self, id: Id, way: Way, body: &str) -> Option<Uuid> {
        for attempt in id.0.. {
            let key = Some(self.key(id));
            let reply = self
                .door
                .post(attempt, wsa::protocols::whiteserver::http::CREATE, way, key, body)
                .await;
            let Some((status, text)) = reply else {
                sleep(PAUSE).await;
                continue;
            };
            match said(status, &text) {
                Said::Answer(guid) => {
                    self.client_log.record_answer(id, guid, &text);
                    return None;
                }
                Said::Accepted(guid) => {
                    self.client_log.record_accepted(id, guid);
                    return Some(guid);
                }
                Said::Again => {}
                Said::Unknown | Said::Odd => {
                    self.client_log.record_odd(id, format!("{status} {text}"))
                }
            }
            sleep(PAUSE).await;
        }
        None
    }

    /// Asks for an answer until it is told.
    async fn poll(&self, id: Id, way: Way, guid: Uuid) {
        let params = json!({"taskGuid": guid, "wait": WAIT_S});
        let body = json!({"taskType": "GetTaskResponse", "params": params}).to_string();
        for attempt in id.0.. {
            let reply = self
                .door
                .post(attempt, wsa::protocols::whiteserver::http::CREATE, way, None, &body)
                .await;
            if let Some((status, text)) = reply {
                match said(status, &text) {
                    Said::Answer(guid) => {
                        self.client_log.record_answer(id, guid, &text);
                        return;
                    }
                    Said::Accepted(_) => continue,
                    Said::Unknown => self.client_log.record_unknown(id),
                    Said::Again => {}
                    Said::Odd => self.client_log.record_odd(id, format!("{status} {text}")),
                }
            }
            sleep(PAUSE).await;
        }
    }
}
