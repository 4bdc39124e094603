//! ticketscloud.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use wsa::domain::task::ObjectId;

use super::callers::{Caller, Kind, PARTNERS, seed};
use super::rule::{Answer, Door, Task, Verdict, hold};
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::shown::shown;
use crate::ticketscloud::seller::{self, EVENT, ORDERS, ORG, OTHER_EVENT, SELLER, SET, STRANGER};

/// An order that nobody has, and an event that there is not.
const NONE: &str = "56a76c72f06c5a77b5938010";

/// Asks with what this caller has for a key, if anything.
async fn by(
    app: &TestApp,
    caller: &Caller,
    method: Method,
    path: &str,
    body: &Value,
) -> seller::Answer {
    let request = app.request(method, path).header("Content-Type", "application/json");
    let request = match caller.kind {
        Kind::Nobody => request,
        _ => request.header("Authorization", format!("key {}", caller.token)),
    };
    seller::send(request.body(body.to_string())).await
}

fn order_of(event: &str) -> Value {
    json!({"event": event, "random": {SET: 1}})
}

/// The orders of all partners.
struct Orders<'a> {
    app: &'a TestApp,
    ids: BTreeMap<ObjectId, String>,
}

impl<'a> Orders<'a> {
    /// An order of each partner, and one that is none.
    async fn made(app: &'a TestApp, callers: &[Caller]) -> Orders<'a> {
        let mut ids = BTreeMap::from([(ObjectId(9_999), NONE.to_owned())]);
        for (partner, number) in PARTNERS {
            let caller = callers.iter().find(|caller| caller.reaches == [number]).unwrap();
            let event = if partner == STRANGER { OTHER_EVENT } else { EVENT };
            let made = by(app, caller, Method::POST, ORDERS, &order_of(event)).await;
            ids.insert(number, made.id());
        }
        Orders { app, ids }
    }
}

impl Door for Orders<'_> {
    fn knows(&self, caller: &Caller) -> bool {
        caller.kind == Kind::Partner
    }

    fn objects(&self) -> Vec<ObjectId> {
        self.ids.keys().copied().collect()
    }

    fn tasks(&self) -> Vec<Task> {
        let task = |name, writes| Task { name, writes };
        vec![task("GET", false), task("PATCH", true), task("DELETE", true)]
    }

    async fn knock(&self, caller: &Caller, object: ObjectId, task: Task) -> Answer {
        let path = seller::path(&self.ids[&object]);
        let body = json!({"customer": {"name": "Anna"}});
        let answer = by(self.app, caller, task.name.parse().unwrap(), &path, &body).await;
        let verdict = match answer.status.as_u16() {
            401 => Verdict::Unknown,
            403 => Verdict::Forbidden,
            404 => Verdict::Hidden,
            _ => Verdict::Served,
        };
        if verdict != Verdict::Served {
            assert_eq!(answer.header("x-task-guid"), None);
        }
        Answer { verdict, text: format!("{} {}", answer.status.as_u16(), shown(&answer.text)) }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_the_partners_that_made_it_and_to_everybody_else_it_is_none() {
    let app = TestApp::on(Stores::Postgres, Queues::InProcess).await.start().await;
    let callers = seed(app.store()).await;
    let door = Orders::made(&app, &callers).await;
    let counts = hold(&door, &callers).await;
    assert_eq!(counts.values().sum::<usize>(), callers.len() * 3 * 4);
    assert_eq!(counts["Served"], 3 * PARTNERS.len());
    for caller in &callers {
        let list = by(&app, caller, Method::GET, ORDERS, &Value::Null).await;
        if caller.kind != Kind::Partner {
            list.error(401);
            continue;
        }
        let own: Vec<_> =
            list.ok(200).as_array().unwrap().iter().map(|o| o["id"].clone()).collect();
        assert_eq!(own, [json!(door.ids[&caller.reaches[0]])], "{}", caller.name);
    }
    // The orders, a change and a cancellation of each.
    assert_eq!(app.finish().await.tasks.len(), 3 * PARTNERS.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_sold_by_its_owner_and_by_who_has_a_deal() {
    let app = TestApp::on(Stores::Postgres, Queues::InProcess).await.start().await;
    let callers = seed(app.store()).await;
    // That there is an event is no secret; who sells it is decided by deals.
    let right = |caller: &Caller, event: &str| match (caller.kind, event) {
        (Kind::Partner, NONE) => 404,
        (Kind::Partner, EVENT) if [ORG, SELLER].iter().any(|id| caller.name.ends_with(id)) => 201,
        (Kind::Partner, OTHER_EVENT) if caller.name.ends_with(STRANGER) => 201,
        (Kind::Partner, _) => 403,
        _ => 401,
    };
    let mut sold = 0;
    for caller in &callers {
        for event in [EVENT, OTHER_EVENT, NONE] {
            let answer = by(&app, caller, Method::POST, ORDERS, &order_of(event)).await;
            let right = right(caller, event);
            assert_eq!(answer.status, right, "{} {event}: {answer:?}", caller.name);
            assert_eq!(answer.header("x-task-guid").is_some(), right == 201);
            sold += usize::from(right == 201);
        }
    }
    assert_eq!(sold, 3);
    assert_eq!(app.finish().await.tasks.len(), sold, "who may not sell left nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_partner_may_not_sell_is_not_there() {
    let app = TestApp::on(Stores::Postgres, Queues::InProcess).await.start().await;
    let callers = seed(app.store()).await;
    let may = |caller: &Caller, event: &str| match event {
        EVENT => [ORG, SELLER].iter().any(|id| caller.name.ends_with(id)),
        OTHER_EVENT => caller.name.ends_with(STRANGER),
        _ => false,
    };
    let mut seen = 0;
    for caller in &callers {
        let mut hidden = std::collections::BTreeSet::new();
        for event in [EVENT, OTHER_EVENT, NONE] {
            for path in [
                format!("/v1/services/simple/events/{event}"),
                format!("/v1/resources/events/{event}"),
                format!("/v1/resources/events/{event}/sets"),
                format!("/v1/resources/events/{event}/sets/{SET}"),
                format!("/v1/resources/events/{event}/tickets"),
            ] {
                let answer = by(&app, caller, Method::GET, &path, &Value::Null).await;
                let right = match (caller.kind, may(caller, event)) {
                    (Kind::Partner, true) => 200,
                    (Kind::Partner, false) => 404,
                    _ => 401,
                };
                assert_eq!(answer.status, right, "{} {path}: {answer:?}", caller.name);
                seen += usize::from(right == 200);
                if right != 200 {
                    hidden.insert(answer.text);
                }
            }
        }
        assert!(hidden.len() <= 1, "told apart: {hidden:?}");
        for list in [
            "/v1/services/simple/events",
            "/v1/resources/events",
            "/v1/resources/deals",
            "/v1/resources/refund_requests",
            "/v2/resources/orders",
            "/v2/resources/refund_requests",
        ] {
            let answer = by(&app, caller, Method::GET, list, &Value::Null).await;
            assert_eq!(
                answer.status == 200,
                caller.kind == Kind::Partner,
                "{} {list}",
                caller.name
            );
            assert!(caller.kind != Kind::Partner || !answer.text.contains(NONE));
            if list.ends_with("events") && caller.kind == Kind::Partner {
                for event in [EVENT, OTHER_EVENT] {
                    assert_eq!(answer.text.contains(event), may(caller, event), "{}", caller.name);
                }
            }
        }
    }
    assert_eq!(seen, 15, "three partners, each an event");

    // A refund request is its seller's and the organizer's; to everybody else there is none.
    let partner = |id: &str| {
        callers.iter().find(|c| c.kind == Kind::Partner && c.name.ends_with(id)).unwrap()
    };
    let made = by(&app, partner(SELLER), Method::POST, ORDERS, &order_of(EVENT)).await;
    let (order, done) = (seller::path(&made.id()), json!({"status": "done"}));
    by(&app, partner(SELLER), Method::PATCH, &order, &done).await.ok(200);
    let body = json!({"order": made.id(), "culprit": "org", "tickets": []});
    let refunds = "/v1/resources/refund_requests";
    let asked = by(&app, partner(SELLER), Method::POST, refunds, &body).await.id();
    for caller in &callers {
        let of = |id: &str| caller.kind == Kind::Partner && caller.name.ends_with(id);
        let right = match caller.kind {
            Kind::Partner if of(ORG) || of(SELLER) => 200,
            Kind::Partner => 404,
            _ => 401,
        };
        let at = format!("{refunds}/{asked}");
        assert_eq!(
            by(&app, caller, Method::GET, &at, &Value::Null).await.status,
            right,
            "{}",
            caller.name
        );
        if right != 200 {
            let approve = json!({"status": "approved"});
            assert_eq!(by(&app, caller, Method::PATCH, &at, &approve).await.status, right);
        }
        // Nobody but its seller asks for more of it.
        let again = by(&app, caller, Method::POST, refunds, &body).await;
        let right = match caller.kind {
            Kind::Partner if of(SELLER) => 400,
            Kind::Partner => 404,
            _ => 401,
        };
        assert_eq!(again.status, right, "{}: {again:?}", caller.name);
    }
    app.finish().await;
}
