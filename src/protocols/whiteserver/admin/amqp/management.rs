//! RabbitMQ's management API.

use std::fmt;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use reqwest::{Method, StatusCode, Url};
use serde::Deserialize;
use serde_json::{Value, json};

use super::plan::Plan;

const TIMEOUT: Duration = Duration::from_secs(10);
/// How much of an answer that is an error is shown.
const MOST_TOLD: usize = 200;

/// The API of one broker, as an administrator.
pub(super) struct Management {
    http: reqwest::Client,
    base: Url,
}

impl fmt::Debug for Management {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Management({})", self.place())
    }
}

impl Management {
    /// The API at `url`, which holds the administrator's name and password.
    pub(super) fn new(url: &str) -> anyhow::Result<Management> {
        let rule = "it must be like http://user:password@host:15672";
        // A URL may hold a password: it is not shown.
        let base = Url::parse(url).map_err(|error| anyhow!("--management: {error}; {rule}"))?;
        if !["http", "https"].contains(&base.scheme())
            || !base.has_host()
            || base.username().is_empty()
        {
            bail!("--management: {rule}");
        }
        let http = crate::runtime::tls::http_client()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Management { http, base })
    }

    /// Does what the plan says; gives the password of a user that was not there before.
    pub(super) async fn apply(&self, plan: &Plan) -> anyhow::Result<Option<String>> {
        let password = self.user(plan).await?;
        let rights = json!({"configure": plan.configure, "write": plan.write, "read": plan.read});
        self.put(&["permissions", &plan.vhost, &plan.user], &rights).await?;
        let exchange = json!({"type": "direct", "durable": true, "auto_delete": false});
        self.put(&["exchanges", &plan.vhost, &plan.results_exchange], &exchange).await?;
        let queue = ["queues", &plan.vhost, &plan.results_queue];
        if self.send(Method::GET, &queue, None).await?.is_none() {
            let arguments = json!({"x-queue-type": "quorum", "x-overflow": "drop-head",
                                   "x-max-length": plan.max_length, "x-message-ttl": plan.max_age_ms});
            self.put(&queue, &json!({"durable": true, "arguments": arguments})).await?;
        }
        let binding =
            ["bindings", &plan.vhost, "e", &plan.results_exchange, "q", &plan.results_queue];
        let routing = json!({"routing_key": plan.name, "arguments": {}});
        self.must(Method::POST, &binding, &routing).await?;
        Ok(password)
    }

    /// Adds the user, unless it is there. One with tags is somebody else, who needs other rights.
    async fn user(&self, plan: &Plan) -> anyhow::Result<Option<String>> {
        let path = ["users", &plan.user];
        if let Some(found) = self.send(Method::GET, &path, None).await? {
            let tags =
                serde_json::from_str::<User>(&found).map(|user| user.tags).unwrap_or_default();
            if tags != json!([]) && tags != json!("") {
                bail!(
                    "the user {:?} is there with the tags {tags}: an upstream service must not have any, \
                     and this command takes none away",
                    plan.user
                );
            }
            return Ok(None);
        }
        let password = crate::domain::token::generate();
        self.put(&path, &json!({"password": password, "tags": ""})).await?;
        Ok(Some(password))
    }

    async fn put(&self, path: &[&str], body: &Value) -> anyhow::Result<()> {
        self.must(Method::PUT, path, body).await
    }

    async fn must(&self, method: Method, path: &[&str], body: &Value) -> anyhow::Result<()> {
        let done = self.send(method, path, Some(body)).await?;
        done.map(drop).with_context(|| format!("{} knows no {}", self.place(), path.join(" ")))
    }

    /// The answer; `None` when there is no such thing.
    async fn send(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&Value>,
    ) -> anyhow::Result<Option<String>> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.clear().push("api").extend(path);
        }
        let mut request = self.http.request(method, url).header("content-type", "application/json");
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        let place = self.place();
        let response = request.send().await.map_err(|error| {
            anyhow!(error.without_url()).context(format!(
                "the management API at {place} cannot be reached; \
                 without --apply this command prints what to do by hand"
            ))
        })?;
        let status = response.status();
        let text = response.text().await.unwrap_or_default();
        match status {
            StatusCode::NOT_FOUND => Ok(None),
            StatusCode::UNAUTHORIZED => {
                bail!("the management API at {place} does not accept this user and password")
            }
            status if status.is_success() => Ok(Some(text)),
            status => {
                let told: String = text.chars().take(MOST_TOLD).collect();
                bail!(
                    "the management API at {place} answered {status} to {}: {told}",
                    path.join(" ")
                )
            }
        }
    }

    fn place(&self) -> String {
        let (scheme, host) = (self.base.scheme(), self.base.host_str().unwrap_or_default());
        format!("{scheme}://{host}:{}", self.base.port_or_known_default().unwrap_or_default())
    }
}

#[derive(Deserialize)]
struct User {
    /// A list of names, or before RabbitMQ 3.9 a text.
    #[serde(default)]
    tags: Value,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_cannot_be_used_is_told_without_its_password() {
        for url in ["", "rabbit:15672", "ftp://u:hunter2@rabbit", "http://rabbit:15672"] {
            let told = Management::new(url).unwrap_err().to_string();
            assert!(told.contains("http://user:password@host:15672"), "{told}");
            assert!(!told.contains("hunter2"), "{told}");
        }
        let good = Management::new("http://u:hunter2@rabbit:15672").unwrap();
        assert_eq!(format!("{good:?}"), "Management(http://rabbit:15672)");
    }
}
