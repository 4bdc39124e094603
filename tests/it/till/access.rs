//! Whose token opens the till door, and what is behind it.

use reqwest::Method;
use serde_json::json;
use wsa::domain::token::TokenHash;
use wsa::protocols::whiteserver::sql::Tables;
use wsa::protocols::whiteserver::sql::tills::Given;

use super::client::{Till, add, token};
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::reference::{TOKEN, V1, V2};

#[tokio::test(flavor = "multi_thread")]
async fn a_till_sees_its_restaurant_and_an_aggregator_sees_no_till() {
    let app = TestApp::embedded().await;
    for object in [V1, V2] {
        add(app.store(), object).await;
    }
    let (one, other) = (Till::of(&app, V1), Till::of(&app, V2));
    let order = one.opens("1", "10").await;
    let path = format!("/orders/{order}");
    let change = json!({"comment": "mine"});
    assert_eq!(other.get(&path).await.refused(404), "WsaOrderNotFound");
    assert_eq!(other.edit(order, 1, &change).await.refused(404), "WsaOrderNotFound");
    assert_eq!(other.get("/orders").await.json()["orders"], json!([]));
    assert!(other.events(0, 0).await.is_empty());

    // One form for whoever has no token of a till's, on every path.
    let mut told = Vec::new();
    for wrong in [None, Some("nobody's".into()), Some(TOKEN.into()), Some(String::new())] {
        let stranger = Till::with(&app, wrong);
        for (method, path) in [
            (Method::GET, "/orders"),
            (Method::POST, "/orders"),
            (Method::GET, path.as_str()),
            (Method::PATCH, path.as_str()),
            (Method::POST, &format!("{path}/close")),
            (Method::POST, &format!("{path}/nothing")),
            (Method::POST, &format!("{path}/payments")),
            (Method::DELETE, &format!("{path}/bill")),
            (Method::GET, "/events"),
            (Method::POST, "/events/ack"),
        ] {
            let answer = stranger.ask(method, path, &[("If-Match", "\"1\"")], None).await;
            assert_eq!(answer.refused(401), "AuthFailed");
            assert_eq!(answer.task, None);
            told.push(answer.text);
        }
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
    // And the token of a till opens no other door.
    let aggregator = app.with_token(&token(V1));
    assert_eq!(code(&aggregator.ask(&Ask::get_order(V1, order)).await), "AuthFailed");

    // A new token makes the old one invalid; without a till there is none.
    let given = Tables::of(app.store()).give_till_token(V1, TokenHash::of("new"), Some(7)).await;
    assert_eq!(given.unwrap(), Given::Rotated);
    assert_eq!(one.get("/orders").await.refused(401), "AuthFailed");
    let renewed = Till::with(&app, Some("new".into()));
    assert_eq!(
        renewed.order(order).await["version"],
        1,
        "the orders stayed, and nobody changed this one"
    );
    assert!(Tables::of(app.store()).remove_till(V1).await.unwrap());
    assert!(!Tables::of(app.store()).remove_till(V1).await.unwrap());
    assert_eq!(renewed.get("/orders").await.refused(401), "AuthFailed");
    app.finish().await;
}
