//! The till door.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use wsa::domain::task::{ObjectId, OrderGuid};

use super::callers::{Caller, Kind, seed};
use super::rule::{Answer, Door, Task, Verdict, hold};
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{V1, V2};
use crate::support::shown::shown;
use crate::till::client::Till;

/// What is asked of an order, and how.
const TASKS: [(&str, Method, &str); 9] = [
    ("GET", Method::GET, ""),
    ("PATCH", Method::PATCH, ""),
    ("bill", Method::POST, "/bill"),
    ("no bill", Method::DELETE, "/bill"),
    ("void", Method::POST, "/void"),
    ("pay", Method::POST, "/payments"),
    ("close", Method::POST, "/close"),
    ("accept", Method::POST, "/accept"),
    ("cancel", Method::POST, "/cancel"),
];

/// Orders of restaurants, of one that has no till, and one that is none.
struct Orders<'a> {
    app: &'a TestApp,
    guids: BTreeMap<ObjectId, OrderGuid>,
}

impl Door for Orders<'_> {
    fn knows(&self, caller: &Caller) -> bool {
        caller.kind == Kind::Till
    }

    fn objects(&self) -> Vec<ObjectId> {
        self.guids.keys().copied().collect()
    }

    fn tasks(&self) -> Vec<Task> {
        TASKS.map(|(name, method, _)| Task { name, writes: method != Method::GET }).into()
    }

    async fn knock(&self, caller: &Caller, object: ObjectId, task: Task) -> Answer {
        let (_, method, path) = TASKS.into_iter().find(|(name, ..)| *name == task.name).unwrap();
        let body = match task.name {
            "PATCH" => Some(json!({"comment": "a"})),
            "void" => Some(json!({"lines": [0], "reason": "a"})),
            "pay" => Some(json!({"amount": 1, "kind": "cash"})),
            _ => None,
        };
        let token = (caller.kind != Kind::Nobody).then(|| caller.token.clone());
        let path = format!("/orders/{}{path}", self.guids[&object]);
        let till = Till::with(self.app, token);
        let told = till.ask(method, &path, &[("If-Match", "\"1\"")], body.as_ref()).await;
        let verdict = match told.status.as_u16() {
            401 => Verdict::Unknown,
            403 => Verdict::Forbidden,
            404 => Verdict::Hidden,
            _ => Verdict::Served,
        };
        let text = told.text.replace(&self.guids[&object].to_string(), "ORDER");
        Answer { verdict, text: format!("{} {}", told.status.as_u16(), shown(&text)) }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_its_restaurant_s_and_to_everybody_else_it_is_none() {
    let app = TestApp::on(Stores::Postgres, Queues::InProcess).await.start().await;
    let callers = seed(app.store()).await;
    let mut guids = BTreeMap::from([(ObjectId(9_999), OrderGuid::new())]);
    for object in [V1, V2, crate::support::reference::HASTY] {
        guids.insert(object, app.order(object, "10").await);
    }
    let door = Orders { app: &app, guids };
    let counts = hold(&door, &callers).await;
    assert_eq!(counts.values().sum::<usize>(), callers.len() * TASKS.len() * 4);
    assert_eq!(counts["Served"], 2 * TASKS.len());
    // And what is asked of no order in particular.
    for caller in &callers {
        let till = Till::with(&app, Some(caller.token.clone()));
        for path in ["/orders", "/events"] {
            let told = till.get(path).await;
            let json: Value = told.json();
            let right = if caller.kind == Kind::Till { 200 } else { 401 };
            assert_eq!(told.status, right, "{} {path}: {json}", caller.name);
        }
    }
    app.finish().await;
}
