//! The console: who gets in, what pages say of themselves, and a person in front of a real browser.

mod acts;
mod browser;
mod command;
mod doors;
mod figures;
mod pictures;
mod roles;

use reqwest::{Method, RequestBuilder, Response};
use wsa::domain::token::{self, TokenHash};
use wsa::engine::store::journal::{Actor, Via};
use wsa::ops::access::{Operators, Role};

use crate::support::app::{Builder, TestApp};
use crate::support::client::http_builder;
use crate::support::place::Stores;
use crate::support::queues::Queues;

/// An installation whose operators are served, and whose figures move soon.
async fn installation(store: Stores) -> Builder {
    let builder = TestApp::on(store, Queues::InProcess).await;
    builder.set("ops.listen", "127.0.0.1:0").set("ops.sample_ms", 500)
}

/// A new operator's token.
async fn operator(app: &TestApp, name: &str, role: Role) -> String {
    let (actor, token) = (nobody(), token::generate());
    let operators = Operators::of(app.store());
    assert!(operators.add(&actor, None, (name, role), TokenHash::of(&token)).await.unwrap());
    token
}

fn nobody() -> Actor {
    Actor { who: "a test".into(), role: None, via: Via::Cli }
}

/// A request to the console, as a program makes it: it follows nothing.
fn ask(app: &TestApp, method: Method, path: &str) -> RequestBuilder {
    let stays = reqwest::redirect::Policy::none();
    let client = http_builder().redirect(stays).build().unwrap();
    client.request(method, format!("{}{path}", app.ops_url()))
}

/// A form of the console, as its own page sends it.
async fn post(
    app: &TestApp,
    path: &str,
    cookie: Option<&str>,
    fields: &[(&str, &str)],
) -> Response {
    let form = ask(app, Method::POST, path).header("Origin", app.ops_url());
    let form = form.header("Content-Type", "application/x-www-form-urlencoded");
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    let form = cookie.into_iter().fold(form, |form, cookie| form.header("Cookie", cookie));
    form.body(body.finish()).send().await.unwrap()
}

/// The cookie of an operator who has logged in with this token.
async fn log_in(app: &TestApp, token: &str) -> String {
    let answer = post(app, "/login", None, &[("token", token)]).await;
    assert_eq!(answer.status(), 303);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// A page, for somebody with this cookie.
async fn page(app: &TestApp, path: &str, cookie: &str) -> (u16, String) {
    let answer = ask(app, Method::GET, path).header("Cookie", cookie).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Every page that is a list, and what is written on top of it.
const PAGES: &[(&str, &str)] = &[
    ("/", "Overview"),
    ("/tasks", "Tasks"),
    ("/orders", "Orders"),
    ("/orders?class=payments&object=199990246", "Payments"),
    ("/objects", "Objects"),
    ("/callers", "Callers"),
    ("/callbacks", "Callbacks"),
    ("/dead", "Dead letters"),
    ("/processes", "Processes"),
    ("/audit", "Audit"),
    ("/journal", "Journal"),
];
