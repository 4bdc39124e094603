//! A seller of tickets, and what there is for it.

use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use wsa::domain::money::Money;
use wsa::domain::task::ObjectId;
use wsa::domain::token::TokenHash;
use wsa::engine::store::Store;
use wsa::protocols::ticketscloud::hex_id::{DealId, EventId, PartnerId, RuleId, SetId, TicketId};
use wsa::protocols::ticketscloud::model::{Period, Rule, System};
use wsa::protocols::ticketscloud::sql::Tables;
use wsa::protocols::ticketscloud::sql::reference::{Deal, Key, Partner};

use crate::support::app::TestApp;
use crate::support::place::Place;

/// As the vendor's example has them.
pub const EVENT: &str = "56a6253df06c5a059a93802e";
pub const SET: &str = "56a6254bf06c5a059b93800c";
pub const RULE: &str = "56a6254bf06c5a059b93800b";
pub const ORG: &str = "56810047f06c5a6ac62f4e1d";
pub const SYSTEM: &str = "554b31d49cb538549d038eb4";
/// Another set of that event: dearer, and with a fee.
pub const BALCONY: &str = "56a6254bf06c5a059b93800e";
/// A partner with a deal for the event, and one without.
pub const SELLER: &str = "56810047f06c5a6ac62f4e1e";
pub const STRANGER: &str = "56810047f06c5a6ac62f4e1f";
pub const DEAL: &str = "56810047f06c5a6ac62f4e20";
/// An event of the stranger's, with one set of the same id.
pub const OTHER_EVENT: &str = "56a6253df06c5a059a93802f";

pub const ORDERS: &str = "/v1/resources/orders";

pub fn key(partner: &str) -> String {
    format!("the-key-of-{partner}")
}

/// The ticket of a set with this number, from 0.
pub fn ticket(set: &str, number: usize) -> TicketId {
    format!("{}{number:04x}", &set[4..]).parse().unwrap()
}

/// Partners with keys, two events, two sets of the first with 10 tickets each.
pub async fn seed(store: &Store) -> ObjectId {
    seed_with(store, 10).await
}

pub async fn seed_with(store: &Store, tickets: usize) -> ObjectId {
    for id in [ORG, SELLER, STRANGER] {
        let id: PartnerId = id.parse().unwrap();
        assert!(
            Tables::of(store)
                .add_partner(&Partner { id, name: format!("Partner {id}") })
                .await
                .unwrap()
        );
        let new = Key { partner: id, name: id.to_string() };
        let hash = TokenHash::of(&key(&id.to_string()));
        assert!(Tables::of(store).add_key(&new, hash).await.unwrap());
    }
    let system = System { id: SYSTEM.parse().unwrap(), code: "api/BASE".into() };
    assert!(Tables::of(store).add_system(&system).await.unwrap());
    let object = event(store, EVENT, ORG).await;
    let (id, partner): (DealId, PartnerId) = (DEAL.parse().unwrap(), SELLER.parse().unwrap());
    assert!(Tables::of(store).add_deal(&Deal { id, object, partner }).await.unwrap());
    set(store, object, SET, tickets).await;
    rule(store, object, SET, RULE, "100.00", "0.00", Period::default()).await;
    set(store, object, BALCONY, tickets).await;
    let id = RuleId::random().to_string();
    rule(store, object, BALCONY, &id, "250.50", "12.25", Period::default()).await;
    let other = event(store, OTHER_EVENT, STRANGER).await;
    set(store, other, SET, 2).await;
    rule(store, other, SET, RULE, "5.00", "0.00", Period::default()).await;
    object
}

async fn event(store: &Store, id: &str, org: &str) -> ObjectId {
    let (id, org): (EventId, PartnerId) = (id.parse().unwrap(), org.parse().unwrap());
    Tables::of(store).add_event(id, org, "A concert").await.unwrap().unwrap()
}

pub async fn set(store: &Store, object: ObjectId, set: &str, tickets: usize) {
    let id: SetId = set.parse().unwrap();
    assert!(Tables::of(store).add_set(object, id, "Stalls").await.unwrap());
    let new: Vec<_> = (0..tickets).map(|number| (ticket(set, number), None)).collect();
    assert_eq!(Tables::of(store).add_tickets(object, id, &new).await.unwrap(), tickets);
}

pub async fn rule(
    store: &Store,
    object: ObjectId,
    set: &str,
    rule: &str,
    price: &str,
    extra: &str,
    period: Period,
) {
    let (price, extra) = (Money::parse(price).unwrap(), Money::parse(extra).unwrap());
    let rule = Rule { id: rule.parse().unwrap(), price, extra, period };
    assert!(Tables::of(store).add_rule(object, set.parse().unwrap(), &rule).await.unwrap());
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body of an answer with this status.
    pub fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json; charset=UTF-8"));
        self.json()
    }

    /// The sentence of an error with this status, in the form of all errors.
    pub fn error(&self, status: u16) -> String {
        let json = self.ok(status);
        let told = json["errors"][0].as_str().unwrap().to_owned();
        assert_eq!(json, json!({"errors": [told]}));
        told
    }

    /// The id of the order.
    pub fn id(&self) -> String {
        self.json()["id"].as_str().unwrap_or_else(|| panic!("no order: {self:?}")).to_owned()
    }

    pub fn tickets(&self) -> Vec<String> {
        serde_json::from_value(self.json()["tickets"].clone()).unwrap()
    }
}

/// A request as the documentation has it.
pub fn request(app: &TestApp, by: &str, method: Method, path: &str) -> reqwest::RequestBuilder {
    app.request(method, path)
        .header("Authorization", format!("key {}", key(by)))
        .header("Content-Type", "application/json")
        .header("Accept", "application/json")
}

pub async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, text: response.text().await.unwrap() }
}

pub fn path(order: &str) -> String {
    format!("{ORDERS}/{order}")
}

/// Asks for a new order of the event, with these fields beside it.
pub async fn create(app: &TestApp, by: &str, fields: Value) -> Answer {
    let mut body = fields;
    body["event"] = EVENT.into();
    send(request(app, by, Method::POST, ORDERS).body(body.to_string())).await
}

/// The id of a new order of so many tickets of the set.
pub async fn ordered(app: &TestApp, tickets: usize) -> String {
    let answer = create(app, ORG, json!({"random": {SET: tickets}})).await;
    answer.ok(201);
    answer.id()
}

pub async fn change(app: &TestApp, order: &str, body: Value) -> Answer {
    send(request(app, ORG, Method::PATCH, &path(order)).body(body.to_string())).await
}

pub async fn step(app: &TestApp, order: &str, status: &str) -> Answer {
    change(app, order, json!({"status": status})).await
}

pub async fn delete(app: &TestApp, order: &str) -> Answer {
    send(request(app, ORG, Method::DELETE, &path(order))).await
}

pub async fn look(app: &TestApp, order: &str) -> Answer {
    send(request(app, ORG, Method::GET, &path(order))).await
}

/// How many tickets of the vendor's set are free.
pub async fn free(place: &Place) -> i64 {
    let sql = format!(
        "SELECT count(*) FROM tc_tickets t JOIN tc_events e ON e.object_id = t.object_id
         WHERE e.event_id = '{EVENT}' AND set_id = '{SET}' AND order_id IS NULL"
    );
    place.number(&sql).await
}
