//! Whether every process does its work: what a balancer asks, and for the API more than that.

use std::time::Duration;

use reqwest::RequestBuilder;
use wsa::domain::task::OrderGuid;

use crate::reading::{Said, said};
use crate::scenario::{V2, Way};
use crate::support::ask::Ask;

/// How long a process may take for that when it is well.
const PATIENCE: Duration = Duration::from_secs(2);

/// The task that is asked for: it looks for an order that is not there, and touches nothing.
pub const TASK: &str = "GetOrderState";

/// Looks at processes.
pub(super) struct Probe(reqwest::Client);

impl Probe {
    pub(super) fn new() -> Probe {
        // A connection of its own for each look: an old one may be half-open.
        let http = wsa::runtime::tls::http_client().no_proxy().pool_max_idle_per_host(0);
        Probe(http.timeout(PATIENCE).build().unwrap())
    }

    /// Whether `/readyz` says so.
    pub(super) async fn is_ready(&self, url: &str) -> bool {
        let said = self.0.get(format!("{url}/readyz")).send().await;
        said.is_ok_and(|reply| reply.status() == 200)
    }

    /// Whether `/readyz` says that it is not, and names this part.
    pub(super) async fn names(&self, url: &str, part: &str) -> bool {
        let Ok(said) = self.0.get(format!("{url}/readyz")).send().await else { return false };
        let status = said.status();
        status == 503 && said.text().await.is_ok_and(|text| text.contains(part))
    }

    /// Whether a task gets through this process of the API and back.
    pub(super) async fn is_answered(&self, url: &str) -> bool {
        let ask = Ask::order_state(V2[0], OrderGuid::new()).synchronous().to_string();
        let request = self.0.post(format!("{url}{}", wsa::protocols::whiteserver::http::CREATE));
        reply(request.header("AggregatorAuthentication", Way::Sync.token()).body(ask))
            .await
            .is_some_and(|(status, text)| matches!(said(status, &text), Said::Answer(_)))
    }
}

async fn reply(request: RequestBuilder) -> Option<(u16, String)> {
    let reply = request.header("Content-Type", "application/json").send().await.ok()?;
    Some((reply.status().as_u16(), reply.text().await.ok()?))
}
