//! What is nowhere, and what is not quite JSON: each protocol says so in its own form, and nothing comes of it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::activeplatform::bridge;
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::client::read;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::V2;
use crate::ticketscloud::seller::{self, EVENT, ORG, SET, ticket};

const WHITE: &str = "there is nothing at";

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_nothing_each_protocol_says_so_in_its_own_form() {
    let app = TestApp::embedded().await;
    let mut wrong = Vec::new();
    for (path, form) in [
        ("/wsserverlp/api/v2/aggregators/Create/", "wsError"),
        ("/wsserverlp//api/v2/aggregators/Create", "wsError"),
        ("/wsserverlp/api/v2/aggregators/Nothing", "wsError"),
        ("/api/v3", "\"title\""),
        ("/api/v3/", "\"title\""),
        ("/api/v3/nothing", "\"title\""),
        ("/api/v3/resellers/1/payments/1/", "\"title\""),
        ("/api/v3/resellers//1/payments/1", "\"title\""),
        ("//api/v3/resellers/1/payments/1", "\"title\""),
        ("/v1", "{\"errors\":["),
        ("/v1/", "{\"errors\":["),
        ("/v1/resources/orders/", "{\"errors\":["),
        ("/v1//resources/orders", "{\"errors\":["),
        ("//v1/resources/orders", "{\"errors\":["),
        ("/v1/resources/events/", "{\"errors\":["),
        ("/v2", "{\"errors\":["),
        ("/v2/resources//orders", "{\"errors\":["),
        ("/v2/resources/orders/", "{\"errors\":["),
        ("/billmgr//", "<error type=\"missed\" object=\"path\""),
        ("//billmgr", "<error type=\"missed\" object=\"path\""),
        ("/billmgr/x", "<error type=\"missed\" object=\"path\""),
        ("/mancgi", "<error type=\"missed\" object=\"path\""),
        ("/mancgi/a/b", "<error type=\"missed\" object=\"path\""),
        ("/billmgr/x?out=json", "{\"doc\":"),
    ] {
        for method in [Method::GET, Method::POST, Method::from_bytes(b"FOO").unwrap()] {
            let reply = read(app.request(method.clone(), path)).await.unwrap();
            if reply.status != 404 || !reply.text.contains(form) {
                wrong.push(format!("{method} {path}: {} {}", reply.status, reply.text));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let reply = read(app.request(Method::GET, "/v4")).await.unwrap();
    assert!(reply.text.contains(WHITE), "{reply:?}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_is_not_accepted_is_told_so_in_its_protocols_form() {
    let app = TestApp::embedded().await;
    for (path, form, allowed) in [
        (wsa::protocols::whiteserver::http::CREATE, "wsError", "POST"),
        (wsa::protocols::whiteserver::http::LISTEN_QUEUE, "wsError", "POST"),
        ("/api/v3/resellers/1/payments/1", "\"title\"", "GET, HEAD, PATCH, POST"),
        ("/v1/resources/orders", "{\"errors\":[", "GET, HEAD, POST"),
        ("/v1/resources/orders/x", "{\"errors\":[", "DELETE, GET, HEAD, PATCH"),
        ("/v1/resources/events", "{\"errors\":[", "GET, HEAD"),
        ("/v2/resources/refund_requests/x", "{\"errors\":[", "GET, HEAD, PATCH"),
        ("/billmgr", "<error type=\"value\" object=\"method\"", "GET, POST"),
        ("/mancgi/testpayment", "<error type=\"value\" object=\"method\"", "GET, POST"),
    ] {
        for method in [Method::PUT, Method::from_bytes(b"FOO").unwrap()] {
            let response = app.request(method, path).send().await.unwrap();
            assert_eq!(response.status(), 405, "{path}");
            assert_eq!(response.headers()["allow"], allowed, "{path}");
            let text = response.text().await.unwrap();
            assert!(text.contains(form), "{path}: {text}");
        }
    }
    app.finish().await;
}

/// Fields that no ordinary reader reads, or that readers read differently.
const BAD: [(&str, &str); 7] = [
    (r#""x": 1, "x": 2"#, "x: the key occurs more than once"),
    (r#""x": 1, "\u0078": 2"#, "x: the key occurs more than once"),
    (r#""x": {"y": "\ud800"}"#, "x.y: the text holds half of a surrogate pair"),
    (r#""x": ["\u0000"]"#, "x[0]: the text holds U+0000"),
    (r#""x": "\uffff""#, "x: the text holds U+FFFF"),
    (r#""x": 1e999999999"#, "x: 1e999999999 is beyond"),
    (
        r#""x": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"#,
        "nested too deeply",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_readers_of_json_do_not_agree_on_is_refused_at_every_door_on_sqlite() {
    what_readers_do_not_agree_on_is_refused_at_every_door(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_readers_of_json_do_not_agree_on_is_refused_at_every_door_on_postgres() {
    what_readers_do_not_agree_on_is_refused_at_every_door(Stores::Postgres).await;
}

async fn what_readers_do_not_agree_on_is_refused_at_every_door(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    bridge::seed(app.store()).await;
    seller::seed(app.store()).await;
    bridge::put(app.store(), &bridge::waiting(bridge::TOP, 6475, "2005258")).await;
    let create =
        Ask::create_order(V2, json!({"price": {"total": 1}, "delivery": {"address": {"z": 0}}}));
    let create = create.asynchronous().to_string();
    for (field, told) in BAD {
        let address = create.replace("\"z\":0", field);
        assert_ne!(address, create);
        let reply = app.create_text(&address).await;
        assert_eq!(code(&reply.json()), "BadRequest", "{reply:?}");
        let desc = reply.json()["error"]["wsError"]["desc"].as_str().unwrap().to_owned();
        assert!(desc.contains(told), "{desc}");

        let listen = app
            .post_to(wsa::protocols::whiteserver::http::LISTEN_QUEUE)
            .body(format!(r#"{{"queueType": "TaskQueue", {field}}}"#));
        let reply = read(listen).await.unwrap();
        assert!(code(&reply.json()) == "BadRequest" && reply.text.contains(told), "{reply:?}");

        let body = format!(r#"{{"data": {{"attributes": {{"payment_method_id": 2}}, {field}}}}}"#);
        let patch = bridge::request(&app, Method::PATCH, &bridge::path(bridge::TOP, "6475"));
        let title = bridge::send(patch.body(body)).await.error(400);
        assert!(title.contains(told), "{title}");

        let body = format!(r#"{{"event": "{EVENT}", "random": {{"{SET}": 1}}, {field}}}"#);
        let post = seller::request(&app, ORG, Method::POST, seller::ORDERS);
        let error = seller::send(post.body(body)).await.error(400);
        assert!(error.contains(told), "{error}");
    }
    assert!(app.finish().await.tasks.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_in_two_spellings_is_there_twice() {
    let app = TestApp::embedded().await;
    seller::seed(app.store()).await;
    let (capital, first) = (SET.to_uppercase(), ticket(SET, 1).to_string());
    for wanted in [
        format!(r#""random": {{"{SET}": 1, "{SET}": 5}}"#),
        format!(r#""random": {{"{SET}": 1, "{capital}": 5}}"#),
        format!(r#""tickets": ["{first}", "{}"]"#, first.to_uppercase()),
        format!(r#""tickets": ["{first}", "{first}"]"#),
        format!(r#""random": {{"{SET}": 1}}, "promocodes": ["a", "a"]"#),
    ] {
        let post = seller::request(&app, ORG, Method::POST, seller::ORDERS);
        let body = format!(r#"{{"event": "{EVENT}", {wanted}}}"#);
        let error = seller::send(post.body(body)).await.error(400);
        assert!(error.contains("more than once"), "{wanted}: {error}");
    }
    assert!(app.finish().await.tasks.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_names_another_thing_than_its_path_changes_nothing() {
    let app = TestApp::embedded().await;
    bridge::seed(app.store()).await;
    seller::seed(app.store()).await;
    for (id, document) in [(6476, "2005258"), (6477, "2005259")] {
        bridge::put(app.store(), &bridge::waiting(bridge::TOP, id, document)).await;
    }
    let send = async |method: Method, of: &str, named: &str| {
        let body = format!(r#"{{"data": {{{named}, "attributes": {{"payment_method_id": 2}}}}}}"#);
        let path = bridge::path(bridge::TOP, of);
        bridge::send(bridge::request(&app, method, &path).body(body)).await
    };
    for named in [
        r#""id": "6477""#,
        r#""id": 6477"#,
        r#""type": "orders""#,
        r#""id": "6476", "type": "accounts""#,
        r#""relationships": {"reseller": {"data": {"id": "2", "type": "resellers"}}}"#,
    ] {
        send(Method::PATCH, "6476", named).await.error(409);
    }
    send(Method::POST, "2005258", r#""id": "2005259""#).await.error(409);
    let order = seller::ordered(&app, 1).await;
    for body in
        [json!({"id": EVENT, "status": "canceled"}), json!({"event": SET, "status": "canceled"})]
    {
        seller::change(&app, &order, body).await.error(400);
    }
    assert_eq!(seller::look(&app, &order).await.ok(200)["status"], "executed");
    let looked: Value = bridge::look(&app, bridge::TOP, "6476").await.json();
    assert_eq!(looked["data"]["attributes"]["status"], "waiting_for_payment");
    let done = send(Method::PATCH, "6476", r#""id": 6476, "type": "payments""#).await;
    assert_eq!(done.json()["data"]["attributes"]["status"], "completed");
    seller::change(&app, &order, json!({"id": order, "event": EVENT, "status": "canceled"}))
        .await
        .ok(200);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_has_one_spelling() {
    let app = TestApp::embedded().await;
    bridge::seed(app.store()).await;
    let paid = bridge::waiting(bridge::TOP, 6475, "2005258");
    bridge::put(app.store(), &paid).await;
    let post = async |id: &str| {
        let body = format!(
            r#"{{"data": {{"attributes": {{"payment_method_id": 2, "amount": "5.00", "external_transaction_id": {id}}}}}}}"#
        );
        let path = bridge::path(bridge::TOP, "2005258");
        bridge::send(bridge::request(&app, Method::POST, &path).body(body)).await
    };
    for other in
        ["1.0", "1e0", "10e-1", "1.00", "-0", "01", "true", "[1]", "\" 1\"", "\"1\\u2003\""]
    {
        let status = post(other).await.status;
        assert!([400, 422].contains(&status.as_u16()), "{other}: {status}");
    }
    for same in ["1", "\"1\"", "1"] {
        assert_eq!(post(same).await.status, 200, "{same}");
    }
    assert_eq!(bridge::balance(&app.place).await, 500, "credited once");
    app.finish().await;
}
