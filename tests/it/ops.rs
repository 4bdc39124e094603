//! The operator API: who is let in, what there is to see, what is done and what the journal says of it.

mod access;
mod actions;
mod amounts;
mod callbacks;
mod changes;
mod clocks;
mod colours;
mod command;
mod example;
mod journal;
mod leaks;
mod listener;
mod many;
mod matrix;
mod orders;
mod resuming;
mod tasks;
mod telling;

use reqwest::{Method, Response};
use serde_json::Value;
use wsa::domain::token::{self, TokenHash};
use wsa::engine::store::Store;
use wsa::engine::store::journal::{Actor, Via};
use wsa::ops::access::{Operators, Role};

use crate::support::app::TestApp;
use crate::support::client::http;
use crate::support::place::Stores;
use crate::support::queues::Queues;

/// An operator with a client of its own.
pub struct Ops {
    url: String,
    token: String,
    http: reqwest::Client,
}

/// What was answered.
#[derive(Debug)]
pub struct Told {
    pub status: u16,
    pub body: Value,
}

/// Who adds operators in tests.
pub fn setup() -> Actor {
    Actor { who: "setup".into(), role: None, via: Via::Cli }
}

/// Adds an operator named as its role; gives its token.
pub async fn add(store: &Store, role: Role) -> String {
    add_named(store, role.as_str(), role).await
}

/// Adds an operator; gives its token.
pub async fn add_named(store: &Store, name: &str, role: Role) -> String {
    let token = token::generate();
    let hash = TokenHash::of(&token);
    let operators = Operators::of(store);
    assert!(operators.add(&setup(), None, (name, role), hash).await.unwrap());
    token
}

/// An application that serves operators.
pub async fn app() -> TestApp {
    on(Stores::Sqlite).await
}

/// The same on this store.
pub async fn on(store: Stores) -> TestApp {
    let app = TestApp::on(store, Queues::InProcess).await;
    app.set("ops.listen", "127.0.0.1:0").start().await
}

impl Ops {
    /// An operator with this role.
    pub async fn with(app: &TestApp, role: Role) -> Ops {
        Ops::of(app, add(app.store(), role).await)
    }

    /// Whoever has this token.
    pub fn of(app: &TestApp, token: String) -> Ops {
        wsa::runtime::tls::ready();
        Ops { url: app.ops_url(), token, http: http() }
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Response {
        let request = self.http.request(method, format!("{}{path}", self.url));
        let request = request.bearer_auth(&self.token);
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        };
        request.send().await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Told {
        told(self.send(Method::GET, path, None).await).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Told {
        told(self.send(Method::POST, path, Some(body)).await).await
    }
}

pub async fn told(response: Response) -> Told {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Told { status, body }
}

impl Told {
    /// What was answered with 200.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// The sentence of a refusal with this status.
    #[track_caller]
    pub fn refused(self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.body);
        self.body["detail"].as_str().unwrap().to_owned()
    }
}
