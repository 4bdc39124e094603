//! Which role may do what: every operation, held against the document.

use serde_json::{Map, Value, json};
use wsa::ops::access::{Operators, Role};
use wsa::ops::contract::{OPERATIONS, Operation};

use super::{Ops, Told, app};
use crate::support::app::TestApp;
use crate::support::client::http;

/// The sources that route.
const ROUTES: &str = include_str!("../../../src/ops/api.rs");

/// A path with something in each of its places.
fn path(operation: &Operation) -> String {
    let part = |part: &str| match part {
        "{guid}" => "0191d5e0-0000-7000-8000-000000000001".to_owned(),
        "{id}" => "7".to_owned(),
        "{name}" => "nobody".to_owned(),
        part => part.to_owned(),
    };
    operation.path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn body(operation: &Operation) -> Value {
    let value = |kind| match kind {
        "integer" => json!(199_990_248),
        "boolean" => json!(true),
        "array" => json!(["object", "list"]),
        _ => json!("operator"),
    };
    let fields = operation.body.iter().filter(|field| field.required);
    Value::Object(
        fields.map(|field| (field.name.to_owned(), value(field.kind))).collect::<Map<_, _>>(),
    )
}

async fn ask(ops: &Ops, operation: &Operation) -> Told {
    match operation.method {
        "get" => ops.get(&path(operation)).await,
        _ => ops.post(&path(operation), body(operation)).await,
    }
}

async fn all_roles(app: &TestApp) -> Vec<(Role, Ops)> {
    let mut all = Vec::new();
    for role in Role::ALL {
        all.push((*role, Ops::with(app, *role).await));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_may_do_what_the_document_says_and_nothing_else() {
    let app = app().await;
    let all = all_roles(&app).await;
    let nobody = Ops::of(&app, "0".repeat(64));
    let gone = super::add_named(app.store(), "gone", Role::Admin).await;
    let disabled = Operators::of(app.store()).disable(&super::setup(), None, "gone", true).await;
    assert!(disabled.unwrap());
    let gone = Ops::of(&app, gone);
    let entries = async || {
        let journal = all[0].1.get("/ops/v1/journal?limit=500").await.ok();
        journal["items"].as_array().unwrap().len()
    };
    let document = wsa::ops::contract::document();
    for operation in OPERATIONS {
        let id = operation.id;
        let before = entries().await;
        for stranger in [&nobody, &gone] {
            assert_eq!(ask(stranger, operation).await.status, 401, "{id}");
        }
        let silent = http().request(
            operation.method.to_uppercase().parse().unwrap(),
            format!("{}{}", app.ops_url(), path(operation)),
        );
        assert_eq!(silent.send().await.unwrap().status(), 401, "{id} without a token");
        assert_eq!(entries().await, before, "{id} by nobody is entered");
        let role_of = |operation: &Operation| {
            document["paths"][operation.path][operation.method]["x-role"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        let needed: Role = role_of(operation).parse().unwrap();
        for (role, ops) in &all {
            let before = entries().await;
            let told = ask(ops, operation).await;
            if *role < needed {
                let sentence = told.refused(403);
                assert!(sentence.contains(&format!("needs the role {needed}")), "{id}");
                assert_eq!(entries().await, before, "{id} by {role} is entered");
            } else {
                // There, and understood: what it is about may be missing, or be done already.
                assert!([200, 400, 404, 409].contains(&told.status), "{id} by {role}: {told:?}");
                assert!(!told.body.to_string().contains("the body:"), "{id}: {told:?}");
            }
            assert!(
                operation.method == "post" || entries().await == before,
                "{id} changes something"
            );
        }
    }
    app.finish().await;
}

#[test]
fn every_route_stands_in_the_document() {
    let routed = ROUTES.split(".route(\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    for path in routed {
        assert!(OPERATIONS.iter().any(|operation| operation.path == path), "{path}");
    }
    let document = wsa::ops::contract::document();
    for operation in OPERATIONS {
        let described = &document["paths"][operation.path][operation.method];
        assert_eq!(described["x-role"], operation.role.as_str(), "{}", operation.path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_action_is_done_without_a_reason_or_with_something_unknown() {
    let app = app().await;
    let ops = Ops::with(&app, Role::Admin).await;
    for operation in OPERATIONS.iter().filter(|operation| operation.method == "post") {
        let mut silent = body(operation);
        silent["reason"] = " ".into();
        let told = ops.post(&path(operation), silent.clone()).await;
        assert!(told.refused(400).contains("reason: say why"), "{}", operation.id);
        silent["colour"] = "red".into();
        let told = ops.post(&path(operation), silent).await.refused(400);
        assert!(told.contains("unknown field `colour`"), "{}: {told}", operation.id);
        let odd = format!("{}?colour=red", path(operation));
        let told = ops.post(&odd, body(operation)).await.refused(400);
        assert!(told.contains("colour: it is not known here"), "{}: {told}", operation.id);
    }
    app.finish().await;
}
