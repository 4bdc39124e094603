//! A caller of the API.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};
use wsa::domain::task::{ObjectId, OrderGuid, TaskGuid};
use wsa::runtime::tls::ClientTls;

use super::BOUND;
use super::ask::{Ask, code};
use super::reference::{CASH, TOKEN};
use super::shown::shown;

/// Longer than any answer is waited for. On a machine without files to open a request may get onto a connection that
/// nobody takes.
const ANSWERED: Duration = Duration::from_secs(180);

/// What all callers are built from: none waits for ever.
pub fn http_builder() -> reqwest::ClientBuilder {
    wsa::runtime::tls::http_client().no_proxy().timeout(ANSWERED)
}

/// A caller with nothing of its own.
pub fn http() -> reqwest::Client {
    http_builder().build().unwrap()
}

/// Whoever has the token, at one process.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    /// `http://host:port`
    pub url: String,
    token: String,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: StatusCode,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// `200 {...}`, with guids and times replaced by what they are.
    pub fn shown(&self) -> String {
        format!("{} {}", self.status.as_u16(), shown(&self.text))
    }

    /// The guid of an accepted task.
    pub fn accepted(&self) -> Option<TaskGuid> {
        let json: Value = serde_json::from_str(&self.text).ok()?;
        let accepted = self.status == StatusCode::OK && json.get("error").is_none();
        accepted.then(|| json["responseCommon"]["taskGuid"].as_str().unwrap().parse().unwrap())
    }
}

impl Client {
    pub fn new(url: String) -> Client {
        Client { http: http(), url, token: TOKEN.into() }
    }

    /// The same caller's neighbour.
    pub fn with_token(&self, token: &str) -> Client {
        Client { token: token.into(), ..self.clone() }
    }

    /// The same with other ideas of whom to trust and what to show.
    pub fn with_tls(&self, tls: &ClientTls) -> Client {
        let http = wsa::runtime::tls::http_client_with("", tls).unwrap().no_proxy();
        let http = http.timeout(ANSWERED).build().unwrap();
        Client { http, ..self.clone() }
    }

    /// The same at another address.
    pub fn at(&self, url: impl Into<String>) -> Client {
        Client { url: url.into(), ..self.clone() }
    }

    /// `Create`.
    pub async fn create(&self, body: &Value) -> Reply {
        self.create_text(&body.to_string()).await
    }

    /// `Create` with any text.
    pub async fn create_text(&self, body: &str) -> Reply {
        self.try_create(body).await.unwrap()
    }

    /// `Create`, when nobody may be there.
    pub async fn try_create(&self, body: &str) -> Result<Reply, reqwest::Error> {
        read(self.post().body(body.to_owned())).await
    }

    /// A request to `Create` with everything but the body.
    pub fn post(&self) -> reqwest::RequestBuilder {
        self.post_to(wsa::protocols::whiteserver::http::CREATE)
    }

    /// The same to another path.
    pub fn post_to(&self, path: &str) -> reqwest::RequestBuilder {
        self.http
            .post(format!("{}{path}", self.url))
            .header("AggregatorAuthentication", &self.token)
            .header("Content-Type", "application/json")
    }

    /// Any request.
    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    /// GET, when nobody may be there.
    pub async fn get(&self, path: &str) -> Result<Reply, reqwest::Error> {
        read(self.request(reqwest::Method::GET, path)).await
    }

    /// Hands in a task that must be accepted.
    pub async fn submit(&self, ask: &Ask) -> TaskGuid {
        let reply = self.create(&ask.asynchronous()).await;
        reply.accepted().unwrap_or_else(|| panic!("not accepted: {reply:?}"))
    }

    /// Hands in a payment in cash.
    pub async fn pay(&self, object: ObjectId, order: OrderGuid, amount: &str) -> TaskGuid {
        self.submit(&Ask::pay(object, order, &[(amount, CASH)])).await
    }

    /// Asks for an answer once, waiting there for up to `wait_s` seconds.
    pub async fn poll(&self, guid: TaskGuid, wait_s: u64) -> Reply {
        self.create(&poll(guid, wait_s)).await
    }

    /// Waits for the answer of a task.
    pub async fn answer(&self, guid: TaskGuid) -> Value {
        let until = Instant::now() + 2 * BOUND;
        loop {
            if let Ok(reply) = self.try_create(&poll(guid, 20).to_string()).await
                && reply.status == StatusCode::OK
                && code(&reply.json()) != "TaskInProgress"
            {
                return reply.json();
            }
            assert!(Instant::now() < until, "task {guid} has no answer");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Hands in a task and waits for its answer in the same request.
    pub async fn ask(&self, ask: &Ask) -> Value {
        self.create(&ask.synchronous()).await.json()
    }
}

/// The body of `GetTaskResponse`.
pub fn poll(guid: TaskGuid, wait_s: u64) -> Value {
    json!({"taskType": "GetTaskResponse", "params": {"taskGuid": guid, "wait": wait_s}})
}

/// Sends a request and reads the whole reply.
pub async fn read(request: reqwest::RequestBuilder) -> Result<Reply, reqwest::Error> {
    let response = request.send().await?;
    Ok(Reply { status: response.status(), text: response.text().await? })
}
