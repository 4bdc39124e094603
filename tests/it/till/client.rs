//! A till.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use wsa::domain::task::{ObjectId, OrderGuid};
use wsa::domain::token::TokenHash;
use wsa::engine::store::Store;
use wsa::protocols::whiteserver::sql::Tables;

use crate::support::client::Client;

/// The token of an object's till.
pub fn token(object: ObjectId) -> String {
    format!("the-token-of-the-till-of-{object}")
}

/// Gives an object a till.
pub async fn add(store: &Store, object: ObjectId) {
    let token = TokenHash::of(&token(object));
    Tables::of(store).give_till_token(object, token, None).await.unwrap();
}

/// Whoever has the token of a till.
#[derive(Debug, Clone)]
pub struct Till {
    client: Client,
    token: Option<String>,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Told {
    pub status: StatusCode,
    pub tag: Option<String>,
    pub task: Option<String>,
    pub text: String,
}

impl Told {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The order in an answer that is fine.
    pub fn order(&self) -> Value {
        assert!(self.status.is_success(), "{self:?}");
        let order = self.json()["order"].clone();
        assert_eq!(self.tag, Some(format!("\"{}\"", order["version"])), "{self:?}");
        order
    }

    /// The code of a refusal with this status.
    pub fn refused(&self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        let error = self.json()["error"].clone();
        assert!(error["message"].as_str().is_some_and(|told| !told.is_empty()), "{self:?}");
        error["code"].as_str().unwrap().to_owned()
    }
}

impl Till {
    /// The till of an object, which has one already.
    pub fn of(client: &Client, object: ObjectId) -> Till {
        Till { client: client.clone(), token: Some(token(object)) }
    }

    /// Somebody with this token, or without one.
    pub fn with(client: &Client, token: Option<String>) -> Till {
        Till { client: client.clone(), token }
    }

    /// Any request.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Told {
        let mut request = self.client.request(method, &format!("/till/v1{path}"));
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let header = |name: &str| {
            response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
        };
        let (tag, task) = (header("etag"), header("x-task-guid"));
        Told { status: response.status(), tag, task, text: response.text().await.unwrap() }
    }

    pub async fn get(&self, path: &str) -> Told {
        self.ask(Method::GET, path, &[], None).await
    }

    /// Opens an order.
    pub async fn open(&self, order: &Value) -> Told {
        self.ask(Method::POST, "/orders", &[], Some(order)).await
    }

    /// Opens an order of one dish at a table and gives its guid.
    pub async fn opens(&self, table: &str, price: &str) -> OrderGuid {
        let order = json!({"tableCode": table, "waiterId": 7, "products": [
            {"id": "1", "name": "Fish", "price": price, "quantity": 1},
        ]});
        let opened = self.open(&order).await;
        assert_eq!(opened.status, 201, "{opened:?}");
        opened.order()["orderGuid"].as_str().unwrap().parse().unwrap()
    }

    /// Reads an order.
    pub async fn order(&self, order: OrderGuid) -> Value {
        self.get(&format!("/orders/{order}")).await.order()
    }

    /// Does something to an order, of which this version was seen.
    pub async fn act(
        &self,
        order: OrderGuid,
        version: i64,
        action: &str,
        body: Option<&Value>,
    ) -> Told {
        let (tag, path) = (format!("\"{version}\""), format!("/orders/{order}/{action}"));
        self.ask(Method::POST, &path, &[("If-Match", &tag)], body).await
    }

    /// Changes an order, of which this version was seen.
    pub async fn edit(&self, order: OrderGuid, version: i64, body: &Value) -> Told {
        let (tag, path) = (format!("\"{version}\""), format!("/orders/{order}"));
        self.ask(Method::PATCH, &path, &[("If-Match", &tag)], Some(body)).await
    }

    /// The events after this one, as `(cursor, event)`.
    pub async fn events(&self, after: i64, wait_s: u64) -> Vec<(i64, Value)> {
        let told = self.get(&format!("/events?after={after}&wait={wait_s}")).await;
        assert_eq!(told.status, 200, "{told:?}");
        let events = told.json()["events"].as_array().unwrap().clone();
        events.iter().map(|e| (e["cursor"].as_i64().unwrap(), e["event"].clone())).collect()
    }

    /// Acknowledges events.
    pub async fn acknowledge(&self, up_to: i64) -> Told {
        self.ask(Method::POST, "/events/ack", &[], Some(&json!({"upTo": up_to}))).await
    }
}

/// What happened, one word an event.
pub fn happened(events: &[(i64, Value)]) -> Vec<String> {
    events.iter().map(|(_, event)| event["type"].as_str().unwrap().to_owned()).collect()
}
