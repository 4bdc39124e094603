//! What is sold, who buys it, and how it is asked for.

use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::Value;
use url::form_urlencoded::Serializer;
use wsa::domain::money::Money;
use wsa::domain::task::ObjectId;
use wsa::engine::store::Store;
use wsa::protocols::billmanager::passwords;
use wsa::protocols::billmanager::sql::Tables;
use wsa::protocols::billmanager::sql::catalogue::Catalogue;
use wsa::protocols::billmanager::sql::reference::ProfileKind;
use wsa::protocols::billmanager::sql::users::Level;

use crate::support::app::TestApp;
use crate::support::place::{Place, Stores};
use crate::support::queues::Queues;

pub const CATALOGUE: &str = include_str!("catalogue.json");
pub const ADMIN: &str = "admin";
pub const ANNA: &str = "anna";
pub const BORIS: &str = "boris";

/// The password of a user.
pub fn password(login: &str) -> String {
    format!("the password of {login}: 100% & more")
}

/// What there is for the tests.
#[derive(Debug, Clone, Copy)]
pub struct Shop {
    /// Anna's account at the first provider.
    pub anna: ObjectId,
    /// Boris's account at the first provider.
    pub boris: ObjectId,
    /// A payer of Anna's.
    pub payer: i64,
    /// A payer of Boris's.
    pub others_payer: i64,
}

pub async fn seed(store: &Store) -> Shop {
    Tables::of(store).put_catalogue(&Catalogue::read(CATALOGUE).unwrap()).await.unwrap();
    for (login, level) in
        [(ADMIN, Level::Administrator), (ANNA, Level::Client), (BORIS, Level::Client)]
    {
        let hash = passwords::hash(&password(login)).unwrap();
        Tables::of(store).add_user(login, &hash, level).await.unwrap().unwrap();
    }
    let anna = Tables::of(store).add_account(ANNA, 1, "RUB").await.unwrap().unwrap();
    let boris = Tables::of(store).add_account(BORIS, 1, "RUB").await.unwrap().unwrap();
    let person = ProfileKind::Person;
    let payer = Tables::of(store).add_profile(anna, person, "notav@example.com").await.unwrap();
    let others_payer =
        Tables::of(store).add_profile(boris, person, "boris@example.com").await.unwrap();
    Shop { anna, boris, payer, others_payer }
}

/// An application with all of it.
pub async fn shop_on(store: Stores, queue: Queues) -> (TestApp, Shop) {
    let app = TestApp::on(store, queue).await.start().await;
    let shop = seed(app.store()).await;
    (app, shop)
}

pub async fn shop() -> (TestApp, Shop) {
    shop_on(Stores::Sqlite, Queues::InProcess).await
}

pub async fn deposit(app: &TestApp, account: ObjectId, amount: &str) {
    let amount = Money::parse(amount).unwrap();
    Tables::of(app.store()).deposit(account, amount, "a test").await.unwrap().unwrap();
}

/// What an account holds, in kopecks.
pub async fn balance(place: &Place, account: ObjectId) -> i64 {
    let column = place.in_kopecks("balance");
    place.number(&format!("SELECT {column} FROM bm_accounts WHERE object_id = {account}")).await
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// The document, asked for as JSON.
    pub fn doc(&self) -> Value {
        let json: Value =
            serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"));
        json["doc"].clone()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// `type object` of an error.
    pub fn error(&self) -> String {
        assert_eq!(self.status, 200, "{self:?}");
        let error = &self.doc()["error"];
        let kind = error["$type"].as_str().unwrap_or_else(|| panic!("no error: {self:?}"));
        assert!(!error["msg"]["$"].as_str().unwrap().is_empty(), "{self:?}");
        format!("{kind} {}", error["$object"].as_str().unwrap_or("-"))
    }

    /// It was done.
    pub fn done(&self) {
        assert!(self.doc().get("ok").is_some(), "{self:?}");
    }

    /// The sentence of an error.
    pub fn sentence(&self) -> String {
        self.doc()["error"]["msg"]["$"].as_str().unwrap_or_default().to_owned()
    }

    /// The number that an element holds.
    pub fn number(&self, element: &str) -> i64 {
        let text = self.doc()[element]["$"].as_str().map(str::to_owned);
        text.unwrap_or_else(|| panic!("no {element}: {self:?}")).parse().unwrap()
    }
}

/// Parameters as they are sent.
pub fn form(params: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(params).finish()
}

pub async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, text: response.text().await.unwrap() }
}

/// A POST of a form.
pub fn post(app: &TestApp, body: String) -> reqwest::RequestBuilder {
    app.request(Method::POST, "/billmgr")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(body)
}

/// Parameters past any caller.
pub async fn bare(app: &TestApp, params: &[(&str, &str)]) -> Answer {
    send(post(app, form(params))).await
}

/// As this user, in JSON.
pub async fn by(app: &TestApp, login: &str, func: &str, params: &[(&str, &str)]) -> Answer {
    send(post(app, body_of(login, func, params))).await
}

/// The body of such a request.
pub fn body_of(login: &str, func: &str, params: &[(&str, &str)]) -> String {
    let authinfo = format!("{login}:{}", password(login));
    let mut all = vec![("authinfo", authinfo.as_str()), ("out", "json"), ("func", func)];
    all.extend_from_slice(params);
    form(&all)
}

/// The same, confirmed.
pub async fn ok(app: &TestApp, login: &str, func: &str, params: &[(&str, &str)]) -> Answer {
    let mut all = vec![("sok", "ok")];
    all.extend_from_slice(params);
    by(app, login, func, &all).await
}

/// Puts a server for 20.00 into a cart.
pub async fn add(app: &TestApp, login: &str) -> i64 {
    let params = [("pricelist", "2"), ("order_period", "1"), ("addon_2", "10")];
    ok(app, login, "v2.vds.order.param", &params).await.number("lineitem.id")
}

/// Buys what costs nothing; gives its service.
pub async fn buy_free(app: &TestApp, login: &str) -> i64 {
    let params = [("pricelist", "3"), ("order_period", "1"), ("skipbasket", "on")];
    ok(app, login, "v2.soft.order.param", &params).await.number("lineitem.id")
}

/// Orders a line item, paid so.
pub async fn confirm(app: &TestApp, login: &str, item: i64, how: &[(&str, &str)]) -> Answer {
    let item = item.to_string();
    let mut params = vec![("elid", item.as_str())];
    params.extend_from_slice(how);
    ok(app, login, "cartorder.create.confirm", &params).await
}

/// The numbers of what is in a cart, and what all of it costs.
pub async fn cart(app: &TestApp, login: &str) -> (Vec<i64>, Option<String>) {
    let doc = by(app, login, "cart", &[]).await.doc();
    let items = doc["elem"].as_array().cloned().unwrap_or_default();
    let numbers = items.iter().map(|item| item["id"]["$"].as_str().unwrap().parse().unwrap());
    let total = doc["total"]["price"]["cost"]["$"].as_str().map(str::to_owned);
    (numbers.collect(), total)
}
