//! Who is let in.

use reqwest::Method;
use wsa::domain::token::{self, TokenHash};
use wsa::ops::access::{Operators, Role};

use super::{Ops, add, app, setup, told};
use crate::support::app::TestApp;
use crate::support::client::http;
use crate::support::place::Stores;
use crate::support::queues::Queues;

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_the_door_of_its_operator_and_no_other_does() {
    let app = app().await;
    let ops = Ops::with(&app, Role::Finance).await;
    let me = ops.get("/ops/v1/me").await.ok();
    assert_eq!((&me["name"], &me["role"]), (&"finance".into(), &"finance".into()));
    // A caller's token is none of an operator's.
    for token in [token::generate(), "demo".into(), String::new()] {
        Ops::of(&app, token).get("/ops/v1/me").await.refused(401);
    }
    let http = http();
    for authorization in ["", "Basic eDp5", "Bearer", "Bearer  "] {
        let request = http.get(format!("{}/ops/v1/me", app.ops_url()));
        let response = request.header("authorization", authorization).send().await.unwrap();
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        told(response).await.refused(401);
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_token_and_a_disabled_operator_are_invalid_at_once() {
    let app = app().await;
    let operators = Operators::of(app.store());
    let old = Ops::with(&app, Role::Viewer).await;
    old.get("/ops/v1/me").await.ok();
    let token = token::generate();
    let hash = TokenHash::of(&token);
    assert!(operators.rotate(&setup(), None, "viewer", hash).await.unwrap());
    old.get("/ops/v1/me").await.refused(401);
    let new = Ops::of(&app, token);
    new.get("/ops/v1/me").await.ok();
    assert!(operators.disable(&setup(), None, "viewer", true).await.unwrap());
    new.get("/ops/v1/me").await.refused(401);
    assert!(operators.disable(&setup(), None, "viewer", false).await.unwrap());
    new.get("/ops/v1/me").await.ok();
    assert!(operators.set_role(&setup(), None, "viewer", Role::Admin).await.unwrap());
    assert_eq!(new.get("/ops/v1/me").await.ok()["role"], "admin");
    assert!(!operators.rotate(&setup(), None, "nobody", hash).await.unwrap());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_names_an_operator_only_where_it_is_trusted() {
    let ask = async |app: &TestApp, name: &str| {
        let request = http().request(Method::GET, format!("{}/ops/v1/me", app.ops_url()));
        told(request.header("x-forwarded-user", name).send().await.unwrap()).await
    };
    let app = app().await;
    add(app.store(), Role::Viewer).await;
    ask(&app, "viewer").await.refused(401);
    app.finish().await;

    for (proxies, trusted) in [("127.0.0.1", true), ("10.0.0.0/8", false)] {
        let builder = TestApp::on(Stores::Sqlite, Queues::InProcess).await;
        let builder = builder.set("ops.listen", "127.0.0.1:0");
        let builder = builder.set("ops.trusted_header", "X-Forwarded-User");
        let app = builder.set("ops.trusted_proxies", proxies).start().await;
        add(app.store(), Role::Viewer).await;
        let told = ask(&app, "viewer").await;
        match trusted {
            true => assert_eq!(told.ok()["name"], "viewer"),
            false => assert!(told.refused(401).contains("ops.trusted_proxies")),
        }
        ask(&app, "nobody").await.refused(401);
        app.finish().await;
    }
}
