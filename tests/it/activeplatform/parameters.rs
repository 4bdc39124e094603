//! Every parameter and member of the table is sent: it is honoured, or refused by its name.

use reqwest::Method;
use serde_json::{Value, json};
use wsa::protocols::activeplatform::parameters::{BY_DOCUMENT, BY_ID, WRITE, place};
use wsa::protocols::activeplatform::reads::Read;
use wsa::web::parameters::{Place, Use};

use super::bridge::*;
use crate::support::app::TestApp;

/// The path of a read, of what there is.
fn path_of(read: Read) -> String {
    let of = [
        ("reseller_id", "1"),
        ("payment_id", "6475"),
        ("account_id", "505"),
        ("payment_method_id", "2"),
    ];
    let of = of.into_iter().chain([("correction_id", "1")]);
    // Of the accounts of resellers below, whose ids are the same, one is chosen by a filter.
    let path = if read == Read::ChildAccount {
        read.path().replace("{reseller_id}", "2")
    } else {
        read.path().into()
    };
    of.fold(path, |path, (name, id)| path.replace(&format!("{{{name}}}"), id))
}

/// The refusal of a query, which names its parameter in a member of its own too.
async fn refused(app: &TestApp, method: &Method, path: &str, query: &str) -> String {
    let answer = send(request(app, method.clone(), &format!("{path}?{query}")).body(EXAMPLE)).await;
    let title = answer.error(400);
    assert!(answer.json()["errors"]["source"]["parameter"].is_string(), "{path}?{query}: {title}");
    title
}

async fn every_query_of(app: &TestApp, method: Method, path: &str, place: &Place) {
    for (name, of) in place.parameters() {
        match of {
            Use::Honoured(value) => {
                let value = if path.ends_with("child_reseller_accounts/505")
                    && name.contains("reseller_id")
                {
                    "4"
                } else {
                    value
                };
                let at = format!("{path}?{name}={value}");
                let answer = send(request(app, method.clone(), &at)).await;
                assert_eq!(answer.status, 200, "{at}: {answer:?}");
                // A wrong value of it is no more ignored than a right one is. A document may be named by anything.
                if *name != "filter[document_id]" {
                    let title = refused(app, &method, path, &format!("{name}=%7B")).await;
                    assert!(title.starts_with(&format!("{name}: ")), "{path} {name}: {title}");
                }
            }
            Use::Refused(why) => {
                let title = refused(app, &method, path, &format!("{name}=1")).await;
                assert_eq!(title, format!("{name}: it is refused: {why}"), "{path}");
            }
        }
    }
    let title = refused(app, &method, path, "filter[colour]=red").await;
    assert!(title.starts_with("filter[colour]: it is not known here"), "{path}: {title}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_of_a_query_is_honoured_or_refused_by_its_name() {
    let app = TestApp::embedded().await;
    seed(app.store()).await;
    put(app.store(), &waiting(TOP, 6475, "2005258")).await;
    assert_eq!(by_document(&app, "2005258", json!({"amount": 1})).await.status, 200);
    for read in Read::ALL {
        every_query_of(&app, Method::GET, &path_of(*read), place(*read)).await;
    }
    for method in [Method::PATCH, Method::POST] {
        every_query_of(&app, method, &path(TOP, "6475"), &WRITE).await;
    }
    assert_eq!(app.finish().await.tasks.len(), 1);
}

/// A body in which this member is wrong.
fn wrong(member: &str) -> Value {
    let mut body = json!({"data": {"attributes": {"payment_method_id": 2}}});
    let value = match member.contains("relationships") {
        true => json!({"data": {"type": "wrong"}}),
        false => json!({"x": true}),
    };
    let (last, path) = {
        let mut parts: Vec<&str> = member.split('.').collect();
        (parts.pop().unwrap(), parts)
    };
    path.into_iter().fold(&mut body, |at, part| &mut at[part])[last] = value;
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_of_a_body_is_honoured_or_refused_by_its_name() {
    let app = TestApp::embedded().await;
    seed(app.store()).await;
    put(app.store(), &waiting(TOP, 6475, "2005258")).await;
    let before = look(&app, TOP, "6475").await.text;
    for (method, at, place) in
        [(Method::PATCH, "6475", &BY_ID), (Method::POST, "2005258", &BY_DOCUMENT)]
    {
        for (name, of) in place.parameters().chain(&[("data.attributes.colour", Use::Refused(""))])
        {
            let body = wrong(name).to_string();
            let answer = send(request(&app, method.clone(), &path(TOP, at)).body(body)).await;
            let title = answer.json()["errors"]["title"].as_str().unwrap().to_owned();
            assert!(title.starts_with(name), "{method} {name} {of:?}: {answer:?}");
            assert!([409, 422].contains(&answer.status.as_u16()), "{method} {name}: {answer:?}");
        }
    }
    assert_eq!(look(&app, TOP, "6475").await.text, before);
    assert!(app.finish().await.tasks.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_served_is_said_so_in_the_protocols_form() {
    let app = TestApp::embedded().await;
    seed(app.store()).await;
    for path in
        ["/invoices", "/invoices/1", "/charges", "/subscriptions", "/payments/", "/accounts/"]
    {
        let path = format!("/api/v3/resellers/1{path}");
        let title = send(request(&app, Method::GET, &path)).await.error(404);
        assert_eq!(title, format!("There is nothing at {path}."));
    }
    for (path, allowed) in [
        ("", "GET, HEAD"),
        ("/child_resellers", "GET, HEAD"),
        // A payment is created by the operator.
        ("/payments", "GET, HEAD"),
        ("/payments/1/corrections", "GET, HEAD"),
        ("/accounts/1", "GET, HEAD"),
    ] {
        let path = format!("/api/v3/resellers/1{path}");
        for method in [Method::POST, Method::PATCH, Method::DELETE] {
            let answer = send(request(&app, method, &path).body(EXAMPLE)).await;
            answer.error(405);
            assert_eq!(answer.header("allow"), Some(allowed), "{path}");
        }
    }
    assert!(app.finish().await.tasks.is_empty());
}
