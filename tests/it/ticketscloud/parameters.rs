//! Every parameter and field of the table is sent: none is ignored.

use reqwest::Method;
use serde_json::json;
use wsa::protocols::ticketscloud::parameters::{BODIES, URLS, Use};

use super::seller::*;
use crate::support::app::TestApp;

/// A path of the table, with ids of what there is.
fn path_of(at: &str, order: &str, refund: &str) -> String {
    let (_, path) = at.split_once(' ').unwrap();
    let path = path.replace("events/:id/sets/:id", &format!("events/{EVENT}/sets/{SET}"));
    let path = path.replace("events/:id", &format!("events/{EVENT}"));
    let path = path.replace("orders/:id", &format!("orders/{order}"));
    let path = path.replace("deals/:id", &format!("deals/{DEAL}"));
    path.replace("refund_requests/:id", &format!("refund_requests/{refund}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_parameter_is_honoured_or_refused_by_name() {
    let app = TestApp::embedded().await;
    seed(app.store()).await;
    let order = ordered(&app, 2).await;
    let tickets = look(&app, &order).await.tickets();
    step(&app, &order, "done").await.ok(200);
    let refund = super::refunds::ask(&app, &order, "user", &tickets[..1]).await.id();
    let mut sent = 0;
    for place in URLS {
        // What is written: refused before anything is read of it.
        let (method, path) = match place.at {
            at if at.starts_with("GET ") => (Method::GET, path_of(at, &order, &refund)),
            "DELETE /v1/resources/orders/:id" => (Method::DELETE, path(&order)),
            at if at.ends_with("in v2") => (Method::POST, "/v2/resources/orders".to_owned()),
            at if at.contains("refund") => {
                (Method::PATCH, format!("/v1/resources/refund_requests/{refund}"))
            }
            _ => (Method::PATCH, path(&order)),
        };
        let ask = async |query: &str| {
            let at = format!("{path}?{query}");
            send(request(&app, ORG, method.clone(), &at).body("{}")).await
        };
        for (name, of) in place.parameters() {
            match of {
                Use::Honoured(value) => {
                    // It is understood, and a wrong value of it is no more ignored than a right one is.
                    let answer = ask(&format!("{name}={value}")).await;
                    assert_eq!(
                        answer.status == 200,
                        method == Method::GET,
                        "{} {name}: {answer:?}",
                        place.at
                    );
                    let free = ["venue", "country", "city"].contains(name);
                    let wrong = ask(&format!("{name}=%7B")).await;
                    match free {
                        true => assert_eq!(wrong.ok(200), json!([]), "{} {name}", place.at),
                        false => assert!(wrong.error(400).starts_with(name), "{} {name}", place.at),
                    }
                }
                Use::Refused(why) => {
                    let told = ask(&format!("{name}=1")).await.error(400);
                    assert_eq!(told, format!("{name}: it is refused: {why}"), "{}", place.at);
                }
            }
            sent += 1;
        }
        let told = ask("colour=red").await.error(400);
        assert!(told.starts_with("colour: "), "{}: {told}", place.at);
    }
    for place in BODIES {
        let (method, _) = place.at.split_once(' ').unwrap();
        let method: Method = method.parse().unwrap();
        let path = path_of(&place.at.replace("/v1, /v2", "/v2"), &order, &refund);
        let ask = async |body: serde_json::Value| {
            send(request(&app, ORG, method.clone(), &path).body(body.to_string())).await
        };
        for (name, of) in place.parameters() {
            let mut body = match (method == Method::POST, path.ends_with("orders")) {
                (true, true) => json!({"event": EVENT, "random": {SET: 1}}),
                (true, false) => {
                    json!({"order": order, "culprit": "user", "tickets": [tickets[1]]})
                }
                (false, _) => json!({}),
            };
            // A seller keeps what it likes with an order, within a length.
            let wrong = match name.starts_with("vendor_data.") {
                true => json!("x".repeat(10_000)),
                false => json!({"x": true}),
            };
            let mut parts = name.rsplit('.');
            let last = parts.next().unwrap();
            parts.rev().fold(&mut body, |at, part| &mut at[part])[last] = wrong;
            if *name == "tickets" && path.ends_with("orders") {
                body["random"] = json!(null);
            }
            let told = ask(body).await.error(400);
            match of {
                Use::Refused(why) => assert_eq!(told, format!("{name}: it is refused: {why}")),
                Use::Honoured(_) => {
                    let told_of = name.strip_suffix(".order_id").or(name.strip_suffix(".raw"));
                    let told_of = told_of.unwrap_or(name);
                    assert!(told.starts_with(told_of), "{} {name}: {told}", place.at);
                }
            }
            sent += 1;
        }
        assert!(ask(json!({"colour": "red"})).await.error(400).starts_with("colour: "));
    }
    assert!(sent > 150, "{sent}");
    // An order, its sale and a refund request: nothing of what was sent is a task.
    assert_eq!(app.finish().await.tasks.len(), 3);
}
